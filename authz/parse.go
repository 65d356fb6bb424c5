package authz

import (
	"encoding/json"
	"slices"
	"strings"
)

// stringList reads an element that is one string or a list of strings.
func stringList(value any) ([]string, error) {
	switch v := value.(type) {
	case string:
		return []string{v}, nil
	case []string:
		return v, nil
	case []any:
		if len(v) == 0 {
			return nil, nil
		}
	}
	return nil, errSyntax
}

// compile turns text into a policy. Names of elements are case-sensitive. The error has an offset, not yet a line.
func compile(text string) (*Policy, *SyntaxError) {
	document, wrong := readJSON(text)
	if wrong != nil {
		return nil, wrong
	}
	p := &Policy{Text: text, version: version2008}
	var statements []any
	statementsAt := 0
	for _, m := range document {
		isValid := true
		switch m.key {
		case "Version":
			p.version, _ = m.value.(string)
			isValid = p.version == version2008 || p.version == version2012
		case "Id":
			_, isValid = m.value.(string)
		case "Statement":
			statementsAt = m.at
			if list, isList := m.value.([]any); isList {
				statements = list
			} else {
				statements = []any{m.value}
			}
		default:
			return nil, syntaxErrorAt(m.keyAt)
		}
		if !isValid {
			return nil, syntaxErrorAt(m.at)
		}
	}
	if len(statements) == 0 {
		return nil, syntaxErrorAt(0)
	}
	p.statements = make([]statement, 0, len(statements))
	for i, value := range statements {
		s, err := compileStatement(value, p.version == version2012)
		if err != nil {
			return nil, at(err, valuesAt(text, statementsAt)[i].at).(*SyntaxError)
		}
		s.index = i
		p.statements = append(p.statements, s)
	}
	p.index()
	return p, nil
}

func compileStatement(value any, variables bool) (statement, error) {
	var s statement
	o, isObject := value.(object)
	if !isObject {
		return s, errSyntax
	}
	for _, m := range o {
		if err := s.setElement(m, variables); err != nil {
			return s, at(err, m.at)
		}
	}
	switch {
	case s.effect != "Allow" && s.effect != "Deny":
		// The value of Effect is case-sensitive ("IAM JSON policy elements: Effect"); any other writing of the two words
		// fails at a later step of IAM's than its grammar does.
		effect := o.member("Effect")
		if effect == nil {
			return s, errSyntax
		}
		if strings.EqualFold(s.effect, "Allow") || strings.EqualFold(s.effect, "Deny") {
			return s, &SyntaxError{Message: legacyParsing, Offset: effect.at}
		}
		return s, syntaxErrorAt(effect.at)
	case both(o, "Principal", "NotPrincipal"), both(o, "Action", "NotAction"), both(o, "Resource", "NotResource"):
		return s, errSyntax
	}
	return s, nil
}

func both(o object, a, b string) bool {
	_, hasA := o.get(a)
	_, hasB := o.get(b)
	return hasA && hasB
}

// setElement compiles one element into s.
func (s *statement) setElement(m member, variables bool) (err error) {
	var ok bool
	switch m.key {
	case "Sid":
		if s.sid, ok = m.value.(string); !ok {
			return errSyntax
		}
	case "Effect":
		if s.effect, ok = m.value.(string); !ok {
			return errSyntax
		}
	case "Principal", "NotPrincipal":
		s.notPrincipal = m.key == "NotPrincipal"
		s.principals, err = compilePrincipals(m.value)
	case "Action", "NotAction":
		var list []string
		if list, err = stringList(m.value); err == nil {
			s.actions = compileActions(list, m.key == "NotAction")
		}
	case "Resource", "NotResource":
		var list []string
		if list, err = stringList(m.value); err == nil {
			s.resources = compileResources(list, m.key == "NotResource", variables)
		}
	case "Condition":
		s.conditions, err = compileConditions(m.value, variables)
	default:
		return syntaxErrorAt(m.keyAt)
	}
	return err
}

func compileConditions(value any, variables bool) ([]condition, error) {
	operators, isObject := value.(object)
	if !isObject {
		return nil, errSyntax
	}
	var conditions []condition
	for _, operator := range operators {
		keys, isObject := operator.value.(object)
		if !isObject {
			return nil, syntaxErrorAt(operator.at)
		}
		for _, key := range keys {
			values, err := conditionValues(key.value)
			if err != nil {
				return nil, at(err, key.at)
			}
			c, err := compileCondition(operator.key, key.key, values, variables)
			if err != nil {
				return nil, at(err, operator.keyAt)
			}
			conditions = append(conditions, c)
		}
	}
	return conditions, nil
}

// conditionValues reads strings, numbers and booleans; quotation marks are optional for the latter two.
func conditionValues(value any) ([]string, error) {
	if texts, err := stringList(value); err == nil {
		return texts, nil
	}
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	values := make([]string, 0, len(list))
	for _, item := range list {
		switch v := item.(type) {
		case string:
			values = append(values, v)
		case json.Number:
			values = append(values, v.String())
		case bool:
			if v {
				values = append(values, "true")
			} else {
				values = append(values, "false")
			}
		default:
			return nil, errSyntax
		}
	}
	return slices.Clip(values), nil
}
