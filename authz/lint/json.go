package lint

import (
	"encoding/json"
	"fmt"
	"strings"
)

// kind is the type of a JSON value, as findings name it.
type kind string

const (
	object  kind = "Object"
	array   kind = "Array"
	text    kind = "String"
	number  kind = "Number"
	boolean kind = "Boolean"
	null    kind = "Null"
)

// node is a JSON value that knows where it stands.
type node struct {
	kind       kind
	text       string // of a string: decoded; of a number, boolean or null: as written
	members    []member
	items      []*node
	start, end int // bytes of the document

	parent *node
	name   string // in parent, when that is an object
	index  int    // in parent, when that is an array
}

// member is a name and a value of an object.
type member struct {
	key        string
	value      *node
	start, end int // of the name
}

// get returns the value of a member, nil for none.
func (n *node) get(key string) *node {
	if m := n.member(key); m != nil {
		return m.value
	}
	return nil
}

func (n *node) member(key string) *member {
	if n == nil {
		return nil
	}
	for i := range n.members {
		if n.members[i].key == key {
			return &n.members[i]
		}
	}
	return nil
}

// list returns the items of an array, or the value itself where one may stand for a list.
func (n *node) list() []*node {
	switch {
	case n == nil:
		return nil
	case n.kind == array:
		return n.items
	}
	return []*node{n}
}

// plain reports whether the string has no escapes, so that its text is where it seems.
func (n *node) plain() bool { return n.kind == text && n.end-n.start == len(n.text)+2 }

func (n *node) path() []PathElement {
	if n.parent == nil {
		return nil
	}
	path := n.parent.path()
	if n.parent.kind == array {
		return append(path, PathElement{Index: &n.index})
	}
	return append(path, PathElement{Value: &n.name})
}

// jsonError is a fault of syntax; a duplicate name is one of its own kind.
type jsonError struct {
	offset, end int
	duplicate   bool
}

func (e *jsonError) Error() string { return fmt.Sprintf("JSON syntax error at byte %d", e.offset) }

// maxDepth bounds nesting; a policy needs six levels.
const maxDepth = 64

// parseJSON reads a document.
func parseJSON(text string) (*node, *jsonError) {
	p := &parser{text: text}
	n := p.value(0)
	p.space()
	if p.err == nil && p.i < len(text) {
		p.fail(p.i)
	}
	if p.err != nil {
		return nil, p.err
	}
	return n, nil
}

// parser reads text from i on. After an error its methods do nothing.
type parser struct {
	text string
	i    int
	err  *jsonError
}

func (p *parser) fail(at int) {
	if p.err == nil {
		p.err = &jsonError{offset: min(at, len(p.text))}
	}
}

func (p *parser) space() {
	for p.i < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.i]) >= 0 {
		p.i++
	}
}

// accept reads c, after white space, if it is next.
func (p *parser) accept(c byte) bool {
	p.space()
	if p.err != nil || p.i == len(p.text) || p.text[p.i] != c {
		return false
	}
	p.i++
	return true
}

func (p *parser) expect(c byte) {
	if !p.accept(c) {
		p.fail(p.i)
	}
}

func (p *parser) value(depth int) *node {
	p.space()
	n := &node{start: p.i}
	switch {
	case p.err != nil:
	case p.i == len(p.text) || depth > maxDepth:
		p.fail(p.i)
	case p.text[p.i] == '{':
		p.object(n, depth)
	case p.text[p.i] == '[':
		p.array(n, depth)
	case p.text[p.i] == '"':
		n.kind, n.text = text, p.string()
	default:
		p.literal(n)
	}
	n.end = p.i
	return n
}

func (p *parser) object(n *node, depth int) {
	n.kind = object
	p.expect('{')
	if p.accept('}') {
		return
	}
	seen := map[string]bool{}
	for p.err == nil {
		p.space()
		start := p.i
		key := p.string()
		if p.err == nil && seen[key] {
			p.err = &jsonError{offset: start, end: p.i, duplicate: true}
		}
		seen[key] = true
		m := member{key: key, start: start, end: p.i}
		p.expect(':')
		m.value = p.value(depth + 1)
		m.value.parent, m.value.name = n, key
		n.members = append(n.members, m)
		if !p.accept(',') {
			break
		}
	}
	p.expect('}')
}

func (p *parser) array(n *node, depth int) {
	n.kind = array
	p.expect('[')
	if p.accept(']') {
		return
	}
	for p.err == nil {
		item := p.value(depth + 1)
		item.parent, item.index = n, len(n.items)
		n.items = append(n.items, item)
		if !p.accept(',') {
			break
		}
	}
	p.expect(']')
}

// string reads a string in quotation marks.
func (p *parser) string() string {
	start := p.i
	if p.i == len(p.text) || p.text[p.i] != '"' {
		p.fail(p.i)
		return ""
	}
	for p.i++; p.i < len(p.text); p.i++ {
		switch c := p.text[p.i]; {
		case c == '\\':
			p.i++
		case c < ' ':
			p.fail(p.i)
			return ""
		case c == '"':
			p.i++
			var s string
			if json.Unmarshal([]byte(p.text[start:p.i]), &s) != nil {
				p.fail(start)
			}
			return s
		}
	}
	p.fail(p.i)
	return ""
}

// literal reads a number, true, false or null.
func (p *parser) literal(n *node) {
	end := p.i
	for end < len(p.text) && strings.IndexByte(" \t\r\n,:]}[{\"", p.text[end]) < 0 {
		end++
	}
	n.text = p.text[p.i:end]
	switch {
	case n.text == "true", n.text == "false":
		n.kind = boolean
	case n.text == "null":
		n.kind = null
	case json.Valid([]byte(n.text)):
		n.kind = number
	default:
		p.fail(p.i)
	}
	p.i = end
}
