package lint

import (
	"strings"

	"github.com/xemu-aws/xemu/authz/reference"
)

// checkRCPPrincipal: an RCP speaks of everybody ("RCP syntax").
func (s *statement) checkRCPPrincipal() {
	everybody := s.principal.text
	if aws := s.principal.get("AWS"); aws != nil && len(s.principal.members) == 1 {
		everybody = aws.text
	}
	if s.notPrincipal || everybody != "*" {
		s.report(rcpSyntaxErrorPrincipal, at(s.principal))
	}
}

// checkRCP checks the other elements.
func (s *statement) checkRCP() {
	if s.allows() && (s.node.get("Condition") != nil || s.notResource || len(s.resources) != 1 || s.resources[0].text != "*") {
		s.report(rcpSyntaxErrorAllow, at(s.node))
	}
	if s.notAction {
		s.report(rcpSyntaxErrorNotAction, atKey(s.node.member("NotAction")))
		return
	}
	for _, a := range s.actions {
		prefix, _, _ := strings.Cut(a.text, ":")
		if a.text == "*" && s.allows() {
			continue // the policy RCPFullAWSAccess
		}
		if !reference.SupportsRCP(prefix) {
			s.report(rcpSyntaxErrorAction, at(a))
		}
	}
	if s.denies() {
		s.relatedKeys()
	}
}

// relatedKeys: AWS's services call each other, and a condition on one kind of caller meets the other kind too.
func (s *statement) relatedKeys() {
	isService := s.hasKey("aws:PrincipalIsAWSService")
	source := s.condition("aws:SourceAccount")
	if source == nil || source.base != "Null" {
		source = s.condition("aws:SourceArn")
	}
	hasNull := source != nil && source.base == "Null"
	for _, c := range s.conditions {
		if c.base == "Null" {
			continue
		}
		switch strings.ToLower(c.key) {
		case "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn":
			if !isService {
				s.report(rcpMissingRelatedPrincipalConditionKey, atKey(c.member), c.key)
			}
		case "aws:sourceorgid", "aws:sourceorgpaths":
			if !hasNull {
				s.report(rcpMissingServiceConditionKeyNullCheck, atKey(c.member), c.key)
			}
			fallthrough
		case "aws:sourceaccount", "aws:sourcearn":
			if !isService {
				s.report(rcpMissingRelatedServicePrincipalConditionKey, atKey(c.member), c.key)
			}
		}
	}
}
