// Package syncing keeps what Needle knows of issues in step with the trackers they live in.
//
// An Engine runs passes. A pass walks every source of one connection, oldest change first, from where the last walk
// ended; the first walk, the backfill, is the same loop from the beginning:
//
//	hold the pass ─▶ open the tracker ─▶ for each source: ask for a page ◀────────────┐
//	 (one per connection,                                    │                        │ until the walk ends
//	  whatever process)                                      ▼                        │
//	                        one transaction: guarded upsert, items, links, quarantine,│
//	                        counts of the run, watermark and resume point ────────────┘
//
// A page is one transaction, so a process that dies at any moment leaves every page either stored or not, and the next
// pass goes on behind the last one. Storing the same page twice changes nothing. A run that another process took over,
// or that a person stopped, finds that out inside the page's transaction and stores nothing more.
//
// What a tracker answers moves the connection between states that people see:
//
//	           ┌──────────── answers ────────────┐
//	           ▼                                 │
//	UNCHECKED ─▶ OK ──401, 403──▶ AUTH_FAILED ───┤ waits for new credentials or a request
//	           │ ├──limits──────▶ RATE_LIMITED ──┤ until the time it named
//	           │ └──5xx, garbage▶ UNAVAILABLE ───┘ doubling waits up to 15 minutes
//	           └──a person──▶ PAUSED
//
// A source that the tracker refuses (unknown, gone, not listable, or forbidden to credentials that are accepted elsewhere)
// becomes ERROR by itself and does not stop the others. It is tried again once a day and when a person asks. What had been
// seen of it stays as it was, and once it is back it is counted.
//
// Rows are the truth about what is due: sync_requested_at and next_sync_at of the connection. Package jobs looks at them.
package syncing
