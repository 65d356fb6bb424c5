package lint

import (
	"slices"
	"strings"
)

// grant is a right that reaches far when it is given for all roles, with the issues of the ways to give it.
type grant struct {
	action string
	key    string // a condition on this key narrows the right
	// Of an Action that names the action, one that covers it with a wildcard, and a NotAction; with Resource and NotResource.
	named, star, not                     issue
	namedNotResource, starNot, notAndNot issue
}

var grants = []grant{
	{
		action: "iam:PassRole", key: "iam:PassedToService",
		named: passRoleWithStarInResource, star: passRoleWithStarInActionAndResource, not: passRoleWithStarInResourceAndNotAction,
		namedNotResource: passRoleWithNotResource, starNot: passRoleWithStarInActionAndNotResource,
		notAndNot: passRoleWithNotActionAndNotResource,
	},
	{
		action: "iam:CreateServiceLinkedRole", key: "iam:AWSServiceName",
		named: createSLRWithStarInResource, star: createSLRWithStarInActionAndResource, not: createSLRWithStarInResourceAndNotAction,
		namedNotResource: createSLRWithNotResource, starNot: createSLRWithStarInActionAndNotResource,
		notAndNot: createSLRWithNotActionAndNotResource,
	},
}

// checkRoles finds statements of identity policies that give such a right on all roles.
func (s *statement) checkRoles() {
	if s.Type != Identity || !s.allows() || s.resource == nil {
		return
	}
	var open []*node
	for _, r := range s.resources {
		if coversAllRoles(r.text) {
			open = append(open, r)
		}
	}
	if s.notResource {
		open = []*node{s.resource}
	}
	if open == nil {
		return
	}
	for _, g := range grants {
		if !s.covers(g.action) || s.hasKey(g.key) {
			continue
		}
		i, actions := g.issue(s)
		s.report(i, at(append(actions, open...)...))
	}
}

// issue picks the issue of a statement that covers the action, and the nodes that cover it.
func (g grant) issue(s *statement) (issue, []*node) {
	pick := func(resource, notResource issue) issue {
		if s.notResource {
			return notResource
		}
		return resource
	}
	if s.notAction {
		return pick(g.not, g.notAndNot), []*node{s.action}
	}
	if n := s.lists(g.action); n != nil {
		return pick(g.named, g.namedNotResource), []*node{n}
	}
	i := slices.IndexFunc(s.actions, func(n *node) bool {
		return includes(strings.ToLower(n.text), strings.ToLower(g.action))
	})
	return pick(g.star, g.starNot), []*node{s.actions[i]}
}

// coversAllRoles reports whether a resource covers every role of an account, whatever its name.
func coversAllRoles(resource string) bool {
	if resource == "*" {
		return true
	}
	parts := strings.SplitN(resource, ":", 6)
	return len(parts) == 6 && overlap(parts[2], "iam") && includes(parts[5], "role/*")
}
