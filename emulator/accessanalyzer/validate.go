package accessanalyzer

import (
	"context"
	"encoding/base64"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"

	"github.com/xemu-aws/xemu/authz/lint"
)

// ValidatePolicy returns the findings on a policy, in English whatever the locale.
func (s *Service) ValidatePolicy(_ context.Context, in *accessanalyzer.ValidatePolicyInput) (*accessanalyzer.ValidatePolicyOutput, error) {
	text, err := policy(in.PolicyDocument)
	if err != nil {
		return nil, err
	}
	if in.ValidatePolicyResourceType != "" && in.PolicyType != types.PolicyTypeResourcePolicy {
		return nil, invalid("validatePolicyResourceType can only be specified when policyType is RESOURCE_POLICY.")
	}
	findings := lint.Validate(text, lint.Options{
		Type: lint.PolicyType(in.PolicyType), ResourceType: string(in.ValidatePolicyResourceType),
	})
	findings, next, err := page(findings, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &accessanalyzer.ValidatePolicyOutput{NextToken: next, Findings: []types.ValidatePolicyFinding{}}
	for _, f := range findings {
		out.Findings = append(out.Findings, finding(f))
	}
	return out, nil
}

// defaultResults is the length of a page without maxResults.
const defaultResults = 100

// page returns the part of the findings that a request asks for, and the token of the next, nil at the end. A token is the
// place in the findings: the same policy has the same ones.
func page(findings []lint.Finding, token *string, results *int32) (part []lint.Finding, next *string, err error) {
	limit, start := defaultResults, 0
	if results != nil {
		limit = int(*results)
	}
	if limit < 1 {
		return nil, nil, invalid("maxResults must be at least 1.")
	}
	if token != nil {
		text, err := base64.RawURLEncoding.DecodeString(*token)
		if err == nil {
			start, err = strconv.Atoi(string(text))
		}
		if err != nil || start < 0 || start > len(findings) {
			return nil, nil, invalid("The nextToken is not valid.")
		}
	}
	end := start + min(limit, len(findings)-start)
	if end < len(findings) {
		next = aws.String(base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(end))))
	}
	return findings[start:end], next, nil
}

func finding(f lint.Finding) types.ValidatePolicyFinding {
	out := types.ValidatePolicyFinding{
		FindingDetails: &f.Details, FindingType: types.ValidatePolicyFindingType(f.Type), IssueCode: &f.Code, LearnMoreLink: &f.Link,
		Locations: []types.Location{},
	}
	for _, l := range f.Locations {
		at := types.Location{
			Path: []types.PathElement{},
			Span: &types.Span{Start: position(l.Span.Start), End: position(l.Span.End)},
		}
		for _, e := range l.Path {
			at.Path = append(at.Path, pathElement(e))
		}
		out.Locations = append(out.Locations, at)
	}
	return out
}

func position(p lint.Position) *types.Position {
	return &types.Position{Line: number(p.Line), Column: number(p.Column), Offset: number(p.Offset)}
}

func number(n int) *int32 { return aws.Int32(int32(n)) }

func pathElement(e lint.PathElement) types.PathElement {
	switch {
	case e.Index != nil:
		return &types.PathElementMemberIndex{Value: int32(*e.Index)}
	case e.Key != nil:
		return &types.PathElementMemberKey{Value: *e.Key}
	case e.Substring != nil:
		return &types.PathElementMemberSubstring{
			Value: types.Substring{Start: number(e.Substring.Start), Length: number(e.Substring.Length)},
		}
	}
	return &types.PathElementMemberValue{Value: *e.Value}
}
