package needle

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names is what things are called in a sentence, by their public ids: "O-7", "Mia Member", "the team Checkout".
type Names map[string]string

// Of returns what a thing is called; one that is gone, or has no name of its own, is called by its noun: "a check-in".
func (n Names) Of(id string) string {
	if name := n[id]; name != "" {
		return name
	}
	if noun := nouns[IDPrefix(id)]; noun != "" {
		return noun
	}
	return "something"
}

// nouns is what a thing without a name is called, by the prefix of its id.
var nouns = map[string]string{
	WorkspacePrefix: "the workspace", UserPrefix: "somebody", TeamPrefix: "a team", CyclePrefix: "a cycle",
	PainPointPrefix: "a pain point", EvidencePrefix: "a piece of evidence", ObjectivePrefix: "an objective",
	KeyResultPrefix: "a key result", CheckInPrefix: "a check-in", BacklogItemPrefix: "a backlog item", IssuePrefix: "an issue",
	ContributionPrefix: "a link", ConnectionPrefix: "a connection", SourcePrefix: "a source", SyncRunPrefix: "a sync pass",
	LinkRulePrefix: "a link rule", APITokenPrefix: "a token", CategoryPrefix: "a category", SegmentPrefix: "a segment",
	PainReportPrefix: "a report", PainMergePrefix: "a merge", ReliefCheckPrefix: "a relief check",
	ReliefAnswerPrefix: "a reporter's answer", ProposalPrefix: "a proposal", SuggestionPrefix: "a suggestion",
	CommentPrefix: "a comment", VotePrefix: "a vote", SignOffPrefix: "a signature", IdeaPrefix: "an idea",
	OutsideEventPrefix: "an outside event", ExperimentPrefix: "an experiment", VerdictDisputePrefix: "a dispute",
}

// NameOf returns what people call an object, "" when it has no name of its own. Of what people write at length only
// titles are told, never bodies.
func NameOf(n Node) string {
	switch n := n.(type) {
	case interface{ Key() string }:
		return n.Key()
	case *User:
		return n.Name
	case *Team:
		return "the team " + n.Name
	case *Cycle:
		return "the cycle " + n.Name
	case *Connection:
		return "the connection " + n.Name
	case *Source:
		return "the source " + n.RemoteKey
	case *Issue:
		return n.RemoteKey
	case *Category:
		return "the category " + n.Name
	case *Segment:
		return "the segment " + n.Name
	case *Proposal:
		return "the proposal " + quoted(n.Title)
	case *Idea:
		return "the idea " + quoted(n.Title)
	case *OutsideEvent:
		return "the outside event " + quoted(n.Title)
	default:
		return ""
	}
}

// TitleOf returns an object's key and title, "O-7 Refunds are quick"; what it is called when it has not both.
func TitleOf(n Node) string {
	name := NameOf(n)
	switch n := n.(type) {
	case *PainPoint:
		return name + " " + n.Title
	case *Objective:
		return name + " " + n.Title
	case *KeyResult:
		return name + " " + n.Title
	case *BacklogItem:
		return name + " " + n.Title
	default:
		return name
	}
}

// Whole returns the public ids of what an object belongs to, which a sentence about it names: the key result of a
// check-in, the two ends of a link. What stands by itself has none.
func Whole(n Node) []string {
	switch n := n.(type) {
	case *Evidence:
		return []string{n.PainPointID.String()}
	case *PainReport:
		return []string{n.PainPointID.String()}
	case *ReliefCheck:
		return []string{n.PainPointID.String()}
	case *ReliefAnswer:
		return []string{n.PainPointID.String()}
	case *PainMerge:
		return []string{n.FromID.String(), n.IntoID.String()}
	case *KeyResult:
		return []string{n.ObjectiveID.String()}
	case *CheckIn:
		return []string{n.KeyResultID.String()}
	case *LinkRule:
		return []string{n.KeyResultID.String()}
	case *Contribution:
		return []string{n.ItemID.String(), n.KeyResultID.String()}
	case *Proposal:
		return []string{n.ObjectiveID.String()}
	case *SignOff:
		return []string{n.ObjectiveID.String()}
	case *OutsideEvent:
		return []string{n.KeyResultID.String()}
	case *Experiment:
		return []string{n.ContributionID.String()}
	case *VerdictDispute:
		return []string{n.ContributionID.String()}
	case *Suggestion:
		return []string{n.SubjectID}
	case *Comment:
		return []string{n.SubjectID}
	case *Vote:
		return []string{n.SubjectID}
	case *Idea:
		return wholeOfIdea(n)
	default:
		return nil
	}
}

func wholeOfIdea(i *Idea) []string {
	switch {
	case i.PainPointID != nil:
		return []string{i.PainPointID.String()}
	case i.KeyResultID != nil:
		return []string{i.KeyResultID.String()}
	default:
		return nil
	}
}

// How many characters of a title, and of a reason or a question, a sentence repeats.
const (
	longestTitle  = 80
	longestReason = 200
)

// short puts a text on one line, and cuts it where it is longer than limit characters.
func short(text string, limit int) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > limit {
		text = strings.TrimSpace(string(runes[:limit-1])) + "…"
	}
	return text
}

// quoted puts a title between quotation marks.
func quoted(title string) string { return "“" + short(title, longestTitle) + "”" }

// capital begins a sentence with a text.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
