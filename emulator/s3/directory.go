package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// There are no directory buckets: what makes them is a place in one Availability Zone, which one machine has not.
var directoryBuckets = wire.Ops(
	wire.Op((*Service).ListDirectoryBuckets, wire.For(func(ctx context.Context, _ *Service, in *s3.ListDirectoryBucketsInput) ([]wire.Need, error) {
		sub := &subject{request: wire.RequestFrom(ctx), in: in}
		if sub.request.Caller.Type == authz.Anonymous {
			return nil, accessDenied()
		}
		return []wire.Need{{Action: "s3express:ListAllMyDirectoryBuckets", Resource: "*", Account: sub.request.Caller.Account}}, nil
	})),
	wire.Op((*Service).CreateSession, toBucket("s3express:CreateSession")),
	wire.Op((*Service).RenameObject, toBucket("s3express:CreateSession")),
)

// ListDirectoryBuckets lists none.
func (s *Service) ListDirectoryBuckets(context.Context, *s3.ListDirectoryBucketsInput) (*s3.ListDirectoryBucketsOutput, error) {
	return &s3.ListDirectoryBucketsOutput{Buckets: []types.Bucket{}}, nil
}

// CreateSession answers MethodNotAllowed: the buckets that there are have no sessions.
func (s *Service) CreateSession(context.Context, *s3.CreateSessionInput) (*s3.CreateSessionOutput, error) {
	return nil, awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.")
}

// RenameObject answers MethodNotAllowed: it is for the objects of directory buckets.
func (s *Service) RenameObject(context.Context, *s3.RenameObjectInput) (*s3.RenameObjectOutput, error) {
	return nil, awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.")
}
