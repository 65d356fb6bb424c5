package authz

import "strings"

// condition is one key under one operator of a Condition element.
type condition struct {
	operator string // as written
	key      string // as written; keyLower is what the context is asked for
	keyLower string

	test     test
	negated  bool
	ifExists bool
	set      setOperator
	values   []operand
}

// setOperator is the prefix that lets a condition look at a key with several values.
type setOperator int

const (
	single setOperator = iota
	forAllValues
	forAnyValue
)

// compileCondition compiles one key of one operator. Operators are case-sensitive, keys are not.
func compileCondition(operator, key string, values []string, variables bool) (condition, error) {
	c := condition{operator: operator, key: key, keyLower: strings.ToLower(key)}
	name := operator
	if rest, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
		name, c.set = rest, forAllValues
	} else if rest, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
		name, c.set = rest, forAnyValue
	}
	if rest, ok := strings.CutSuffix(name, "IfExists"); ok {
		name, c.ifExists = rest, true
	}
	known, ok := operators[name]
	if !ok || known.test == isNull && c.ifExists {
		return c, errSyntax
	}
	c.test, c.negated = known.test, known.negated
	c.values = make([]operand, len(values))
	for i, text := range values {
		c.values[i] = compileOperand(text, c.test, variables)
	}
	return c, nil
}

// holds decides the condition: values of a key are alternatives, and under a negated operator none may match. A key that
// the request does not have makes positive operators false and negated ones true ("IAM JSON policy elements: Condition
// operators").
func (c *condition) holds(e *evaluation) bool {
	values, present := e.lookup(c.keyLower)
	if c.set != single && onlyEmpty(values) {
		values = nil // "a null data set, such as an empty string"
	}
	if c.test == isNull {
		return c.nullHolds(!present || len(values) == 0)
	}
	if !present || len(values) == 0 {
		switch {
		case c.ifExists:
			return true
		case c.set == single:
			return c.negated
		}
		return c.set == forAllValues
	}
	// Each value of the request must satisfy the condition, or one is enough.
	every := c.set == forAllValues || c.set == single && c.negated
	for _, value := range values {
		if c.satisfiedBy(e, value) != every {
			return !every
		}
	}
	return every
}

// satisfiedBy decides the condition for one value of the request.
func (c *condition) satisfiedBy(e *evaluation, value string) bool {
	for i := range c.values {
		if c.values[i].accepts(e, c.test, value) {
			return !c.negated
		}
	}
	return c.negated
}

func (c *condition) nullHolds(null bool) bool {
	for i := range c.values {
		if c.values[i].valid && c.values[i].boolean == null {
			return true
		}
	}
	return false
}

func onlyEmpty(values []string) bool {
	for _, v := range values {
		if v != "" {
			return false
		}
	}
	return true
}
