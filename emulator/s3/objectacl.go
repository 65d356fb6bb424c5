package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var objectACLs = wire.Ops(
	wire.Op((*Service).GetObjectAcl, toGetObjectAcl),
	wire.Op((*Service).PutObjectAcl, toPutObjectAcl),
)

// GetObjectAcl returns the ACL of an object.
func (s *Service) GetObjectAcl(ctx context.Context, in *s3.GetObjectAclInput) (*s3.GetObjectAclOutput, error) {
	o, err := readable(subjectOf(ctx).object, *in.Key, in.VersionId, "GET")
	if err != nil {
		return nil, err
	}
	owner, grants := o.ACL.show(o.Owner)
	return &s3.GetObjectAclOutput{Owner: owner, Grants: grants}, nil
}

// PutObjectAcl replaces the ACL of an object.
func (s *Service) PutObjectAcl(ctx context.Context, in *s3.PutObjectAclInput) (*s3.PutObjectAclOutput, error) {
	req, b := wire.RequestFrom(ctx), subjectOf(ctx).bucket
	asked := aclRequest{
		action: "s3:PutObjectAcl", resource: b.arn + "/" + *in.Key,
		canned: string(in.ACL), fullControl: in.GrantFullControl, read: in.GrantRead, readACP: in.GrantReadACP,
		write: in.GrantWrite, writeACP: in.GrantWriteACP, body: in.AccessControlPolicy,
	}
	if asked.empty() {
		return nil, malformedACL()
	}
	_, err := s.changeObject(ctx, *in.Key, in.VersionId, "ObjectAcl:Put", func(tx *store.Tx, row *Bucket, o *Object) (err error) {
		o.ACL, err = newACL(tx, row, o.Owner, req.Caller, asked)
		return err
	})
	return &s3.PutObjectAclOutput{}, err
}
