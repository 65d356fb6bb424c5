package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// The reads of configurations that a bucket cannot have yet, since their writes are not implemented: they answer what S3
// answers for a bucket without. Tools that read a bucket whole (Terraform's aws_s3_bucket) need them.
var absent = wire.Ops(
	wire.Op((*Service).GetBucketLifecycleConfiguration, toBucket("s3:GetLifecycleConfiguration")),
	wire.Op((*Service).GetBucketLogging, toBucket("s3:GetBucketLogging")),
	wire.Op((*Service).GetBucketNotificationConfiguration, toBucket("s3:GetBucketNotification")),
	wire.Op((*Service).GetObjectLockConfiguration, toBucket("s3:GetBucketObjectLockConfiguration")),
)

// GetBucketLifecycleConfiguration answers NoSuchLifecycleConfiguration.
func (s *Service) GetBucketLifecycleConfiguration(ctx context.Context, _ *s3.GetBucketLifecycleConfigurationInput) (*s3.GetBucketLifecycleConfigurationOutput, error) {
	return nil, none(ctx, awserr.NoSuchLifecycleConfiguration, "The lifecycle configuration does not exist")
}

// GetBucketLogging returns nothing: access logging is off.
func (s *Service) GetBucketLogging(context.Context, *s3.GetBucketLoggingInput) (*s3.GetBucketLoggingOutput, error) {
	return &s3.GetBucketLoggingOutput{}, nil
}

// GetBucketNotificationConfiguration returns nothing: there are no notifications.
func (s *Service) GetBucketNotificationConfiguration(context.Context, *s3.GetBucketNotificationConfigurationInput) (*s3.GetBucketNotificationConfigurationOutput, error) {
	return &s3.GetBucketNotificationConfigurationOutput{}, nil
}

// GetObjectLockConfiguration answers ObjectLockConfigurationNotFoundError.
func (s *Service) GetObjectLockConfiguration(ctx context.Context, _ *s3.GetObjectLockConfigurationInput) (*s3.GetObjectLockConfigurationOutput, error) {
	return nil, none(ctx, awserr.ObjectLockConfigurationNotFoundError, "Object Lock configuration does not exist for this bucket")
}

func none(ctx context.Context, kind awserr.Kind, message string) error {
	return kind.Errorf("%s", message).With("BucketName", subjectOf(ctx).bucket.Name)
}
