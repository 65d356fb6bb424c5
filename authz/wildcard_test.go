package authz

import (
	"testing"
	"unicode/utf8"
)

// slowMatch tries every way a pattern could match.
func slowMatch(pattern, s string) bool {
	if pattern == "" {
		return s == ""
	}
	switch c := pattern[0]; c {
	case anyText, segmentText:
		for {
			if slowMatch(pattern[1:], s) {
				return true
			}
			if s == "" || c == segmentText && s[0] == ':' {
				return false
			}
			_, size := utf8.DecodeRuneInString(s)
			s = s[size:]
		}
	case anyChar, segmentChar:
		if s == "" || c == segmentChar && s[0] == ':' {
			return false
		}
		_, size := utf8.DecodeRuneInString(s)
		return slowMatch(pattern[1:], s[size:])
	default:
		return s != "" && s[0] == c && slowMatch(pattern[1:], s[1:])
	}
}

// Every pattern of up to five parts over a small alphabet, against every text of up to five.
func TestMatchAgreesWithTryingEverything(t *testing.T) {
	patterns := words([]string{"a", ":", string([]byte{anyText}), string([]byte{segmentText}), string([]byte{segmentChar})}, 5)
	texts := words([]string{"a", "b", ":"}, 5)
	for _, pattern := range patterns {
		compiled := newPattern(pattern)
		for _, s := range texts {
			if got, want := compiled.matches(s), slowMatch(pattern, s); got != want {
				t.Fatalf("%q against %q: %v, want %v", pattern, s, got, want)
			}
		}
	}
}

func words(alphabet []string, length int) []string {
	all := []string{""}
	for from := 0; length > 0; length-- {
		to := len(all)
		for _, w := range all[from:to] {
			for _, letter := range alphabet {
				all = append(all, w+letter)
			}
		}
		from = to
	}
	return all
}

func TestWildcardsCountCharacters(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"?", "é", true},
		{"?", "日", true},
		{"??", "日", false},
		{"*??", "日", false},
		{"*??", "a日", true},
		{"*本", "日本", true},
	} {
		p := newLikePattern(c.pattern)
		if got := p.matches(c.text); got != c.want {
			t.Errorf("%s against %s: %v", c.pattern, c.text, got)
		}
	}
}
