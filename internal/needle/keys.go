package needle

import (
	"strconv"
	"strings"
)

// The letters that people's keys start with, each a counter per workspace.
const (
	PainPointKey   = "P"
	ObjectiveKey   = "O"
	KeyResultKey   = "KR"
	BacklogItemKey = "B"
)

func formatKey(letters string, n int) string { return letters + "-" + strconv.Itoa(n) }

// ParseKey splits what people write, as in "kr-42", into its letters and number; ok is false for anything else.
func ParseKey(s string) (letters string, number int, ok bool) {
	letters, digits, found := strings.Cut(strings.ToUpper(strings.TrimSpace(s)), "-")
	n, err := strconv.ParseUint(digits, 10, 63)
	if !found || err != nil || n < 1 {
		return "", 0, false
	}
	switch letters {
	case PainPointKey, ObjectiveKey, KeyResultKey, BacklogItemKey:
		return letters, int(n), true
	default:
		return "", 0, false
	}
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
