package lint

import (
	"regexp"
	"slices"
	"strings"
)

var principalKeys = []string{"AWS", "CanonicalUser", "Federated", "Service"}

// checkPrincipal checks who is named: required in resource-based policies, refused in the others.
func (s *statement) checkPrincipal() {
	n := s.principal
	name := element("Principal", s.notPrincipal)
	switch {
	case s.Type == Identity:
		if n != nil {
			s.report(unsupportedPrincipal, atKey(s.node.member(name)), s.Type)
		}
		return
	case s.Type == SCP:
		if n != nil {
			s.report(scpSyntaxErrorPrincipal, atKey(s.node.member(name)))
		}
		return
	case n == nil:
		s.report(missingPrincipal, at(s.node))
		return
	case s.Type == RCP:
		s.checkRCPPrincipal()
		return
	case s.trust && s.notPrincipal:
		s.report(roleTrustPolicySyntaxErrorNotPrincipal, atKey(s.node.member(name)))
	case s.notPrincipal && s.allows():
		s.report(allowWithNotPrincipal, atKey(s.node.member(name)))
	}
	switch {
	case n.kind == text && n.text == "*":
		if s.trust {
			s.report(roleTrustPolicyUnsupportedWildcardInPrincipal, at(n))
		}
	case n.kind != object:
		s.report(invalidPrincipalFormat, at(n))
	case len(n.members) == 0:
		s.report(emptyObjectPrincipal, at(n))
	default:
		s.checkPrincipals(n)
	}
}

func (s *statement) checkPrincipals(n *node) {
	for i := range n.members {
		m := &n.members[i]
		if !contains(principalKeys, m.key) {
			s.report(invalidPrincipalKey, atKey(m), m.key)
			continue
		}
		if isEmpty(m.value) {
			s.report(emptyArrayPrincipal, at(m.value))
		}
		for _, p := range s.strings(m.value) {
			s.noVariables(p)
			switch m.key {
			case "AWS":
				s.awsPrincipal(p)
			case "Service":
				s.servicePrincipal(p)
			case "Federated":
				s.federatedPrincipal(p)
			case "CanonicalUser":
				s.noWildcard(p, m.key)
			}
		}
	}
	if s.trust {
		s.checkTrust()
	}
	s.checkServiceAccess()
}

// principals returns the principals named under a key.
func (s *statement) principals(key string) []*node {
	var list []*node
	for _, p := range s.principal.get(key).list() {
		if p.kind == text {
			list = append(list, p)
		}
	}
	return list
}

func (s *statement) noWildcard(p *node, key string) bool {
	if hasWildcard(p.text) {
		s.report(unsupportedWildcardInPrincipal, at(p), key)
		return false
	}
	return true
}

var uniqueID = regexp.MustCompile(`^A(ROA|IDA)[A-Z0-9]{13,}$`)

func (s *statement) awsPrincipal(p *node) {
	switch {
	case p.text == "*":
	case !s.noWildcard(p, "AWS"):
	case uniqueID.MatchString(p.text) && strings.HasPrefix(p.text, "AROA"):
		s.report(invalidRoleReference, at(p), p.text)
	case uniqueID.MatchString(p.text):
		s.report(invalidUserReference, at(p), p.text)
	}
}

// servicePrincipals have the service's name in front of their partition's domain, which may follow a Region.
var servicePrincipals = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|aws\.internal|c2s\.ic\.gov|sc2s\.sgov\.gov)$`)

func (s *statement) servicePrincipal(p *node) {
	if s.noWildcard(p, "Service") && !servicePrincipals.MatchString(p.text) {
		s.report(invalidServicePrincipalFormat, at(p), "service-name.amazonaws.com")
	}
}

var (
	domainName  = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/.*)?$`)
	providerARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:(saml-provider|oidc-provider)/.+$`)
	samlARN     = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:saml-provider/.+$`)
)

func (s *statement) federatedPrincipal(p *node) {
	switch {
	case !s.trust:
		s.report(federatedPrincipalNotSupported, at(p))
	case hasWildcard(p.text) || !domainName.MatchString(p.text) && !providerARN.MatchString(p.text):
		s.report(invalidFederatedPrincipalSyntaxInRoleTrustPolicy, at(p))
	}
}

var sourceKeys = []string{"aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"}

// principalProperties are keys that requests by a service, on its own behalf, do not have.
var principalProperties = []string{
	"aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:userid", "aws:username",
}

// checkServiceAccess: a service should act only for a known source ("The confused deputy problem").
func (s *statement) checkServiceAccess() {
	services := s.principals("Service")
	if s.trust || s.notPrincipal || !s.allows() || len(services) == 0 || len(s.principal.members) > 1 {
		return
	}
	var unsupported []string
	var places []place
	for _, c := range s.conditions {
		if slices.ContainsFunc(principalProperties, func(k string) bool { return strings.EqualFold(k, c.key) }) {
			unsupported = append(unsupported, c.key)
			places = append(places, atKey(c.member)...)
		}
	}
	if unsupported != nil {
		s.report(unsupportedConditionKeyForServicePrincipal, append(places, at(services...)...), strings.Join(unsupported, ", "))
	}
	if s.hasKey(sourceKeys...) {
		return
	}
	if c := s.condition("aws:Referer"); c != nil {
		prefix, _, _ := strings.Cut(services[0].text, ".")
		s.report(recommendedConditionKeyForServicePrincipal, atKey(c.member), prefix, c.key)
		return
	}
	s.report(restrictAccessToServicePrincipal, at(services...))
}
