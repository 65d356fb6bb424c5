package authz

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// member is one key of a JSON object. Objects are kept as lists, so that a duplicate key is seen and order is kept.
type member struct {
	key   string
	value any // object, []any, []string (a list of strings, not empty), string, json.Number, bool or nil
	// keyAt and at are where the key and the value begin in the text.
	keyAt, at int
}

type object []member

func (o object) get(key string) (any, bool) {
	if m := o.member(key); m != nil {
		return m.value, true
	}
	return nil, false
}

func (o object) member(key string) *member {
	for i := range o {
		if o[i].key == key {
			return &o[i]
		}
	}
	return nil
}

// Limits of a document, far beyond those of any policy of AWS's: a policy is five levels deep, and the longest one that
// AWS manages has some 100 KB.
const (
	maxDepth = 32
	maxText  = 1 << 20
)

// readJSON reads a text that is one JSON object, refusing duplicate keys ("Grammar of the IAM JSON policy language"). It
// is a reader of its own for the sake of the positions of what it reads, and of speed.
func readJSON(text string) (object, *SyntaxError) {
	r := reader{text: text}
	r.skipSpace()
	if len(text) > maxText || r.peek() != '{' {
		return nil, r.fault()
	}
	value, ok := r.value(0)
	if r.skipSpace(); !ok || r.at < len(text) {
		return nil, r.fault()
	}
	return value.(object), nil
}

// reader is at a place of a JSON text. Where a method finds a fault it leaves the reader at it.
type reader struct {
	text string
	at   int
	// members and values hold those of the objects and lists being read, which get exactly what they need in the end.
	members []member
	values  []any
	texts   []string
}

func (r *reader) fault() *SyntaxError { return syntaxErrorAt(r.at) }

// peek is the byte to read next, 0 at the end.
func (r *reader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *reader) skipSpace() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// skip reads c, with white space around it.
func (r *reader) skip(c byte) bool {
	r.skipSpace()
	if r.peek() != c {
		return false
	}
	r.at++
	r.skipSpace()
	return true
}

func (r *reader) value(depth int) (any, bool) {
	if depth > maxDepth {
		return nil, false
	}
	switch c := r.peek(); {
	case c == '{':
		return r.object(depth)
	case c == '[':
		return r.list(depth)
	case c == '"':
		return r.string()
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	}
	for word, value := range literals {
		if strings.HasPrefix(r.text[r.at:], word) {
			r.at += len(word)
			return value, true
		}
	}
	return nil, false
}

var literals = map[string]any{"true": true, "false": false, "null": nil}

func (r *reader) object(depth int) (any, bool) {
	start := len(r.members)
	var keys map[string]bool // of a large object; in a small one a search is faster
	r.skip('{')
	for more := !r.skip('}'); more; more = r.skip(',') {
		m := member{keyAt: r.at}
		var ok bool
		if m.key, ok = r.string(); !ok || !r.skip(':') {
			return nil, false
		}
		m.at = r.at
		if m.value, ok = r.value(depth + 1); !ok {
			return nil, false
		}
		before := object(r.members[start:])
		if keys == nil && len(before) > 16 {
			keys = map[string]bool{}
			for i := range before {
				keys[before[i].key] = true
			}
		}
		if keys[m.key] || keys == nil && before.member(m.key) != nil {
			r.at = m.keyAt
			return nil, false
		}
		if keys != nil {
			keys[m.key] = true
		}
		r.members = append(r.members, m)
		if r.skip('}') {
			break
		}
		if r.peek() != ',' {
			return nil, false
		}
	}
	o := slices.Clone(object(r.members[start:]))
	r.members = r.members[:start]
	return o, true
}

// strings reads a list of strings, as most lists are, without boxing each of them. ok is false for any other list, and the
// reader is where it was.
func (r *reader) strings() (list []string, ok bool) {
	start := r.at
	r.texts = r.texts[:0]
	r.skip('[')
	for {
		text, isString := r.string()
		if !isString {
			break
		}
		r.texts = append(r.texts, text)
		if r.skip(']') {
			return slices.Clone(r.texts), true
		}
		if !r.skip(',') {
			break
		}
	}
	r.at = start
	return nil, false
}

func (r *reader) list(depth int) (any, bool) {
	if list, ok := r.strings(); ok {
		return list, true
	}
	start := len(r.values)
	r.skip('[')
	for more := !r.skip(']'); more; more = r.skip(',') {
		value, ok := r.value(depth + 1)
		if !ok {
			return nil, false
		}
		r.values = append(r.values, value)
		if r.skip(']') {
			break
		}
		if r.peek() != ',' {
			return nil, false
		}
	}
	list := append([]any{}, r.values[start:]...)
	r.values = r.values[:start]
	return list, true
}

// string reads a string. Most are a part of the text as it is; escapes are encoding/json's to read.
func (r *reader) string() (string, bool) {
	if r.peek() != '"' {
		return "", false
	}
	start, plain := r.at, true
	for i := start + 1; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '\\':
			plain = false
			i++
		case c >= utf8.RuneSelf:
			plain = false
		case c < ' ':
			r.at = i
			return "", false
		case c == '"' && plain:
			r.at = i + 1
			return r.text[start+1 : i], true
		case c == '"':
			var s string
			if json.Unmarshal([]byte(r.text[start:i+1]), &s) != nil {
				return "", false
			}
			r.at = i + 1
			return s, true
		}
	}
	r.at = len(r.text)
	return "", false
}

func (r *reader) number() (any, bool) {
	end := r.at
	for end < len(r.text) && strings.IndexByte("0123456789+-.eE", r.text[end]) >= 0 {
		end++
	}
	number := r.text[r.at:end]
	if !json.Valid([]byte(number)) {
		return nil, false
	}
	r.at = end
	return json.Number(number), true
}
