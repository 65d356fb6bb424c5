package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var versioning = wire.Ops(
	wire.Op((*Service).GetBucketVersioning, toBucket("s3:GetBucketVersioning")),
	wire.Op((*Service).PutBucketVersioning, toBucket("s3:PutBucketVersioning")),
)

// GetBucketVersioning returns Enabled, Suspended, or nothing for a bucket that never had versioning.
func (s *Service) GetBucketVersioning(ctx context.Context, _ *s3.GetBucketVersioningInput) (*s3.GetBucketVersioningOutput, error) {
	return &s3.GetBucketVersioningOutput{Status: types.BucketVersioningStatus(subjectOf(ctx).bucket.Versioning)}, nil
}

// PutBucketVersioning enables or suspends versioning.
func (s *Service) PutBucketVersioning(ctx context.Context, in *s3.PutBucketVersioningInput) (*s3.PutBucketVersioningOutput, error) {
	c := in.VersioningConfiguration
	if c == nil || c.Status == "" {
		return nil, awserr.IllegalVersioningConfigurationException.Errorf("The Versioning element must be specified")
	}
	if c.Status != types.BucketVersioningStatusEnabled && c.Status != types.BucketVersioningStatusSuspended {
		return nil, malformedXML()
	}
	if c.MFADelete == types.MFADeleteEnabled {
		return nil, awserr.NotImplemented.Errorf("xemu does not implement MFA delete.")
	}
	if c.Status == types.BucketVersioningStatusSuspended && replication.of(subjectOf(ctx).bucket) != nil {
		return nil, awserr.InvalidBucketState.Errorf("A replication configuration is present on this bucket, so you cannot change the versioning state. To change the versioning state, first delete the replication configuration.")
	}
	return &s3.PutBucketVersioningOutput{}, s.changeBucket(ctx, subjectOf(ctx).bucket, func(_ *store.Tx, b *Bucket) error {
		b.Versioning = string(c.Status)
		return nil
	})
}
