// Package ids makes identifiers in AWS's forms ("IAM identifiers", IAM User Guide): unique ids with their prefixes, access
// key ids that carry their account, secrets, request ids and canonical user ids.
package ids

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"strconv"
)

// Prefixes of unique ids.
const (
	User            = "AIDA"
	Role            = "AROA"
	Group           = "AGPA"
	Policy          = "ANPA"
	InstanceProfile = "AIPA"
	Certificate     = "ASCA"
	PublicKey       = "APKA"
	AccessKey       = "AKIA" // long-term
	SessionKey      = "ASIA" // temporary
)

var base32Upper = base32.StdEncoding.WithPadding(base32.NoPadding)

// New returns a unique id: prefix and 17 characters of A-Z and 2-7.
func New(prefix string) string {
	var b [11]byte
	rand.Read(b[:])
	return prefix + base32Upper.EncodeToString(b[:])[:17]
}

// NewAccessKeyID returns a 20-character access key id that belongs to the 12-digit account. As in AWS's, the first 41 bits
// after the prefix are a set bit and the account's number, so that GetAccessKeyInfo needs no table.
func NewAccessKeyID(prefix, account string) string {
	n, _ := strconv.ParseUint(account, 10, 64)
	var b [10]byte
	rand.Read(b[:])
	low := uint64(b[5] & 0x7f)
	var head [8]byte
	binary.BigEndian.PutUint64(head[:], 1<<47|n<<7|low)
	copy(b[:6], head[2:])
	return prefix + base32Upper.EncodeToString(b[:])
}

// AccountOf returns the account that an access key id carries; ok is false when it carries none.
func AccountOf(accessKeyID string) (account string, ok bool) {
	if len(accessKeyID) != 20 {
		return "", false
	}
	b, err := base32Upper.DecodeString(accessKeyID[4:])
	if err != nil || b[0]&0x80 == 0 {
		return "", false
	}
	var head [8]byte
	copy(head[2:], b[:6])
	n := binary.BigEndian.Uint64(head[:]) & (1<<47 - 1) >> 7
	return fmt.Sprintf("%012d", n), n < 1_000_000_000_000
}

// NewAccount returns an account id: 12 digits.
func NewAccount() string {
	n, _ := rand.Int(rand.Reader, big.NewInt(1_000_000_000_000)) // rand.Reader never fails
	return fmt.Sprintf("%012d", n)
}

// NewSecret returns a 40-character secret access key.
func NewSecret() string {
	var b [30]byte
	rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}

// NewRequestID returns a request id in the form of IAM and STS, a random UUID. It is unique but no secret, so the fast
// generator serves.
func NewRequestID() string {
	var b [16]byte
	binary.NativeEndian.PutUint64(b[:8], mathrand.Uint64())
	binary.NativeEndian.PutUint64(b[8:], mathrand.Uint64())
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[0:8], b[0:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:36], b[10:16])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// CanonicalID returns the canonical user id of an account (64 hexadecimal digits), which S3's ACLs use. It is derived
// from the account's id, so that a world made twice has the same.
func CanonicalID(account string) string {
	sum := sha256.Sum256([]byte("xemu canonical user id " + account))
	return hex.EncodeToString(sum[:])
}

// NewPassword returns a console password that fulfils IAM's default password policy: 20 characters of at least three of
// its four kinds.
func NewPassword() string {
	var b [12]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:]) + "-aA1"
}
