package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/wire"
)

// tierings are the archive tiers of INTELLIGENT_TIERING, which are kept and read back.
var tierings = wire.Ops(
	wire.Op((*Service).GetBucketIntelligentTieringConfiguration, toBucket("s3:GetIntelligentTieringConfiguration")),
	wire.Op((*Service).PutBucketIntelligentTieringConfiguration, toBucket("s3:PutIntelligentTieringConfiguration")),
	wire.Op((*Service).DeleteBucketIntelligentTieringConfiguration, toBucket("s3:PutIntelligentTieringConfiguration")),
	wire.Op((*Service).ListBucketIntelligentTieringConfigurations, toBucket("s3:GetIntelligentTieringConfiguration")),
)

var tieringKind = newKind[types.IntelligentTieringConfiguration]("tiering")

// PutBucketIntelligentTieringConfiguration sets one of the bucket's configurations.
func (s *Service) PutBucketIntelligentTieringConfiguration(ctx context.Context, in *s3.PutBucketIntelligentTieringConfigurationInput) (*s3.PutBucketIntelligentTieringConfigurationOutput, error) {
	c := in.IntelligentTieringConfiguration
	if c == nil || !among(c.Status) || len(c.Tierings) == 0 || len(c.Tierings) > 2 {
		return nil, malformedXML()
	}
	days := map[types.IntelligentTieringAccessTier]int32{}
	for _, t := range c.Tierings {
		if _, twice := days[t.AccessTier]; twice || !among(t.AccessTier) {
			return nil, malformedXML()
		}
		n := aws.ToInt32(t.Days)
		least := int32(90) // "Tiering", Amazon S3 API Reference
		if t.AccessTier == types.IntelligentTieringAccessTierDeepArchiveAccess {
			least = 180
		}
		if n < least || n > 730 {
			return nil, invalidArgument("Days", "", "The number of days for the access tier is not valid.")
		}
		days[t.AccessTier] = n
	}
	if a, ok := days[types.IntelligentTieringAccessTierArchiveAccess]; ok {
		if d, ok := days[types.IntelligentTieringAccessTierDeepArchiveAccess]; ok && d <= a {
			return nil, invalidArgument("Days", "", "The number of days for the access tier is not valid.")
		}
	}
	return &s3.PutBucketIntelligentTieringConfigurationOutput{}, putNamed(ctx, s, tieringKind, in.Id, c.Id, c)
}

// GetBucketIntelligentTieringConfiguration returns one of the bucket's configurations.
func (s *Service) GetBucketIntelligentTieringConfiguration(ctx context.Context, in *s3.GetBucketIntelligentTieringConfigurationInput) (*s3.GetBucketIntelligentTieringConfigurationOutput, error) {
	c, err := getNamed(ctx, tieringKind, in.Id)
	if err != nil {
		return nil, err
	}
	return &s3.GetBucketIntelligentTieringConfigurationOutput{IntelligentTieringConfiguration: c}, nil
}

// DeleteBucketIntelligentTieringConfiguration removes one of the bucket's configurations.
func (s *Service) DeleteBucketIntelligentTieringConfiguration(ctx context.Context, in *s3.DeleteBucketIntelligentTieringConfigurationInput) (*s3.DeleteBucketIntelligentTieringConfigurationOutput, error) {
	return &s3.DeleteBucketIntelligentTieringConfigurationOutput{}, deleteNamed(ctx, s, tieringKind, in.Id)
}

// ListBucketIntelligentTieringConfigurations lists the bucket's configurations by id.
func (s *Service) ListBucketIntelligentTieringConfigurations(ctx context.Context, in *s3.ListBucketIntelligentTieringConfigurationsInput) (*s3.ListBucketIntelligentTieringConfigurationsOutput, error) {
	page, next, err := listNamed(ctx, tieringKind, in.ContinuationToken)
	return &s3.ListBucketIntelligentTieringConfigurationsOutput{
		IntelligentTieringConfigurationList: page, ContinuationToken: in.ContinuationToken, NextContinuationToken: next, IsTruncated: aws.Bool(next != nil),
	}, err
}
