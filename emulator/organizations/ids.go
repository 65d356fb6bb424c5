package organizations

import (
	"crypto/rand"
	"strings"
)

// newID returns an identifier in Organizations' forms ("o-…", "r-…", "p-…"): prefix and n lower-case letters and digits.
func newID(prefix string, n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	random := make([]byte, n)
	rand.Read(random)
	for i, b := range random {
		random[i] = letters[int(b)%len(letters)]
	}
	return prefix + string(random)
}

// unitPrefix is how the ids of the units under a root begin.
func unitPrefix(root string) string { return "ou-" + strings.TrimPrefix(root, "r-") + "-" }
