package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash/maphash"
	"sync/atomic"
)

// macKey is a signing key, or what comes of it.
type macKey = [sha256.Size]byte

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
	first := hmac.New(sha256.New, []byte("AWS4"+secret))
	first.Write([]byte(of.day))
	key := macKey(first.Sum(nil))
	for _, part := range []string{of.region, of.service, terminator} {
		key = sign(&key, []byte(part))
	}
	slot.Store(&cachedKey{of, key})
	return key
}

// sign returns the HMAC-SHA256 of text.
func sign(key *macKey, text []byte) (mac macKey) {
	h := hmac.New(sha256.New, key[:])
	h.Write(text)
	h.Sum(mac[:0])
	return mac
}
