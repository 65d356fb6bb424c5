package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// macKey is a signing key, or a step on the way to it.
type macKey [sha256.Size]byte

// keyOf says what a signing key is derived from.
type keyOf struct{ secret, day, region, service string }

type cachedKey struct {
	of  keyOf
	key macKey
}

// keys remembers signing keys: four HMACs saved for each request. Its size is fixed, and a slot simply goes to the latest
// key that hashes to it, so that it needs no lock.
var (
	keys    [1024]atomic.Pointer[cachedKey]
	keySeed = maphash.MakeSeed()
)

// signingKey returns the key that signatures of c's scope are made with.
func signingKey(secret string, c *claim) macKey {
	of := keyOf{secret, c.day, c.region, c.service}
	slot := &keys[maphash.Comparable(keySeed, of)%uint64(len(keys))]
	if cached := slot.Load(); cached != nil && cached.of == of {
		return cached.key
	}
	key := mac([]byte("AWS4"+secret), []byte(of.day))
	for _, part := range []string{of.region, of.service, terminator} {
		key = mac(key[:], []byte(part))
	}
	// The strings are parts of the request's headers, which the cache must not keep.
	of = keyOf{strings.Clone(secret), strings.Clone(c.day), strings.Clone(c.region), strings.Clone(c.service)}
	slot.Store(&cachedKey{of, key})
	return key
}

// signed reports, in constant time, whether signature is text's.
func (k macKey) signed(text []byte, signature string) bool {
	want := mac(k[:], text)
	var digits [2 * len(want)]byte
	hex.Encode(digits[:], want[:])
	return subtle.ConstantTimeCompare(digits[:], []byte(signature)) == 1
}

func mac(key, text []byte) (sum macKey) {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	h.Sum(sum[:0])
	return sum
}
