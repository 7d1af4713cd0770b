package needle

import (
	"path"
	"strings"
)

// anyDepth is the part of a glob that stands for any number of parts, none among them.
const anyDepth = "**"

// MatchGlob reports whether a key such as "acme/shop" fits a glob, whatever the case. Within a part between slashes * is
// any text, ? one character and [a-z] one of several; ** as a whole part is any number of parts. A malformed glob fits
// nothing.
func MatchGlob(glob, key string) bool {
	want, got := strings.Split(strings.ToLower(glob), "/"), strings.Split(strings.ToLower(key), "/")
	// As with a single star in a text: on a mismatch behind the last ** it takes one part more.
	w, g, retry, from := 0, 0, -1, 0
	for g < len(got) {
		switch {
		case w < len(want) && want[w] == anyDepth:
			retry, from = w, g
			w++
		case w < len(want) && fits(want[w], got[g]):
			w++
			g++
		case retry >= 0:
			from++
			w, g = retry+1, from
		default:
			return false
		}
	}
	for w < len(want) && want[w] == anyDepth {
		w++
	}
	return w == len(want)
}

func fits(glob, part string) bool {
	ok, err := path.Match(glob, part)
	return ok && err == nil
}

// glob demands a well-formed glob.
func (c *check) glob(field, value string) {
	for part := range strings.SplitSeq(CleanPattern(value), "/") {
		if _, err := path.Match(part, ""); err != nil {
			c.add(field, CodeInvalid, "this is no pattern: a [ needs its ] with something between, and a \\ something behind it")
			return
		}
	}
}
