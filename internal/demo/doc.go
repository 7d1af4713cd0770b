// Package demo shows Needle at work: an invented company whose two teams have been at it for half a year, the tracker
// they work in, and a private PostgreSQL that holds it all.
//
// Everything is made up. The company, Brightcart, runs online shops for others; its customers, people and issues do not
// exist. The same seed and the same moment make the same story, which is told through the use cases with a clock that
// runs through the past, so that a review as of an earlier day sees what was known on that day.
//
// A data folder goes through these steps, and a crash at any of them does not stand in the way of the next start:
//
//	a private cluster ─▶ database "needle_seeding": migrated, told the story ─▶ renamed to "needle" ─▶ in use
//
// The rename is one transaction of PostgreSQL: a database of the name "needle" is whole. One that is still being seeded
// is thrown away by the next start.
package demo
