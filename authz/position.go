package authz

import (
	"strings"
	"unicode/utf8"
)

// Position is a place in the text of a policy. Lines and columns count from 1, columns in characters.
type Position struct{ Offset, Line, Column int }

// Span is where a statement stands in the text of its policy.
type Span struct {
	Start, End Position // of its first byte, and behind its last
	// Simulator is where AWS's policy simulator says that the statement starts: behind whatever comes before it in the
	// list of statements, commas and white space not counted; behind its own brace, if the policy has no list.
	Simulator Position
}

// Spans returns where each statement stands in the policy's text. It reads the text again, so that what only enforces
// policies need not remember.
func (p *Policy) Spans() []Span {
	document, err := readJSON(p.Text)
	if err != nil {
		return nil // a Policy that Parse did not make
	}
	r := reader{text: p.Text, at: document.member("Statement").at}
	if r.peek() == '{' {
		start := advance(p.Text, Position{Line: 1, Column: 1}, r.at)
		return []Span{{Start: start, End: advance(p.Text, start, r.endOfValue()), Simulator: advance(p.Text, start, start.Offset+1)}}
	}
	r.at++
	var spans []Span
	at := advance(p.Text, Position{Line: 1, Column: 1}, r.at)
	for r.nextElement() {
		start := advance(p.Text, at, r.at)
		end := advance(p.Text, start, r.endOfValue())
		spans = append(spans, Span{Start: start, End: end, Simulator: at})
		at = end
	}
	return spans
}

// endOfValue reads a value that is known to be one, and returns where it ends.
func (r *reader) endOfValue() int {
	r.value(0)
	return len(strings.TrimRight(r.text[:r.at], " \t\r\n"))
}

// nextElement goes to the next element of a list of objects; it is false at the end.
func (r *reader) nextElement() bool {
	r.skipSpace()
	if r.peek() == ',' {
		r.at++
		r.skipSpace()
	}
	return r.peek() == '{'
}

// advance is the position of a later offset. A line ends with a line feed, a carriage return or both.
func advance(text string, from Position, offset int) Position {
	to := from
	for to.Offset < offset {
		c, size := utf8.DecodeRuneInString(text[to.Offset:])
		to.Offset += size
		switch {
		case c == '\n', c == '\r' && !strings.HasPrefix(text[to.Offset:], "\n"):
			to.Line, to.Column = to.Line+1, 1
		default:
			to.Column++
		}
	}
	return to
}
