package planning_test

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

// useCase is a mutation and what its rows need to know: it is allowed, forbidden, invalid, conflicting, or about
// somebody else's objects.
type useCase[I, O any] struct {
	// do is the mutation.
	do func(*planning.Planner, context.Context, I) (*O, error)
	// action is what it is in the table of permissions.
	action needle.Action
	// valid is an input that is accepted.
	valid func(w *world) I
	// own makes what the input is about somebody's own; nil when anybody may.
	own func(w *world, author needle.UserID)
	// verb is what its activity says.
	verb needle.Verb
	// refused lists inputs that are invalid or in conflict.
	refused []refusal[I]
	// refers lists every id that the input has room for.
	refers []reference[I]
}

// refusal is a valid input that was made unacceptable.
type refusal[I any] struct {
	name string
	// arrange prepares the workspace; nil when nothing needs to be.
	arrange func(w *world)
	// change spoils the valid input; nil when the arrangement does.
	change func(w *world, in *I)
	// want lists the errors as "CODE path", in order.
	want []string
}

// reference is an id in an input.
type reference[I any] struct {
	// path is where; list places are numbers.
	path string
	// put sets it to an object of some ids.
	put func(in *I, of ids)
}

// run tests every row.
func (u useCase[I, O]) run(t *testing.T, h *house) {
	t.Helper()
	t.Run("allowed to the weakest who may", func(t *testing.T) {
		t.Parallel()
		u.allowed(t, h)
	})
	t.Run("forbidden", func(t *testing.T) {
		t.Parallel()
		u.forbidden(t, h)
	})
	t.Run("survives broken text", func(t *testing.T) {
		t.Parallel()
		u.survives(t, h)
	})
	for _, r := range u.refusals() {
		t.Run("refused: "+r.name, func(t *testing.T) {
			t.Parallel()
			u.refuses(t, h, r)
		})
	}
	t.Run("another workspace's ids answer like missing ones", func(t *testing.T) {
		t.Parallel()
		u.foreign(t, h)
	})
}

