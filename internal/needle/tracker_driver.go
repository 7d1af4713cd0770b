package needle

import (
	"maps"
	"slices"
)

// TrackerDriver describes a kind of tracker that can be connected.
type TrackerDriver struct {
	// Kind is the stable name by which connections are stored, as in "github".
	Kind string
	// Name is what people call it.
	Name string
	// Fields are the settings to ask for, in the order of the form.
	Fields []*DriverField
	// Capabilities are what it can do beyond listing issues.
	Capabilities []TrackerCapability
}

// DriverField is one line of a driver's settings form.
type DriverField struct {
	// Name is the stable name of the setting.
	Name string
	// Label is what the form calls it.
	Label string
	// Help says where to find the value and what it is for; may be empty.
	Help string
	// Secret values are sealed at rest and never shown again.
	Secret bool
	// Required values must not be empty.
	Required bool
	// Default is used when nothing is given; may be empty.
	Default string
}

// TrackerCapability is something a tracker can do beyond listing its issues.
type TrackerCapability string

// The capabilities.
const (
	CanWebhooks TrackerCapability = "WEBHOOKS"
	CanCensus   TrackerCapability = "CENSUS"
	CanHistory  TrackerCapability = "HISTORY"
	CanBacklink TrackerCapability = "BACKLINK"
	CanCreate   TrackerCapability = "CREATE"
	CanSearch   TrackerCapability = "SEARCH"
	CanUpload   TrackerCapability = "UPLOAD"
)

// SettingList returns the settings by name.
func (c *Connection) SettingList() []*Setting {
	list := make([]*Setting, 0, len(c.Settings))
	for _, name := range slices.Sorted(maps.Keys(c.Settings)) {
		list = append(list, &Setting{Name: name, Value: c.Settings[name]})
	}
	return list
}
