package github

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
)

func TestConvert_namesParents(t *testing.T) {
	t.Parallel()
	const milestone = `{"id":1002604,"number":3,"title":"Spring"}`
	for name, c := range map[string]struct {
		fields map[string]string
		want   *integrations.Ref
	}{
		"a parent issue": {nil, &integrations.Ref{Key: "acme/plans#7"}},
		"a parent issue before a milestone": {
			map[string]string{"milestone": milestone}, &integrations.Ref{Key: "acme/plans#7"},
		},
		"a milestone": {
			map[string]string{"milestone": milestone, "parent_issue_url": ""}, &integrations.Ref{ID: "milestone/1002604", Key: "acme/shop milestone 3"},
		},
		"a milestone, and no parent said in words": {
			map[string]string{"milestone": milestone, "parent_issue_url": `null`}, &integrations.Ref{ID: "milestone/1002604", Key: "acme/shop milestone 3"},
		},
		"an address that is none": {map[string]string{"milestone": `null`, "parent_issue_url": `"https://x.example/issues/7"`}, nil},
		"a milestone without id":  {map[string]string{"milestone": `{"number":3}`, "parent_issue_url": ""}, nil},
		"nothing":                 {map[string]string{"parent_issue_url": ""}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := convert(with(t, c.fields), shopHome)
			if diff := cmp.Diff(c.want, got.Parent); diff != "" || err != nil {
				t.Error(err, diff)
			}
		})
	}
}

func FuzzParentRef(f *testing.F) {
	f.Add("https://api.github.example/repos/acme/plans/issues/7")
	f.Add("////issues/1")
	f.Fuzz(func(t *testing.T, address string) {
		ref := parentRef(address)
		if ref == nil {
			return
		}
		if _, _, err := issuePath(ref.Key); ref.ID != "" || err != nil {
			t.Errorf("%q is read as %+v: %v", address, ref, err)
		}
	})
}
