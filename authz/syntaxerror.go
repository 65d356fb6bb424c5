package authz

import (
	"strings"
	"unicode/utf8"
)

// SyntaxError is a policy that AWS would refuse. Message is AWS's text, such as "Syntax errors in policy." or "Policy
// document should not specify a principal."
type SyntaxError struct {
	Message string
	// Offset, in bytes, says where in the text the fault is; Line and Column count from 1, columns in characters. A fault
	// of something that is missing is where it should be: at its statement, or at the document.
	Offset, Line, Column int
}

func (e *SyntaxError) Error() string { return e.Message }

// errSyntax is a fault of the value that is being read, whose position its reader does not know; see at.
var errSyntax = &SyntaxError{Message: "Syntax errors in policy."}

const legacyParsing = "The policy failed legacy parsing"

func syntaxErrorAt(offset int) *SyntaxError {
	return faultAt(offset, errSyntax.Message)
}

// at gives err the position of the value that it is about, if it has none.
func at(err error, offset int) error {
	if err == error(errSyntax) {
		return syntaxErrorAt(offset)
	}
	return err
}

// in returns err with its line and column in text.
func (e *SyntaxError) in(text string) *SyntaxError {
	before := text[:min(e.Offset, len(text))]
	placed := *e
	placed.Line = 1 + strings.Count(before, "\n")
	placed.Column = 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return &placed
}

// fault is what a check finds wrong with a policy that could be compiled: the statement, its element ("" for the statement
// itself), and the entry of the element's list.
type fault struct {
	message        string
	statement      int
	element, entry string
}

// fault is one of the statement's.
func (s *statement) fault(element, entry, message string) *fault {
	return &fault{message, s.index, element, entry}
}

// in returns f as an error, with its position in text. A policy keeps no positions, so the text is read once more.
func (f *fault) in(text string) *SyntaxError {
	return (&SyntaxError{Message: f.message, Offset: f.offset(text)}).in(text)
}

func (f *fault) offset(text string) int {
	document, err := readJSON(text)
	if err != nil {
		return err.Offset
	}
	list := document.member("Statement")
	if f.statement < 0 || list == nil {
		if version := document.member("Version"); version != nil && f.element == "Version" {
			return version.at
		}
		return 0
	}
	statement := valuesAt(text, list.at)[f.statement]
	element := statement.value.(object).member(f.element)
	if element == nil {
		element = statement.value.(object).member("Not" + f.element)
	}
	if element == nil {
		return statement.at
	}
	for _, entry := range valuesAt(text, element.at) {
		if entry.value == any(f.entry) {
			return entry.at
		}
	}
	return element.at
}

// valuesAt are the values of the list at an offset of a valid text, each with its offset, or the value there that is no list.
func valuesAt(text string, offset int) []member {
	r := reader{text: text, at: offset}
	if r.peek() != '[' {
		value, _ := r.value(0)
		return []member{{value: value, at: offset}}
	}
	var all []member
	for more := r.skip('['); more && r.peek() != ']'; more = r.skip(',') {
		m := member{at: r.at}
		m.value, _ = r.value(0)
		all = append(all, m)
	}
	return all
}
