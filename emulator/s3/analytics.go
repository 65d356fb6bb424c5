package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/wire"
)

// Analytics of storage classes and metrics of requests are kept and read back: what they would report is for AWS's own
// consoles.

var analytics = wire.Ops(
	wire.Op((*Service).GetBucketAnalyticsConfiguration, toBucket("s3:GetAnalyticsConfiguration")),
	wire.Op((*Service).PutBucketAnalyticsConfiguration, toBucket("s3:PutAnalyticsConfiguration")),
	wire.Op((*Service).DeleteBucketAnalyticsConfiguration, toBucket("s3:PutAnalyticsConfiguration")),
	wire.Op((*Service).ListBucketAnalyticsConfigurations, toBucket("s3:GetAnalyticsConfiguration")),
)

// Analytics is a storage class analysis; Filter is apart, since the SDK has an interface for it.
type Analytics struct {
	Id       *string
	Filter   *reportFilter
	Analysis *types.StorageClassAnalysis
}

var analyticsKind = newKind[Analytics]("analytics")

// A reportFilter says which objects a report is about: one of a prefix, a tag and an access point, or several of them.
type reportFilter struct {
	Several     bool `json:",omitempty"` // it was written with And
	Prefix      *string
	Tags        []types.Tag
	AccessPoint *string
}

// check holds the tags against the rules of tags.
func (f *reportFilter) check() error {
	if f == nil {
		return nil
	}
	_, err := newTags(f.Tags, maxBucketTags)
	return err
}

func newAnalytics(c *types.AnalyticsConfiguration) *Analytics {
	a := &Analytics{Id: c.Id, Analysis: c.StorageClassAnalysis}
	switch f := c.Filter.(type) {
	case *types.AnalyticsFilterMemberPrefix:
		a.Filter = &reportFilter{Prefix: &f.Value}
	case *types.AnalyticsFilterMemberTag:
		a.Filter = &reportFilter{Tags: []types.Tag{f.Value}}
	case *types.AnalyticsFilterMemberAnd:
		a.Filter = &reportFilter{Several: true, Prefix: f.Value.Prefix, Tags: f.Value.Tags}
	}
	return a
}

func (a *Analytics) show() *types.AnalyticsConfiguration {
	c := &types.AnalyticsConfiguration{Id: a.Id, StorageClassAnalysis: a.Analysis}
	switch f := a.Filter; {
	case f == nil:
	case f.Several:
		c.Filter = &types.AnalyticsFilterMemberAnd{Value: types.AnalyticsAndOperator{Prefix: f.Prefix, Tags: f.Tags}}
	case len(f.Tags) > 0:
		c.Filter = &types.AnalyticsFilterMemberTag{Value: f.Tags[0]}
	default:
		c.Filter = &types.AnalyticsFilterMemberPrefix{Value: aws.ToString(f.Prefix)}
	}
	return c
}

// PutBucketAnalyticsConfiguration sets one of the bucket's analyses.
func (s *Service) PutBucketAnalyticsConfiguration(ctx context.Context, in *s3.PutBucketAnalyticsConfigurationInput) (*s3.PutBucketAnalyticsConfigurationOutput, error) {
	c := in.AnalyticsConfiguration
	if c == nil || c.StorageClassAnalysis == nil {
		return nil, malformedXML()
	}
	if e := c.StorageClassAnalysis.DataExport; e != nil {
		if e.Destination == nil || e.Destination.S3BucketDestination == nil || !among(e.OutputSchemaVersion) || !among(e.Destination.S3BucketDestination.Format) {
			return nil, malformedXML()
		}
		if err := destinationBucket(e.Destination.S3BucketDestination.Bucket); err != nil {
			return nil, err
		}
	}
	a := newAnalytics(c)
	if err := a.Filter.check(); err != nil {
		return nil, err
	}
	return &s3.PutBucketAnalyticsConfigurationOutput{}, putNamed(ctx, s, analyticsKind, in.Id, c.Id, a)
}

// GetBucketAnalyticsConfiguration returns one of the bucket's analyses.
func (s *Service) GetBucketAnalyticsConfiguration(ctx context.Context, in *s3.GetBucketAnalyticsConfigurationInput) (*s3.GetBucketAnalyticsConfigurationOutput, error) {
	a, err := getNamed(ctx, analyticsKind, in.Id)
	if err != nil {
		return nil, err
	}
	return &s3.GetBucketAnalyticsConfigurationOutput{AnalyticsConfiguration: a.show()}, nil
}

// DeleteBucketAnalyticsConfiguration removes one of the bucket's analyses.
func (s *Service) DeleteBucketAnalyticsConfiguration(ctx context.Context, in *s3.DeleteBucketAnalyticsConfigurationInput) (*s3.DeleteBucketAnalyticsConfigurationOutput, error) {
	return &s3.DeleteBucketAnalyticsConfigurationOutput{}, deleteNamed(ctx, s, analyticsKind, in.Id)
}

// ListBucketAnalyticsConfigurations lists the bucket's analyses by id.
func (s *Service) ListBucketAnalyticsConfigurations(ctx context.Context, in *s3.ListBucketAnalyticsConfigurationsInput) (*s3.ListBucketAnalyticsConfigurationsOutput, error) {
	page, next, err := listNamed(ctx, analyticsKind, in.ContinuationToken)
	out := &s3.ListBucketAnalyticsConfigurationsOutput{ContinuationToken: in.ContinuationToken, NextContinuationToken: next, IsTruncated: aws.Bool(next != nil)}
	for i := range page {
		out.AnalyticsConfigurationList = append(out.AnalyticsConfigurationList, *page[i].show())
	}
	return out, err
}