func (u useCase[I, O]) allowed(t *testing.T, h *house) {
	t.Helper()
	w := h.world(t)
	in := u.valid(w)
	may, _ := u.whoMay()
	ctx, before, elsewhere := w.person(may[0].Role, may[0].Function, permission(u.action).Scope), len(w.activities(t)), fingerprint(t, h.abroad)
	viewer, _ := needle.ViewerFrom(ctx)
	if u.own != nil {
		u.own(w, viewer.UserID)
	}
	got, err := u.do(h.planner, ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	wantStored(t, w, got)
	recorded := w.activities(t)[before:]
	// What follows by rule, such as an objective that is to be signed anew, is told after the change itself.
	if len(recorded) == 0 {
		t.Fatal("no activity was recorded")
	}
	a := recorded[0]
	subject := fmt.Sprint(reflect.ValueOf(got).Elem().FieldByName("ID").Interface())
	if a.Verb != u.verb || a.ActorID == nil || *a.ActorID != viewer.UserID || a.SubjectID != subject {
		t.Errorf("the activity is %s", asJSON(t, a))
	}
	if diff := cmp.Diff(elsewhere, fingerprint(t, h.abroad)); diff != "" {
		t.Errorf("another workspace changed:\n%s", diff)
	}
}

func (u useCase[I, O]) forbidden(t *testing.T, h *house) {
	t.Helper()
	w := h.world(t)
	in := u.valid(w)
	scope := permission(u.action).Scope
	without := slices.DeleteFunc(needle.AllScopes(), func(s needle.TokenScope) bool { return s == scope })
	type attempt struct {
		who  string
		ctx  context.Context
		want string
	}
	attempts := []attempt{
		{"nobody", t.Context(), "UNAUTHENTICATED"},
		{"an owner whose token lacks the scope", w.as(needle.RoleOwner, without...), "FORBIDDEN"},
	}
	_, mayNot := u.whoMay()
	for _, v := range mayNot {
		attempts = append(attempts, attempt{
			fmt.Sprintf("a %s for %s", v.Role, v.Function), w.person(v.Role, v.Function, needle.AllScopes()...), "FORBIDDEN",
		})
	}
	before := fingerprint(t, w)
	for _, a := range attempts {
		_, err := u.do(h.planner, a.ctx, in)
		if diff := cmp.Diff([]string{a.want}, problems(err)); diff != "" {
			t.Errorf("%s: %v\n%s", a.who, err, diff)
		}
	}
	if diff := cmp.Diff(before, fingerprint(t, w)); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

// whoMay parts everybody there can be into those who may take the action, the weakest first, and those who may not.
func (u useCase[I, O]) whoMay() (may, mayNot []needle.Viewer) {
	for _, role := range []needle.Role{needle.RoleViewer, needle.RoleMember, needle.RoleAdmin, needle.RoleOwner} {
		for _, function := range []needle.Function{
			needle.FunctionTeam, needle.FunctionLeader, needle.FunctionStakeholder, needle.FunctionCustomerFacing,
		} {
			v := needle.Viewer{Role: role, Function: function, Scopes: needle.AllScopes()}
			if v.May(u.action) {
				may = append(may, v)
			} else {
				mayNot = append(mayNot, v)
			}
		}
	}
	return may, mayNot
}

// permission is an action's row in the table.
func permission(action needle.Action) needle.Permission {
	rows := needle.Permissions()
	return rows[slices.IndexFunc(rows, func(p needle.Permission) bool { return p.Action == action })]
}

// refusals are those listed, and the one that every update has.
func (u useCase[I, O]) refusals() []refusal[I] {
	if _, versioned := reflect.TypeFor[I]().FieldByName("ExpectedVersion"); !versioned {
		return u.refused
	}
	return append(slices.Clone(u.refused), refusal[I]{
		name: "a version that is no longer current",
		change: func(_ *world, in *I) {
			reflect.ValueOf(in).Elem().FieldByName("ExpectedVersion").Set(reflect.ValueOf(ptr(99)))
		},
		want: []string{"CONFLICT input.expectedVersion"},
	})
}

func (u useCase[I, O]) refuses(t *testing.T, h *house, r refusal[I]) {
	t.Helper()
	w := h.world(t)
	in := u.valid(w)
	if r.arrange != nil {
		r.arrange(w)
	}
	if r.change != nil {
		r.change(w, &in)
	}
	before := fingerprint(t, w, h.abroad)
	_, err := u.do(h.planner, w.ctx, in)
	if diff := cmp.Diff(r.want, problems(err)); diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if diff := cmp.Diff(before, fingerprint(t, w, h.abroad)); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

func (u useCase[I, O]) foreign(t *testing.T, h *house) {
	t.Helper()
	w := h.world(t)
	var paths []string
	for _, r := range u.refers {
		in, missing := u.valid(w), u.valid(w)
		paths = append(paths, number.ReplaceAllString(strings.TrimPrefix(r.path, "input."), ".N"))
		r.put(&in, h.abroad.ids)
		r.put(&missing, nowhere())
		before := fingerprint(t, w, h.abroad)
		_, err := u.do(h.planner, w.ctx, in)
		if diff := cmp.Diff([]string{"NOT_FOUND " + r.path}, problems(err)); diff != "" {
			t.Errorf("another workspace's %s: %v\n%s", r.path, err, diff)
		}
		_, unknown := u.do(h.planner, w.ctx, missing)
		if diff := cmp.Diff(needle.UserErrors(unknown), needle.UserErrors(err)); diff != "" {
			t.Errorf("another workspace's %s (+) does not answer like one that is missing (-):\n%s", r.path, diff)
		}
		if diff := cmp.Diff(before, fingerprint(t, w, h.abroad)); diff != "" {
			t.Errorf("%s: something was written:\n%s", r.path, diff)
		}
	}
	want := idPaths(reflect.TypeFor[I](), "")
	slices.Sort(want)
	slices.Sort(paths)
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("the ids of the input (-) are not those tried (+):\n%s", diff)
	}
}

var number = regexp.MustCompile(`\.\d+`)

// idPaths lists where a type has room for ids, with N for places of lists.
func idPaths(typ reflect.Type, path string) []string {
	if raw, ok := typ.MethodByName("Raw"); ok && raw.Type.Out(0).String() == "uuid.UUID" && typ.Kind() == reflect.Struct {
		return []string{path}
	}
	if value, ok := typ.MethodByName("ValueOK"); ok {
		return idPaths(value.Type.Out(0), path)
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return idPaths(typ.Elem(), path)
	case reflect.Slice:
		return idPaths(typ.Elem(), path+".N")
	case reflect.Struct:
		var out []string
		for i := range typ.NumField() {
			if f := typ.Field(i); f.IsExported() {
				out = append(out, idPaths(f.Type, strings.TrimPrefix(path+"."+inputName(f.Name), "."))...)
			}
		}
		return out
	default:
		return nil
	}
}

// inputName returns a Go field's name in the API.
func inputName(field string) string {
	if field == "ID" {
		return "id"
	}
	return strings.ToLower(field[:1]) + strings.ReplaceAll(field[1:], "ID", "Id")
}

// survives puts NUL and broken UTF-8 into every text of a valid input, one at a time. It is stored clean or refused with
// a reason, and never a fault of the server.
func (u useCase[I, O]) survives(t *testing.T, h *house) {
	t.Helper()
	for _, bad := range []string{"\x00", "\xff", "a\x00b\xffc"} {
		w := h.world(t)
		proto := u.valid(w)
		for i := range texts(reflect.ValueOf(&proto).Elem()) {
			in := u.valid(w)
			texts(reflect.ValueOf(&in).Elem())[i].SetString(bad)
			got, err := u.do(h.planner, w.ctx, in)
			if err != nil {
				if problems(err) == nil {
					t.Errorf("text %d as %q is a fault: %v", i, bad, err)
				}
				continue
			}
			wantStored(t, w, got)
			if strings.Contains(asJSON(t, got), `\u0000`) {
				t.Errorf("text %d as %q was stored as it is", i, bad)
			}
		}
	}
}

// texts lists the settable texts of an input; enums are not among them.
func texts(v reflect.Value) []reflect.Value {
	switch {
	case v.Type() == reflect.TypeFor[string]():
		return []reflect.Value{v}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return texts(v.Elem())
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		var out []reflect.Value
		for i := range v.Len() {
			out = append(out, texts(v.Index(i))...)
		}
		return out
	case v.Kind() == reflect.Struct:
		var out []reflect.Value
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out = append(out, texts(v.Field(i))...)
			}
		}
		return out
	default:
		return nil
	}
}

// wantProblems compares an error with what a caller is to see.
func wantProblems(t *testing.T, err error, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, problems(err)); diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}
