package iam

import (
	"context"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// The rules follow "Actions, resources, and condition keys for AWS Identity and Access Management" in the Service
// Authorization Reference.

// resource is what a request acts on.
type resource struct {
	arn      string
	shown    string // what a denial says in its place, "" for the ARN: AWS writes "user alice"
	account  string // the owner, "" for the caller's account
	kind     string
	tags     []tag
	boundary string
}

// noun is a kind of resource: it finds the one that a field of the input names (nil: the caller, where that is allowed).
type noun func(ctx context.Context, tx *store.Tx, in any, name *string) (resource, error)

// extra adds condition keys, or further needs, to those of a request.
type extra func(*call)

// call is a request while its needs are put together.
type call struct {
	account string
	in      any
	on      resource
	keys    authz.Keys
	needs   []wire.Need
}

// on is the rule of operations on the resource that the field names.
func on(n noun, field string, extras ...extra) wire.Rule {
	return wire.Any(func(ctx context.Context, s *Service, in any) ([]wire.Need, error) {
		return s.needs(ctx, n, field, in, extras)
	})
}

func (s *Service) needs(ctx context.Context, n noun, field string, in any, extras []extra) ([]wire.Need, error) {
	c := call{account: callerAccount(ctx), in: in, keys: authz.Keys{}}
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		c.on, err = n(ctx, tx, in, text(in, field))
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, t := range c.on.tags {
		c.keys["aws:resourcetag/"+fold(t.Key)] = []string{t.Value}
		if c.on.kind == "user" || c.on.kind == "role" {
			c.keys["iam:resourcetag/"+fold(t.Key)] = []string{t.Value}
		}
	}
	c.needs = []wire.Need{c.on.need("iam:"+operation(in), c.keys)}
	for _, add := range extras {
		add(&c)
	}
	return c.needs, nil
}

// need is the need of an action on the resource.
func (r resource) need(action string, keys authz.Keys) wire.Need {
	n := wire.Need{Action: action, Resource: r.arn, Account: r.account, Keys: keys}
	if r.shown != "" {
		n.Denied = func(d authz.Decision) error {
			return awserr.AccessDenied.Errorf("%s", strings.Replace(d.Message(), "resource: "+r.arn, "resource: "+r.shown, 1))
		}
	}
	return n
}

// operation returns the name of the operation of an input.
func operation(in any) string {
	return strings.TrimSuffix(reflect.TypeOf(in).Elem().Name(), "Input")
}

// text returns a string field of an input, nil when it is absent.
func text(in any, field string) *string {
	return reflect.ValueOf(in).Elem().FieldByName(field).Interface().(*string)
}

// has reports whether the input has the field at all.
func has(in any, field string) bool {
	return reflect.ValueOf(in).Elem().FieldByName(field).IsValid()
}

// made is a noun for what an operation is about to create: its ARN has the path and the name of the request.
func made(kind string) noun {
	return func(ctx context.Context, _ *store.Tx, in any, name *string) (resource, error) {
		return resource{kind: kind, arn: arn(callerAccount(ctx), kind, pathOf(text(in, "Path")), aws.ToString(name))}, nil
	}
}

var (
	newUser    = made("user")
	newGroup   = made("group")
	newRole    = made("role")
	newPolicy  = made("policy")
	newProfile = made("instance-profile")
)

// found describes an entity as a resource. One that does not exist has the ARN of its name alone: who may not ask for it
// does not learn that it is missing.
func found(kind, shown, account, name string, e *entity, boundary string, exists bool) resource {
	r := resource{kind: kind, shown: shown + " " + name, arn: arn(account, kind, "/", name)}
	if exists {
		r.arn, r.tags, r.boundary = e.arnOf(kind), e.Tags, boundary
	}
	return r
}

func aUser(ctx context.Context, tx *store.Tx, _ any, name *string) (resource, error) {
	account := callerAccount(ctx)
	if name == nil {
		who, err := subjectOf(ctx, tx, nil)
		if err != nil {
			return resource{}, err
		}
		if who.root {
			return resource{arn: who.arn()}, nil
		}
		name = &who.user.Name
	}
	u, ok, err := users.Get(tx, nameKey(account, *name))
	return found("user", "user", account, *name, &u.entity, u.Boundary, ok), err
}

func aGroup(ctx context.Context, tx *store.Tx, _ any, name *string) (resource, error) {
	account, n := callerAccount(ctx), aws.ToString(name)
	g, ok, err := groups.Get(tx, nameKey(account, n))
	return found("group", "group", account, n, &g.entity, "", ok), err
}

func aRole(ctx context.Context, tx *store.Tx, _ any, name *string) (resource, error) {
	account, n := callerAccount(ctx), aws.ToString(name)
	r, ok, err := roles.Get(tx, nameKey(account, n))
	return found("role", "role", account, n, &r.entity, r.Boundary, ok), err
}

func aProfile(ctx context.Context, tx *store.Tx, _ any, name *string) (resource, error) {
	account, n := callerAccount(ctx), aws.ToString(name)
	p, ok, err := profiles.Get(tx, nameKey(account, n))
	return found("instance-profile", "instance profile", account, n, &p.entity, "", ok), err
}

// aPolicy is the policy of an ARN. AWS's policies may be read by everybody who has the permission; to change one is to
// reach into another account, which no policy there allows.
func aPolicy(ctx context.Context, tx *store.Tx, in any, arn *string) (resource, error) {
	account, a := callerAccount(ctx), aws.ToString(arn)
	r := resource{kind: "policy", arn: a, shown: "policy " + a}
	owner, _, _, ok := parseARN(a, "policy")
	op := operation(in)
	reads := strings.HasPrefix(op, "Get") || strings.HasPrefix(op, "List")
	if ok && owner != account && (owner != "aws" || !reads) {
		r.account = owner
		return r, nil
	}
	p, ok, err := findPolicy(tx, account, a)
	if ok {
		r.tags = p.Tags
	}
	return r, err
}

// renamed is on for operations that may give the resource a new name or path: who does that needs the permission on both
// (UpdateUser and UpdateGroup, IAM API Reference).
func renamed(n noun, field, newName string) wire.Rule {
	return on(n, field, func(c *call) {
		name, path := text(c.in, newName), text(c.in, "NewPath")
		if name == nil && path == nil {
			return
		}
		_, oldPath, oldName, _ := parseARN(c.on.arn, c.on.kind)
		if name == nil {
			name = &oldName
		}
		if path == nil {
			path = &oldPath
		}
		target := resource{arn: arn(c.account, c.on.kind, *path, *name)}
		if target.arn != c.on.arn {
			c.needs = append(c.needs, target.need(c.needs[0].Action, c.keys))
		}
	})
}

// under is the rule of lists: AWS decides them on the folder that is listed, "arn:aws:iam::111122223333:user/".
func under(kind string) wire.Rule {
	return wire.Any(func(ctx context.Context, _ *Service, in any) ([]wire.Need, error) {
		folder := "/"
		if has(in, "PathPrefix") {
			folder = pathOf(text(in, "PathPrefix"))
		}
		return []wire.Need{{Action: "iam:" + operation(in), Resource: arn(callerAccount(ctx), kind, folder, "")}}, nil
	})
}

// anywhere is the rule of operations without resource types.
var anywhere = wire.Any(func(_ context.Context, _ *Service, in any) ([]wire.Need, error) {
	return []wire.Need{{Action: "iam:" + operation(in), Resource: "*"}}, nil
})

// onPolicyPath is the rule of ListPolicies, which has no resource type.
var onPolicyPath = wire.For(func(_ context.Context, _ *Service, in *iam.ListPoliciesInput) ([]wire.Need, error) {
	r := resource{arn: "*", shown: "policy path " + pathOf(in.PathPrefix)}
	return []wire.Need{r.need("iam:ListPolicies", nil)}, nil
})

// onKeyOwner is the rule of GetAccessKeyLastUsed: the resource is the user that the key belongs to.
var onKeyOwner = wire.For(func(ctx context.Context, s *Service, in *iam.GetAccessKeyLastUsedInput) ([]wire.Need, error) {
	r := resource{arn: "*"}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		k, ok, err := accessKeys.Get(tx, aws.ToString(in.AccessKeyId))
		if err != nil || !ok || k.Account != callerAccount(ctx) {
			return err
		}
		if k.UserID == k.Account {
			r.arn = rootARN(k.Account)
			return nil
		}
		u, ok, err := userByID(tx, k.UserID)
		if ok {
			r = found("user", "user", u.Account, u.Name, &u.entity, "", true)
		}
		return err
	})
	return []wire.Need{r.need("iam:GetAccessKeyLastUsed", nil)}, err
})

