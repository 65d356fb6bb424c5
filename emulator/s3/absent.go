package s3

import (
	"context"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// none answers for a configuration that the bucket does not have. Tools that read a bucket whole (Terraform's aws_s3_bucket)
// know each kind's own error.
func none(ctx context.Context, kind awserr.Kind, message string) error {
	return kind.Errorf("%s", message).With("BucketName", subjectOf(ctx).bucket.Name)
}
