package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var bucketACLs = wire.Ops(
	wire.Op((*Service).GetBucketAcl, toBucket("s3:GetBucketAcl")),
	wire.Op((*Service).PutBucketAcl, toBucket("s3:PutBucketAcl")),
)

// GetBucketAcl returns the bucket's ACL; with ACLs disabled it is the owner's FULL_CONTROL.
func (s *Service) GetBucketAcl(ctx context.Context, _ *s3.GetBucketAclInput) (*s3.GetBucketAclOutput, error) {
	b := subjectOf(ctx).bucket
	acl := b.ACL
	if b.ACLsDisabled() {
		acl = ACL{}
	}
	out := &s3.GetBucketAclOutput{}
	out.Owner, out.Grants = acl.show(b.Account)
	return out, nil
}

// PutBucketAcl sets the bucket's ACL by one of: a canned ACL, grant headers, a body.
func (s *Service) PutBucketAcl(ctx context.Context, in *s3.PutBucketAclInput) (*s3.PutBucketAclOutput, error) {
	sub := subjectOf(ctx)
	r := aclRequest{
		action: "s3:PutBucketAcl", resource: sub.bucket.arn,
		canned:      string(in.ACL),
		fullControl: in.GrantFullControl, read: in.GrantRead, readACP: in.GrantReadACP, write: in.GrantWrite, writeACP: in.GrantWriteACP,
		body: in.AccessControlPolicy,
	}
	if r.empty() {
		return nil, missingACL()
	}
	return &s3.PutBucketAclOutput{}, s.changeBucket(ctx, sub.bucket, func(tx *store.Tx, b *Bucket) (err error) {
		b.ACL, err = newACL(tx, b, b.Account, sub.request.Caller, r)
		return err
	})
}

// missingACL answers a PutBucketAcl or PutObjectAcl that says nothing.
func missingACL() error {
	return awserr.MissingSecurityHeader.Errorf("Your request was missing a required header").With("MissingHeaderName", "x-amz-acl")
}
