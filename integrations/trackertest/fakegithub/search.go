package fakegithub

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxMatches is how many matches of a search are shown.
const maxMatches = 1000

// searched is an issue as a search looks at it.
type searched struct {
	repo   string
	issue  *issue
	pull   bool
	text   string // title and body, lower case
	labels []string
	author string
}

// criterion says whether an issue is one of those that are looked for.
type criterion func(searched) bool

// searchIssues answers a page of the issues that match a text, oldest first.
func (s *Server) searchIssues(w http.ResponseWriter, r *http.Request) {
	size, page, ok := pageOf(w, r)
	if !ok {
		return
	}
	text := r.URL.Query().Get("q")
	s.mu.RLock()
	defer s.mu.RUnlock()
	wanted, err := s.parseSearch(text)
	switch {
	case err != nil:
		failWith(w, http.StatusUnprocessableEntity, "Validation Failed", err.Error())
		return
	case len(text) > 256:
		failWith(w, http.StatusUnprocessableEntity, "Validation Failed", "The search is longer than 256 characters.")
		return
	case (page-1)*size >= maxMatches:
		fail(w, http.StatusUnprocessableEntity, "Only the first 1000 search results are available")
		return
	}
	found := s.match(wanted)
	from, to := min((page-1)*size, len(found)), min(page*size, len(found), maxMatches)
	items := make([]json.RawMessage, 0, size)
	for _, i := range found[from:max(from, to)] {
		raw, err := patch(i.raw, map[string]any{"score": 1.0})
		if err != nil {
			raw = i.raw // a poisoned issue is found as it is
		}
		items = append(items, raw)
	}
	if to < min(len(found), maxMatches) {
		linkNext(w, r, map[string]string{"page": strconv.Itoa(page + 1)})
	}
	writeJSON(w, map[string]any{"total_count": len(found), "incomplete_results": false, "search_type": "lexical", "items": items})
}

// match finds the issues of all repositories, oldest first.
func (s *Server) match(wanted criterion) []*issue {
	var found []*issue
	for _, r := range s.reposByID {
		for _, i := range r.issues {
			if wanted(look(r, i)) {
				found = append(found, i)
			}
		}
	}
	slices.SortFunc(found, func(a, b *issue) int { return cmp.Or(cmp.Compare(a.created, b.created), cmp.Compare(a.id, b.id)) })
	return found
}

// look reads what a search needs of an issue.
func look(r *repo, i *issue) searched {
	var head struct {
		Title  string                  `json:"title"`
		Body   string                  `json:"body"`
		Labels []struct{ Name string } `json:"labels"`
		User   struct{ Login string }  `json:"user"`
		Pull   *struct{}               `json:"pull_request"`
	}
	_ = json.Unmarshal(i.raw, &head) // a poisoned issue has less to look at
	out := searched{
		repo: fold(r.key), issue: i, pull: head.Pull != nil, text: strings.ToLower(head.Title + "\n" + head.Body), author: fold(head.User.Login),
	}
	for _, l := range head.Labels {
		out.labels = append(out.labels, strings.ToLower(l.Name))
	}
	return out
}

// parseSearch reads words, quoted words, qualifiers, NOT, OR and brackets. Of
// qualifiers it knows repo, org, user, is, state, label and author. Several
// places in one breath are searched all, as GitHub did before it knew OR.
func (s *Server) parseSearch(text string) (criterion, error) {
	p := &searchParser{words: searchWords(text), server: s}
	wanted, err := p.either()
	if err == nil && len(p.words) > 0 {
		err = errors.New("a bracket is closed that was not opened")
	}
	return wanted, err
}

type searchParser struct {
	words  []string
	server *Server
}

// either reads alternatives.
func (p *searchParser) either() (criterion, error) {
	var ways []criterion
	for {
		one, err := p.all()
		if err != nil {
			return nil, err
		}
		ways = append(ways, one)
		if len(p.words) == 0 || p.words[0] != "OR" {
			return func(i searched) bool { return slices.ContainsFunc(ways, func(c criterion) bool { return c(i) }) }, nil
		}
		p.words = p.words[1:]
	}
}

// all reads what has to hold together.
func (p *searchParser) all() (criterion, error) {
	var all, places []criterion
	for len(p.words) > 0 && p.words[0] != "OR" && p.words[0] != ")" {
		word := p.words[0]
		p.words = p.words[1:]
		if word == "AND" {
			continue
		}
		if word == "(" {
			inner, err := p.either()
			if err != nil {
				return nil, err
			}
			if len(p.words) == 0 {
				return nil, errors.New("a bracket is not closed")
			}
			p.words = p.words[1:]
			all = append(all, inner)
			continue
		}
		one, place, err := p.server.criterion(word)
		switch {
		case err != nil:
			return nil, err
		case place:
			places = append(places, one)
		default:
			all = append(all, one)
		}
	}
	return func(i searched) bool {
		holds := func(c criterion) bool { return c(i) }
		return (len(places) == 0 || slices.ContainsFunc(places, holds)) && !slices.ContainsFunc(all, func(c criterion) bool { return !c(i) })
	}, nil
}

// criterion reads one word or qualifier, and says whether it names a place.
func (s *Server) criterion(word string) (wanted criterion, place bool, err error) {
	if rest, negated := strings.CutPrefix(word, "-"); negated && rest != "" {
		inner, _, err := s.criterion(rest)
		return func(i searched) bool { return !inner(i) }, false, err
	}
	name, value, qualified := strings.Cut(word, ":")
	value = strings.ToLower(strings.Trim(value, `"`))
	if !qualified {
		name = "text"
	}
	switch strings.ToLower(name) {
	case "text":
		want := strings.ToLower(strings.Trim(word, `"`))
		return func(i searched) bool { return strings.Contains(i.text, want) }, false, nil
	case "repo":
		if r := s.repos[value]; r == nil || fold(r.key) != value {
			return nil, false, errors.New("The listed users and repositories cannot be searched either because the resources do not exist or you do not have permission to view them.") //nolint:revive,staticcheck // GitHub's words
		}
		return func(i searched) bool { return i.repo == value }, true, nil
	case "org", "user":
		return func(i searched) bool { return strings.HasPrefix(i.repo, value+"/") }, true, nil
	case "label":
		return func(i searched) bool { return slices.Contains(i.labels, value) }, false, nil
	case "author":
		return func(i searched) bool { return i.author == value }, false, nil
	case "is", "state", "type":
		wanted, err := kind(value)
		return wanted, false, err
	}
	return nil, false, fmt.Errorf("this fake does not know the qualifier %s", name)
}

// kind reads the value of is: and its like.
func kind(value string) (criterion, error) {
	switch value {
	case "issue":
		return func(i searched) bool { return !i.pull }, nil
	case "pr", "pull-request":
		return func(i searched) bool { return i.pull }, nil
	case "open":
		return func(i searched) bool { return i.issue.open }, nil
	case "closed":
		return func(i searched) bool { return !i.issue.open }, nil
	}
	return nil, fmt.Errorf("unknown state or type %q", value)
}

// searchWords splits a text at spaces and brackets that are not in quotes.
func searchWords(text string) []string {
	var out []string
	var word strings.Builder
	quoted := false
	end := func() {
		if word.Len() > 0 {
			out = append(out, word.String())
			word.Reset()
		}
	}
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
			word.WriteRune(r)
		case quoted:
			word.WriteRune(r)
		case r == '(' || r == ')':
			end()
			out = append(out, string(r))
		case r == ' ' || r == '\t' || r == '\n':
			end()
		default:
			word.WriteRune(r)
		}
	}
	end()
	return out
}
