package s3

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var ownership = wire.Ops(
	wire.Op((*Service).GetBucketOwnershipControls, toBucket("s3:GetBucketOwnershipControls")),
	wire.Op((*Service).PutBucketOwnershipControls, toBucket("s3:PutBucketOwnershipControls")),
	wire.Op((*Service).DeleteBucketOwnershipControls, toBucket("s3:PutBucketOwnershipControls")),
)

// GetBucketOwnershipControls returns the Object Ownership setting. Errors: OwnershipControlsNotFoundError after it was
// deleted.
func (s *Service) GetBucketOwnershipControls(ctx context.Context, _ *s3.GetBucketOwnershipControlsInput) (*s3.GetBucketOwnershipControlsOutput, error) {
	b := subjectOf(ctx).bucket
	if b.Ownership == "" {
		return nil, awserr.OwnershipControlsNotFoundError.Errorf("The bucket ownership controls were not found").With("BucketName", b.Name)
	}
	return &s3.GetBucketOwnershipControlsOutput{OwnershipControls: &types.OwnershipControls{
		Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnership(b.Ownership)}},
	}}, nil
}

// PutBucketOwnershipControls sets Object Ownership. Errors: MalformedXML, and InvalidBucketAclWithObjectOwnership when ACLs
// are to be disabled while the bucket's ACL grants something to others ("Prerequisites for disabling ACLs").
func (s *Service) PutBucketOwnershipControls(ctx context.Context, in *s3.PutBucketOwnershipControlsInput) (*s3.PutBucketOwnershipControlsOutput, error) {
	if in.OwnershipControls == nil || len(in.OwnershipControls.Rules) != 1 {
		return nil, malformedXML()
	}
	setting := in.OwnershipControls.Rules[0].ObjectOwnership
	if !slices.Contains(setting.Values(), setting) {
		return nil, malformedXML()
	}
	return &s3.PutBucketOwnershipControlsOutput{}, s.changeBucket(ctx, subjectOf(ctx).bucket, func(_ *store.Tx, b *Bucket) error {
		if setting == types.ObjectOwnershipBucketOwnerEnforced && !b.ACL.onlyFor(b.Account) {
			return aclWithOwnership()
		}
		b.Ownership = string(setting)
		return nil
	})
}

// DeleteBucketOwnershipControls removes the setting: the bucket acts as with ObjectWriter then.
func (s *Service) DeleteBucketOwnershipControls(ctx context.Context, _ *s3.DeleteBucketOwnershipControlsInput) (*s3.DeleteBucketOwnershipControlsOutput, error) {
	return &s3.DeleteBucketOwnershipControlsOutput{}, s.changeBucket(ctx, subjectOf(ctx).bucket, func(_ *store.Tx, b *Bucket) error {
		b.Ownership = ""
		return nil
	})
}

func aclWithOwnership() error {
	return awserr.InvalidBucketAclWithObjectOwnership.Errorf("Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
}
