package lint

import "strings"

// includes reports whether every text that matches the pattern b matches the pattern a. Both may hold * and ?. It may say no
// where it is so, of patterns whose wildcards lie oddly, never yes where it is not.
func includes(a, b string) bool {
	a, b = tidy(a), tidy(b)
	// The pattern b is matched like a text: its * can only be taken by a * of a, its ? by a ? or a *.
	i, j, star, mark := 0, 0, -1, 0
	for j < len(b) {
		switch {
		case i < len(a) && a[i] == '*':
			star, mark = i, j
			i++
		case i < len(a) && b[j] != '*' && (a[i] == b[j] || a[i] == '?'):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(a) && a[i] == '*' {
		i++
	}
	return i == len(a)
}

// tidy brings runs of wildcards into one order: *? and ?* say the same.
func tidy(pattern string) string {
	if !strings.Contains(pattern, "*?") && !strings.Contains(pattern, "**") {
		return pattern
	}
	var b strings.Builder
	for i := 0; i < len(pattern); {
		j, star := i, false
		for j < len(pattern) && (pattern[j] == '*' || pattern[j] == '?') {
			if pattern[j] == '*' {
				star = true
			} else {
				b.WriteByte('?')
			}
			j++
		}
		if star {
			b.WriteByte('*')
		}
		if j == i {
			b.WriteByte(pattern[i])
			j++
		}
		i = j
	}
	return b.String()
}

// overlap reports whether some text matches both patterns.
func overlap(a, b string) bool {
	if i, j := strings.IndexAny(a, "*?"), strings.IndexAny(b, "*?"); i < 0 && j < 0 {
		return a == b
	} else if n := min(prefix(a, i), prefix(b, j)); a[:n] != b[:n] {
		return false
	}
	// reach[j] says that a[:i] and b[:j] can match the same text.
	reach := make([]bool, len(b)+1)
	reach[0] = true
	for j := 1; j <= len(b) && b[j-1] == '*'; j++ {
		reach[j] = true
	}
	for i := 1; i <= len(a); i++ {
		diagonal := reach[0]
		reach[0] = reach[0] && a[i-1] == '*'
		for j := 1; j <= len(b); j++ {
			up := reach[j]
			if x, y := a[i-1], b[j-1]; x == '*' || y == '*' {
				reach[j] = up || reach[j-1]
			} else {
				reach[j] = diagonal && (x == y || x == '?' || y == '?')
			}
			diagonal = up
		}
	}
	return reach[len(b)]
}

// prefix is the length of a pattern's text before its first wildcard, given its place.
func prefix(pattern string, wildcard int) int {
	if wildcard < 0 {
		return len(pattern)
	}
	return wildcard
}

// includesARN is includes for resources. A * within a part of an ARN does not cross its colons, so parts are compared with
// parts ("IAM JSON policy elements: Resource").
func includesARN(a, b string) bool {
	if a == "*" || a == b {
		return true
	}
	as, bs := strings.SplitN(a, ":", 6), strings.SplitN(b, ":", 6)
	if len(as) < 6 || len(bs) < 6 {
		return false
	}
	for i := range as {
		if !includes(as[i], bs[i]) {
			return false
		}
	}
	return true
}

func hasWildcard(text string) bool { return strings.ContainsAny(text, "*?") }
