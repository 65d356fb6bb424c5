package sts

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
)

// Quotas of session policies ("IAM and AWS STS quotas", IAM User Guide). AWS does not publish the packed form and its
// size; here it is the deflated text against a dictionary of policies, with room for 1,024 bytes, which gives percentages
// near those of its examples.
const (
	maxPolicyText  = 2048
	maxPolicyARNs  = 10
	maxPackedBytes = 1024
)

// sessionPolicies checks the inline and the managed session policies of a request for a session in account, and returns
// the inline text and the ARNs.
func (s *Service) sessionPolicies(ctx context.Context, account string, inline *string, managed []types.PolicyDescriptorType) (text string, arns []string, err error) {
	text = aws.ToString(inline)
	if inline != nil {
		if n := utf8.RuneCountInString(text); n > maxPolicyText {
			return "", nil, awserr.ValidationError.Errorf("1 validation error detected: Value '%s' at 'policy' failed to satisfy constraint: Member must have length less than or equal to %d", text, maxPolicyText)
		}
		if _, err := authz.Validate(text, authz.Session); err != nil {
			var syntax *authz.SyntaxError
			if errors.As(err, &syntax) {
				return "", nil, awserr.MalformedPolicyDocument.Errorf("%s", syntax.Message)
			}
			return "", nil, err
		}
	}
	if len(managed) > maxPolicyARNs {
		return "", nil, awserr.ValidationError.Errorf("1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to %d", maxPolicyARNs)
	}
	for _, p := range managed {
		arn := aws.ToString(p.Arn)
		if !isPolicyARN(arn, account) {
			return "", nil, awserr.ValidationError.Errorf("%s is invalid", arn)
		}
		_, ok, err := s.directory.PolicyDocument(ctx, arn)
		if err != nil {
			return "", nil, err
		}
		if !ok {
			return "", nil, awserr.MalformedPolicyDocument.Errorf("The specified policy %s does not exist.", arn)
		}
		arns = append(arns, arn)
	}
	return text, arns, nil
}

// isPolicyARN says whether arn can be a managed policy that a session in account may use: AWS's or the account's own.
func isPolicyARN(arn, account string) bool {
	rest, ok := strings.CutPrefix(arn, "arn:aws:iam::")
	owner, name, _ := strings.Cut(rest, ":")
	name, isPolicy := strings.CutPrefix(name, "policy/")
	return ok && isPolicy && name != "" && (owner == "aws" || owner == account)
}

// packedSize returns how much of the room for policies and tags a session uses, in percent; nil when it has neither.
// PackedPolicyTooLarge above 100.
func packedSize(policy string, arns []string, tags map[string]string) (*int32, error) {
	if policy == "" && len(arns) == 0 && len(tags) == 0 {
		return nil, nil
	}
	size := 0
	if policy != "" {
		size += len(compress([]byte(policy)))
	}
	if len(arns) > 0 {
		size += len(compress([]byte(strings.Join(arns, " "))))
	}
	if len(tags) > 0 {
		text, err := json.Marshal(tags)
		if err != nil {
			return nil, err
		}
		size += len(compress(text))
	}
	percent := int32((size*100 + maxPackedBytes - 1) / maxPackedBytes)
	if percent > 100 {
		return nil, awserr.PackedPolicyTooLarge.Errorf("Packed policy consumes %d%% of allotted space, please use smaller policy.", percent)
	}
	return &percent, nil
}
