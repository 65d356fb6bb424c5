package s3

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var bucketPolicies = wire.Ops(
	wire.Op((*Service).GetBucketPolicy, toBucketPolicy("s3:GetBucketPolicy")),
	wire.Op((*Service).PutBucketPolicy, toBucketPolicy("s3:PutBucketPolicy")),
	wire.Op((*Service).DeleteBucketPolicy, toBucketPolicy("s3:DeleteBucketPolicy")),
	wire.Op((*Service).GetBucketPolicyStatus, toBucket("s3:GetBucketPolicyStatus")),
)

// maxPolicy is the largest bucket policy, in bytes ("Bucket policies for Amazon S3").
const maxPolicy = 20 << 10

// GetBucketPolicy returns the policy as it was put, principals that are gone shown by their unique ids.
func (s *Service) GetBucketPolicy(ctx context.Context, _ *s3.GetBucketPolicyInput) (*s3.GetBucketPolicyOutput, error) {
	sub := subjectOf(ctx)
	if err := sub.ownersOnly(); err != nil {
		return nil, err
	}
	b := sub.bucket
	if b.Policy == "" {
		return nil, noSuchBucketPolicy(b)
	}
	out := &s3.GetBucketPolicyOutput{}
	return out, s.store.View(ctx, func(tx *store.Tx) error {
		out.Policy = aws.String(s.principals.ShowPrincipals(ctx, tx, b.Policy, b.Bound))
		return nil
	})
}

// PutBucketPolicy sets the policy. Errors: MalformedPolicy, and AccessDenied for a public one under BlockPublicPolicy.
func (s *Service) PutBucketPolicy(ctx context.Context, in *s3.PutBucketPolicyInput) (*s3.PutBucketPolicyOutput, error) {
	sub := subjectOf(ctx)
	if err := sub.ownersOnly(); err != nil {
		return nil, err
	}
	policy, err := readPolicy(aws.ToString(in.Policy), sub.bucket.Name)
	if err != nil {
		return nil, err
	}
	elements, err := statementsOf(policy.Text)
	if err == nil {
		err = checkConditions(elements)
	}
	if err != nil {
		return nil, err
	}
	return &s3.PutBucketPolicyOutput{}, s.changeBucket(ctx, sub.bucket, func(tx *store.Tx, b *Bucket) error {
		bound, canonical, err := s.bind(ctx, tx, policy, elements)
		if err != nil {
			return err
		}
		block, err := blockOf(tx, b)
		switch {
		case err != nil:
			return err
		case block.BlockPublicPolicy && policy.IsPublic():
			return blocked(b, sub.request.Caller, "s3:PutBucketPolicy", b.ARN(),
				"public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.")
		}
		b.Policy, b.Bound, b.Canonical = policy.Text, bound, canonical
		return nil
	})
}

// bind finds the principals that a policy names. Errors: MalformedPolicy for one that is not there.
func (s *Service) bind(ctx context.Context, tx *store.Tx, policy *authz.Policy, elements []policyStatement) (bound, canonical map[string]string, err error) {
	bound, invalid, err := s.principals.BindPrincipals(ctx, tx, policy)
	if err != nil {
		return nil, nil, err
	}
	canonical, err = canonicalUsers(tx, elements)
	if err == nil && invalid != "" {
		err = awserr.MalformedPolicy.Errorf("Invalid principal in policy").With("Detail", `"AWS" : "`+invalid+`"`)
	}
	return bound, canonical, err
}

func readPolicy(text, bucket string) (*authz.Policy, error) {
	if len(text) > maxPolicy {
		return nil, awserr.MalformedPolicy.Errorf("Policy exceeds the maximum allowed document size.")
	}
	policy, err := authz.ValidateBucketPolicy(text, bucket)
	var syntax *authz.SyntaxError
	if errors.As(err, &syntax) {
		return nil, awserr.MalformedPolicy.Errorf("%s", syntax.Message)
	}
	return policy, err
}

// DeleteBucketPolicy removes the policy, if there is one.
func (s *Service) DeleteBucketPolicy(ctx context.Context, _ *s3.DeleteBucketPolicyInput) (*s3.DeleteBucketPolicyOutput, error) {
	sub := subjectOf(ctx)
	if err := sub.ownersOnly(); err != nil {
		return nil, err
	}
	return &s3.DeleteBucketPolicyOutput{}, s.changeBucket(ctx, sub.bucket, func(_ *store.Tx, b *Bucket) error {
		b.Policy, b.Bound, b.Canonical = "", nil, nil
		return nil
	})
}

// GetBucketPolicyStatus says whether the policy is public.
func (s *Service) GetBucketPolicyStatus(ctx context.Context, _ *s3.GetBucketPolicyStatusInput) (*s3.GetBucketPolicyStatusOutput, error) {
	b := subjectOf(ctx).bucket
	if b.Policy == "" {
		return nil, noSuchBucketPolicy(b)
	}
	return &s3.GetBucketPolicyStatusOutput{PolicyStatus: &types.PolicyStatus{IsPublic: aws.Bool(b.public)}}, nil
}

func noSuchBucketPolicy(b *bucket) error {
	return awserr.NoSuchBucketPolicy.Errorf("The bucket policy does not exist").With("BucketName", b.Name)
}
