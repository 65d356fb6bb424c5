package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var requestPayment = newKind[types.RequestPaymentConfiguration]("requestPayment")

var requestPayments = wire.Ops(
	wire.Op((*Service).GetBucketRequestPayment, toBucket("s3:GetBucketRequestPayment")),
	wire.Op((*Service).PutBucketRequestPayment, toBucket("s3:PutBucketRequestPayment")),
)

// GetBucketRequestPayment returns who pays: the bucket's owner unless it was set otherwise.
func (s *Service) GetBucketRequestPayment(ctx context.Context, _ *s3.GetBucketRequestPaymentInput) (*s3.GetBucketRequestPaymentOutput, error) {
	out := &s3.GetBucketRequestPaymentOutput{Payer: types.PayerBucketOwner}
	if c := requestPayment.of(subjectOf(ctx).bucket); c != nil {
		out.Payer = c.Payer
	}
	return out, nil
}

// PutBucketRequestPayment sets who pays.
func (s *Service) PutBucketRequestPayment(ctx context.Context, in *s3.PutBucketRequestPaymentInput) (*s3.PutBucketRequestPaymentOutput, error) {
	return &s3.PutBucketRequestPaymentOutput{}, requestPayment.put(ctx, s, subjectOf(ctx).bucket, "", in.RequestPaymentConfiguration)
}

// paid refuses those who would have to pay for a request and do not say that they will, and anonymous callers, who cannot
// ("Using Requester Pays buckets", Amazon S3 User Guide). Errors: AccessDenied.
func (b *bucket) paid(r *wire.Request) error {
	c := requestPayment.of(b)
	if c == nil || c.Payer != types.PayerRequester || r.Caller.Account == b.Account || r.Caller.Type == authz.Service {
		return nil
	}
	// A presigned URL has it as a parameter.
	says := r.HTTP.Header.Get("X-Amz-Request-Payer") == "requester" || r.HTTP.URL.Query().Get("x-amz-request-payer") == "requester"
	if !says || r.Caller.Type == authz.Anonymous {
		return accessDenied()
	}
	r.Header.Set("x-amz-request-charged", "requester")
	return nil
}
