// Package impact is the mathematics of "which work moves which result". It takes facts and returns answers: no clock,
// no database, no state. The same facts in any order give the same answer.
//
// # What is claimed
//
//   - What was known at an instant: values, goals, links and the state of work. Everything has two times, when it was
//     true and when Needle learnt it. Nothing learnt after asOf is in an answer, so the past never changes.
//   - How far a value moved over a window. A value holds until the next one is measured; nothing is interpolated.
//     Neighbouring windows add up, and check-ins in between change no total.
//   - Which delivered work serves no key result, and which key results no work serves.
//   - How much of a key result's progress its value made, and how much came of its numbers being changed.
//   - When a guard lay outside its band.
//   - What may be said of a piece of work and the key result it is linked to: a grade, with the limits of routine variation
//     it was held against, how many candidates there are, and what is missing to say more. See Gather.
//   - What of a movement may be one contribution's, and how its bet came out; for a team, how its bets come out and
//     whether deliveries and movement line up.
//   - Where a value would end if the straight line through its past went on, with the range of that line.
//
// # What is never claimed
//
// That work caused a movement, unless an experiment is attached that says so. Work and movement stand side by side because
// somebody linked them; one series without a control cannot tell what made it move, nor how a movement is to be shared
// among several pieces of work: the plan split is a rule, and named one. A forecast is not a promise: its range covers the
// doubt about the slope and nothing else.
//
// # Numbers
//
// Values are float64 in the key result's unit and are never compared for equality. A difference of two values is
// the decimal one that people would write down: it has no more places than the values have. Sums of differences therefore agree to within rounding of the largest value that went into
// them, far below one part in 10⁹ of it.
package impact
