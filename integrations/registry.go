package integrations

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Driver describes one kind of tracker and opens connections to it.
type Driver struct {
	// Kind is the stable name by which connections are stored ("github").
	Kind string
	// Name is what people call it ("GitHub").
	Name string
	// Fields are the settings to ask for, in the order of the form.
	Fields []Field
	// Check says what is wrong with settings that depend on each other. It is
	// given all of them, also those that their own field refuses, whose word
	// counts. Its messages must not repeat values. Nil: nothing depends.
	Check func(s Settings) []FieldError
	// Prototype is any value of the type that Open returns: it is there to tell
	// the capabilities before a connection exists, and to read webhooks. Nothing
	// else of it is called.
	Prototype Tracker
	// Open connects. It is given settings that passed Fields and Check. It does not
	// touch the network, so settings that look right always open.
	Open func(ctx context.Context, s Settings, env Env) (Tracker, error)
}

// Field is one line of a driver's settings form.
type Field struct {
	// Name is the stable key of the setting ("token").
	Name string
	// Label is what the form calls it.
	Label string
	// Help says where to find the value and what it is for.
	Help string
	// Secret values are sealed at rest and never shown again.
	Secret bool
	// Required values must not be empty.
	Required bool
	// Default is used when nothing is given.
	Default string
	// Check says what is wrong with a value that is not empty. Its message
	// must not repeat the value. Nil: everything goes.
	Check func(value string) error
}

// Settings are a connection's settings by field name. Printing or logging them
// shows the names only, since values may be secret.
type Settings map[string]string

// String lists the names that are set.
func (s Settings) String() string {
	names := make([]string, 0, len(s))
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	return "settings(" + strings.Join(names, ",") + ")"
}

// GoString lists the names that are set.
func (s Settings) GoString() string { return s.String() }

// LogValue lists the names that are set.
func (s Settings) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Env is what the house lends to a driver.
type Env struct {
	// Transport sends the requests; retry, pacing and logging live in it.
	// Nil: http.DefaultTransport.
	Transport http.RoundTripper
	// Now is the clock, used only to tell when to ask again. Nil: time.Now.
	Now func() time.Time
	// UserAgent names the caller to the tracker. Empty: "needle".
	UserAgent string
	// Files are the files that the connection may read, where its sources are
	// files (see FileReader). What a file's Stat answers may be a
	// Fingerprinter. Nil: there are none.
	Files fs.FS
}

// Fingerprinter is implemented by the fs.FileInfo of a file in Env.Files that
// can tell two contents apart without being read.
type Fingerprinter interface {
	// Fingerprint is equal for equal contents and differs for others.
	Fingerprint() string
}

// Registry holds the drivers a program knows. It does not change once made, so
// it is safe for concurrent use.
type Registry struct {
	drivers []Driver
}

// NewRegistry makes a registry of exactly these drivers. It returns an error
// when a driver lacks its kind, name, prototype or Open, or when two share a kind.
func NewRegistry(drivers ...Driver) (*Registry, error) {
	seen := map[string]bool{}
	for _, d := range drivers {
		switch {
		case d.Kind == "" || d.Name == "" || d.Prototype == nil || d.Open == nil:
			return nil, fmt.Errorf("driver %q lacks its kind, name, prototype or Open", d.Kind)
		case seen[d.Kind]:
			return nil, fmt.Errorf("driver %q is registered twice", d.Kind)
		}
		seen[d.Kind] = true
	}
	return &Registry{drivers: slices.Clone(drivers)}, nil
}

// Drivers lists the drivers in the order of registration.
func (r *Registry) Drivers() []Driver { return slices.Clone(r.drivers) }

// Driver finds a driver by kind. The error matches ErrUnknownKind.
func (r *Registry) Driver(kind string) (Driver, error) {
	for _, d := range r.drivers {
		if d.Kind == kind {
			return d, nil
		}
	}
	return Driver{}, fmt.Errorf("%w: %q", ErrUnknownKind, kind)
}

// Open checks the settings and opens a connection. It returns an error matching
// ErrUnknownKind, a *SettingsError, or what the driver's Open returns.
func (r *Registry) Open(ctx context.Context, kind string, s Settings, env Env) (Tracker, error) {
	d, err := r.Driver(kind)
	if err != nil {
		return nil, err
	}
	full, err := d.Complete(s)
	if err != nil {
		return nil, err
	}
	t, err := d.Open(ctx, full, env.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", d.Name, err)
	}
	return t, nil
}

// Capabilities lists what connections of this kind can do.
func (d Driver) Capabilities() []Capability { return Capabilities(d.Prototype) }

// Complete returns the settings with surrounding space removed and defaults
// filled in. It returns a *SettingsError when a required value is missing, a
// value is refused by its field's Check or the driver's, or a name belongs to no
// field.
func (d Driver) Complete(s Settings) (Settings, error) {
	full := Settings{}
	problems := map[string]string{}
	for _, f := range d.Fields {
		value := strings.TrimSpace(s[f.Name])
		if value == "" {
			value = f.Default
		}
		full[f.Name], problems[f.Name] = value, f.problem(value)
	}
	if d.Check != nil {
		for _, w := range d.Check(full) {
			if problems[w.Field] == "" {
				problems[w.Field] = w.Message
			}
		}
	}
	var wrong []FieldError
	for _, f := range d.Fields {
		if message := problems[f.Name]; message != "" {
			wrong = append(wrong, FieldError{Field: f.Name, Message: message})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if !slices.ContainsFunc(d.Fields, func(f Field) bool { return f.Name == name }) {
			wrong = append(wrong, FieldError{Field: name, Message: "is not a setting of " + d.Name})
		}
	}
	if len(wrong) > 0 {
		return nil, &SettingsError{Fields: wrong}
	}
	return full, nil
}

// problem says what is wrong with a value, or nothing.
func (f Field) problem(value string) string {
	if value == "" {
		if f.Required {
			return "is required"
		}
		return ""
	}
	if f.Check == nil {
		return ""
	}
	if err := f.Check(value); err != nil {
		return err.Error()
	}
	return ""
}

// withDefaults fills in what the caller left out.
func (e Env) withDefaults() Env {
	if e.Transport == nil {
		e.Transport = http.DefaultTransport
	}
	if e.Now == nil {
		e.Now = time.Now
	}
	if e.UserAgent == "" {
		e.UserAgent = "needle"
	}
	return e
}
