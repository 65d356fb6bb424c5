package main

import (
	"regexp"
	"strings"
)

// goRegexp translates a pattern from Java's syntax to that of Go's regexp, for a match of the whole string.
func goRegexp(java string) string {
	if re, ok := rewritten[java]; ok {
		return re
	}
	re := surrogates.Replace(java)
	return escape.ReplaceAllString(re, `\x{$1}`)
}

var escape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// surrogates repairs ranges that are written in a way that no syntax reads as meant: \u10000 is five digits.
var surrogates = strings.NewReplacer(`\u10000-\u10FFFF`, `\x{10000}-\x{10FFFF}`, `\uD7FF\uE000`, `\x{D7FF}\x{E000}`)

// rewritten are patterns with look-aheads, which Go has not: a hyphen is never followed by another.
var rewritten = map[string]string{
	`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`: `^[a-z0-9](-?[a-z0-9])+$`,
}
