package integrations

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// SignedSHA256 verifies a signature of the form "sha256=hex" over the exact
// bytes that were signed, in constant time. An empty secret signs nothing.
func SignedSHA256(body []byte, signature string, secret []byte) bool {
	sum, ok := strings.CutPrefix(signature, "sha256=")
	given, err := hex.DecodeString(sum)
	if !ok || err != nil || len(secret) == 0 {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return hmac.Equal(given, mac.Sum(nil))
}

// BodyID names a delivery after its body, for trackers that give deliveries no id:
// the same bytes are the same delivery.
func BodyID(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
