package authz

import (
	"strings"
	"unicode/utf8"
)

// pattern is a compiled text with wildcards. Most have none, or one star at their end, and need no search.
type pattern struct {
	text string // with wildcard bytes; empty when headed
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
		p.text, p.form = "", headed
	}
	return p
}

// newLikePattern is newPattern of a text in which * and ? stand for anything.
func newLikePattern(text string) pattern {
	switch i := strings.IndexAny(text, "*?"); {
	case i < 0:
		return pattern{text: text, head: text, form: exactly}
	case i == len(text)-1 && text[i] == '*':
		return pattern{head: text[:i], form: headed}
	}
	return newPattern(likePattern(text))
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

// matchesFold is matches without regard to the case of ASCII letters.
func (p *pattern) matchesFold(s string) bool {
	switch {
	case !hasPrefixFold(s, p.head):
		return false
	case p.form == exactly:
		return len(s) == len(p.head)
	case p.form == headed:
		return true
	}
	return matchPatternFold(p.text[len(p.head):], s[len(p.head):])
}

// matchPatternFold is matchPattern without regard to the case of ASCII letters, for the names of actions, which are short
// and have no segments.
func matchPatternFold(pattern, s string) bool {
	p, i := 0, 0
	star, starI := -1, 0
	for p < len(pattern) || i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == anyText:
			p++
			star, starI = p, i
		case p < len(pattern) && i < len(s) && pattern[p] == anyChar:
			p, i = p+1, next(s, i)
		case p < len(pattern) && i < len(s) && lowerByte(pattern[p]) == lowerByte(s[i]):
			p, i = p+1, i+1
		case star >= 0 && starI < len(s):
			starI = next(s, starI)
			p, i = star, starI
		default:
			return false
		}
	}
	return true
}

func hasPrefixFold(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if s[i] != prefix[i] && lowerByte(s[i]) != lowerByte(prefix[i]) {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
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
// an earlier one could take, the later one can take as well. Behind a free star the next place where its literal text
// occurs is searched for, so that the time grows with the text and the wildcards, not with their product with the pattern.
func matchPattern[T string | []byte](pattern T, s string) bool {
	p, i := 0, 0
	free, freeI := -1, 0 // behind the last free star, and where its try began
	segment, segmentI := -1, 0
	run := 0 // length of the literal text behind the free star
	for p < len(pattern) || i < len(s) {
		if p < len(pattern) {
			switch c := pattern[p]; {
			case c == anyText:
				free, freeI, segment = p+1, i, -1
				run = literalLength(pattern[free:])
				if freeI = indexFrom(s, i, pattern[free:free+run]); freeI < 0 {
					return false
				}
				p, i = free+run, freeI+run
				continue
			case c == segmentText:
				p++
				segment, segmentI = p, i
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
		case segment >= 0 && segmentI < len(s) && s[segmentI] != ':':
			segmentI = next(s, segmentI)
			p, i = segment, segmentI
		case free >= 0 && freeI < len(s):
			if freeI = indexFrom(s, next(s, freeI), pattern[free:free+run]); freeI < 0 {
				return false
			}
			p, i, segment = free+run, freeI+run, -1
		default:
			return false
		}
	}
	return true
}

// literalLength is how far pattern goes without a wildcard.
func literalLength[T string | []byte](pattern T) int {
	n := 0
	for n < len(pattern) && pattern[n] < firstWildcard {
		n++
	}
	return n
}

// indexFrom is the index of text in s[from:], counted in s.
func indexFrom[T string | []byte](s string, from int, text T) int {
	i := strings.Index(s[from:], string(text))
	if i < 0 {
		return -1
	}
	return from + i
}

// next is the index of the character after the one at i.
func next(s string, i int) int {
	if s[i] < utf8.RuneSelf {
		return i + 1
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return i + size
}
