// Package storetest gives every test a real, empty, migrated database of its own, and rows to fill it with.
//
//	db := storetest.New(t)       // a database that goes away with the test
//	f := storetest.Seed(t, db)   // a workspace and its owner
//	kr := f.KeyResult(func(k *needle.KeyResult) { k.Title = "Refund time" })
//
// The first call in a test process brings up a private PostgreSQL server (package localpg) and a template database that
// the migrations have run on; each test then gets a copy of the template, which takes some tens of milliseconds.
//
// # Servers
//
// Packages are tested in processes of their own that run side by side. Each takes the first data folder that no other
// process holds: test-0, test-1, and so on. Such a folder keeps its cluster and its template between runs, so only the
// very first run pays for making them; starting the server on it takes a moment. The server ends with its process, even
// when that is killed, and the next process to take the folder cleans up. There is nothing to stop and nothing to share.
//
// NEEDLE_TEST_DATABASE_URL names a running server to use instead; its role must be allowed to create databases. Then
// all processes share it.
//
// # Clean-up
//
// A process marks everything it uses by session-level advisory locks in the maintenance database, which PostgreSQL
// releases when the process is gone. What nobody marks is left over from a dead run and is dropped at the next start.
package storetest
