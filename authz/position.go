package authz

import (
	"encoding/json"
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
	var spans []Span
	at := Position{Line: 1, Column: 1}
	d := json.NewDecoder(strings.NewReader(p.Text))
	statement := func() {
		before := advance(p.Text, at, int(d.InputOffset()))
		start := advance(p.Text, before, before.Offset+strings.IndexByte(p.Text[before.Offset:], '{'))
		var body json.RawMessage
		if d.Decode(&body) != nil {
			return // never: the text has been parsed
		}
		at = advance(p.Text, start, int(d.InputOffset()))
		spans = append(spans, Span{Start: start, End: at, Simulator: before})
	}
	d.Token() // the policy's brace
	for d.More() {
		key, _ := d.Token()
		if key != "Statement" {
			var skipped json.RawMessage
			if d.Decode(&skipped) != nil {
				return nil
			}
			continue
		}
		colon := strings.IndexByte(p.Text[d.InputOffset():], ':')
		if value := strings.TrimLeft(p.Text[int(d.InputOffset())+colon+1:], " \t\r\n"); !strings.HasPrefix(value, "[") {
			statement()
			spans[0].Simulator = advance(p.Text, spans[0].Start, spans[0].Start.Offset+1)
			return spans
		}
		d.Token()
		for moreIn(p.Text[d.InputOffset():]) {
			statement()
		}
		return spans
	}
	return spans
}

// moreIn reports whether another element of a list begins in text, which follows one.
func moreIn(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n,"), "{")
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
