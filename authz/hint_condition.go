package authz

import (
	"fmt"
	"strings"
)

// conditionMiss explains the first condition that does not hold; its sentence names the others too.
func (x *explainer) conditionMiss(s *statement, at *Attached) miss {
	var first miss
	more := 0
	for i := range s.conditions {
		c := &s.conditions[i]
		if c.holds(x.evaluation) {
			continue
		}
		if first.why == "" {
			first = x.oneConditionMiss(c, at)
		} else {
			more++
		}
	}
	if more > 0 {
		first.why += fmt.Sprintf(" %s not hold either.", upperFirst(count(more, "further condition does", "further conditions do")))
	}
	return first
}

func (x *explainer) oneConditionMiss(c *condition, at *Attached) miss {
	values, present := x.lookup(c.keyLower)
	m := miss{policy: c.words(), request: c.key + " is absent", closeness: 60}
	if present {
		m.request = fmt.Sprintf("%s is %s", c.key, valueWords(values))
	}
	switch {
	case c.test == isNull && present:
		m.why = fmt.Sprintf(`Null: "true" asks that the request has no %s, and it has.`, c.key)
	case c.test == isNull, !present || len(values) == 0:
		m.why = fmt.Sprintf("The request has no %s at all; this is not a wrong value.%s", c.key, x.absentKeyHint(c.keyLower))
	case c.negated:
		m.why = fmt.Sprintf("%s refuses this value.", c.operator)
	default:
		hint := x.valueHint(c, values, at)
		m.why, m.closeness, m.remedy = hint.why, hint.closeness, hint.remedy
	}
	return m
}

// words is a condition as it is written, in a line.
func (c *condition) words() string {
	list := make([]string, len(c.values))
	for i := range c.values {
		list[i] = c.values[i].text
	}
	return fmt.Sprintf("%s %s %s", c.operator, c.key, valueWords(list))
}

func valueWords(values []string) string {
	if len(values) == 0 {
		return "(no value)"
	}
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = fmt.Sprintf("%q", v)
	}
	return strings.Join(list, ", ")
}

// valueHint says how values miss those of a positive condition.
func (x *explainer) valueHint(c *condition, values []string, at *Attached) miss {
	for i := range c.values {
		o := &c.values[i]
		if !o.valid {
			return miss{why: fmt.Sprintf("%q cannot be read as %s needs it, so it matches nothing.", o.text, c.operator), closeness: 70}
		}
		if c.test == stringEquals || c.test == stringLike || c.test == arnMatches {
			if m, ok := x.variableMiss(&o.template, at, like, values[0]); ok {
				return m
			}
		}
		for _, value := range values {
			switch {
			case c.test == stringEquals && strings.ContainsAny(o.text, "*?") && matchPattern(likePattern(o.text), value):
				return miss{why: "StringEquals takes * and ? literally: StringLike reads them as wildcards.", closeness: 90}
			case (c.test == stringEquals || c.test == stringLike) && strings.EqualFold(o.text, value):
				return miss{why: fmt.Sprintf("The letters' case differs, and %s is case-sensitive.", c.operator), closeness: 85}
			}
		}
	}
	if c.set == forAllValues {
		return miss{why: "Not every value of the request is among the policy's.", closeness: 60}
	}
	switch {
	case c.test == inNetwork:
		return miss{why: "The address is in none of the policy's networks.", closeness: 60}
	case c.test >= numericEquals && c.test <= dateGreaterEquals:
		return miss{why: fmt.Sprintf("%s does not hold between the two.", c.operator), closeness: 60}
	}
	return miss{why: "The request's value is none of the policy's.", closeness: 60}
}

// absentKeyHint says when a key that people expect is there.
func (x *explainer) absentKeyHint(key string) string {
	switch {
	case key == "aws:multifactorauthpresent":
		return " It is there only with temporary credentials: sign in with MFA through sts:GetSessionToken or sts:AssumeRole " +
			"(SerialNumber and TokenCode); long-term access keys never carry it."
	case key == "sts:externalid":
		return " Pass --external-id with the call."
	case key == "aws:username":
		return " Only IAM users have it, and the requester is not one."
	case strings.HasPrefix(key, "aws:principaltag/"):
		return " The requester has no such tag."
	case strings.HasPrefix(key, "aws:requesttag/"):
		return " The call passes no such tag."
	case strings.HasPrefix(key, "aws:resourcetag/"), strings.HasPrefix(key, "s3:existingobjecttag/"):
		return " The resource has no such tag."
	case strings.HasPrefix(key, "s3:x-amz-"):
		return " The request does not send this header."
	case key == "s3:prefix" || key == "s3:delimiter" || key == "s3:max-keys":
		return " Only requests that list a bucket have it, and only when they pass it."
	case key == "aws:sourcevpce" || key == "aws:sourcevpc" || key == "aws:vpcsourceip":
		return " Only requests through a VPC endpoint have it."
	case key == "aws:tokenissuetime":
		return " Only temporary credentials have it."
	case key == "aws:principalorgid" || key == "aws:principalorgpaths":
		return " The requester's account is in no organization."
	}
	return ""
}
