package world

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Node is anything with an id.
type Node interface{ IsNode() }

// Titled is anything with a title.
type Titled interface{ IsTitled() }

// Owner is who owns a goal.
type Owner interface{ IsOwner() }

// Thing is anything.
type Thing interface{ IsThing() }

// Prize is what a person can win.
type Prize interface{ IsPrize() }

// Sized has a size.
type Sized interface{ IsSized() }

// Grouped has members.
type Grouped interface{ IsGrouped() }

// DisplayableError is an error for people.
type DisplayableError interface{ IsDisplayableError() }

// Page is one page of a connection.
type Page[T any] struct {
	Nodes    []T
	Edges    []Edge[T]
	PageInfo PageInfo
	// Total is not bound: totalCount is a resolver.
	Total int
}

// Edge is one element of a page.
type Edge[T any] struct {
	Cursor string
	Node   T
}

// PageInfo tells where a page lies.
type PageInfo struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       *string
}

// GoalConnection is a page of goals.
type GoalConnection = Page[*Goal]

// GoalEdge is a goal of a page.
type GoalEdge = Edge[*Goal]

// TaskConnection is a page of tasks.
type TaskConnection = Page[*Task]

// TaskEdge is a task of a page.
type TaskEdge = Edge[*Task]

// Period is a value object. Its goals are resolved.
type Period struct {
	From  time.Time
	To    *time.Time
	Days  int
	Inner *Period
}

// Goal has a plain field of every kind.
type Goal struct {
	N            int
	ID           GoalID
	Related      []GoalID
	Title        string
	Subtitle     *string
	MustSubtitle *string
	Rank         int
	Small        *int32
	Big          int64
	Weight       float64
	Ratio        *float64
	Done         bool
	Maybe        *bool
	Mood         Mood
	MaybeMood    *Mood
	Moods        []Mood
	Order        Order
	MaybeOrder   *Order
	CreatedAt    time.Time
	DueAt        *time.Time
	ClosedAt     time.Time
	Day          time.Time
	MaybeDay     *time.Time
	Plain        int
	Colour       Colour
	MaybeColour  *Colour
	Colours      []Colour
	Price        Money
	Prices       []*Money
	Tags         []string
	Notes        []*string
	MustNotes    []*string
	Matrix       [][]int
	Meta         map[string]any
	Period       Period
	Window       *Period
	MustWindow   *Period
	Periods      []Period
	Windows      []*Period
	MustWindows  []*Period
	Hidden       string
}

// Task is done for a goal.
type Task struct {
	N        int
	ID       TaskID
	Title    string
	Estimate *int
	// GoalN is the goal the task is done for, -1 for none.
	GoalN int
}

// Person does tasks.
type Person struct {
	N    int
	ID   string
	Name string
	Mood *Mood
}

// Team is a group of people.
type Team struct {
	N     int
	Name  string
	Motto *string
}

// Badge is a prize that is passed by value.
type Badge struct {
	Label  string
	Colour *Colour
}

// Tick is an event.
type Tick struct{ N int }

// UserError is an error about an input.
type UserError struct {
	Message string
	Field   []string
}

// IsNode marks the type.
func (*Goal) IsNode() {}

// IsTitled marks the type.
func (*Goal) IsTitled() {}

// IsThing marks the type.
func (*Goal) IsThing() {}

// IsNode marks the type.
func (*Task) IsNode() {}

// IsTitled marks the type.
func (*Task) IsTitled() {}

// IsThing marks the type.
func (*Task) IsThing() {}

// IsNode marks the type.
func (*Person) IsNode() {}

// IsThing marks the type.
func (*Person) IsThing() {}

// IsOwner marks the type.
func (*Person) IsOwner() {}

// IsOwner marks the type.
func (*Team) IsOwner() {}

// IsSized marks the type.
func (*Team) IsSized() {}

// IsGrouped marks the type.
func (*Team) IsGrouped() {}

// IsPrize marks the type.
func (*Team) IsPrize() {}

// IsPrize marks the type.
func (Badge) IsPrize() {}

// IsDisplayableError marks the type.
func (UserError) IsDisplayableError() {}

// Upper is a method without anything.
func (g *Goal) Upper() string { return strings.ToUpper(g.Title) }

var errTooLoud = errors.New("too loud")

// Shout is a method with everything.
func (g *Goal) Shout(_ context.Context, times int) (string, error) {
	if times > 3 && g.N%2 == 0 {
		return "", errTooLoud
	}
	return strings.Repeat(g.Title+"!", max(times, 0)%5), nil
}

// Label is a method with an argument.
func (g *Goal) Label(length *int) *string {
	if length == nil || *length < 0 {
		return nil
	}
	s := g.Title[:min(*length, len(g.Title))]
	return &s
}

// Optional is a method that may have nothing to say.
func (g *Goal) Optional() (string, bool) { return "option", g.N%3 != 0 }

// MustOptional is one that should not.
func (g *Goal) MustOptional() (string, bool) { return "option", g.N%5 != 0 }

// Twin is a method with an object.
func (g *Goal) Twin() *Period { return g.Window }

// Stamped is a method with an object that can fail.
func (g *Goal) Stamped(context.Context) (*Period, error) {
	if g.N%4 == 1 {
		return nil, errTooLoud
	}
	return g.Window, nil
}

// Risky is a method that panics for some.
func (g *Goal) Risky() string {
	g.dare()
	return "safe"
}

// MustRisky is a method with an argument that panics for some.
func (g *Goal) MustRisky(n *int) string {
	g.dare()
	if n == nil {
		return "safe"
	}
	return strconv.Itoa(*n)
}

// RiskyPeriod is a method with an object that panics for some.
func (g *Goal) RiskyPeriod() *Period {
	g.dare()
	return g.Window
}

func (g *Goal) dare() {
	if g.N%3 == 2 {
		panic("a goal dared too much") //nolint:forbidigo // panics are what is tried
	}
}
