package authz

import (
	"net/netip"
	"slices"
	"strings"
)

// IsPublic says whether a resource-based policy grants public access, as S3 Block Public Access defines it ("The meaning
// of 'public'"): it is public unless every grant is to fixed principals, or under a condition on a fixed value of a key
// that its owner cannot lend to the world.
func (p *Policy) IsPublic() bool {
	if p == nil {
		return false
	}
	return slices.ContainsFunc(p.statements, func(s statement) bool {
		return !s.denies() && s.grantsToPublic() && !slices.ContainsFunc(s.conditions, condition.keepsPrivate)
	})
}

// grantsToPublic reports whether the principals are not fixed: everyone, all but some, or a name with a wildcard.
func (s *statement) grantsToPublic() bool {
	if s.principals == nil {
		return false
	}
	isOpen := func(text string) bool { return strings.ContainsAny(text, "*?") }
	return s.notPrincipal || s.principals.everyone || slices.ContainsFunc(s.principals.aws, isOpen) ||
		slices.ContainsFunc(s.principals.service, isOpen) || slices.ContainsFunc(s.principals.federated, isOpen)
}

// privateKeys are the condition keys whose fixed values make a grant not public.
var privateKeys = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount",
	"aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:userid",
	"s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:x-amz-server-side-encryption-aws-kms-key-id",
}

// keepsPrivate reports whether a condition limits a grant to fixed values. Operators that hold without the key, or that
// exclude instead of including, do not.
func (c condition) keepsPrivate() bool {
	if c.negated || c.ifExists || c.set == forAllValues || c.test == isNull || len(c.values) == 0 ||
		!slices.Contains(privateKeys, c.keyLower) {
		return false
	}
	return !slices.ContainsFunc(c.values, func(o operand) bool { return !c.isFixed(&o) })
}

func (c condition) isFixed(o *operand) bool {
	switch {
	case !o.valid || strings.Contains(o.text, "${"):
		return false
	case c.test == inNetwork:
		return isNarrow(o.network)
	case c.test == stringEquals || c.test == stringEqualsIgnoreCase:
		return o.text != "*"
	case c.keyLower == "s3:dataaccesspointarn":
		a, ok := parseARN(o.text)
		return ok && isAccountID(a.account) // the access point's name may have wildcards, if the account is fixed
	case c.keyLower == "aws:userid" && strings.HasSuffix(o.text, ":*"):
		return !strings.ContainsAny(strings.TrimSuffix(o.text, ":*"), "*?") // any session of one role
	}
	return !strings.ContainsAny(o.text, "*?")
}

// isNarrow: ranges wider than /8 (IPv6: /32) are public, but for private ones.
func isNarrow(network netip.Prefix) bool {
	if network.Addr().IsPrivate() && network.Bits() >= 7 {
		return true
	}
	if network.Addr().Is4() {
		return network.Bits() >= 8
	}
	return network.Bits() >= 32
}
