package s3

import (
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// ACL is an access control list. The zero value is private: nobody but the owner, whose own grant is written out as the
// first of Grants otherwise.
type ACL struct {
	Grants []Grant `json:",omitempty"`
}

// Grant is one permission for one grantee.
type Grant struct {
	Account    string `json:",omitempty"` // the grantee's 12-digit id, or
	Group      string `json:",omitempty"` // the URI of a predefined group
	Permission string // FULL_CONTROL, READ, WRITE, READ_ACP or WRITE_ACP
}

// An aclRequest is what a request says of an ACL: a canned one, grant headers, or a body.
type aclRequest struct {
	canned                                      string
	fullControl, read, readACP, write, writeACP *string
	body                                        *types.AccessControlPolicy
}

// objectOwner returns the account that will own an object that the caller writes: the bucket's owner under
// BucketOwnerEnforced, and under BucketOwnerPreferred when canned is bucket-owner-full-control, else the caller's account.
func objectOwner(b *Bucket, caller wire.Caller, canned string) string { panic("being written") }

// newACL returns the ACL that r asks for on something (bucket or object) of owner. Errors: AccessControlListNotSupported,
// AccessDenied (BlockPublicAcls), InvalidArgument, InvalidRequest, MalformedACLError, UnresolvableGrantByEmailAddress.
func newACL(tx *store.Tx, b *Bucket, owner string, r aclRequest) (ACL, error) { panic("being written") }

// show returns the ACL with the owner's own grant, as the API has it.
func (a ACL) show(owner string) (*types.Owner, []types.Grant) { panic("being written") }

// ownerOf returns an account as S3 shows owners.
func ownerOf(account string) *types.Owner { panic("being written") }
