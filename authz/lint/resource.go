package lint

import (
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/authz/reference"
)

// checkResources checks the Resource or NotResource element.
func (s *statement) checkResources() {
	switch {
	case s.resource == nil:
		if !s.trust {
			s.report(missingResource, at(s.node))
		}
		return
	case s.trust:
		s.report(roleTrustPolicySyntaxErrorResource, atKey(s.node.member(element("Resource", s.notResource))))
		return
	case isEmpty(s.resource):
		s.report(emptyArrayResource, at(s.resource))
	}
	for _, r := range s.resources {
		s.checkVariables(r)
		if r.text != "*" {
			s.checkARN(r)
		}
	}
	if redundant := s.redundant(s.resources, tidy, includesARN); redundant != nil {
		s.report(redundantResource, at(redundant...), len(redundant))
	}
}

var partitions = []string{
	"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc",
}

// checkARN checks a resource part by part; what a part is wrong in makes the later ones undecidable.
func (s *statement) checkARN(n *node) {
	parts := strings.SplitN(n.text, ":", 6)
	switch {
	case parts[0] != "arn":
		s.report(invalidARNPrefix, at(n))
		return
	case len(parts) < 6:
		s.report(missingARNField, at(n), 6)
		return
	}
	partition, service := parts[1], parts[2]
	switch types := reference.ARNTypes(service); {
	case partition != "*" && !contains(partitions, partition) && !isVariable(partition):
		s.report(invalidPartition, at(n), service, partition, strings.Join(partitions, ", "))
	case isVariable(service):
	case hasWildcard(service):
		s.report(wildcardInServiceName, at(n))
	case types == nil && service != strings.ToLower(service) && reference.IsService(service):
		s.report(invalidARNServiceCase, at(n), service)
	case types == nil && !reference.IsService(service):
		s.report(invalidService, at(n), service)
	case types != nil:
		s.checkARNFormat(n, parts, types)
	}
	if service := policyService[s.ResourceType]; service != "" && !isVariable(n.text[:len(n.text)-len(parts[5])]) && !overlap(parts[2], service) {
		s.report(unsupportedResourceARNInPolicy, at(n), s.ResourceType)
	}
}

// isVariable reports whether a part holds a policy variable, so that nothing can be said of it.
func isVariable(part string) bool { return strings.Contains(part, "${") }

// checkARNFormat holds an ARN against the formats of its service.
func (s *statement) checkARNFormat(n *node, parts []string, types []reference.ResourceType) {
	service, region, account, resource := parts[2], parts[3], parts[4], parts[5]
	var formats [][]string
	for _, t := range types {
		format := strings.SplitN(asPattern(t.ARNs[0]), ":", 6)
		if len(format) == 6 && overlap(format[5], asPattern(resource)) {
			formats = append(formats, format)
		}
	}
	none := func(part int) bool { // no format has the part
		return !slices.ContainsFunc(formats, func(f []string) bool { return f[part] != "" })
	}
	every := func(part int) bool {
		return !slices.ContainsFunc(formats, func(f []string) bool { return f[part] == "" })
	}
	switch {
	case len(formats) == 0:
		s.report(invalidARNResource, at(n))
	case region != "" && none(3) && region != "*":
		s.report(arnRegionNotAllowed, at(n), service)
	case region == "" && every(3):
		s.report(missingARNRegion, at(n), service)
	case region != "" && !hasWildcard(region) && !isVariable(region) && !isRegion(region):
		s.report(invalidARNRegion, at(n), region)
	}
	switch {
	case len(formats) == 0:
	case account != "" && none(4) && account != "*":
		s.report(arnAccountNotAllowed, at(n), service)
	case account == "" && every(4) && service != "ssm": // AWS's own documents and parameters have no account
		s.report(missingARNAccount, at(n), resource)
	case account != "" && account != "aws" && !hasWildcard(account) && !isVariable(account) && !isAccount(account):
		s.report(invalidARNAccount, at(n), account)
	}
}

// asPattern replaces ${…}, of a format or a policy, by *.
func asPattern(text string) string {
	for {
		before, rest, ok := strings.Cut(text, "${")
		if !ok {
			return text
		}
		_, after, closed := strings.Cut(rest, "}")
		if !closed {
			return text
		}
		text = before + "*" + after
	}
}

func isAccount(text string) bool {
	return len(text) == 12 && strings.Trim(text, "0123456789") == ""
}

// isRegion reports whether a Region is known ("AWS Regions").
func isRegion(text string) bool { return contains(regions, text) }

var regions = strings.Fields(`
	af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
	ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1
	eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1
	me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
	cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1 eusc-de-east-1
	us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 eu-isoe-west-1 us-isof-east-1 us-isof-south-1`)
