package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// ABAC makes a bucket's tags count as condition keys ("Enabling ABAC in general purpose buckets", Amazon S3 User Guide).
var abac = wire.Ops(
	wire.Op((*Service).GetBucketAbac, toBucket("s3:GetBucketAbac")),
	wire.Op((*Service).PutBucketAbac, toBucket("s3:PutBucketAbac")),
)

// GetBucketAbac says whether the bucket's tags count. At first they do not.
func (s *Service) GetBucketAbac(ctx context.Context, _ *s3.GetBucketAbacInput) (*s3.GetBucketAbacOutput, error) {
	status := types.BucketAbacStatusDisabled
	if subjectOf(ctx).bucket.ABAC {
		status = types.BucketAbacStatusEnabled
	}
	return &s3.GetBucketAbacOutput{AbacStatus: &types.AbacStatus{Status: status}}, nil
}

// PutBucketAbac lets the bucket's tags count, or not.
func (s *Service) PutBucketAbac(ctx context.Context, in *s3.PutBucketAbacInput) (*s3.PutBucketAbacOutput, error) {
	if in.AbacStatus == nil {
		return nil, malformedXML()
	}
	switch in.AbacStatus.Status {
	case types.BucketAbacStatusEnabled, types.BucketAbacStatusDisabled:
	default:
		return nil, malformedXML()
	}
	return &s3.PutBucketAbacOutput{}, s.changeBucket(ctx, subjectOf(ctx).bucket, func(_ *store.Tx, b *Bucket) error {
		b.ABAC = in.AbacStatus.Status == types.BucketAbacStatusEnabled
		return nil
	})
}

// tagsAreOpen refuses to change the tags of a bucket with ABAC, which TagResource alone may do ("PutBucketAbac", Amazon S3
// API Reference).
func (b *Bucket) tagsAreOpen() error {
	if b.ABAC {
		return awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource: ABAC is enabled for the bucket, and its tags are changed with TagResource and UntagResource.")
	}
	return nil
}
