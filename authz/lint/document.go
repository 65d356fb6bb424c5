package lint

import (
	"strings"

	"github.com/xemu-aws/xemu/authz"
)

var policyElements = []string{"Version", "Id", "Statement"}

// document checks a policy from its top.
func (l *linter) document(n *node) {
	if !l.is(n, object) {
		return
	}
	l.elements(n, policyElements)
	l.version(n)
	if id := n.get("Id"); id != nil {
		l.is(id, text)
	}
	list := n.get("Statement")
	if len(list.list()) == 0 {
		l.report(missingStatement, at(orNode(list, n)))
		return
	}
	l.trust = l.ResourceType == AssumeRolePolicy || l.Type == Resource && l.ResourceType == "" && isTrustPolicy(list)
	l.size(n)
	var statements []*statement
	for _, item := range list.list() {
		if l.is(item, object) {
			s := l.newStatement(item)
			s.check()
			statements = append(statements, s)
		}
	}
	l.sids(statements)
	l.redundantStatements(statements)
	if l.trust {
		l.rolesAnywhere(statements)
	}
}

func orNode(n, otherwise *node) *node {
	if n != nil {
		return n
	}
	return otherwise
}

// is checks a value's JSON type.
func (l *linter) is(n *node, k kind) bool {
	if n.kind == k {
		return true
	}
	l.report(dataTypeMismatch, at(n), k)
	return false
}

// elements finds unknown names.
func (l *linter) elements(n *node, known []string) {
	for i := range n.members {
		if m := &n.members[i]; !contains(known, m.key) {
			l.report(invalidPolicyElement, atKey(m), m.key)
		}
	}
}

func (l *linter) version(n *node) {
	v := n.get("Version")
	switch {
	case v == nil:
		l.report(missingVersion, at(n))
	case !l.is(v, text):
	case v.text != "2012-10-17" && v.text != "2008-10-17":
		l.report(invalidVersion, at(v), v.text, "2012-10-17, 2008-10-17")
	}
	l.variables = v != nil && v.text == "2012-10-17"
}

// isTrustPolicy reports whether statements look like those of a role's trust policy.
func isTrustPolicy(list *node) bool {
	for _, s := range list.list() {
		actions := s.get("Action").list()
		if len(actions) == 0 || s.get("Resource") != nil || s.get("NotResource") != nil {
			return false
		}
		for _, a := range actions {
			if !strings.HasPrefix(strings.ToLower(a.text), "sts:") {
				return false
			}
		}
	}
	return true
}

// Quotas in characters ("IAM and AWS STS quotas", "Quotas for AWS Organizations", "Bucket policies").
const (
	identityQuota = 6144
	trustQuota    = 2048
	bucketQuota   = 20480
	scpQuota      = 10240
	rcpQuota      = 5120
)

func (l *linter) size(n *node) {
	all, without := units(l.text), authz.Size(l.text)
	switch {
	case l.Type == Identity && without > identityQuota:
		l.report(policySizeExceedsIdentityPolicyQuota, at(n), without, identityQuota)
	case l.trust && without > trustQuota:
		l.report(policySizeExceedsRoleTrustPolicyQuota, at(n))
	case l.ResourceType == Bucket && all > bucketQuota:
		l.report(policySizeExceedsResourcePolicyQuota, at(n), all, bucketQuota)
	case l.Type == SCP && all > scpQuota:
		l.report(policySizeExceedsSCPQuota, at(n), all, scpQuota)
	case l.Type == RCP && all > rcpQuota:
		l.report(policySizeExceedsRCPQuota, at(n), all, rcpQuota)
	}
}

// sids looks for statement ids that occur twice. IAM and Organizations refuse them, other services may not.
func (l *linter) sids(statements []*statement) {
	i := uniqueSidsRequired
	if l.Type == Resource && !l.trust {
		i = uniqueSidsRecommended
	}
	first := map[string]*node{}
	for _, s := range statements {
		sid := s.node.get("Sid")
		if sid == nil || sid.text == "" {
			continue
		}
		if earlier := first[sid.text]; earlier != nil {
			l.report(i, at(sid, earlier))
			continue
		}
		first[sid.text] = sid
	}
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}
