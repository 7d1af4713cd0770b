package needle

import "time"

// ComputedAttributions is what can be said of the links of one key result at present, worked out ahead of the question.
// It counts until something it rests on is written, until HoldsUntil, and under the rules it was worked out by.
type ComputedAttributions struct {
	// KeyResultID is the key result.
	KeyResultID KeyResultID
	// Rules is the version of the rules it was worked out by.
	Rules int
	// Facts is a digest of what it was worked out from. The same facts under the same rules make the same answer, byte by
	// byte, until time alone changes it.
	Facts []byte
	// Answer is the attributions, encoded; what depends on the instant of the question alone is not in it.
	Answer []byte
	// ComputedAt is the instant as of which it was worked out.
	ComputedAt time.Time
	// HoldsUntil is the instant from which time alone changes it; nil when that never does.
	HoldsUntil *time.Time
	// TrackerReadAt is when the oldest tracker data of the links was read; nil when all their work is native, and the zero
	// time when a tracker was never read. It changes with every pass, so it is looked up and not stored.
	TrackerReadAt *time.Time
}

// Recomputation is what a run over computed attributions came to.
type Recomputation struct {
	// KeyResults is how many were worked out.
	KeyResults int
	// Changed is how many of them had counted and came out otherwise although nothing was marked as written: always 0,
	// unless something writes past the marks or rules changed without their version.
	Changed int
}
