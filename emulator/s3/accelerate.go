package s3

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var acceleration = newKind[types.AccelerateConfiguration]("accelerate")

var accelerations = wire.Ops(
	wire.Op((*Service).GetBucketAccelerateConfiguration, toBucket("s3:GetAccelerateConfiguration")),
	wire.Op((*Service).PutBucketAccelerateConfiguration, toBucket("s3:PutAccelerateConfiguration")),
)

// GetBucketAccelerateConfiguration returns nothing for a bucket whose transfer acceleration was never set.
func (s *Service) GetBucketAccelerateConfiguration(ctx context.Context, _ *s3.GetBucketAccelerateConfigurationInput) (*s3.GetBucketAccelerateConfigurationOutput, error) {
	out := &s3.GetBucketAccelerateConfigurationOutput{}
	if c := acceleration.of(subjectOf(ctx).bucket); c != nil {
		out.Status = c.Status
	}
	return out, nil
}

// PutBucketAccelerateConfiguration turns the bucket's accelerate host name on or off. It makes nothing faster here.
func (s *Service) PutBucketAccelerateConfiguration(ctx context.Context, in *s3.PutBucketAccelerateConfigurationInput) (*s3.PutBucketAccelerateConfigurationOutput, error) {
	b := subjectOf(ctx).bucket
	c := in.AccelerateConfiguration
	switch {
	case c.Status == "":
		return nil, malformedXML()
	case strings.Contains(b.Name, "."):
		return nil, awserr.InvalidRequest.Errorf("S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
	}
	return &s3.PutBucketAccelerateConfigurationOutput{}, acceleration.put(ctx, s, b, "", c)
}
