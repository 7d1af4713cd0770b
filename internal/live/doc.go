// Package live tells subscriptions, in every process, that something changed.
//
//	page's transaction ──NOTIFY at commit──▶ Hub of each process ──▶ its subscriptions ──▶ read again, as their viewer
//
// A message says where something changed and never what: whoever listens reads it with its own rights, so nothing can
// leak by being told. Messages may be lost while the connection is; therefore everybody reads again after it was made
// anew. They may also come faster than anybody reads; a subscription remembers that something changed, not how often, so
// that a slow one costs nothing and gets the latest.
//
// The Hub listens on one connection of its own, at a direct address of the database: a transaction pooler passes no
// notifications on.
package live
