package needle

import "time"

// SyncProgress is how the passes over a connection get on.
type SyncProgress struct {
	// Connection is the tracker.
	Connection *Connection
	// Run is the walk that runs, or else the latest; nil when there was none.
	Run *SyncRun
	// At is when this was read.
	At time.Time
}

// Total is about how many records the walk will see; nil when nobody can say.
func (p *SyncProgress) Total() *int {
	if p.Run == nil || p.Run.Total == 0 {
		return nil
	}
	return &p.Run.Total
}

// RatePerSecond is how many records the walk saw each second, those left out included; zero before any time has passed.
func (p *SyncProgress) RatePerSecond() float64 {
	if p.Run == nil {
		return 0
	}
	elapsed := p.Run.UpdatedAt.Sub(p.Run.StartedAt).Seconds()
	if elapsed <= 0 {
		return 0
	}
	return float64(p.Run.Seen+p.Run.Skipped) / elapsed
}

// ETA is when the walk will likely end; nil when nobody can say, and when it has ended.
func (p *SyncProgress) ETA() *time.Time {
	rate := p.RatePerSecond()
	if rate == 0 || p.Run.Total == 0 || p.Run.State != SyncRunning {
		return nil
	}
	left := max(p.Run.Total-p.Run.Seen-p.Run.Skipped, 0)
	eta := p.Run.UpdatedAt.Add(time.Duration(float64(left) / rate * float64(time.Second)))
	return &eta
}

// Done reports whether nothing is under way: no pass runs, was asked for or is due.
func (p *SyncProgress) Done() bool {
	c := p.Connection
	return c.SyncRequestedAt == nil && (c.NextSyncAt == nil || c.NextSyncAt.After(p.At))
}
