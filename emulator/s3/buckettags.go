package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var bucketTags = wire.Ops(
	wire.Op((*Service).GetBucketTagging, toBucket("s3:GetBucketTagging")),
	wire.Op((*Service).PutBucketTagging, toBucket("s3:PutBucketTagging")),
	wire.Op((*Service).DeleteBucketTagging, toBucket("s3:PutBucketTagging")),
)

// GetBucketTagging returns the tags. Errors: NoSuchTagSet when there are none.
func (s *Service) GetBucketTagging(ctx context.Context, _ *s3.GetBucketTaggingInput) (*s3.GetBucketTaggingOutput, error) {
	b := subjectOf(ctx).bucket
	if len(b.Tags) == 0 {
		return nil, awserr.NoSuchTagSet.Errorf("The TagSet does not exist").With("BucketName", b.Name)
	}
	return &s3.GetBucketTaggingOutput{TagSet: showTags(b.Tags)}, nil
}

// PutBucketTagging replaces the tags.
func (s *Service) PutBucketTagging(ctx context.Context, in *s3.PutBucketTaggingInput) (*s3.PutBucketTaggingOutput, error) {
	if in.Tagging == nil {
		return nil, malformedXML()
	}
	tags, err := newTags(in.Tagging.TagSet, maxBucketTags)
	if err != nil {
		return nil, err
	}
	return &s3.PutBucketTaggingOutput{}, s.changeBucket(ctx, subjectOf(ctx).bucket, func(_ *store.Tx, b *Bucket) error {
		b.Tags = tags
		return b.tagsAreOpen()
	})
}

// DeleteBucketTagging removes all tags.
func (s *Service) DeleteBucketTagging(ctx context.Context, _ *s3.DeleteBucketTaggingInput) (*s3.DeleteBucketTaggingOutput, error) {
	return &s3.DeleteBucketTaggingOutput{}, s.changeBucket(ctx, subjectOf(ctx).bucket, func(_ *store.Tx, b *Bucket) error {
		b.Tags = nil
		return b.tagsAreOpen()
	})
}
