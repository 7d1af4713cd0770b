package needle

// RollUp sums up an objective and everything that serves it, straight or through others and their key results. Units are
// never added: only shares, healths and states are counted together.
type RollUp struct {
	// Objectives is how many there are, the one asked about among them.
	Objectives int
	// KeyResults is how many key results these have.
	KeyResults int
	// Measured is how many of those have a check-in.
	Measured int
	// ByHealth counts the key results by health, every health once, in their order.
	ByHealth []*HealthCount
	// ByState counts the objectives by state, every state once, in their order.
	ByState []*ObjectiveStateCount
	// Progress is the mean of the objectives' own progress, each weighing the same; nil when none has one.
	Progress *float64
	// Counted is the number of objectives that Progress rests on.
	Counted int
}

// HealthCount is how many key results have a health.
type HealthCount struct {
	Health Health
	Count  int
}

// ObjectiveStateCount is how many objectives are in a state.
type ObjectiveStateCount struct {
	State ObjectiveState
	Count int
}

// Healths returns every health, the best first.
func Healths() []Health {
	return []Health{HealthOnTrack, HealthAtRisk, HealthOffTrack, HealthStale, HealthPending}
}

// ObjectiveStates returns every state of an objective in order.
func ObjectiveStates() []ObjectiveState {
	return []ObjectiveState{ObjectiveDraft, ObjectiveProposed, ObjectiveAgreed, ObjectiveClosed}
}
