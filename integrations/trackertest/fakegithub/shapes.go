package fakegithub

import (
	"fmt"
	"strconv"
	"strings"
)

// site and api are the addresses in the JSON of invented things. They lead
// nowhere: example is a reserved name.
const (
	site = "https://github.example/"
	api  = "https://api.github.example/"
)

// epoch is when everything began that has no better time.
const epoch = "2020-01-01T00:00:00Z"

// user is a GitHub account.
type user struct {
	Login             string `json:"login"`
	ID                int64  `json:"id"`
	NodeID            string `json:"node_id"`
	Type              string `json:"type"`
	SiteAdmin         bool   `json:"site_admin"`
	ViewType          string `json:"user_view_type"`
	AvatarURL         string `json:"avatar_url"`
	GravatarID        string `json:"gravatar_id"`
	URL               string `json:"url"`
	HTMLURL           string `json:"html_url"`
	FollowersURL      string `json:"followers_url"`
	FollowingURL      string `json:"following_url"`
	GistsURL          string `json:"gists_url"`
	StarredURL        string `json:"starred_url"`
	SubscriptionsURL  string `json:"subscriptions_url"`
	OrganizationsURL  string `json:"organizations_url"`
	ReposURL          string `json:"repos_url"`
	EventsURL         string `json:"events_url"`
	ReceivedEventsURL string `json:"received_events_url"`
}

// newUser invents the account of a login. The same login is always the same account.
func newUser(login string) user { return account(login, idOf("user/"+login), "User") }

// account is an account with all that GitHub shows of it.
func account(login string, id int64, kind string) user {
	at := api + "users/" + login
	return user{
		Login: login, ID: id, NodeID: nodeID("U", id), Type: kind, ViewType: "public",
		AvatarURL: "https://avatars.github.example/u/" + strconv.FormatInt(id, 10), URL: at, HTMLURL: site + login,
		FollowersURL: at + "/followers", FollowingURL: at + "/following{/other_user}", GistsURL: at + "/gists{/gist_id}",
		StarredURL: at + "/starred{/owner}{/repo}", SubscriptionsURL: at + "/subscriptions", OrganizationsURL: at + "/orgs",
		ReposURL: at + "/repos", EventsURL: at + "/events{/privacy}", ReceivedEventsURL: at + "/received_events",
	}
}

// profile is what GitHub shows of the account that asks.
type profile struct {
	user

	Name        *string `json:"name"`
	Company     *string `json:"company"`
	Blog        *string `json:"blog"`
	Location    *string `json:"location"`
	Email       *string `json:"email"`
	Hireable    *bool   `json:"hireable"`
	Bio         *string `json:"bio"`
	PublicRepos int     `json:"public_repos"`
	PublicGists int     `json:"public_gists"`
	Followers   int     `json:"followers"`
	Following   int     `json:"following"`
	CreatedAt   string  `json:"created_at"`
	UpdatedAt   string  `json:"updated_at"`
}

// label is a label of a repository.
type label struct {
	ID          int64   `json:"id"`
	NodeID      string  `json:"node_id"`
	URL         string  `json:"url"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Color       string  `json:"color"`
	Default     bool    `json:"default"`
}

// labels renders label names.
func labels(key string, names []string) []label {
	out := make([]label, len(names))
	for i, n := range names {
		id := idOf("label/" + strings.ToLower(n))
		out[i] = label{ID: id, NodeID: nodeID("LA", id), URL: api + "repos/" + key + "/labels/" + n, Name: n, Color: "ededed"}
	}
	return out
}

// issueType renders the name of an issue type. Empty: none.
func issueType(name string) any {
	if name == "" {
		return nil
	}
	id := idOf("type/" + name)
	return map[string]any{"id": id, "node_id": nodeID("IT", id), "name": name, "description": nil}
}

// milestone is a milestone of a repository.
type milestone struct {
	id     int64
	number int
	title  string
}

// render is the milestone's JSON.
func (m *milestone) render(key, creator string) any {
	if m == nil {
		return nil
	}
	at := fmt.Sprintf("%srepos/%s/milestones/%d", api, key, m.number)
	return map[string]any{
		"id": m.id, "node_id": nodeID("MI", m.id), "number": m.number, "title": m.title, "description": nil, "state": "open",
		"url": at, "labels_url": at + "/labels", "html_url": fmt.Sprintf("%s%s/milestone/%d", site, key, m.number),
		"creator": newUser(creator), "open_issues": 0, "closed_issues": 0, "created_at": epoch, "updated_at": epoch,
		"closed_at": nil, "due_on": nil,
	}
}

// addresses are the parts of a repository's addresses that come after its own.
var addresses = map[string]string{
	"archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}", "blobs_url": "/git/blobs{/sha}",
	"branches_url": "/branches{/branch}", "collaborators_url": "/collaborators{/collaborator}", "comments_url": "/comments{/number}",
	"commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}", "contents_url": "/contents/{+path}",
	"contributors_url": "/contributors", "deployments_url": "/deployments", "downloads_url": "/downloads", "events_url": "/events",
	"forks_url": "/forks", "git_commits_url": "/git/commits{/sha}", "git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}",
	"hooks_url": "/hooks", "issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
	"issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}", "languages_url": "/languages",
	"merges_url": "/merges", "milestones_url": "/milestones{/number}", "pulls_url": "/pulls{/number}", "releases_url": "/releases{/id}",
	"notifications_url": "/notifications{?since,all,participating}", "stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}",
	"subscribers_url": "/subscribers", "subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams", "trees_url": "/git/trees{/sha}",
}

// summary is the repository's own JSON.
func (r *repo) summary() map[string]any {
	owner, name, _ := strings.Cut(r.key, "/")
	at := api + "repos/" + r.key
	out := map[string]any{
		"id": r.id, "node_id": nodeID("R", r.id), "name": name, "full_name": r.key, "owner": newUser(owner), "description": nil,
		"private": false, "fork": false, "archived": false, "disabled": false, "visibility": "public",
		"url": at, "html_url": site + r.key, "clone_url": site + r.key + ".git", "git_url": "git://github.example/" + r.key + ".git",
		"ssh_url": "git@github.example:" + r.key + ".git", "svn_url": site + r.key, "mirror_url": nil, "homepage": nil,
		"has_issues": true, "has_projects": true, "has_wiki": true, "has_pages": false, "has_discussions": false, "has_downloads": true,
		"forks": 0, "forks_count": 0, "network_count": 0, "stargazers_count": 0, "subscribers_count": 0, "watchers": 0, "watchers_count": 0,
		"open_issues": r.open, "open_issues_count": r.open, "size": 0, "language": nil, "license": nil, "default_branch": "main",
		"pushed_at": epoch, "created_at": epoch, "updated_at": epoch,
	}
	for name, rest := range addresses {
		out[name] = at + rest
	}
	return out
}

// nodeID invents the id of a thing in the other API.
func nodeID(kind string, id int64) string { return kind + "_" + strconv.FormatInt(id, 10) }
