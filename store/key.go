package store

import "strings"

// A part is written with each 0x00 as 0x00 0xFF and ended by 0x00 0x01, so that the end of a part sorts before any byte
// that could follow in it.
const (
	escapedZero = "\x00\xff"
	partEnd     = "\x00\x01"
)

// Key joins parts to one key that sorts as the tuple of its parts does, whatever bytes they hold. Key(a) is a prefix of
// Key(a, b); Key("a") is none of Key("ab").
func Key(parts ...string) string {
	var b strings.Builder
	n := 0
	for _, p := range parts {
		n += len(p) + len(partEnd)
	}
	b.Grow(n)
	for _, p := range parts {
		b.WriteString(escape(p))
		b.WriteString(partEnd)
	}
	return b.String()
}

// KeyPrefix is Key with the last part left open: it is a prefix of the key of every tuple that has the same parts before
// the last, and there a part that begins with it. Scan takes it to find what begins with a string.
func KeyPrefix(parts ...string) string { return strings.TrimSuffix(Key(parts...), partEnd) }

// KeyParts returns the parts that Key joined; ok is false for a string that Key does not make.
func KeyParts(key string) (parts []string, ok bool) {
	for key != "" {
		end := 0
		for {
			i := strings.IndexByte(key[end:], 0)
			if i < 0 {
				return nil, false
			}
			end += i
			if !strings.HasPrefix(key[end:], escapedZero) {
				break
			}
			end += len(escapedZero)
		}
		if !strings.HasPrefix(key[end:], partEnd) {
			return nil, false
		}
		parts = append(parts, strings.ReplaceAll(key[:end], escapedZero, "\x00"))
		key = key[end+len(partEnd):]
	}
	return parts, true
}

// After is the least key above key: a Scan from there goes on behind key.
func After(key string) string { return key + "\x00" }

// PrefixEnd is the least key above all that begin with prefix: a Scan from there goes on behind them. It is "" if there
// is none (prefix is empty or all 0xFF).
func PrefixEnd(prefix string) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			return prefix[:i] + string([]byte{prefix[i] + 1})
		}
	}
	return ""
}

func escape(part string) string { return strings.ReplaceAll(part, "\x00", escapedZero) }
