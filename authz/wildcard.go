package authz

import (
	"strings"
	"unicode/utf8"
)

// pattern is a compiled text with wildcards. Most have none, or one star at their end, and need no search.
type pattern struct {
	text string // with wildcard bytes
	head string // what precedes the first wildcard
	form form
}

type form int

const (
	exactly form = iota // no wildcards
	headed              // head and a free star
	general
)

func newPattern(text string) pattern {
	i := 0
	for i < len(text) && text[i] < firstWildcard {
		i++
	}
	p := pattern{text: text, head: text[:i], form: general}
	switch {
	case i == len(text):
		p.form = exactly
	case i == len(text)-1 && text[i] == anyText:
		p.form = headed
	}
	return p
}

func (p *pattern) matches(s string) bool {
	switch p.form {
	case exactly:
		return p.text == s
	case headed:
		return strings.HasPrefix(s, p.head)
	}
	return strings.HasPrefix(s, p.head) && matchPattern(p.text[len(p.head):], s[len(p.head):])
}

// A pattern's text is text in which wildcards are bytes that never occur in UTF-8, so that a policy variable's value can be put
// in without its own * and ? becoming wildcards.
const (
	anyText     = 0xFF // * : any text, also none
	anyChar     = 0xFE // ? : one character
	segmentText = 0xFD // * that does not cross a colon
	segmentChar = 0xFC // ? that is not a colon
)

// firstWildcard is the lowest of the wildcard bytes.
const firstWildcard = segmentChar

// hasWildcard reports whether text holds a wildcard byte.
func hasWildcard(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] >= firstWildcard {
			return true
		}
	}
	return false
}

// likePattern makes a pattern of text in which * and ? stand for anything.
func likePattern(text string) string {
	if !strings.ContainsAny(text, "*?") {
		return text
	}
	b := []byte(text)
	for i, c := range b {
		switch c {
		case '*':
			b[i] = anyText
		case '?':
			b[i] = anyChar
		}
	}
	return string(b)
}

// matchPattern reports whether all of s matches pattern. Only the last star of each kind can need another try: whatever
// an earlier one could take, the later one can take as well.
func matchPattern[T string | []byte](pattern T, s string) bool {
	p, i := 0, 0
	freeP, freeI := -1, 0
	segP, segI := -1, 0
	for p < len(pattern) || i < len(s) {
		if p < len(pattern) {
			switch c := pattern[p]; {
			case c == anyText:
				p++
				freeP, freeI, segP = p, i, -1
				continue
			case c == segmentText:
				p++
				segP, segI = p, i
				continue
			case i < len(s) && (c == anyChar || c == segmentChar && s[i] != ':'):
				i, p = next(s, i), p+1
				continue
			case i < len(s) && c == s[i]:
				i, p = i+1, p+1
				continue
			}
		}
		switch {
		case segP >= 0 && segI < len(s) && s[segI] != ':':
			segI = next(s, segI)
			p, i = segP, segI
		case freeP >= 0 && freeI < len(s):
			freeI = next(s, freeI)
			p, i, segP = freeP, freeI, -1
		default:
			return false
		}
	}
	return true
}

// next is the index of the character after the one at i.
func next(s string, i int) int {
	if s[i] < utf8.RuneSelf {
		return i + 1
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return i + size
}
