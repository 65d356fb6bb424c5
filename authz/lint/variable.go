package lint

import "strings"

// variable is a ${…} in a text.
type variable struct {
	start, length int
	name          string // what is between the braces
	problem       *issue // nil: well-formed
}

// variables finds the policy variables of a text ("IAM policy elements: Variables and tags").
func variables(text string) []variable {
	var found []variable
	for i := 0; ; {
		n := strings.Index(text[i:], "${")
		if n < 0 {
			return found
		}
		i += n
		v := readVariable(text[i:])
		v.start = i
		found = append(found, v)
		i += v.length
	}
}

// readVariable reads the variable at the start of text.
func readVariable(text string) variable {
	end := strings.IndexByte(text, '}')
	name, value, hasDefault := strings.Cut(text[2:], ",")
	if value = strings.TrimLeft(value, " "); hasDefault && (end < 0 || len(name) < end) && strings.HasPrefix(value, "'") {
		// A default may hold a brace itself.
		quoted := len(text) - len(value)
		if closing := strings.IndexByte(text[quoted+1:], '\''); closing >= 0 {
			if brace := strings.IndexByte(text[quoted+1+closing:], '}'); brace >= 0 {
				end = quoted + 1 + closing + brace
			}
		}
	}
	if end < 0 {
		return variable{length: len(text), problem: &missingBraceInVariable}
	}
	v := variable{length: end + 1, name: text[2:end]}
	name, value, hasDefault = strings.Cut(v.name, ",")
	value = strings.TrimSpace(value)
	switch {
	case strings.TrimSpace(name) == "":
		v.problem = &emptyVariable
	case hasDefault && (len(value) < 2 || value[0] != '\'' || value[len(value)-1] != '\''):
		v.problem = &missingQuoteInVariable
	case strings.ContainsRune(name, ' ') && !strings.Contains(name, "/"): // a tag's key may have spaces
		v.problem = &unsupportedSpaceInVariable
	}
	return v
}

// checkVariables checks the variables of a text that may have some.
func (s *statement) checkVariables(n *node) {
	for _, v := range variables(n.text) {
		switch {
		case v.problem != nil:
			s.report(*v.problem, atPart(n, v.start, v.length))
		case !s.linter.variables:
			s.report(variableUnsupportedInVersion, atPart(n, v.start, v.length))
		}
	}
}

// noVariables checks an element that has none.
func (s *statement) noVariables(n *node) {
	for _, v := range variables(n.text) {
		s.report(variableUnsupportedInElement, atPart(n, v.start, v.length), n.text[v.start:v.start+v.length])
	}
}
