package lint

import (
	"slices"
	"strings"
)

// statement is a statement under its checks.
type statement struct {
	*linter
	node   *node
	effect string // "Allow", "Deny", or "" for neither

	// The elements, nil when absent; not tells which of the pair there is. The lists hold their strings.
	principal, action, resource          *node
	notPrincipal, notAction, notResource bool
	actions, resources                   []*node
	conditions                           []*condition
}

var statementElements = []string{
	"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}

// newStatement reads the elements. What is of a wrong type is reported and left out.
func (l *linter) newStatement(n *node) *statement {
	s := &statement{linter: l, node: n}
	if e := n.get("Effect"); e != nil && (e.text == "Allow" || e.text == "Deny") {
		s.effect = e.text
	}
	s.principal, s.notPrincipal = s.either("Principal")
	s.action, s.notAction = s.either("Action")
	s.resource, s.notResource = s.either("Resource")
	s.actions = s.strings(s.action)
	s.resources = s.strings(s.resource)
	s.conditions = s.readConditions(n.get("Condition"))
	return s
}

// either returns an element or its opposite.
func (s *statement) either(name string) (element *node, not bool) {
	positive, negative := s.node.get(name), s.node.get("Not"+name)
	if positive == nil && negative != nil {
		return negative, true
	}
	return positive, false
}

// strings returns the strings of an element that is one or a list of them.
func (s *statement) strings(element *node) []*node {
	var list []*node
	for _, item := range element.list() {
		if s.is(item, text) {
			list = append(list, item)
		}
	}
	return list
}

func (s *statement) allows() bool { return s.effect == "Allow" }
func (s *statement) denies() bool { return s.effect == "Deny" }

// isEmpty reports whether an element is an empty list.
func isEmpty(n *node) bool { return n != nil && n.kind == array && len(n.items) == 0 }

func (s *statement) check() {
	s.elements(s.node, statementElements)
	for _, name := range []string{"Principal", "Action", "Resource"} {
		if a, b := s.node.member(name), s.node.member("Not"+name); a != nil && b != nil {
			s.report(unsupportedElementCombination, append(atKey(a), atKey(b)...), name, "Not"+name)
		}
	}
	s.sid()
	s.checkEffect()
	s.checkPrincipal()
	s.checkActions()
	s.checkResources()
	for _, c := range s.conditions {
		s.checkCondition(c)
	}
	s.checkKeys()
	s.checkRoles()
	if s.Type == RCP {
		s.checkRCP()
	}
}

func (s *statement) sid() {
	sid := s.node.get("Sid")
	if sid == nil || !s.is(sid, text) {
		return
	}
	s.noVariables(sid)
	switch {
	case sid.text == "":
		s.report(emptySidValue, at(sid))
	case s.Type == Resource && !s.trust: // services such as S3 take any characters
	case strings.ContainsFunc(sid.text, notAlphanumeric):
		s.report(unsupportedSid, at(sid))
	}
}

func notAlphanumeric(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

func (s *statement) checkEffect() {
	e := s.node.get("Effect")
	switch {
	case e == nil:
		s.report(missingEffect, at(s.node))
	case s.is(e, text) && s.effect == "":
		s.report(invalidEffect, at(e), e.text)
	}
}

// element names one of a pair as the statement has it.
func element(name string, not bool) string {
	if not {
		return "Not" + name
	}
	return name
}

// lists reports whether an Action of the statement, not a NotAction, names the action without wildcards.
func (s *statement) lists(action string) *node {
	if s.notAction {
		return nil
	}
	i := slices.IndexFunc(s.actions, func(n *node) bool { return strings.EqualFold(n.text, action) })
	if i < 0 {
		return nil
	}
	return s.actions[i]
}

// covers reports whether the statement's Action or NotAction covers an action.
func (s *statement) covers(action string) bool {
	if s.action == nil {
		return false
	}
	lower := strings.ToLower(action)
	named := slices.ContainsFunc(s.actions, func(n *node) bool { return includes(strings.ToLower(n.text), lower) })
	return named != s.notAction
}

// condition returns the statement's first condition on a key, nil for none.
func (s *statement) condition(key string) *condition {
	for _, c := range s.conditions {
		if strings.EqualFold(c.key, key) {
			return c
		}
	}
	return nil
}

// hasKey reports whether the statement has a condition on one of the keys.
func (s *statement) hasKey(keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return s.condition(key) != nil })
}
