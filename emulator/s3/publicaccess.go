package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// PublicAccess is a Block Public Access configuration.
type PublicAccess struct {
	BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets bool
}

var publicAccess = wire.Ops(
	wire.Op((*Service).GetPublicAccessBlock, toBucket("s3:GetBucketPublicAccessBlock")),
	wire.Op((*Service).PutPublicAccessBlock, toBucket("s3:PutBucketPublicAccessBlock")),
	wire.Op((*Service).DeletePublicAccessBlock, toBucket("s3:PutBucketPublicAccessBlock")),
)

// GetPublicAccessBlock returns the configuration. Errors: NoSuchPublicAccessBlockConfiguration after it was deleted.
func (s *Service) GetPublicAccessBlock(ctx context.Context, _ *s3.GetPublicAccessBlockInput) (*s3.GetPublicAccessBlockOutput, error) {
	b := subjectOf(ctx).bucket
	p := b.PublicAccess
	if p == nil {
		return nil, awserr.NoSuchPublicAccessBlockConfiguration.Errorf("The public access block configuration was not found").
			With("BucketName", b.Name)
	}
	return &s3.GetPublicAccessBlockOutput{PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
		BlockPublicAcls:       aws.Bool(p.BlockPublicAcls),
		IgnorePublicAcls:      aws.Bool(p.IgnorePublicAcls),
		BlockPublicPolicy:     aws.Bool(p.BlockPublicPolicy),
		RestrictPublicBuckets: aws.Bool(p.RestrictPublicBuckets),
	}}, nil
}

// PutPublicAccessBlock sets the configuration; what it does not name is off.
func (s *Service) PutPublicAccessBlock(ctx context.Context, in *s3.PutPublicAccessBlockInput) (*s3.PutPublicAccessBlockOutput, error) {
	c := in.PublicAccessBlockConfiguration
	if c == nil {
		return nil, malformedXML()
	}
	return &s3.PutPublicAccessBlockOutput{}, s.changeBucket(ctx, subjectOf(ctx).bucket, func(_ *store.Tx, b *Bucket) error {
		b.PublicAccess = &PublicAccess{
			BlockPublicAcls:       aws.ToBool(c.BlockPublicAcls),
			IgnorePublicAcls:      aws.ToBool(c.IgnorePublicAcls),
			BlockPublicPolicy:     aws.ToBool(c.BlockPublicPolicy),
			RestrictPublicBuckets: aws.ToBool(c.RestrictPublicBuckets),
		}
		return nil
	})
}

// DeletePublicAccessBlock removes the configuration: nothing is blocked then.
func (s *Service) DeletePublicAccessBlock(ctx context.Context, _ *s3.DeletePublicAccessBlockInput) (*s3.DeletePublicAccessBlockOutput, error) {
	return &s3.DeletePublicAccessBlockOutput{}, s.changeBucket(ctx, subjectOf(ctx).bucket, func(_ *store.Tx, b *Bucket) error {
		b.PublicAccess = nil
		return nil
	})
}
