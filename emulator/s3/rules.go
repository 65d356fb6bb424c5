package s3

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// Rules of what is done to buckets ("Required permissions for Amazon S3 API operations", Amazon S3 User Guide). A bucket
// that does not exist is NoSuchBucket before anything is authorized.

// toBucket is the rule of an operation that needs one action on its bucket.
func toBucket(action string) wire.Rule {
	return wire.Any(func(ctx context.Context, s *Service, in any) ([]wire.Need, error) {
		sub, err := s.onBucket(ctx, in)
		if err != nil {
			return nil, err
		}
		return []wire.Need{sub.need(action)}, nil
	})
}

// onBucket begins the subject of any operation that has a bucket and perhaps an expected owner.
func (s *Service) onBucket(ctx context.Context, in any) (*subject, error) {
	v := reflect.ValueOf(in).Elem()
	name := fieldNamed(v, "Bucket").Interface().(*string)
	var expected *string
	if owner := fieldNamed(v, "ExpectedBucketOwner"); owner.IsValid() {
		expected = owner.Interface().(*string)
	}
	return s.on(ctx, in, name, expected)
}

// toHeadBucket is toBucket for HeadBucket, whose denial tells the region all the same: clients look for it there
// ("HeadBucket", Amazon S3 API Reference).
var toHeadBucket = wire.For(func(ctx context.Context, s *Service, in *s3.HeadBucketInput) ([]wire.Need, error) {
	sub, err := s.onBucket(ctx, in)
	if err != nil {
		return nil, err
	}
	need := sub.need("s3:ListBucket")
	need.Denied = func(authz.Decision) error { // a HEAD's answer has no body for words
		return accessDenied().WithHeader("x-amz-bucket-region", sub.bucket.Region)
	}
	return []wire.Need{need}, nil
})

// toBucketPolicy is toBucket for the bucket policy itself: it cannot lock out the owner's root user, and nobody of
// another account can get at it, whatever it allows ("PutBucketPolicy", Amazon S3 API Reference).
func toBucketPolicy(action string) wire.Rule {
	return wire.Any(func(ctx context.Context, s *Service, in any) ([]wire.Need, error) {
		sub, err := s.onBucket(ctx, in)
		if err != nil {
			return nil, err
		}
		need := sub.need(action)
		caller := sub.request.Caller
		if caller.Type == authz.Account && caller.Account == sub.bucket.Account {
			need.Policies = nil
		}
		return []wire.Need{need}, nil
	})
}

// ownersOnly refuses callers of other accounts, after their permission has been checked.
func (sub *subject) ownersOnly() error {
	if sub.request.Caller.Account != sub.bucket.Account {
		return awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.")
	}
	return nil
}

var toListBuckets = wire.For(func(ctx context.Context, _ *Service, in *s3.ListBucketsInput) ([]wire.Need, error) {
	sub := &subject{request: wire.RequestFrom(ctx), in: in}
	if sub.request.Caller.Type == authz.Anonymous {
		return nil, accessDenied()
	}
	if err := inRegion(sub.request); err != nil {
		return nil, err
	}
	// The resource is a pattern, so that both "*" and "arn:aws:s3:::*" in policies match it, as in AWS's own examples
	// ("Controlling access to a bucket with user policies").
	return []wire.Need{{
		Action: "s3:ListAllMyBuckets", Resource: "arn:aws:s3:::*",
		Account: sub.request.Caller.Account,
		Keys:    &keys{subject: sub, action: "s3:ListAllMyBuckets", account: sub.request.Caller.Account},
		Denied:  deniedAccount,
	}}, nil
})

var toCreateBucket = wire.For(func(ctx context.Context, _ *Service, in *s3.CreateBucketInput) ([]wire.Need, error) {
	sub := &subject{request: wire.RequestFrom(ctx), in: in}
	account := sub.request.Caller.Account
	if sub.request.Caller.Type == authz.Anonymous {
		return nil, accessDenied()
	}
	if err := inRegion(sub.request); err != nil {
		return nil, err
	}
	if !validName(*in.Bucket) {
		return nil, invalidBucketName(*in.Bucket)
	}
	actions := []string{"s3:CreateBucket"}
	// "CreateBucket", Permissions
	if bucketACLOf(in).headers() || in.ACL != "" && in.ACL != types.BucketCannedACLPrivate {
		actions = append(actions, "s3:PutBucketAcl")
	}
	if in.ObjectOwnership != "" {
		actions = append(actions, "s3:PutBucketOwnershipControls")
	}
	if c := in.CreateBucketConfiguration; c != nil && len(c.Tags) > 0 {
		actions = append(actions, "s3:TagResource")
	}
	if aws.ToBool(in.ObjectLockEnabledForBucket) {
		actions = append(actions, "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning")
	}
	needs := make([]wire.Need, len(actions))
	for i, action := range actions {
		needs[i] = wire.Need{
			Action: action, Resource: "arn:aws:s3:::" + *in.Bucket, Account: account,
			Keys: &keys{subject: sub, action: action, account: account},
		}
	}
	return needs, nil
})
