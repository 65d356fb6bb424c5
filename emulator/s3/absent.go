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
	wire.Op((*Service).GetBucketLogging, toBucket("s3:GetBucketLogging")),
	wire.Op((*Service).GetBucketNotificationConfiguration, toBucket("s3:GetBucketNotification")),
)

// GetBucketLogging returns nothing: access logging is off.
func (s *Service) GetBucketLogging(context.Context, *s3.GetBucketLoggingInput) (*s3.GetBucketLoggingOutput, error) {
	return &s3.GetBucketLoggingOutput{}, nil
}

// GetBucketNotificationConfiguration returns nothing: there are no notifications.
func (s *Service) GetBucketNotificationConfiguration(context.Context, *s3.GetBucketNotificationConfigurationInput) (*s3.GetBucketNotificationConfigurationOutput, error) {
	return &s3.GetBucketNotificationConfigurationOutput{}, nil
}

func none(ctx context.Context, kind awserr.Kind, message string) error {
	return kind.Errorf("%s", message).With("BucketName", subjectOf(ctx).bucket.Name)
}
