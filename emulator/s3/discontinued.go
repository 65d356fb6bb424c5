package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// Operations that S3 refuses to new accounts, after it has authorized them: S3 Select since July 2024, torrents since
// April 2022 ("Amazon S3 Select", "GetObjectTorrent").
var discontinued = wire.Ops(
	wire.Op((*Service).SelectObjectContent, wire.For(func(ctx context.Context, s *Service, in *s3.SelectObjectContentInput) ([]wire.Need, error) {
		return s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, nil, getObject)
	})),
	wire.Op((*Service).GetObjectTorrent, wire.For(func(ctx context.Context, s *Service, in *s3.GetObjectTorrentInput) ([]wire.Need, error) {
		return s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, nil, permission{plain: "s3:GetObjectTorrent"})
	})),
)

// SelectObjectContent answers MethodNotAllowed.
func (s *Service) SelectObjectContent(context.Context, *s3.SelectObjectContentInput) (*s3.SelectObjectContentOutput, error) {
	return nil, notAllowed("POST")
}

// GetObjectTorrent answers MethodNotAllowed.
func (s *Service) GetObjectTorrent(context.Context, *s3.GetObjectTorrentInput) (*s3.GetObjectTorrentOutput, error) {
	return nil, notAllowed("GET")
}

func notAllowed(method string) error {
	return awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.").
		With("Method", method).With("ResourceType", "OBJECT")
}
