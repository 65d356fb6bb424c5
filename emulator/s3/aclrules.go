package s3

import (
	"encoding/json"

	"github.com/xemu-aws/xemu/authz"
)

// An ACL is turned into a policy ("Mapping of ACL permissions and access policy permissions" in "Access control list (ACL)
// overview"), so that one engine decides everything. A grant to an account speaks to the account, whose own policies
// must let its users use it.

// permissions are the actions that each permission of an ACL stands for.
type permissions map[string][]string

var (
	bucketPermissions = permissions{
		"READ":      {"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"},
		"WRITE":     {"s3:PutObject"},
		"READ_ACP":  {"s3:GetBucketAcl"},
		"WRITE_ACP": {"s3:PutBucketAcl"},
	}
	objectPermissions = permissions{
		"READ":      {"s3:GetObject", "s3:GetObjectVersion"},
		"READ_ACP":  {"s3:GetObjectAcl", "s3:GetObjectVersionAcl"},
		"WRITE_ACP": {"s3:PutObjectAcl", "s3:PutObjectVersionAcl"},
	}
	// A key that is missing has no ACL that could say who may read it: who may list the bucket gets the 404 ("GetObject",
	// Permissions).
	missingObjectPermissions = permissions{"READ": {"s3:GetObject", "s3:GetObjectVersion"}}
	// What the anonymous write is theirs, as is its ACL; there is no account whose policies could allow that.
	anonymousObjectPermissions = permissions{"WRITE": {"s3:PutObjectAcl"}}
	// Who may write to a bucket may also delete the objects there that are its own.
	ownObjectPermissions = permissions{"WRITE": {"s3:DeleteObject", "s3:DeleteObjectVersion"}}
)

func (p permissions) of(permission string) []string {
	if permission != "FULL_CONTROL" {
		return p[permission]
	}
	var all []string
	for _, one := range []string{"READ", "WRITE", "READ_ACP", "WRITE_ACP"} {
		all = append(all, p[one]...)
	}
	return all
}

type aclStatement struct {
	Sid       string
	Effect    string
	Principal map[string]string
	Action    []string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

// grantsOf returns an ACL of the bucket, or of an object in it, as a policy; owner is whose it is. It is nil when ACLs do
// not count there, or give nothing to anybody but the owner, whom no ACL limits.
func (b *bucket) grantsOf(acl ACL, owner string, actions permissions) *authz.Attached {
	if b.ACLsDisabled() || acl.onlyFor(owner) {
		return nil
	}
	var statements []aclStatement
	for _, g := range acl.Grants {
		s := aclStatement{Effect: "Allow", Action: actions.of(g.Permission), Resource: "*"}
		switch {
		case len(s.Action) == 0, g.Group == logDelivery:
			continue
		case g.public() && b.block.IgnorePublicAcls:
			continue
		case g.Group == allUsers:
			s.Sid, s.Principal = "AllUsers", map[string]string{"AWS": "*"}
		case g.Group == authenticatedUsers:
			s.Sid, s.Principal = "AuthenticatedUsers", map[string]string{"AWS": "*"}
			s.Condition = map[string]map[string]string{"StringNotEquals": {"aws:PrincipalType": string(authz.Anonymous)}}
		case g.Account == owner:
			continue
		default:
			s.Sid, s.Principal = "Account"+g.Account, map[string]string{"AWS": "arn:aws:iam::" + g.Account + ":root"}
		}
		statements = append(statements, s)
	}
	if statements == nil {
		return nil
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		return nil
	}
	policy, err := authz.Parse(string(text))
	if err != nil {
		return nil
	}
	return &authz.Attached{Policy: policy, Kind: authz.ACL, Name: "ACL", Account: owner, To: "bucket " + b.Name}
}
