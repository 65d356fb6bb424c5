package authz

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// member is one key of a JSON object. Objects are kept as lists, so that a duplicate key is seen and order is kept.
type member struct {
	key   string
	value any // object, []any, string, json.Number, bool or nil
}

type object []member

func (o object) get(key string) (any, bool) {
	for _, m := range o {
		if m.key == key {
			return m.value, true
		}
	}
	return nil, false
}

// maxDepth is far beyond a policy's own depth, five.
const maxDepth = 32

var (
	errSyntax        = &SyntaxError{"Syntax errors in policy."}
	errLegacyParsing = &SyntaxError{"The policy failed legacy parsing"}
)

// readJSON reads one JSON object, refusing duplicate keys ("Grammar of the IAM JSON policy language").
func readJSON(text string) (object, error) {
	if !json.Valid([]byte(text)) {
		return nil, errSyntax
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	value, err := readValue(d, 0)
	if err != nil {
		return nil, errSyntax
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errSyntax
	}
	o, isObject := value.(object)
	if !isObject {
		return nil, errSyntax
	}
	return o, nil
}

func readValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	delim, isDelim := token.(json.Delim)
	if !isDelim {
		return token, nil
	}
	if depth >= maxDepth {
		return nil, errSyntax
	}
	if delim == '[' {
		list := []any{}
		for d.More() {
			value, err := readValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := d.Token()
		return list, err
	}
	o := object{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := readValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		name := key.(string)
		if _, duplicate := o.get(name); duplicate {
			return nil, errSyntax
		}
		o = append(o, member{name, value})
	}
	_, err = d.Token()
	return o, err
}

// stringList reads an element that is one string or a list of strings.
func stringList(value any) ([]string, error) {
	switch v := value.(type) {
	case string:
		return []string{v}, nil
	case []any:
		list := make([]string, 0, len(v))
		for _, item := range v {
			text, isString := item.(string)
			if !isString {
				return nil, errSyntax
			}
			list = append(list, text)
		}
		return list, nil
	}
	return nil, errSyntax
}

// compile turns text into a policy. Names of elements are case-sensitive.
func compile(text string) (*Policy, error) {
	document, err := readJSON(text)
	if err != nil {
		return nil, err
	}
	p := &Policy{Text: text, version: version2008}
	var statements []any
	for _, m := range document {
		switch m.key {
		case "Version":
			version, _ := m.value.(string)
			if version != version2008 && version != version2012 {
				return nil, errSyntax
			}
			p.version = version
		case "Id":
			if _, isString := m.value.(string); !isString {
				return nil, errSyntax
			}
		case "Statement":
			switch v := m.value.(type) {
			case object:
				statements = []any{v}
			case []any:
				statements = v
			default:
				return nil, errSyntax
			}
		default:
			return nil, errSyntax
		}
	}
	if len(statements) == 0 {
		return nil, errSyntax
	}
	for i, value := range statements {
		o, isObject := value.(object)
		if !isObject {
			return nil, errSyntax
		}
		s, err := compileStatement(o, p.version == version2012)
		if err != nil {
			return nil, err
		}
		s.index = i
		p.statements = append(p.statements, s)
	}
	p.index()
	return p, nil
}

func compileStatement(o object, variables bool) (statement, error) {
	var s statement
	for _, m := range o {
		if err := s.setElement(m, variables); err != nil {
			return s, err
		}
	}
	switch {
	case s.effect != "Allow" && s.effect != "Deny":
		// The value of Effect is case-sensitive ("IAM JSON policy elements: Effect"); any other writing of the two words
		// fails at a later step of IAM's than its grammar does.
		if strings.EqualFold(s.effect, "Allow") || strings.EqualFold(s.effect, "Deny") {
			return s, errLegacyParsing
		}
		return s, errSyntax
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
		return errSyntax
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
			return nil, errSyntax
		}
		for _, key := range keys {
			values, err := conditionValues(key.value)
			if err != nil {
				return nil, err
			}
			c, err := compileCondition(operator.key, key.key, values, variables)
			if err != nil {
				return nil, err
			}
			conditions = append(conditions, c)
		}
	}
	return conditions, nil
}

// conditionValues reads strings, numbers and booleans; quotation marks are optional for the latter two.
func conditionValues(value any) ([]string, error) {
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
