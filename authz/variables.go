package authz

import "strings"

// template is the text of a resource or of a condition's value: a pattern, or, with policy variables, the pieces of one.
type template struct {
	text    string  // as written in the policy
	pattern pattern // when there are no variables
	pieces  []piece // when there are variables
	head    string  // what a text that matches pieces begins with
}

// piece is a part of a pattern, or a variable.
type piece struct {
	pattern    string
	key        string // of a variable, in lower case
	fallback   string
	hasDefault bool
}

// templateMode says how * and ? are read.
type templateMode int

const (
	literal  templateMode = iota // they are themselves (StringEquals)
	like                         // they are wildcards (StringLike)
	resource                     // wildcards of the Resource element
	arnLike                      // wildcards of ArnLike
)

// compileTemplate compiles text. Variables are read only where variables is true: under Version 2012-10-17 ("IAM policy
// elements: Variables and tags").
func compileTemplate(text string, mode templateMode, variables bool) template {
	t := template{text: text}
	if !needsReading(text, mode, variables) {
		t.pattern = newLikePattern(text)
		return t
	}
	pattern := make([]byte, 0, len(text))
	colons := 0
	for i := 0; i < len(text); i++ {
		// In a Resource a variable may replace only what follows the fifth colon of the ARN.
		if variables && text[i] == '$' && (mode != resource || colons >= 5) {
			if v, length, ok := readVariable(text[i:]); ok {
				if v.key == "" {
					pattern = append(pattern, v.pattern...)
				} else {
					t.pieces = append(t.pieces, piece{pattern: string(pattern)}, v)
					pattern = nil
				}
				i += length - 1
				continue
			}
		}
		c := text[i]
		if c == ':' {
			colons++
		}
		pattern = append(pattern, wildcardByte(text, i, mode, colons))
	}
	if t.pieces != nil {
		t.pieces = append(t.pieces, piece{pattern: string(pattern)})
		t.head = newPattern(t.pieces[0].pattern).head
		return t
	}
	t.pattern = newPattern(string(pattern))
	return t
}

// needsReading reports whether a text has variables, or wildcards other than a free star at its end.
func needsReading(text string, mode templateMode, variables bool) bool {
	i := strings.IndexAny(text, "*?$")
	switch {
	case i < 0:
		return false
	case text[i] == '*' && i == len(text)-1 && (mode == resource || mode == like):
		return false
	case text[i] == '$':
		return variables || needsReading(text[i+1:], mode, variables)
	}
	return true
}

// wildcardByte is the byte of a pattern for text[i], which follows so many colons.
func wildcardByte(text string, i int, mode templateMode, colons int) byte {
	c := text[i]
	if mode == literal || c != '*' && c != '?' {
		return c
	}
	inSegment := colons < 5 && mode != like
	// "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon
	// boundaries" ("IAM JSON policy elements: Resource"); ArnLike compares part by part.
	if c == '*' && mode == resource && (i+1 == len(text) || text[i+1] == ':') {
		inSegment = false
	}
	switch {
	case c == '*' && inSegment:
		return segmentText
	case c == '*':
		return anyText
	case inSegment:
		return segmentChar
	}
	return anyChar
}

// maxVariable bounds the search for a variable's end: the key of a tag has 128 characters, its value 256.
const maxVariable = 2048

// readVariable reads ${key}, ${key, 'default'}, ${*}, ${?} or ${$} at the start of text. The last three are a piece
// without a key. What is not a variable is ordinary text.
func readVariable(text string) (v piece, length int, ok bool) {
	if !strings.HasPrefix(text, "${") {
		return v, 0, false
	}
	text = text[:min(len(text), maxVariable)]
	end := strings.IndexByte(text, '}')
	if end < 0 {
		return v, 0, false
	}
	inner := text[2:end]
	if inner == "*" || inner == "?" || inner == "$" {
		return piece{pattern: inner}, end + 1, true
	}
	key, _, hasComma := strings.Cut(inner, ",")
	if hasComma {
		// A default may itself hold a closing brace, so the end is looked for behind its quotes.
		quoted := strings.TrimLeft(text[len("${"+key+","):], " ")
		if !strings.HasPrefix(quoted, "'") {
			return v, 0, false
		}
		value, after, closed := strings.Cut(quoted[1:], "'")
		after = strings.TrimLeft(after, " ")
		if !closed || !strings.HasPrefix(after, "}") {
			return v, 0, false
		}
		v.fallback, v.hasDefault = value, true
		end = len(text) - len(after)
	}
	v.key = strings.ToLower(strings.TrimSpace(key))
	if v.key == "" {
		return v, 0, false
	}
	return v, end + 1, true
}

// matches reports whether s matches t under the values of e. A variable without a value matches nothing.
func (t *template) matches(e *evaluation, s string) bool {
	if t.pieces == nil {
		return t.pattern.matches(s)
	}
	if !strings.HasPrefix(s, t.head) {
		return false
	}
	var buffer [256]byte
	pattern, ok := t.expand(e, buffer[:0])
	return ok && matchPattern(pattern, s)
}

// equalsFold is matches without regard to case, for literals.
func (t *template) equalsFold(e *evaluation, s string) bool {
	if t.pieces == nil {
		return strings.EqualFold(t.pattern.text, s)
	}
	var buffer [256]byte
	text, ok := t.expand(e, buffer[:0])
	return ok && strings.EqualFold(string(text), s)
}

// expand appends t's pattern to buffer with its variables replaced. ok is false if one has no value.
func (t *template) expand(e *evaluation, buffer []byte) (pattern []byte, ok bool) {
	for i := range t.pieces {
		if t.pieces[i].key == "" {
			buffer = append(buffer, t.pieces[i].pattern...)
			continue
		}
		value, resolved := t.pieces[i].value(e)
		if !resolved {
			return nil, false
		}
		buffer = append(buffer, value...)
	}
	return buffer, true
}

// value is the variable's value in the request. Only a key with exactly one value can stand in a text, and a default is
// for an absent key only. A value that is not UTF-8 could be taken for a wildcard, so it does not resolve.
func (v *piece) value(e *evaluation) (string, bool) {
	values, present := e.lookup(v.key)
	switch {
	case !present && v.hasDefault:
		return v.fallback, true
	case !present || len(values) != 1 || hasWildcard(values[0]):
		return "", false
	}
	return values[0], true
}
