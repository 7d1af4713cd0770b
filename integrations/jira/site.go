package jira

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/andygrunwald/go-jira"

	"github.com/needle-okr/needle/integrations"
)

// site remembers what one Jira is like. Each part is asked for once, when first
// needed; a failure is not remembered.
type site struct {
	client *client
	// estimateField is the name or id that the settings give.
	estimateField string

	mu            sync.Mutex
	knownAbout    *about
	knownFields   *fields
	knownStatuses map[string]integrations.StateCategory
}

// about is where a Jira lives and which of the two it is.
type about struct {
	// cloud tells Jira Cloud from Data Center.
	cloud bool
	// api is the root of the calls whose versions differ: 3 on Cloud, 2 else.
	api string
	// home is the address that people use. It ends in no slash.
	home string
}

// browse is the page of an issue or project.
func (a about) browse(key string) string { return a.home + "/browse/" + key }

// about asks the server what it is.
func (s *site) about(ctx context.Context) (about, error) {
	s.mu.Lock()
	known := s.knownAbout
	s.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	var info struct {
		BaseURL        string `json:"baseUrl"`
		DeploymentType string `json:"deploymentType"`
		Version        string `json:"version"`
	}
	if err := s.client.get(ctx, "rest/api/2/serverInfo", &info); err != nil {
		return about{}, err
	}
	if info.Version == "" && info.DeploymentType == "" {
		return about{}, unreadable(http.StatusOK, errors.New("not what a Jira says of itself"))
	}
	a := about{cloud: strings.EqualFold(info.DeploymentType, "Cloud"), api: "rest/api/2/", home: strings.TrimRight(info.BaseURL, "/")}
	if a.cloud {
		a.api = "rest/api/3/"
	}
	if a.home == "" {
		a.home = strings.TrimRight(s.client.base.String(), "/")
	}
	s.mu.Lock()
	s.knownAbout = &a
	s.mu.Unlock()
	return a, nil
}

// fields are the ids of custom fields, which differ from site to site.
type fields struct {
	// estimates hold the estimate, the first that has a value counts.
	estimates []string
	// epicLinks hold the key of the epic, on sites that do not use the parent.
	epicLinks []string
}

// systemFields are what every Jira has.
var systemFields = []string{
	"summary", "description", "issuetype", "status", "statuscategorychangedate", "resolution", "resolutiondate",
	"labels", "assignee", "parent", "project", "created", "updated",
}

// wanted are the fields to ask for.
func (f fields) wanted() []string { return slices.Concat(systemFields, f.estimates, f.epicLinks) }

// The types and, where they are translated neither, the names of the fields.
const epicLinkType = "com.pyxis.greenhopper.jira:gh-epic-link"

var (
	estimateTypes = []string{"com.pyxis.greenhopper.jira:jsw-story-points"}
	estimateNames = []string{"story points", "story point estimate"}
)

// fields asks which custom fields there are. A token that may not know walks
// without them.
func (s *site) fields(ctx context.Context) (fields, error) {
	s.mu.Lock()
	known := s.knownFields
	s.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	var all []jira.Field
	err := s.client.get(ctx, "rest/api/2/field", &all)
	if err != nil && !errors.Is(err, integrations.ErrForbidden) {
		return fields{}, err
	}
	var f fields
	for _, field := range all {
		name := strings.ToLower(strings.TrimSpace(field.Name))
		switch {
		case field.ID == "":
		case s.estimateField != "":
			if strings.EqualFold(field.ID, s.estimateField) || strings.EqualFold(name, s.estimateField) {
				f.estimates = append(f.estimates, field.ID)
			}
		case slices.Contains(estimateTypes, field.Schema.Custom), field.Schema.Type == "number" && slices.Contains(estimateNames, name):
			f.estimates = append(f.estimates, field.ID)
		}
		if field.ID != "" && field.Schema.Custom == epicLinkType {
			f.epicLinks = append(f.epicLinks, field.ID)
		}
	}
	slices.Sort(f.estimates)
	slices.Sort(f.epicLinks)
	s.mu.Lock()
	s.knownFields = &f
	s.mu.Unlock()
	return f, nil
}

// statusJSON is a status with its category.
type statusJSON struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Category struct {
		Key string `json:"key"`
	} `json:"statusCategory"`
}

// statuses are the categories of all statuses, by id.
func (s *site) statuses(ctx context.Context) (map[string]integrations.StateCategory, error) {
	s.mu.Lock()
	known := s.knownStatuses
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	var all []statusJSON
	if err := s.client.get(ctx, "rest/api/2/status", &all); err != nil {
		return nil, err
	}
	found := make(map[string]integrations.StateCategory, len(all))
	for _, status := range all {
		if c, ok := categories[status.Category.Key]; ok {
			found[status.ID] = c
		}
	}
	s.mu.Lock()
	s.knownStatuses = found
	s.mu.Unlock()
	return found, nil
}
