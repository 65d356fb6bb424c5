package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator/wire"
)

// PostObjectInput and PostObjectOutput are PutObject's: the SDKs have no operation for a browser's form.
type (
	PostObjectInput  struct{ s3.PutObjectInput }
	PostObjectOutput struct{ s3.PutObjectOutput }
)

var forms = wire.Ops(wire.Op((*Service).PostObject, toPostObject))

var toPostObject = wire.For(func(ctx context.Context, s *Service, in *PostObjectInput) ([]wire.Need, error) {
	return s.putting(ctx, &in.PutObjectInput)
})

// PostObject stores the file of a browser's form.
func (s *Service) PostObject(ctx context.Context, in *PostObjectInput) (*PostObjectOutput, error) {
	out, err := s.PutObject(ctx, &in.PutObjectInput)
	if err != nil {
		return nil, err
	}
	return &PostObjectOutput{*out}, nil
}
