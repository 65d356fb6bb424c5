package s3

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var bucketEncryption = wire.Ops(
	wire.Op((*Service).GetBucketEncryption, toBucket("s3:GetEncryptionConfiguration")),
	wire.Op((*Service).PutBucketEncryption, toBucket("s3:PutEncryptionConfiguration")),
	wire.Op((*Service).DeleteBucketEncryption, toBucket("s3:PutEncryptionConfiguration")),
)

// BucketEncryption is the default encryption of a bucket that was given one ("Setting default server-side encryption
// behavior for Amazon S3 buckets", Amazon S3 User Guide).
type BucketEncryption struct {
	Algorithm types.ServerSideEncryption `json:",omitempty"` // aws:kms, aws:kms:dsse; "" is AES256
	Key       string                     `json:",omitempty"` // of KMS, as it was given; "" is the AWS managed key
	BucketKey bool                       `json:",omitempty"`
	// AllowsCustomerKeys says that SSE-C has been unblocked.
	AllowsCustomerKeys bool `json:",omitempty"`
}

func (e *BucketEncryption) kms() bool { return e.Algorithm != "" }

// blocksCustomerKeys says that uploads with SSE-C are refused, as in every new bucket since April 2026.
func (b *Bucket) blocksCustomerKeys() bool {
	return b.Encryption == nil || !b.Encryption.AllowsCustomerKeys
}

// GetBucketEncryption returns the default encryption, which every bucket has.
func (s *Service) GetBucketEncryption(ctx context.Context, _ *s3.GetBucketEncryptionInput) (*s3.GetBucketEncryptionOutput, error) {
	b := subjectOf(ctx).bucket
	e := BucketEncryption{}
	if b.Encryption != nil {
		e = *b.Encryption
	}
	shown := &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256, KMSMasterKeyID: text(e.Key)}
	if e.kms() {
		shown.SSEAlgorithm = e.Algorithm
	}
	blocked := types.EncryptionTypeSseC
	if !b.blocksCustomerKeys() {
		blocked = types.EncryptionTypeNone
	}
	return &s3.GetBucketEncryptionOutput{ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
		Rules: []types.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: shown,
			BucketKeyEnabled:                   aws.Bool(e.BucketKey),
			BlockedEncryptionTypes:             &types.BlockedEncryptionTypes{EncryptionType: []types.EncryptionType{blocked}},
		}},
	}}, nil
}

// PutBucketEncryption sets the default encryption. A KMS key is not looked at before it is used. What is blocked stays so if
// the request says nothing of it.
func (s *Service) PutBucketEncryption(ctx context.Context, in *s3.PutBucketEncryptionInput) (*s3.PutBucketEncryptionOutput, error) {
	c := in.ServerSideEncryptionConfiguration
	if wire.RequestFrom(ctx).Caller.SignatureVersion != sigv4.Version4 {
		return nil, needsVersion4()
	}
	if c == nil || len(c.Rules) != 1 {
		return nil, malformedXML()
	}
	rule := c.Rules[0]
	e, err := newBucketEncryption(rule)
	if err != nil {
		return nil, err
	}
	return &s3.PutBucketEncryptionOutput{}, s.changeBucket(ctx, subjectOf(ctx).bucket, func(_ *store.Tx, b *Bucket) error {
		if rule.BlockedEncryptionTypes == nil {
			e.AllowsCustomerKeys = !b.blocksCustomerKeys()
		}
		b.Encryption = &e
		return nil
	})
}

// newBucketEncryption reads a rule. Errors: MalformedXML, InvalidArgument.
func newBucketEncryption(rule types.ServerSideEncryptionRule) (e BucketEncryption, err error) {
	e.BucketKey = aws.ToBool(rule.BucketKeyEnabled)
	if d := rule.ApplyServerSideEncryptionByDefault; d != nil {
		switch d.SSEAlgorithm {
		case types.ServerSideEncryptionAes256:
			if d.KMSMasterKeyID != nil {
				return e, awserr.InvalidArgument.Errorf("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse").
					With("ArgumentName", "ApplyServerSideEncryptionByDefault")
			}
		case types.ServerSideEncryptionAwsKms, types.ServerSideEncryptionAwsKmsDsse:
			e.Algorithm, e.Key = d.SSEAlgorithm, aws.ToString(d.KMSMasterKeyID)
		default: // aws:fsx and aws:backup are of other kinds of buckets
			return e, malformedXML()
		}
	}
	if blocked := rule.BlockedEncryptionTypes; blocked != nil {
		for _, t := range blocked.EncryptionType {
			if !slices.Contains(t.Values(), t) {
				return e, malformedXML()
			}
		}
		e.AllowsCustomerKeys = !slices.Contains(blocked.EncryptionType, types.EncryptionTypeSseC)
		if len(blocked.EncryptionType) > 1 && !e.AllowsCustomerKeys && slices.Contains(blocked.EncryptionType, types.EncryptionTypeNone) {
			return e, malformedXML() // nothing and something
		}
	}
	return e, nil
}

// DeleteBucketEncryption puts the default encryption back to SSE-S3.
func (s *Service) DeleteBucketEncryption(ctx context.Context, _ *s3.DeleteBucketEncryptionInput) (*s3.DeleteBucketEncryptionOutput, error) {
	return &s3.DeleteBucketEncryptionOutput{}, s.changeBucket(ctx, subjectOf(ctx).bucket, func(_ *store.Tx, b *Bucket) error {
		b.Encryption = &BucketEncryption{AllowsCustomerKeys: !b.blocksCustomerKeys()}
		return nil
	})
}
