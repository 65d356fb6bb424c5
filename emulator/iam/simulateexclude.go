package iam

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
)

// exclusions are the policies that a simulation leaves out (PolicyIdentifier, IAM API Reference).
type exclusions []func(*authz.Attached) bool

func newExclusions(identifiers []types.PolicyIdentifier) (exclusions, error) {
	var list exclusions
	for _, identifier := range identifiers {
		var matches func(*authz.Attached) bool
		var err error
		switch v := identifier.(type) {
		case *types.PolicyIdentifierMemberPolicyType:
			matches, err = excludeType(v.Value)
		case *types.PolicyIdentifierMemberPolicyArn:
			matches, err = excludeARN(v.Value)
		case *types.PolicyIdentifierMemberInlinePolicyIdentifier:
			matches, err = excludeInline(&v.Value)
		default:
			err = awserr.InvalidInput.Errorf("Invalid Policy Identifier: exactly one of PolicyType, PolicyArn and InlinePolicyIdentifier must be specified.")
		}
		if err != nil {
			return nil, err
		}
		list = append(list, matches)
	}
	return list, nil
}

// policyType classifies an attached policy.
func policyType(at *authz.Attached) types.PolicyIdentifierPolicyType {
	switch {
	case at.Kind == authz.Boundary:
		return types.PolicyIdentifierPolicyTypePermissionBoundary
	case at.Kind == authz.SCP:
		return types.PolicyIdentifierPolicyTypeScp
	case at.Kind == authz.RCP:
		return types.PolicyIdentifierPolicyTypeRcp
	case at.ARN == "":
		return types.PolicyIdentifierPolicyTypeInline
	case strings.HasPrefix(at.ARN, "arn:aws:iam::aws:"):
		return types.PolicyIdentifierPolicyTypeAwsManaged
	}
	return types.PolicyIdentifierPolicyTypeUserManaged
}

func excludeType(kind types.PolicyIdentifierPolicyType) (func(*authz.Attached) bool, error) {
	if !slices.Contains(kind.Values(), kind) {
		return nil, awserr.InvalidInput.Errorf("Invalid Policy Identifier: %s is not a policy type.", kind)
	}
	return func(at *authz.Attached) bool { return policyType(at) == kind }, nil
}

func excludeARN(arn string) (func(*authz.Attached) bool, error) {
	_, _, resource, ok := splitARN(arn)
	if !ok || !strings.Contains(resource, "/") || strings.ContainsAny(strings.TrimSuffix(arn, resource), "*?") || strings.Count(resource, "*") > 1 {
		return nil, awserr.InvalidInput.Errorf("Invalid Policy Identifier: %s is not the ARN of a policy.", arn)
	}
	return func(at *authz.Attached) bool {
		return at.Kind == authz.Identity && wildcardMatch(arn, at.ARN)
	}, nil
}

func excludeInline(id *types.InlinePolicyIdentifierType) (func(*authz.Attached) bool, error) {
	name, to := aws.ToString(id.PolicyName), aws.ToString(id.AttachmentName)
	if strings.ContainsAny(name, "*?") || strings.Count(to, "*") > 1 || !slices.Contains(id.AttachmentType.Values(), id.AttachmentType) {
		return nil, awserr.InvalidInput.Errorf("Invalid Policy Identifier: inline policy %s of %s %s.", name, id.AttachmentType, to)
	}
	pattern := strings.ToLower(string(id.AttachmentType) + " " + to)
	return func(at *authz.Attached) bool {
		return policyType(at) == types.PolicyIdentifierPolicyTypeInline && fold(at.Name) == fold(name) && wildcardMatch(pattern, fold(at.To))
	}, nil
}

// wildcardMatch matches a pattern with at most one * and any number of ?.
func wildcardMatch(pattern, text string) bool {
	head, tail, any := strings.Cut(pattern, "*")
	if !any {
		return sameButFor(pattern, text)
	}
	return len(text) >= len(head)+len(tail) && sameButFor(head, text[:len(head)]) && sameButFor(tail, text[len(text)-len(tail):])
}

// sameButFor compares texts, a ? of the pattern with any character.
func sameButFor(pattern, text string) bool {
	if len(pattern) != len(text) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] != '?' && pattern[i] != text[i] {
			return false
		}
	}
	return true
}

func (e exclusions) has(at *authz.Attached) bool {
	return slices.ContainsFunc(e, func(matches func(*authz.Attached) bool) bool { return matches(at) })
}

// drop returns a list of policies without those that are excluded.
func (e exclusions) drop(list []authz.Attached) []authz.Attached {
	kept := make([]authz.Attached, 0, len(list))
	for i := range list {
		if !e.has(&list[i]) {
			kept = append(kept, list[i])
		}
	}
	return kept
}
