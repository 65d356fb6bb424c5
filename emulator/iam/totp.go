package iam

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"time"
)

// stepSeconds is how long a code of a virtual MFA device is shown (RFC 6238, with the defaults of authenticator apps: SHA-1,
// six digits).
const stepSeconds = 30

// syncSteps is how far the clock of a device may be off, in steps, when it is enabled or synchronized: an hour.
const syncSteps = 120

func stepAt(now time.Time) int64 { return now.Unix() / stepSeconds }

// totp returns the code that a device shows in a step.
func totp(seed []byte, step int64) string {
	mac := hmac.New(sha1.New, seed)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

func sameCode(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// synchronize takes two codes in a row and learns from them how far the device's clock is off. ok is false when they are not
// two codes in a row of this device, near now.
func (d *mfaDevice) synchronize(first, second string, now time.Time) (ok bool) {
	current := stepAt(now)
	for distance := range int64(syncSteps) {
		for _, step := range []int64{current - distance, current + distance} {
			if sameCode(totp(d.Seed, step-1), first) && sameCode(totp(d.Seed, step), second) {
				d.Used, d.Drift = step, 0
				if distance > 1 { // one step is the time it takes to type
					d.Drift = step - current
				}
				return true
			}
		}
	}
	return false
}

// accept takes a code of the current step or of one beside it. A code works once, and none that is older than it works then
// (RFC 6238, section 5.2).
func (d *mfaDevice) accept(code string, now time.Time) (ok bool) {
	current := stepAt(now) + d.Drift
	for step := max(current-1, d.Used+1); step <= current+1; step++ {
		if sameCode(totp(d.Seed, step), code) {
			d.Used = step
			return true
		}
	}
	return false
}
