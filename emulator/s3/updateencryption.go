package s3

import (
	"context"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var objectEncryption = wire.Ops(
	wire.Op((*Service).UpdateObjectEncryption, toUpdateObjectEncryption),
)

// UpdateObjectEncryption gives an object another KMS key. Nothing else of it changes, its ETag neither.
func (s *Service) UpdateObjectEncryption(ctx context.Context, in *s3.UpdateObjectEncryptionInput) (*s3.UpdateObjectEncryptionOutput, error) {
	caller, b := wire.RequestFrom(ctx).Caller, subjectOf(ctx).bucket
	if caller.SignatureVersion != sigv4.Version4 {
		return nil, awserr.InvalidRequest.Errorf("Requests that modify an object encryption configuration require AWS Signature Version 4. Modify the request to use AWS Signature Version 4, and then try again.")
	}
	to, err := updatedEncryption(b, in)
	if err != nil {
		return nil, err
	}
	_, err = s.changeObject(ctx, *in.Key, in.VersionId, "", func(tx *store.Tx, _ *Bucket, o *Object) error {
		if o.Lock.check(tx.Now, false) != nil {
			return awserr.AccessDenied.Errorf("The encryption type for the specified object can't be updated because that object is protected by S3 Object Lock. If the object has a governance-mode retention period or a legal hold, you must first remove the Object Lock status on the object before you issue your UpdateObjectEncryption request. You can't use the UpdateObjectEncryption operation with objects that have an Object Lock compliance mode retention period applied to them.")
		}
		if o.Encryption.Lock != nil || o.Encryption.Algorithm == types.ServerSideEncryptionAwsKmsDsse {
			return awserr.InvalidRequest.Errorf("The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported.")
		}
		o.Encryption = to
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &s3.UpdateObjectEncryptionOutput{}, nil
}

var newKeyForm = regexp.MustCompile(`^arn:aws:kms:[a-z0-9-]+:([0-9]{12}):key/[a-zA-Z0-9-]+$`)

// updatedEncryption reads what an update asks for. Errors: InvalidRequest, AccessDenied, KMS.NotFoundException.
func updatedEncryption(b *bucket, in *s3.UpdateObjectEncryptionInput) (e Encryption, err error) {
	asked, ok := in.ObjectEncryption.(*types.ObjectEncryptionMemberSSEKMS)
	if !ok {
		return e, awserr.InvalidRequest.Errorf("Requests that modify an object encryption configuration require a valid new encryption type. Valid values are SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again.")
	}
	arn := aws.ToString(asked.Value.KMSKeyArn)
	parts := newKeyForm.FindStringSubmatch(arn)
	switch {
	case arn == "":
		return e, awserr.InvalidRequest.Errorf("Requests that modify an object's encryption type to SSE-KMS require an AWS KMS key Amazon Resource Name (ARN). Modify the request to specify a KMS key ARN, and then try again.")
	case parts == nil:
		return e, awserr.InvalidRequest.Errorf("Requests that modify an object's encryption type to SSE-KMS require a valid AWS KMS key Amazon Resource Name (ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and then try again.")
	case parts[1] != b.Account:
		return e, awserr.AccessDenied.Errorf("The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a KMS key from the same account, and then try again.")
	}
	e = Encryption{Algorithm: types.ServerSideEncryptionAwsKms, BucketKey: aws.ToBool(asked.Value.BucketKeyEnabled)}
	e.Key, err = kmsKey(arn, b.Account, b.Region)
	return e, err
}

// toUpdateObjectEncryption: the data key goes from the old KMS key, if there is one, to the new one
// ("UpdateObjectEncryption", Permissions).
var toUpdateObjectEncryption = wire.For(func(ctx context.Context, s *Service, in *s3.UpdateObjectEncryptionInput) ([]wire.Need, error) {
	needs, err := s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, permission{"s3:UpdateObjectEncryption", "s3:UpdateObjectEncryption"})
	if err != nil {
		return nil, err
	}
	sub := subjectOf(ctx)
	to, err := updatedEncryption(sub.bucket, in)
	if err != nil || sub.object == nil {
		return needs, nil // the operation's to answer
	}
	for _, action := range []string{"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:ReEncryptTo"} {
		needs = append(needs, sub.needKey(sub.bucket, *in.Key, action, &to))
	}
	if from := &sub.object.Encryption; from.kms() {
		needs = append(needs, sub.needKey(sub.bucket, *in.Key, "kms:Decrypt", from), sub.needKey(sub.bucket, *in.Key, "kms:ReEncryptFrom", from))
	}
	return needs, nil
})
