package wire

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// check holds an input of IAM or STS against the model's constraints. Its error lists all violations in AWS's words.
func check(m *Model, p *plan, v reflect.Value) error {
	c := checker{silent: m.Service == "iam"}
	c.structure(p, v, "")
	switch n := len(c.violations); {
	case n == 0 && c.invalid == "":
		return nil
	case n == 0:
		return awserr.ValidationError.Errorf("%s", c.invalid)
	case n == 1:
		return awserr.ValidationError.Errorf("1 validation error detected: %s", c.violations[0])
	default:
		return awserr.ValidationError.Errorf("%d validation errors detected: %s", n, strings.Join(c.violations, "; "))
	}
}

type checker struct {
	silent     bool // IAM's messages do not repeat values, as STS's do
	violations []string
	reasons    []string // of each violation, as Organizations names it
	// invalid is IAM's own message about a name or path. IAM looks at it when the model's other constraints are met.
	invalid string
}

func (c *checker) structure(p *plan, v reflect.Value, path string) {
	for i := range p.fields {
		f := &p.fields[i]
		at := path + f.message
		value, ok := f.of(v)
		switch {
		case ok:
			c.value(f.plan, value, at)
		case f.Flags.has(Required):
			c.violate(p, reflect.Value{}, at, "Member must not be null", "INPUT_REQUIRED")
		}
	}
}

func (c *checker) value(p *plan, v reflect.Value, at string) {
	switch p.Type {
	case Structure:
		c.structure(p, v, at+".")
		return
	case Map:
		if p.elem.Type == Structure {
			for _, key := range sortedKeys(v) {
				c.structure(p.elem, v.MapIndex(key), at+"."+key.String()+".member.")
			}
		}
		return
	}
	for _, constraint := range p.constraints {
		switch {
		case constraint.holds(v):
		case constraint.invalid != "":
			if c.invalid == "" {
				c.invalid = fmt.Sprintf(constraint.invalid, at[strings.LastIndexByte(at, '.')+1:])
			}
		default:
			c.violate(p, v, at, constraint.text, constraint.reason)
		}
	}
	if p.Type == List {
		c.elements(p, v, at)
	}
}

// elements checks a list's elements: structures each by itself, as tags.1.member.key, the others all at once.
func (c *checker) elements(p *plan, v reflect.Value, at string) {
	if p.elem.Type == Structure {
		for i := range v.Len() {
			c.structure(p.elem, v.Index(i), fmt.Sprintf("%s.%d.member.", at, i+1))
		}
		return
	}
	for i := range v.Len() {
		for _, constraint := range p.elem.constraints {
			if constraint.holds(v.Index(i)) {
				continue
			}
			var all []string
			for _, constraint := range p.elem.constraints {
				all = append(all, constraint.text)
			}
			if c.silent { // IAM's lists name this one as well
				all = append(all, "Member must not be null")
			}
			c.violate(p, v, at, "Member must satisfy constraint: ["+strings.Join(all, ", ")+"]", "INVALID_LIST_MEMBER")
			return
		}
	}
}

func (c *checker) violate(p *plan, v reflect.Value, at, text, reason string) {
	c.reasons = append(c.reasons, reason)
	value := "Value"
	switch {
	case c.silent, p.Flags.has(Sensitive):
	case !v.IsValid():
		value += " null"
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.String:
	default:
		value += " '" + display(v) + "'"
	}
	c.violations = append(c.violations, fmt.Sprintf("%s at '%s' failed to satisfy constraint: %s", value, at, text))
}

// display writes a value as messages show it: a list as [a, b].
func display(v reflect.Value) string {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String {
		items := make([]string, v.Len())
		for i := range items {
			items[i] = v.Index(i).String()
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return fmt.Sprint(v.Interface())
}

// constraint is one condition on a value.
type constraint struct {
	text    string
	reason  string
	invalid string // IAM's own message, with a place for the member's name
	holds   func(reflect.Value) bool
}

// constraintsOf compiles a shape's constraints, in the order in which messages list them.
func constraintsOf(m *Model, s *Shape) []constraint {
	var list []constraint
	add := func(reason string, holds func(reflect.Value) bool, format string, args ...any) {
		list = append(list, constraint{text: fmt.Sprintf(format, args...), reason: reason, holds: holds})
	}
	what, measure, short, long := "length", length, "MIN_LENGTH_EXCEEDED", "MAX_LENGTH_EXCEEDED"
	if s.Type == Integer || s.Type == Long {
		what, measure = "value", func(v reflect.Value) int64 { return v.Int() }
		short, long = "MIN_VALUE_EXCEEDED", "MAX_VALUE_EXCEEDED"
	}
	if s.Flags.has(HasMax) {
		add(long, func(v reflect.Value) bool { return measure(v) <= s.Max }, "Member must have %s less than or equal to %d", what, s.Max)
	}
	if s.Flags.has(HasMin) {
		add(short, func(v reflect.Value) bool { return measure(v) >= s.Min }, "Member must have %s greater than or equal to %d", what, s.Min)
	}
	if s.Pattern != "" {
		re := sync.OnceValue(s.compilePattern)
		add("INVALID_PATTERN", func(v reflect.Value) bool { return re().MatchString(v.String()) },
			"Member must satisfy regular expression pattern: %s", s.Pattern)
		if m.Service == "iam" {
			list[len(list)-1].invalid = invalidNames[s.Pattern]
		}
	}
	if len(s.Enum) > 0 {
		add("INVALID_ENUM", func(v reflect.Value) bool { return s.enumerates(v.String()) }, "Member must satisfy enum value set: [%s]", strings.Join(s.Enum, ", "))
	}
	return list
}

// invalidNames are the messages that IAM gives in place of two patterns.
var invalidNames = map[string]string{
	`[\w+=,.@-]+`: "The specified value for %s is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
	`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`: "The specified value for %s is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
}

func length(v reflect.Value) int64 {
	if v.Kind() == reflect.String {
		return int64(utf8.RuneCountInString(v.String()))
	}
	return int64(v.Len())
}

// compilePattern compiles the pattern for a match of the whole string. The generator has translated it.
func (s *Shape) compilePattern() *regexp.Regexp {
	re := s.Regexp
	if re == "" {
		re = s.Pattern
	}
	return regexp.MustCompile(`\A(?:` + re + `)\z`)
}
