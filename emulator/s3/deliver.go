package s3

import (
	"bytes"
	"context"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// The services that write to buckets by themselves.
const (
	logService    = "logging.s3.amazonaws.com" // access logs
	reportService = "s3.amazonaws.com"         // inventories
)

// mayDeliver says whether a service may write an object to target for the bucket source: the target's policy allows it
// ("Permissions for log delivery"; "Grant permissions for Amazon S3 Inventory"), or its ACL lets the log delivery group write.
func mayDeliver(target *bucket, service string, source *bucket, resource string) bool {
	d := authz.Evaluate(authz.Request{
		Principal: authz.Principal{Type: authz.Service, Service: service},
		Action:    "s3:PutObject", Resource: resource, ResourceAccount: target.Account,
		Context: authz.Keys{
			"aws:sourcearn": {source.arn}, "aws:sourceaccount": {source.Account}, "aws:principalisawsservice": {"true"},
			"s3:x-amz-acl": {"bucket-owner-full-control"}, "s3:resourceaccount": {target.Account},
		},
	}, authz.Policies{Resource: target.policies})
	switch {
	case d.Allowed():
		return true
	case service != logService || target.ACLsDisabled() || d.Effect == authz.ExplicitDeny:
		return false
	}
	return slices.ContainsFunc(target.ACL.Grants, func(g Grant) bool {
		return g.Group == logDelivery && (g.Permission == "WRITE" || g.Permission == "FULL_CONTROL")
	})
}

// deliver writes an object as a service. It reports whether it may. The target's owner owns the object.
func (s *Service) deliver(ctx context.Context, service string, source, target *bucket, in *s3.PutObjectInput, body []byte) (bool, error) {
	if !mayDeliver(target, service, source, target.arn+"/"+*in.Key) {
		return false, nil
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, "/", bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	in.Bucket, in.Body, in.ContentLength = aws.String(target.Name), r.Body, aws.Int64(int64(len(body)))
	r.Header.Set("Content-Type", aws.ToString(in.ContentType))
	req := &wire.Request{
		ID: ids.NewRequestID(), Now: s.now().UTC(), HTTP: r, Service: "s3", Region: target.Region, Header: http.Header{},
		Caller:    wire.Caller{Principal: authz.Principal{Type: authz.Service, Service: service, Account: target.Account}},
		Authorize: func(context.Context, wire.Need) error { return nil }, // the service was let in
	}
	req.Memo = &subject{service: s, request: req, in: in, bucket: target}
	_, err = s.PutObject(wire.WithRequest(ctx, req), in)
	return err == nil, err
}
