package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/authz/reference"
)

// condition is one key under one operator.
type condition struct {
	operator string // as written
	base     string // without qualifier and suffix
	set      string // "ForAllValues", "ForAnyValue" or ""
	ifExists bool
	key      string
	member   *member // of the key
	values   []*node
}

// operatorTypes are the types of keys that operators are made for.
var operatorTypes = map[string]reference.KeyType{
	"StringEquals": reference.String, "StringNotEquals": reference.String, "StringEqualsIgnoreCase": reference.String,
	"StringNotEqualsIgnoreCase": reference.String, "StringLike": reference.String, "StringNotLike": reference.String,
	"NumericEquals": reference.Numeric, "NumericNotEquals": reference.Numeric, "NumericLessThan": reference.Numeric,
	"NumericLessThanEquals": reference.Numeric, "NumericGreaterThan": reference.Numeric, "NumericGreaterThanEquals": reference.Numeric,
	"DateEquals": reference.Date, "DateNotEquals": reference.Date, "DateLessThan": reference.Date,
	"DateLessThanEquals": reference.Date, "DateGreaterThan": reference.Date, "DateGreaterThanEquals": reference.Date,
	"Bool": reference.Bool, "BinaryEquals": reference.Binary, "IpAddress": reference.IPAddress, "NotIpAddress": reference.IPAddress,
	"ArnEquals": reference.ARN, "ArnLike": reference.ARN, "ArnNotEquals": reference.ARN, "ArnNotLike": reference.ARN,
	"Null": reference.Bool,
}

func (c *condition) kind() reference.KeyType { return operatorTypes[c.base] }

// negated reports whether the operator excludes its values.
func (c *condition) negated() bool { return strings.Contains(c.base, "Not") }

// like reports whether the operator has wildcards.
func (c *condition) like() bool {
	return strings.HasSuffix(c.base, "Like") || c.kind() == reference.ARN
}

func (c *condition) strings() []*node {
	var list []*node
	for _, v := range c.values {
		if v.kind == text {
			list = append(list, v)
		}
	}
	return list
}

// readConditions reads the Condition element, reporting what has the wrong form.
func (s *statement) readConditions(n *node) []*condition {
	if n == nil || !s.is(n, object) {
		return nil
	}
	if len(n.members) == 0 {
		s.report(emptyObjectCondition, at(n))
	}
	var list []*condition
	for i := range n.members {
		operator := &n.members[i]
		c, known := s.readOperator(operator)
		if !s.is(operator.value, object) {
			continue
		}
		if len(operator.value.members) == 0 {
			s.report(emptyObjectCondition, at(operator.value))
		}
		s.sameKeys(operator.value)
		for i := range operator.value.members {
			m := &operator.value.members[i]
			one := c
			one.key, one.member, one.values = m.key, m, m.value.list()
			if s.valuesHaveForm(&one) && known {
				list = append(list, &one)
			}
		}
	}
	return list
}

func (s *statement) readOperator(m *member) (c condition, known bool) {
	c = condition{operator: m.key, base: m.key}
	if set, base, ok := strings.Cut(m.key, ":"); ok && (set == "ForAllValues" || set == "ForAnyValue") {
		c.set, c.base = set, base
	}
	c.base, c.ifExists = strings.CutSuffix(c.base, "IfExists")
	switch _, known = operatorTypes[c.base]; {
	case !known:
		s.report(invalidConditionOperator, atKey(m), m.key)
	case c.base == "Null" && c.ifExists:
		s.report(nullWithIfExists, atKey(m))
	case c.base == "Null" && c.set != "":
		s.report(nullWithQualifier, atKey(m))
	}
	return c, known
}

// sameKeys finds keys of an operator that differ by case alone.
func (s *statement) sameKeys(n *node) {
	first := map[string]*member{}
	for i := range n.members {
		m := &n.members[i]
		lower := strings.ToLower(m.key)
		if earlier := first[lower]; earlier != nil {
			s.report(duplicateKeysWithDifferentCase, append(atKey(m), atKey(earlier)...), m.key)
			continue
		}
		first[lower] = m
	}
}

// valuesHaveForm: values are strings, numbers or booleans, all of the same type.
func (s *statement) valuesHaveForm(c *condition) bool {
	for _, v := range c.values {
		if v.kind == object || v.kind == array || v.kind == null {
			s.report(dataTypeMismatch, at(v), text)
			return false
		}
	}
	if slices.ContainsFunc(c.values, func(v *node) bool { return v.kind != c.values[0].kind }) {
		s.report(invalidConditionDataType, at(c.member.value))
	}
	return true
}

