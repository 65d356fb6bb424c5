package iam

import (
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/store"
)

// entity is what users, groups, roles, customer managed policies and instance profiles have in common.
type entity struct {
	Account, Name, Path, ID string
	Created                 time.Time
	Tags                    []tag `json:",omitempty"`
}

// identity is an entity that policies are attached to: a user, group or role.
type identity struct {
	entity
	Inline   []inlinePolicy `json:",omitempty"` // sorted by name without regard to case
	Attached []string       `json:",omitempty"` // ARNs of managed policies
	Boundary string         `json:",omitempty"` // ARN of the permissions boundary; a group never has one
}

// key is the primary key of an entity: names are unique without regard to case ("IAM and AWS STS quotas", name
// requirements), and lists are sorted so.
func (e *entity) key() string { return nameKey(e.Account, e.Name) }

func (e *entity) base() *entity { return e }

func nameKey(account, name string) string { return store.Key(account, fold(name)) }

// fold is the form of a name in which case does not matter. Names are ASCII.
func fold(name string) string { return strings.ToLower(name) }

// pathKeys are the keys of the index "path": one for each folder that the entity is in, so that a list with a PathPrefix
// begins where its entities are.
func (e *entity) pathKeys() []string {
	var keys []string
	for i, c := range e.Path {
		if c == '/' {
			keys = append(keys, store.Key(e.Account, e.Path[:i+1]))
		}
	}
	return keys
}

func (e *entity) arnOf(kind string) string { return arn(e.Account, kind, e.Path, e.Name) }

func arn(account, kind, path, name string) string {
	return "arn:aws:iam::" + account + ":" + kind + path + name
}

func (i *identity) policied() *identity { return i }

// attachedKeys and boundaryKeys are the keys of the indexes "attached" and "boundary".
func (i *identity) attachedKeys() []string {
	var keys []string
	for _, arn := range i.Attached {
		keys = append(keys, store.Key(i.Account, arn))
	}
	return keys
}

func (i *identity) boundaryKeys() []string {
	if i.Boundary == "" {
		return nil
	}
	return []string{store.Key(i.Account, i.Boundary)}
}

func (i *identity) boundary() *types.AttachedPermissionsBoundary {
	if i.Boundary == "" {
		return nil
	}
	return &types.AttachedPermissionsBoundary{
		PermissionsBoundaryArn: aws.String(i.Boundary),
		// "This data type can only have a value of Policy" (IAM API Reference, AttachedPermissionsBoundary); the model's list of
		// values says otherwise.
		PermissionsBoundaryType: "Policy",
	}
}

// parseARN splits the ARN of an IAM entity. ok is false when it is not one, or not of this kind.
func parseARN(arn, kind string) (account, path, name string, ok bool) {
	rest, ok := strings.CutPrefix(arn, "arn:aws:iam::")
	if !ok {
		return "", "", "", false
	}
	account, rest, ok = strings.Cut(rest, ":")
	if !ok || !strings.HasPrefix(rest, kind+"/") {
		return "", "", "", false
	}
	rest = rest[len(kind):]
	slash := strings.LastIndexByte(rest, '/')
	return account, rest[:slash+1], rest[slash+1:], rest[slash+1:] != ""
}

// pathOf returns the path of a request, "/" when it has none.
func pathOf(path *string) string {
	if path == nil || *path == "" {
		return "/"
	}
	return *path
}

// encodeDocument encodes a policy document as IAM returns it: URL-encoded as in RFC 3986.
func encodeDocument(text string) *string {
	return aws.String(strings.ReplaceAll(url.QueryEscape(text), "+", "%20"))
}
