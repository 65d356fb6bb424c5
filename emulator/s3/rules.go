package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// Rules of the object operations. Each finds the bucket (NoSuchBucket), checks the expected owner, and reads the object
// where its permissions or tags count; the operation finds both in its subject.
var (
	toGetObject = wire.For(func(ctx context.Context, s *Service, in *s3.GetObjectInput) ([]wire.Need, error) {
		panic("being written")
	})
	toHeadObject = wire.For(func(ctx context.Context, s *Service, in *s3.HeadObjectInput) ([]wire.Need, error) {
		panic("being written")
	})
	toGetObjectAttributes = wire.For(func(ctx context.Context, s *Service, in *s3.GetObjectAttributesInput) ([]wire.Need, error) {
		panic("being written")
	})
	toPutObject = wire.For(func(ctx context.Context, s *Service, in *s3.PutObjectInput) ([]wire.Need, error) {
		panic("being written")
	})
	toCopyObject = wire.For(func(ctx context.Context, s *Service, in *s3.CopyObjectInput) ([]wire.Need, error) {
		panic("being written")
	})
	toDeleteObject = wire.For(func(ctx context.Context, s *Service, in *s3.DeleteObjectInput) ([]wire.Need, error) {
		panic("being written")
	})
	// toDeleteObjects has no needs: the operation asks mayDelete for each key.
	toDeleteObjects = wire.For(func(ctx context.Context, s *Service, in *s3.DeleteObjectsInput) ([]wire.Need, error) {
		panic("being written")
	})
	toListObjects = wire.For(func(ctx context.Context, s *Service, in *s3.ListObjectsInput) ([]wire.Need, error) {
		panic("being written")
	})
	toListObjectsV2 = wire.For(func(ctx context.Context, s *Service, in *s3.ListObjectsV2Input) ([]wire.Need, error) {
		panic("being written")
	})
	toListObjectVersions = wire.For(func(ctx context.Context, s *Service, in *s3.ListObjectVersionsInput) ([]wire.Need, error) {
		panic("being written")
	})
	toCreateMultipartUpload = wire.For(func(ctx context.Context, s *Service, in *s3.CreateMultipartUploadInput) ([]wire.Need, error) {
		panic("being written")
	})
	toUploadPart = wire.For(func(ctx context.Context, s *Service, in *s3.UploadPartInput) ([]wire.Need, error) {
		panic("being written")
	})
	toUploadPartCopy = wire.For(func(ctx context.Context, s *Service, in *s3.UploadPartCopyInput) ([]wire.Need, error) {
		panic("being written")
	})
	toCompleteMultipartUpload = wire.For(func(ctx context.Context, s *Service, in *s3.CompleteMultipartUploadInput) ([]wire.Need, error) {
		panic("being written")
	})
	toAbortMultipartUpload = wire.For(func(ctx context.Context, s *Service, in *s3.AbortMultipartUploadInput) ([]wire.Need, error) {
		panic("being written")
	})
	toListParts = wire.For(func(ctx context.Context, s *Service, in *s3.ListPartsInput) ([]wire.Need, error) {
		panic("being written")
	})
	toListMultipartUploads = wire.For(func(ctx context.Context, s *Service, in *s3.ListMultipartUploadsInput) ([]wire.Need, error) {
		panic("being written")
	})
	toGetObjectAcl = wire.For(func(ctx context.Context, s *Service, in *s3.GetObjectAclInput) ([]wire.Need, error) {
		panic("being written")
	})
	toPutObjectAcl = wire.For(func(ctx context.Context, s *Service, in *s3.PutObjectAclInput) ([]wire.Need, error) {
		panic("being written")
	})
	toGetObjectTagging = wire.For(func(ctx context.Context, s *Service, in *s3.GetObjectTaggingInput) ([]wire.Need, error) {
		panic("being written")
	})
	toPutObjectTagging = wire.For(func(ctx context.Context, s *Service, in *s3.PutObjectTaggingInput) ([]wire.Need, error) {
		panic("being written")
	})
	toDeleteObjectTagging = wire.For(func(ctx context.Context, s *Service, in *s3.DeleteObjectTaggingInput) ([]wire.Need, error) {
		panic("being written")
	})
)

// mayDelete decides the deletion of one key of DeleteObjects; the error is the denial.
func mayDelete(ctx context.Context, b *bucket, key, version string) error { panic("being written") }
