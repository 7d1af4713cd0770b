package file

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/needle-okr/needle/integrations"
)

// maxName is the longest id and key, in bytes.
const maxName = 500

// mapping is how rows become issues: the settings, read.
type mapping struct {
	columns   columns
	states    states
	dates     dates
	separator string
}

// newMapping reads checked settings.
func newMapping(s integrations.Settings) (mapping, error) {
	zone, err := parseZone(s["timeZone"])
	if err != nil {
		return mapping{}, err
	}
	m := mapping{columns: newColumns(s), states: newStates(s), separator: s["separator"], dates: dates{zone, layouts}}
	if format := s["dateFormat"]; format != "" {
		own, err := parseLayout(format)
		if err != nil {
			return mapping{}, err
		}
		m.dates.layouts = append([]string{own}, layouts...)
	}
	return m, nil
}

// name reads what a row is called. The error says why that cannot be an id.
func (m mapping) name(v *values) (integrations.Ref, error) {
	ref := integrations.Ref{ID: v.one(fieldID), Key: v.one(fieldKey)}
	if v[fieldID] == nil {
		ref.ID = ref.Key // The file has no ids: its keys are all there is.
	}
	if ref.Key == "" {
		ref.Key = ref.ID
	}
	for _, text := range []string{ref.ID, ref.Key} {
		if len(text) > maxName {
			return integrations.Ref{}, fmt.Errorf("its id or key is longer than %d bytes", maxName)
		}
		if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			return integrations.Ref{}, errors.New("its id or key has characters that cannot be printed")
		}
	}
	if ref.ID == "" {
		return ref, errors.New("it has no id")
	}
	return ref, nil
}

// updated reads when a row changed. Zero: it does not say.
func (m mapping) updated(v *values) (time.Time, error) { return m.instant(v, fieldUpdated) }

// instant reads a time. Zero: there is none.
func (m mapping) instant(v *values, f field) (time.Time, error) {
	text := v.one(f)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := m.dates.read(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %q %w", fields[f].name, cut(text), err)
	}
	return at, nil
}

// issue makes an issue of a row. written is when the file was; it stands in for
// a change that the row does not tell. Whose issue it is and its parent are left
// for the file to say.
func (m mapping) issue(v *values, written time.Time) (integrations.Issue, error) {
	ref, err := m.name(v)
	if err != nil {
		return integrations.Issue{}, err
	}
	out := integrations.Issue{
		Ref: ref, Title: v.one(fieldTitle), Body: v.one(fieldBody), URL: v.one(fieldURL),
		RawState: v.one(fieldState), RawReason: v.one(fieldReason), RawType: v.one(fieldType),
		Labels: m.list(v[fieldLabels]),
	}
	for _, list := range v {
		for _, value := range list {
			if !utf8.ValidString(value) {
				return integrations.Issue{}, errors.New("it is not written in UTF-8; save the file in UTF-8")
			}
		}
	}
	out.Type = types[fold(out.RawType)]
	for _, name := range m.list(v[fieldAssignees]) {
		out.Assignees = append(out.Assignees, integrations.Account{ID: name, Name: name})
	}
	if out.Estimate, err = number(v.one(fieldEstimate)); err != nil {
		return integrations.Issue{}, err
	}
	if out.CreatedAt, err = m.instant(v, fieldCreated); err != nil {
		return integrations.Issue{}, err
	}
	if out.UpdatedAt, err = m.updated(v); err != nil {
		return integrations.Issue{}, err
	}
	if out.UpdatedAt.IsZero() {
		out.UpdatedAt, out.Undated = written, true
	}
	return out, m.ending(v, &out)
}

// ending reads the state, and when it was reached if it is an end.
func (m mapping) ending(v *values, out *integrations.Issue) error {
	text := v.one(fieldClosed)
	ended, unsaid := text != "", false
	switch strings.ToLower(text) {
	case "false", "no", "0", "-":
		ended, unsaid = false, true
	case "true", "yes", "1":
		unsaid = true
	}
	out.State, _ = m.states.category(out.RawState, out.RawReason, ended)
	if text == "" || unsaid || out.State != integrations.StateDone && out.State != integrations.StateDropped {
		return nil
	}
	at, err := m.instant(v, fieldClosed)
	out.ClosedAt = &at
	return err
}

// list parts the values of a list.
func (m mapping) list(texts []string) []string {
	var out []string
	for _, text := range texts {
		for name := range strings.SplitSeq(text, m.separator) {
			if name = strings.TrimSpace(name); name != "" {
				out = append(out, name)
			}
		}
	}
	return out
}

// number reads an estimate. Nil: there is none.
func number(text string) (*float64, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // No estimate is no error.
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		// Half the world writes a comma.
		n, err = strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	}
	if err != nil || n-n != 0 {
		return nil, fmt.Errorf("estimate: %q is no number", cut(text))
	}
	return &n, nil
}

// cut shortens a value to what an error shows of it.
func cut(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
