package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/wire"
)

var metrics = wire.Ops(
	wire.Op((*Service).GetBucketMetricsConfiguration, toBucket("s3:GetMetricsConfiguration")),
	wire.Op((*Service).PutBucketMetricsConfiguration, toBucket("s3:PutMetricsConfiguration")),
	wire.Op((*Service).DeleteBucketMetricsConfiguration, toBucket("s3:PutMetricsConfiguration")),
	wire.Op((*Service).ListBucketMetricsConfigurations, toBucket("s3:GetMetricsConfiguration")),
)

// Metrics says which requests are to be counted.
type Metrics struct {
	Id     *string
	Filter *reportFilter
}

var metricsKind = newKind[Metrics]("metrics")

func newMetrics(c *types.MetricsConfiguration) *Metrics {
	m := &Metrics{Id: c.Id}
	switch f := c.Filter.(type) {
	case *types.MetricsFilterMemberPrefix:
		m.Filter = &reportFilter{Prefix: &f.Value}
	case *types.MetricsFilterMemberTag:
		m.Filter = &reportFilter{Tags: []types.Tag{f.Value}}
	case *types.MetricsFilterMemberAccessPointArn:
		m.Filter = &reportFilter{AccessPoint: &f.Value}
	case *types.MetricsFilterMemberAnd:
		m.Filter = &reportFilter{Several: true, Prefix: f.Value.Prefix, Tags: f.Value.Tags, AccessPoint: f.Value.AccessPointArn}
	}
	return m
}

func (m *Metrics) show() *types.MetricsConfiguration {
	c := &types.MetricsConfiguration{Id: m.Id}
	switch f := m.Filter; {
	case f == nil:
	case f.Several:
		c.Filter = &types.MetricsFilterMemberAnd{Value: types.MetricsAndOperator{Prefix: f.Prefix, Tags: f.Tags, AccessPointArn: f.AccessPoint}}
	case len(f.Tags) > 0:
		c.Filter = &types.MetricsFilterMemberTag{Value: f.Tags[0]}
	case f.AccessPoint != nil:
		c.Filter = &types.MetricsFilterMemberAccessPointArn{Value: *f.AccessPoint}
	default:
		c.Filter = &types.MetricsFilterMemberPrefix{Value: aws.ToString(f.Prefix)}
	}
	return c
}

// PutBucketMetricsConfiguration sets one of the bucket's metrics.
func (s *Service) PutBucketMetricsConfiguration(ctx context.Context, in *s3.PutBucketMetricsConfigurationInput) (*s3.PutBucketMetricsConfigurationOutput, error) {
	if in.MetricsConfiguration == nil {
		return nil, malformedXML()
	}
	m := newMetrics(in.MetricsConfiguration)
	if err := m.Filter.check(); err != nil {
		return nil, err
	}
	return &s3.PutBucketMetricsConfigurationOutput{}, putNamed(ctx, s, metricsKind, in.Id, m.Id, m)
}

// GetBucketMetricsConfiguration returns one of the bucket's metrics.
func (s *Service) GetBucketMetricsConfiguration(ctx context.Context, in *s3.GetBucketMetricsConfigurationInput) (*s3.GetBucketMetricsConfigurationOutput, error) {
	m, err := getNamed(ctx, metricsKind, in.Id)
	if err != nil {
		return nil, err
	}
	return &s3.GetBucketMetricsConfigurationOutput{MetricsConfiguration: m.show()}, nil
}

// DeleteBucketMetricsConfiguration removes one of the bucket's metrics.
func (s *Service) DeleteBucketMetricsConfiguration(ctx context.Context, in *s3.DeleteBucketMetricsConfigurationInput) (*s3.DeleteBucketMetricsConfigurationOutput, error) {
	return &s3.DeleteBucketMetricsConfigurationOutput{}, deleteNamed(ctx, s, metricsKind, in.Id)
}

// ListBucketMetricsConfigurations lists the bucket's metrics by id.
func (s *Service) ListBucketMetricsConfigurations(ctx context.Context, in *s3.ListBucketMetricsConfigurationsInput) (*s3.ListBucketMetricsConfigurationsOutput, error) {
	page, next, err := listNamed(ctx, metricsKind, in.ContinuationToken)
	out := &s3.ListBucketMetricsConfigurationsOutput{ContinuationToken: in.ContinuationToken, NextContinuationToken: next, IsTruncated: aws.Bool(next != nil)}
	for i := range page {
		out.MetricsConfigurationList = append(out.MetricsConfigurationList, *page[i].show())
	}
	return out, err
}
