package file

import (
	"strings"

	"github.com/needle-okr/needle/integrations"
)

// The words for states that are known without being told.
const (
	todoWords = "to do, todo, open, opened, new, backlog, planned, ready, not started, unstarted, pending, triage, reopened, " +
		"selected for development, proposed, next, queued, icebox, later"
	progressWords = "in progress, doing, started, active, in development, development, in dev, implementing, in review, review, " +
		"code review, ready for review, in test, in testing, testing, qa, in qa, verifying, blocked, on hold, waiting, wip, working, ongoing"
	doneWords = "done, closed, resolved, complete, completed, finished, fixed, shipped, released, delivered, deployed, merged, " +
		"accepted, verified, live"
	droppedWords = "dropped, cancelled, canceled, won't do, wont do, won't fix, wont fix, wontfix, not planned, duplicate, rejected, " +
		"declined, abandoned, obsolete, invalid, incomplete, cannot reproduce, not a bug, removed"
)

// states are the meanings of words, folded.
type states map[string]integrations.StateCategory

// newStates knows the usual words and those of the settings, which go before.
func newStates(s integrations.Settings) states {
	out := states{}
	for _, list := range []struct {
		words string
		means integrations.StateCategory
	}{
		{todoWords, integrations.StateTodo},
		{progressWords, integrations.StateInProgress},
		{doneWords, integrations.StateDone},
		{droppedWords, integrations.StateDropped},
		{s["todoWords"], integrations.StateTodo},
		{s["progressWords"], integrations.StateInProgress},
		{s["doneWords"], integrations.StateDone},
		{s["droppedWords"], integrations.StateDropped},
	} {
		for word := range strings.SplitSeq(list.words, ",") {
			if word = fold(word); word != "" {
				out[word] = list.means
			}
		}
	}
	return out
}

// category is the state of an issue. A word that nobody knows is work to do,
// unless the issue says that it ended; without a word that is all there is.
func (s states) category(word, reason string, ended bool) (means integrations.StateCategory, known bool) {
	means, known = s[fold(word)]
	switch {
	case word == "":
		known = true
		fallthrough
	case !known:
		means = integrations.StateTodo
		if ended {
			means = integrations.StateDone
		}
	}
	if means == integrations.StateDone && s[fold(reason)] == integrations.StateDropped {
		means = integrations.StateDropped
	}
	return means, known
}

// types are the neutral types of usual words, folded.
var types = map[string]integrations.IssueType{
	"epic": integrations.TypeEpic, "initiative": integrations.TypeEpic, "project": integrations.TypeEpic,
	"feature": integrations.TypeFeature, "new feature": integrations.TypeFeature, "story": integrations.TypeFeature,
	"user story": integrations.TypeFeature, "improvement": integrations.TypeFeature, "enhancement": integrations.TypeFeature,
	"bug": integrations.TypeBug, "defect": integrations.TypeBug, "incident": integrations.TypeBug,
	"task": integrations.TypeTask, "sub task": integrations.TypeTask, "subtask": integrations.TypeTask,
	"technical task": integrations.TypeTask, "chore": integrations.TypeTask, "spike": integrations.TypeTask,
}
