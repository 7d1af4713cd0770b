package needle

// AttributionPolicy holds the thresholds of a workspace by which grades pause and gaps are told. It has no history: answers
// of earlier days go by the thresholds of today.
type AttributionPolicy struct {
	// StaleTrackerDays is how old tracker data may be before grades pause, in days.
	StaleTrackerDays int
	// KeepRunningShare is the share of delivered effort, 0 to 1, that may serve no key result: somebody has to keep
	// things running.
	KeepRunningShare float64
	// RecentDays is how long delivered work still counts as attention to a key result, in days.
	RecentDays int
	// MostKeyResults is how many key results one item may be linked to.
	MostKeyResults int
	// DeadBetShare is the share of linked work, 0 to 1, whose windows must be over before a key result without any
	// signal is called a dead bet.
	DeadBetShare float64
	// FewestCycleTimes is how many deliveries a median cycle time must rest on before deliveries are forecast by it.
	FewestCycleTimes int
}

// DefaultAttributionPolicy returns what a new workspace goes by.
func DefaultAttributionPolicy() AttributionPolicy {
	return AttributionPolicy{
		StaleTrackerDays: 2, KeepRunningShare: 0.2, RecentDays: 28, MostKeyResults: 3, DeadBetShare: 0.8, FewestCycleTimes: 5,
	}
}
