package integrations

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Reach says which addresses a transport may connect to.
type Reach int

// The reaches. Whatever the reach, nothing is sent to link-local and multicast addresses: no tracker lives there, but the
// services by which cloud machines tell their secrets do.
const (
	// ReachEverything allows private networks and this machine, where self-hosted trackers are.
	ReachEverything Reach = iota
	// ReachPublic allows addresses of the public Internet only.
	ReachPublic
)

const (
	dialTimeout = 15 * time.Second
	dialAlive   = 30 * time.Second
)

// ForbiddenAddressError says that a transport may not connect to an address.
type ForbiddenAddressError struct {
	// Addr is the address that the name of the server stands for.
	Addr netip.Addr
}

// Error names the address.
func (e *ForbiddenAddressError) Error() string {
	return fmt.Sprintf("%s is not an address that this server may ask", e.Addr)
}

// NewTransport returns a transport whose connections stay within reach. It is asked for each connection, after the name
// was resolved and for the very address that is connected to, so that a name cannot stand for one address when it is
// looked at and for another when it is used. Where the environment names a proxy, the proxy's address is looked at, and
// what lies behind it is the proxy's to decide.
func NewTransport(reach Reach) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: dialAlive, ControlContext: reach.control}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
		MaxIdleConns: 100, MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, ExpectContinueTimeout: time.Second,
	}
}

// control is called with the address a connection is about to be made to.
func (r Reach) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("reading an address to connect to: %w", err)
	}
	if !r.Allows(to.Addr()) {
		return &ForbiddenAddressError{Addr: to.Addr()}
	}
	return nil
}

// special are the networks, beyond those that package netip knows, that are not the public Internet: this network, shared
// address space of providers, protocol assignments, documentation, benchmarks, reserved.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("fec0::/10"),
}

// Allows reports whether an address lies within reach.
func (r Reach) Allows(a netip.Addr) bool {
	a = embedded(a)
	if a.IsLinkLocalUnicast() || a.IsMulticast() {
		return false
	}
	if r == ReachEverything {
		return true
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

var (
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
	sixTo4 = netip.MustParsePrefix("2002::/16")
)

// embedded is the IPv4 address that an IPv6 one leads to, or the address itself.
func embedded(a netip.Addr) netip.Addr {
	a = a.WithZone("").Unmap()
	raw := a.As16()
	switch {
	case a.Is4():
		return a
	case nat64.Contains(a):
		return netip.AddrFrom4([4]byte(raw[12:16]))
	case sixTo4.Contains(a):
		return netip.AddrFrom4([4]byte(raw[2:6]))
	default:
		return a
	}
}
