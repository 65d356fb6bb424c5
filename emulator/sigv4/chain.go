package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// chain verifies the signatures of chunks: each is over the one before, the first over the request's own.
type chain struct {
	claim    *claim
	key      macKey
	previous string
	chunk    hash.Hash
}

func newChain(c *claim, key macKey) *chain {
	return &chain{claim: c, key: key, previous: c.signature, chunk: sha256.New()}
}

func (c *chain) write(p []byte) {
	if c != nil {
		c.chunk.Write(p)
	}
}

// checkChunk checks the signature of what was written since the last one.
func (c *chain) checkChunk(signature string) error {
	if c == nil {
		return nil
	}
	sum := hex.EncodeToString(c.chunk.Sum(nil))
	c.chunk.Reset()
	return c.check(Version4+"-PAYLOAD\n", emptySHA256+"\n"+sum, signature)
}

// checkTrailer checks the signature of the trailers, one "name:value\n" after the other.
func (c *chain) checkTrailer(trailers, signature string) error {
	sum := sha256.Sum256([]byte(trailers))
	return c.check(Version4+"-TRAILER\n", hex.EncodeToString(sum[:]), signature)
}

func (c *chain) check(algorithm, hashes, signature string) error {
	text := algorithm + c.claim.date.Format(timeFormat) + "\n" + c.claim.scope + "\n" + c.previous + "\n" + hashes
	if !c.key.signed([]byte(text), signature) {
		provided := *c.claim
		provided.signature = signature
		return signatureMismatch(&provided, text, "")
	}
	c.previous = signature
	return nil
}
