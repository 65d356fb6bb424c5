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
	free, segment := noStar, noStar
	end := -1 // of the segment that i is in, once a star of it was met
	for p < len(pattern) || i < len(s) {
		if p < len(pattern) {
			switch c := pattern[p]; {
			case c == anyText:
				free, segment = starAt(pattern, p, i), noStar
				if p, i = seek(&free, pattern, s, i, len(s)); p < 0 {
					return false
				}
				continue
			case c == segmentText:
				segment = starAt(pattern, p, i)
				if end < i {
					end = segmentEnd(s, i)
				}
				if p, i = seek(&segment, pattern, s, i, end); p >= 0 {
					continue
				}
			case i < len(s) && (c == anyChar || c == segmentChar && s[i] != ':'):
				i, p = next(s, i), p+1
				continue
			case i < len(s) && c == s[i]:
				i, p = i+1, p+1
				continue
			}
		}
		if segment.p >= 0 && segment.i < end {
			if p, i = seek(&segment, pattern, s, next(s, segment.i), end); p >= 0 {
				continue
			}
		}
		segment, end = noStar, -1
		if free.p < 0 || free.i >= len(s) {
			return false
		}
		if p, i = seek(&free, pattern, s, next(s, free.i), len(s)); p < 0 {
			return false
		}
	}
	return true
}

// star is a star that was met: what follows it in the pattern, how much of that is literal text, and where in the text its
// latest try began.
type star struct {
	p, run, i int
}

var noStar = star{p: -1}

func starAt[T string | []byte](pattern T, p, i int) star {
	run := p + 1
	for run < len(pattern) && pattern[run] < firstWildcard {
		run++
	}
	return star{p + 1, run - p - 1, i}
}

// seek moves a star on to where its literal text occurs next: from a place on, beginning at most at the other. It returns
// what is behind that text in the pattern and in s; -1 means that there is none.
func seek[T string | []byte](at *star, pattern T, s string, from, last int) (p, i int) {
	found := strings.Index(s[from:min(len(s), last+at.run)], string(pattern[at.p:at.p+at.run]))
	if found < 0 {
		at.p = -1
		return -1, 0
	}
	at.i = from + found
	return at.p + at.run, at.i + at.run
}

// segmentEnd is where the segment of s that i is in ends.
func segmentEnd(s string, i int) int {
	if end := strings.IndexByte(s[i:], ':'); end >= 0 {
		return i + end
	}
	return len(s)
}

// next is the index of the character after the one at i.
func next(s string, i int) int {
	if s[i] < utf8.RuneSelf {
		return i + 1
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return i + size
}
