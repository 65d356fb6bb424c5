// Package lint checks policies as IAM Access Analyzer does. Use [Validate] for its policy validation, whose findings carry
// AWS's issue codes and texts and the places in the document; [CheckAccessNotGranted], [CheckNoNewAccess] and
// [CheckNoPublicAccess] are its custom policy checks.
//
// It follows the "IAM policy validation check reference" of the IAM User Guide, as far as a check can be decided from the
// policy's text and the service reference. The package is pure.
package lint

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// PolicyType is what a policy is for.
type PolicyType string

// The policy types.
const (
	Identity PolicyType = "IDENTITY_POLICY"
	Resource PolicyType = "RESOURCE_POLICY"
	SCP      PolicyType = "SERVICE_CONTROL_POLICY"
	RCP      PolicyType = "RESOURCE_CONTROL_POLICY"
)

// The resource types that have checks of their own.
const (
	Bucket           = "AWS::S3::Bucket"
	AccessPoint      = "AWS::S3::AccessPoint"
	MultiRegion      = "AWS::S3::MultiRegionAccessPoint"
	ObjectLambda     = "AWS::S3ObjectLambda::AccessPoint"
	AssumeRolePolicy = "AWS::IAM::AssumeRolePolicyDocument"
	Table            = "AWS::DynamoDB::Table"
)

// Options say what a policy is.
type Options struct {
	Type PolicyType
	// ResourceType is, for a [Resource] policy, the type of what it is attached to: one of the constants above. Empty: the
	// checks for all resource policies; one whose actions are all of STS and that names no resource is a role's trust policy.
	ResourceType string
}

// FindingType is a finding's weight.
type FindingType string

// The finding types, heaviest first.
const (
	Error           FindingType = "ERROR"
	SecurityWarning FindingType = "SECURITY_WARNING"
	Warning         FindingType = "WARNING"
	Suggestion      FindingType = "SUGGESTION"
)

// Finding is one thing to improve in a policy.
type Finding struct {
	Type    FindingType
	Code    string // "MISSING_VERSION"
	Details string // what to do, in AWS's words
	Link    string // to the check's documentation
	// Locations are the places concerned, the first being the main one.
	Locations []Location
}

// Location is a place in a policy.
type Location struct {
	Path []PathElement
	Span Span
}

// PathElement is one step from the document to a place in it. One field is set: a nil Index, Key, Value and Substring do not
// occur together.
type PathElement struct {
	Index     *int       // of a list
	Key       *string    // a member's name itself
	Value     *string    // the value of the member with this name
	Substring *Substring // a part of a string
}

// Substring is a part of a string, in characters.
type Substring struct{ Start, Length int }

// Span is a part of the text; End is the place behind it.
type Span struct{ Start, End Position }

// Position is a place in the text. Lines are counted from 1, columns and offsets from 0, in UTF-16 code units.
type Position struct{ Line, Column, Offset int }

// String is the path as a person writes it: Statement[0].Action[1].
func (l Location) String() string {
	var b strings.Builder
	for _, e := range l.Path {
		switch {
		case e.Index != nil:
			fmt.Fprintf(&b, "[%d]", *e.Index)
		case e.Value != nil:
			fmt.Fprintf(&b, ".%s", *e.Value)
		case e.Key != nil:
			fmt.Fprintf(&b, ".%s", *e.Key)
		}
	}
	return strings.TrimPrefix(b.String(), ".")
}

// Validate returns the findings on the text of a policy in the order of their places. A text that is not JSON has one.
func Validate(text string, o Options) []Finding {
	l := &linter{Options: o, text: text, places: newPlaces(text)}
	document, err := parseJSON(text)
	if err != nil {
		l.syntaxError(err)
		return l.findings
	}
	l.document(document)
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return cmp.Compare(a.Locations[0].Span.Start.Offset, b.Locations[0].Span.Start.Offset)
	})
	return l.findings
}

// linter is one validation under way.
type linter struct {
	Options
	text      string
	places    *places
	variables bool // the document's version has policy variables
	trust     bool // the document is a role's trust policy
	findings  []Finding
}

// report adds a finding of an issue at places. args fill in the issue's text.
func (l *linter) report(i issue, at []place, args ...any) {
	f := Finding{Type: i.kind, Code: i.code, Details: fmt.Sprintf(i.text, args...), Link: i.link()}
	for _, p := range at {
		f.Locations = append(f.Locations, Location{Path: p.path(), Span: l.span(p.start, p.end)})
	}
	l.findings = append(l.findings, f)
}

// place is a node, a member's name, or a part of a string.
type place struct {
	node       *node
	key        string // set for the name of a member of node
	part       *Substring
	start, end int
}

func at(nodes ...*node) []place {
	var places []place
	for _, n := range nodes {
		places = append(places, place{node: n, start: n.start, end: n.end})
	}
	return places
}

// atKey is the name of a member.
func atKey(m *member) []place {
	return []place{{node: m.value.parent, key: m.key, start: m.start, end: m.end}}
}

// atPart is a part of a string, from byte i on.
func atPart(n *node, i, length int) []place {
	start, end := n.start, n.end
	if n.plain() { // otherwise escapes shift the text, and the whole string is the place
		start, end = n.start+1+i, n.start+1+i+length
	}
	part := &Substring{Start: units(n.text[:i]), Length: units(n.text[i : i+length])}
	return []place{{node: n, part: part, start: start, end: end}}
}

func (p place) path() []PathElement {
	path := p.node.path()
	if p.key != "" {
		path = append(path, PathElement{Key: &p.key})
	}
	if p.part != nil {
		path = append(path, PathElement{Substring: p.part})
	}
	return path
}

func (l *linter) span(start, end int) Span {
	return Span{Start: l.position(start), End: l.position(end)}
}

// position is the place of a byte.
func (l *linter) position(offset int) Position {
	return l.places.position(offset)
}

// places finds positions in a text.
type places struct {
	text  string
	lines []int // the byte at which each line begins
	units []int // of the text before every step-th byte
}

const step = 1 << 10

func newPlaces(text string) *places {
	p := &places{text: text, lines: []int{0}}
	n := 0
	for i, r := range text {
		for len(p.units)*step <= i {
			p.units = append(p.units, n)
		}
		if n++; r > 0xFFFF {
			n++
		}
		if r == '\n' {
			p.lines = append(p.lines, i+1)
		}
	}
	return p
}

func (p *places) position(offset int) Position {
	line := sort.SearchInts(p.lines, offset+1) - 1
	before := p.before(offset)
	return Position{Line: line + 1, Column: before - p.before(p.lines[line]), Offset: before}
}

// before counts the units of the text before a byte.
func (p *places) before(offset int) int {
	if len(p.units) == 0 {
		return 0
	}
	i := min(offset/step, len(p.units)-1)
	start := i * step
	for start > 0 && start < len(p.text) && !utf8.RuneStart(p.text[start]) {
		start++ // the character at the step's end was counted when it began
	}
	return p.units[i] + units(p.text[min(start, offset):offset])
}

// units counts UTF-16 code units, as the JSON parsers of consoles and of Java do.
func units(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

func (l *linter) syntaxError(err *jsonError) {
	if err.duplicate {
		p := place{node: &node{}, start: err.offset, end: err.end}
		l.report(jsonDuplicate, []place{p})
		return
	}
	p := l.position(err.offset)
	l.report(jsonSyntaxError, []place{{node: &node{}, start: err.offset, end: err.offset}}, p.Offset, p.Line, p.Column)
}
