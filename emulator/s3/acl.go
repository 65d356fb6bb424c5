package s3

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// ACL is an access control list. Without a list (nil) it is private: FULL_CONTROL for the owner, who is kept beside it.
type ACL struct {
	Grants []Grant `json:",omitzero"`
}

// Grant is one permission for one grantee.
type Grant struct {
	Account    string `json:",omitempty"` // the grantee's 12-digit id, or
	Group      string `json:",omitempty"` // the URI of a predefined group
	Permission string // FULL_CONTROL, READ, WRITE, READ_ACP or WRITE_ACP
}

// The predefined groups ("Access control list (ACL) overview").
const (
	allUsers           = "http://acs.amazonaws.com/groups/global/AllUsers"
	authenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
	logDelivery        = "http://acs.amazonaws.com/groups/s3/LogDelivery"
)

const maxGrants = 100

// anonymousID is the canonical user id that owns what anonymous callers write.
const anonymousID = "65a011a29cdf8ec533ec3d1ccaae921c"

// public says whether the grant is to everybody, or to everybody with an AWS account.
func (g Grant) public() bool { return g.Group == allUsers || g.Group == authenticatedUsers }

// public says whether any grant is.
func (a ACL) public() bool {
	for _, g := range a.Grants {
		if g.public() {
			return true
		}
	}
	return false
}

// onlyFor says whether nobody but the owner has a grant.
func (a ACL) onlyFor(owner string) bool {
	for _, g := range a.Grants {
		if g.Group != "" || g.Account != owner {
			return false
		}
	}
	return true
}

// An aclRequest is what a request says of an ACL: a canned one, grant headers, or a body. action and resource are for
// the message when Block Public Access refuses it.
type aclRequest struct {
	action, resource                            string
	canned                                      string
	fullControl, read, readACP, write, writeACP *string
	body                                        *types.AccessControlPolicy
}

// empty says that the request asks for no ACL.
func (r aclRequest) empty() bool { return r.canned == "" && !r.headers() && r.body == nil }

func (r aclRequest) headers() bool {
	return cmp.Or(r.fullControl, r.read, r.readACP, r.write, r.writeACP) != nil
}

// objectOwner returns the account that will own an object that the caller writes: the bucket's owner under
// BucketOwnerEnforced, and under BucketOwnerPreferred when canned is bucket-owner-full-control, else the caller's account
// ("Controlling ownership of objects and disabling ACLs for your bucket"). "" stands for the anonymous.
func objectOwner(b *Bucket, caller wire.Caller, canned string) string {
	if b.ACLsDisabled() || b.Ownership == ownerPreferred && canned == string(types.ObjectCannedACLBucketOwnerFullControl) {
		return b.Account
	}
	return caller.Account
}

// newACL returns the ACL that r asks for on a bucket or object of owner; the caller is who asks. Errors:
// AccessControlListNotSupported, AccessDenied (BlockPublicAcls), InvalidArgument, InvalidRequest, MalformedACLError,
// UnexpectedContent, MethodNotAllowed (grantees by email).
func newACL(tx *store.Tx, b *Bucket, owner string, caller wire.Caller, r aclRequest) (ACL, error) {
	acl, err := r.acl(tx, b, owner)
	if err != nil {
		return ACL{}, err
	}
	if b.ACLsDisabled() {
		if !r.ownersFullControl(acl, b) {
			return ACL{}, awserr.AccessControlListNotSupported.Errorf("The bucket does not allow ACLs")
		}
		return ACL{}, nil
	}
	if !acl.public() {
		return acl, nil
	}
	block, err := blockOf(tx, b)
	if err != nil {
		return ACL{}, err
	}
	if block.BlockPublicAcls {
		return ACL{}, blocked(b, caller, r.action, r.resource, "public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.")
	}
	return acl, nil
}

// ownersFullControl says whether an ACL only gives the bucket's owner full control, in whatever form: the one that
// BucketOwnerEnforced lets pass.
func (r aclRequest) ownersFullControl(acl ACL, b *Bucket) bool {
	switch {
	case r.empty(), r.canned == string(types.ObjectCannedACLBucketOwnerFullControl):
		return true
	case r.canned != "":
		return false
	}
	for _, g := range acl.Grants {
		if g.Account != b.Account || g.Permission != "FULL_CONTROL" {
			return false
		}
	}
	return true
}

func (r aclRequest) acl(tx *store.Tx, b *Bucket, owner string) (ACL, error) {
	switch {
	case r.body != nil && (r.canned != "" || r.headers()):
		return ACL{}, awserr.UnexpectedContent.Errorf("This request does not support content")
	case r.canned != "" && r.headers():
		return ACL{}, awserr.InvalidRequest.Errorf("Specifying both Canned ACLs and Header Grants is not allowed")
	case r.body != nil:
		return bodyACL(tx, owner, r.body)
	case r.headers():
		return r.headerACL(tx)
	}
	return cannedACL(b, owner, r.canned)
}

// cannedACL returns a canned ACL ("Access control list (ACL) overview", "Canned ACL").
func cannedACL(b *Bucket, owner, canned string) (ACL, error) {
	full := Grant{Account: owner, Permission: "FULL_CONTROL"}
	switch canned {
	case "", "private":
		return ACL{}, nil
	case "public-read":
		return ACL{[]Grant{full, {Group: allUsers, Permission: "READ"}}}, nil
	case "public-read-write":
		return ACL{[]Grant{full, {Group: allUsers, Permission: "READ"}, {Group: allUsers, Permission: "WRITE"}}}, nil
	case "authenticated-read":
		return ACL{[]Grant{full, {Group: authenticatedUsers, Permission: "READ"}}}, nil
	case "log-delivery-write":
		return ACL{[]Grant{full, {Group: logDelivery, Permission: "WRITE"}, {Group: logDelivery, Permission: "READ_ACP"}}}, nil
	case "aws-exec-read":
		return ACL{}, awserr.NotImplemented.Errorf("xemu does not implement the canned ACL aws-exec-read.")
	case "bucket-owner-read", "bucket-owner-full-control":
		if owner == b.Account {
			return ACL{}, nil
		}
		permission := "READ"
		if canned == "bucket-owner-full-control" {
			permission = "FULL_CONTROL"
		}
		return ACL{[]Grant{full, {Account: b.Account, Permission: permission}}}, nil
	}
	return ACL{}, invalidArgument("x-amz-acl", canned, "")
}

