package s3

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var versioning = wire.Ops(
	wire.Op((*Service).GetBucketVersioning, toBucket("s3:GetBucketVersioning")),
	wire.Op((*Service).PutBucketVersioning, toBucket("s3:PutBucketVersioning")),
)

// GetBucketVersioning returns Enabled, Suspended, or nothing for a bucket that never had versioning, and whether MFA delete is
// on, if it was ever set.
func (s *Service) GetBucketVersioning(ctx context.Context, _ *s3.GetBucketVersioningInput) (*s3.GetBucketVersioningOutput, error) {
	b := subjectOf(ctx).bucket
	return &s3.GetBucketVersioningOutput{
		Status: types.BucketVersioningStatus(b.Versioning), MFADelete: types.MFADeleteStatus(b.MFADelete),
	}, nil
}

// PutBucketVersioning enables or suspends versioning, and MFA delete.
func (s *Service) PutBucketVersioning(ctx context.Context, in *s3.PutBucketVersioningInput) (*s3.PutBucketVersioningOutput, error) {
	c, bucket := in.VersioningConfiguration, subjectOf(ctx).bucket
	if c == nil || c.Status == "" {
		return nil, awserr.IllegalVersioningConfigurationException.Errorf("The Versioning element must be specified")
	}
	if c.MFADelete == types.MFADeleteEnabled || bucket.mfaDelete() {
		if err := s.proveMFA(ctx, in.MFA); err != nil {
			return nil, err
		}
	}
	if c.Status == types.BucketVersioningStatusSuspended && replication.of(bucket) != nil {
		return nil, awserr.InvalidBucketState.Errorf("A replication configuration is present on this bucket, so you cannot change the versioning state. To change the versioning state, first delete the replication configuration.")
	}
	return &s3.PutBucketVersioningOutput{}, s.changeBucket(ctx, bucket, func(_ *store.Tx, b *Bucket) error {
		switch {
		case b.ObjectLock != nil && c.Status != types.BucketVersioningStatusEnabled:
			return awserr.InvalidBucketState.Errorf("An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.")
		case b.mfaDelete() && !bucket.mfaDelete(): // set meanwhile
			return mfaMissing()
		case c.MFADelete == types.MFADeleteEnabled && lifecycles.of(bucket) != nil:
			return awserr.InvalidBucketState.Errorf("MFA delete cannot be used with lifecycle configurations.")
		}
		b.Versioning = string(c.Status)
		if c.MFADelete != "" {
			b.MFADelete = string(c.MFADelete)
		}
		return nil
	})
}

// MFA delete ("Configuring MFA delete", Amazon S3 User Guide): only the root user of the bucket's owner, with a code of its
// device, can delete versions and change the versioning of a bucket that has it.

func (b *Bucket) mfaDelete() bool { return b.MFADelete == string(types.MFADeleteStatusEnabled) }

// mayDeleteVersions checks the MFA of a request that is about to delete versions.
func (s *Service) mayDeleteVersions(ctx context.Context, mfa *string) error {
	if !subjectOf(ctx).bucket.mfaDelete() {
		return nil
	}
	return s.proveMFA(ctx, mfa)
}

// proveMFA checks x-amz-mfa, a serial number and a code, and uses the code up. Errors: AccessDenied, InvalidArgument,
// InvalidRequest.
func (s *Service) proveMFA(ctx context.Context, header *string) error {
	sub := subjectOf(ctx)
	caller := sub.request.Caller
	if header == nil {
		return mfaMissing()
	}
	serial, code, ok := strings.Cut(*header, " ")
	switch {
	case !ok || serial == "" || code == "" || strings.Contains(code, " "):
		return awserr.InvalidArgument.Errorf("Mfa header is invalid -- the header should be formatted as {serialNumber}(space){tokenCode}").
			With("ArgumentName", "x-amz-mfa")
	case caller.Session != nil:
		return awserr.InvalidRequest.Errorf("DevPay and Mfa are mutually exclusive authorization methods.")
	case caller.Type != authz.Account || caller.Account != sub.bucket.Account:
		return awserr.AccessDenied.Errorf("This operation may only be performed by the bucket owner")
	}
	if err := s.useMFA(ctx, caller.Principal, serial, code); err != nil {
		return mfaMissing()
	}
	return nil
}

func mfaMissing() error {
	return awserr.AccessDenied.Errorf("Mfa Authentication must be used for this request")
}