// policyKey sets iam:PolicyARN.
func policyKey(c *call) {
	c.keys["iam:policyarn"] = []string{aws.ToString(text(c.in, "PolicyArn"))}
}

// boundaryKey sets iam:PermissionsBoundary: the boundary of the request, where it can have one, else the one that the
// user or role has.
func boundaryKey(c *call) {
	boundary := c.on.boundary
	if has(c.in, "PermissionsBoundary") {
		boundary = aws.ToString(text(c.in, "PermissionsBoundary"))
	}
	if boundary != "" {
		c.keys["iam:permissionsboundary"] = []string{boundary}
	}
}

// requestTags sets aws:RequestTag/… and aws:TagKeys.
func requestTags(c *call) {
	var keys []string
	for _, t := range reflect.ValueOf(c.in).Elem().FieldByName("Tags").Interface().([]types.Tag) {
		key := aws.ToString(t.Key)
		keys = append(keys, key)
		c.keys["aws:requesttag/"+fold(key)] = []string{aws.ToString(t.Value)}
	}
	if keys != nil {
		c.keys["aws:tagkeys"] = keys
	}
}

// tagKeys sets aws:TagKeys for the removal of tags.
func tagKeys(c *call) {
	c.keys["aws:tagkeys"] = reflect.ValueOf(c.in).Elem().FieldByName("TagKeys").Interface().([]string)
}

// createTags is requestTags for operations that create: with tags they need the permission to tag as well ("Tagging IAM
// resources", IAM User Guide).
func createTags(action string) extra {
	return func(c *call) {
		requestTags(c)
		if c.keys["aws:tagkeys"] != nil {
			c.needs = append(c.needs, c.on.need(action, c.keys))
		}
	}
}