// headerACL returns the ACL of the x-amz-grant-* headers.
func (r aclRequest) headerACL(tx *store.Tx) (ACL, error) {
	var acl ACL
	for _, h := range []struct {
		name, permission string
		value            *string
	}{
		{"x-amz-grant-full-control", "FULL_CONTROL", r.fullControl},
		{"x-amz-grant-read", "READ", r.read},
		{"x-amz-grant-write", "WRITE", r.write},
		{"x-amz-grant-read-acp", "READ_ACP", r.readACP},
		{"x-amz-grant-write-acp", "WRITE_ACP", r.writeACP},
	} {
		if h.value == nil {
			continue
		}
		for grantee := range strings.SplitSeq(*h.value, ",") {
			kind, value, ok := strings.Cut(strings.TrimSpace(grantee), "=")
			if !ok {
				return ACL{}, invalidArgument(h.name, *h.value, "Argument format not recognized")
			}
			g, err := newGrant(tx, strings.ToLower(strings.TrimSpace(kind)), strings.Trim(strings.TrimSpace(value), `"'`), h.name)
			if err != nil {
				return ACL{}, err
			}
			g.Permission = h.permission
			acl.Grants = append(acl.Grants, g)
		}
	}
	return acl, acl.check()
}

// bodyACL returns the ACL of an AccessControlPolicy document.
func bodyACL(tx *store.Tx, owner string, body *types.AccessControlPolicy) (ACL, error) {
	if body.Owner == nil || body.Owner.ID == nil {
		return ACL{}, malformedACL()
	}
	if *body.Owner.ID != *ownerOf(owner).ID {
		return ACL{}, accessDenied()
	}
	acl := ACL{Grants: make([]Grant, 0, len(body.Grants))}
	for _, in := range body.Grants {
		if in.Grantee == nil || in.Permission == "" {
			return ACL{}, malformedACL()
		}
		kind, value := "id", in.Grantee.ID
		switch in.Grantee.Type {
		case types.TypeGroup:
			kind, value = "uri", in.Grantee.URI
		case types.TypeAmazonCustomerByEmail:
			kind, value = "emailaddress", in.Grantee.EmailAddress
		}
		if value == nil {
			return ACL{}, malformedACL()
		}
		g, err := newGrant(tx, kind, *value, "CanonicalUser/ID")
		if err != nil {
			return ACL{}, err
		}
		g.Permission = string(in.Permission)
		acl.Grants = append(acl.Grants, g)
	}
	return acl, acl.check()
}

// newGrant finds a grantee; argument is what named it.
func newGrant(tx *store.Tx, kind, value, argument string) (Grant, error) {
	switch kind {
	case "id":
		a, ok, err := account.ByCanonicalID(tx, value)
		if err == nil && !ok {
			err = invalidArgument(argument, value, "Invalid id")
		}
		return Grant{Account: a.ID}, err
	case "uri":
		switch value {
		case allUsers, authenticatedUsers, logDelivery:
			return Grant{Group: value}, nil
		}
		return Grant{}, invalidArgument("uri", value, "Invalid group uri")
	case "emailaddress":
		// Since October 2025 ("Access control list (ACL) overview", end of support for email grantee ACLs).
		return Grant{}, awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.")
	}
	return Grant{}, invalidArgument(argument, kind+"="+value, "Argument format not recognized")
}

func (a ACL) check() error {
	if len(a.Grants) > maxGrants {
		return malformedACL()
	}
	for _, g := range a.Grants {
		switch g.Permission {
		case "FULL_CONTROL", "READ", "WRITE", "READ_ACP", "WRITE_ACP":
		default:
			return malformedACL()
		}
	}
	return nil
}

// show returns the ACL as the API has it.
func (a ACL) show(owner string) (*types.Owner, []types.Grant) {
	grants := a.Grants
	if grants == nil {
		grants = []Grant{{Account: owner, Permission: "FULL_CONTROL"}}
	}
	out := make([]types.Grant, 0, len(grants))
	for _, g := range grants {
		grantee := &types.Grantee{Type: types.TypeGroup, URI: aws.String(g.Group)}
		if g.Group == "" {
			grantee = &types.Grantee{Type: types.TypeCanonicalUser, ID: ownerOf(g.Account).ID}
		}
		out = append(out, types.Grant{Grantee: grantee, Permission: types.Permission(g.Permission)})
	}
	return ownerOf(owner), out
}

// ownerOf returns an account as S3 shows owners, "" being the anonymous.
func ownerOf(account string) *types.Owner {
	if account == "" {
		return &types.Owner{ID: aws.String(anonymousID)}
	}
	return &types.Owner{ID: aws.String(ids.CanonicalID(account))}
}

func malformedACL() error {
	return awserr.MalformedACLError.Errorf("The XML you provided was not well-formed or did not validate against our published schema")
}

func invalidArgument(name, value, message string) *awserr.Error {
	return awserr.InvalidArgument.Errorf("%s", message).With("ArgumentName", name).With("ArgumentValue", value)
}