// checkCondition checks one condition by itself.
func (s *statement) checkCondition(c *condition) {
	if len(c.values) == 0 {
		s.emptyCondition(c)
	}
	if (c.kind() == reference.Bool) && len(c.values) > 1 {
		s.report(invalidConditionMultipleBoolean, at(c.member.value))
	}
	for _, v := range c.strings() {
		s.checkVariables(v)
		if vs := variables(v.text); len(vs) > 0 && c.kind() != reference.String && c.kind() != reference.ARN {
			s.report(invalidVariableForOperator, atPart(v, vs[0].start, vs[0].length))
		}
	}
	if s.keyExists(c) {
		s.checkType(c)
	}
	s.checkValues(c)
}

func (s *statement) emptyCondition(c *condition) {
	i := emptyArrayCondition
	switch {
	case c.set == "ForAllValues":
		i = emptyArrayConditionForAllValues
	case c.set == "ForAnyValue":
		i = emptyArrayConditionForAnyValue
	case c.ifExists:
		i = emptyArrayConditionIfExists
	}
	s.report(i, at(c.member.value), c.key)
}

var keyFormat = regexp.MustCompile(`^[^:\s]+:[^\s:].*$`)

// keyExists looks a condition key up.
func (s *statement) keyExists(c *condition) bool {
	if _, ok := reference.Key(c.key); ok {
		return true
	}
	places := atKey(c.member)
	prefix, name, _ := strings.Cut(c.key, ":")
	if tag, ok := reference.TagKeyPrefix(c.key); ok {
		s.report(missingTagKeyInCondition, places, tag)
		return false
	}
	switch {
	case !keyFormat.MatchString(c.key):
		s.report(invalidConditionKeyFormat, places)
	case strings.EqualFold(c.key, "aws:ARN"):
		s.report(unsupportedGlobalConditionKey, places)
		s.report(deprecatedGlobalConditionKey, places)
	case strings.EqualFold(prefix, "aws"):
		s.report(invalidGlobalConditionKey, places, c.key)
	case strings.Contains(prefix, "."): // another provider's claim
	case !reference.IsKeyPrefix(prefix):
		s.report(invalidService, places, prefix)
	default:
		if _, ok := reference.Key(strings.TrimSuffix(c.key, "/") + "/tag-key"); ok && !strings.Contains(strings.TrimSuffix(name, "/"), "/") {
			s.report(missingTagKeyInCondition, places, strings.TrimSuffix(c.key, "/")+"/")
		} else {
			s.report(invalidServiceConditionKey, places, c.key, prefix)
		}
	}
	return false
}

// operatorNames are the operator types in the words of findings.
var operatorNames = map[reference.KeyType]string{
	reference.String: "String", reference.Numeric: "Numeric", reference.Date: "Date", reference.Bool: "Bool",
	reference.Binary: "Binary", reference.IPAddress: "IpAddress", reference.ARN: "Arn",
}

// checkType compares the operator with the type of the key.
func (s *statement) checkType(c *condition) {
	kind, _ := reference.Key(c.key)
	if c.base == "Null" {
		return
	}
	key, single := atKey(c.member), kind.Single()
	switch {
	case kind.Multivalued() && c.set == "":
		s.report(missingQualifier, key, c.key)
	case !kind.Multivalued() && c.set == "ForAllValues":
		s.report(forAllValuesWithSingleValuedKey, key, c.key)
	case !kind.Multivalued() && c.set == "ForAnyValue" && strings.HasSuffix(strings.ToLower(c.key), ":aud"):
		s.report(forAnyValueWithAudienceClaimType, key, c.key)
	case c.set == "" && hasOpenAudience(c.key):
		s.report(confirmAudienceClaimType, key)
	}
	switch {
	case single == reference.ARN && strings.HasPrefix(c.base, "String") && c.like():
		s.report(stringLikeOperatorWithARNConditionKeys, key, operatorNames[reference.ARN], c.operator, c.key)
	case !fits(c.kind(), single, c.key):
		s.report(typeMismatch, key, operatorNames[single], c.operator, c.key)
	}
}

// hasOpenAudience reports whether a key is the audience of an identity provider that puts one or several into its tokens as
// it likes; of those that AWS knows by name it is known to be one.
func hasOpenAudience(key string) bool {
	provider, isAudience := strings.CutSuffix(strings.ToLower(key), ":aud")
	switch provider {
	case "accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com", "saml":
		return false
	}
	return isAudience
}

// fits reports whether an operator of a type does for a key of a type. Strings hold ARNs and base64 as well, and an ARN can be
// compared as a string.
func fits(operator, key reference.KeyType, name string) bool {
	switch {
	case operator == key:
		return true
	case key == reference.String:
		return operator == reference.ARN || operator == reference.Binary
	case key == reference.ARN:
		return operator == reference.String
	case strings.EqualFold(name, "aws:EpochTime"):
		return operator == reference.Numeric
	}
	return false
}
