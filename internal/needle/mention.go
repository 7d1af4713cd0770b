package needle

import "strings"

// Mention is a person that a text speaks to. Clients write it as a Markdown link to the person's id: [@Mia](usr_…).
type Mention struct {
	// Name is what the text calls the person, as in "Mia".
	Name string
	// UserID is the person; zero when what the link leads to is no id of a person.
	UserID UserID
}

// Parts of a mention as it is written.
const (
	mentionOpens  = "[@"
	mentionTurns  = "](" + UserPrefix + "_"
	mentionCloses = ")"
	// mentionName bounds the name, in bytes, so that a text of many openings is read once and not again for each.
	mentionName = 4 * MaxName
)

// Mentions returns whom a text mentions, in its order, each person once; several links that lead to nobody are all
// there. A backslash before the bracket makes a link plain text, as in Markdown.
func Mentions(text string) []Mention {
	var found []Mention
	seen := map[UserID]bool{}
	for rest := text; ; {
		i := strings.Index(rest, mentionOpens)
		if i < 0 {
			return found
		}
		escapes := i - len(strings.TrimRight(rest[:i], `\`))
		rest = rest[i+len(mentionOpens):]
		m, ok := mentionAt(rest)
		if !ok || escapes%2 == 1 || seen[m.UserID] {
			continue
		}
		seen[m.UserID] = !m.UserID.IsZero()
		found = append(found, m)
	}
}

// mentionAt reads a mention whose opening lies just before a text.
func mentionAt(text string) (Mention, bool) {
	name, target, found := strings.Cut(text[:min(len(text), mentionName+len(mentionTurns)+idLength+len(mentionCloses))], mentionTurns)
	if !found || name == "" || strings.ContainsAny(name, "[]\n") {
		return Mention{}, false
	}
	body, _, found := strings.Cut(target, mentionCloses)
	if !found {
		return Mention{}, false
	}
	id, err := ParseUserID(UserPrefix + "_" + body)
	if err != nil {
		id = UserID{} // It is told apart from a link to somewhere else by its prefix, so its author meant a person.
	}
	return Mention{Name: name, UserID: id}, true
}
