package s3

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Control is S3 Control, which is about accounts rather than buckets: their Block Public Access, access points, tags.
type Control struct{ s3 *Service }

// Control returns S3 Control on the same state.
func (s *Service) Control() *Control { return &Control{s} }

// Operations returns the table of operations by name.
func (c *Control) Operations() map[string]wire.Operation {
	return wire.Bind(c, accountAccess, accessPoints, accessPointPolicies, resourceTags)
}

// Account is what S3 knows of an account beside its buckets, as it is stored.
type Account struct {
	ID           string
	PublicAccess *PublicAccess // nil: none is set
}

var accountTable = store.NewTable("s3/account", func(a *Account) string { return a.ID })

// blockOf is the Block Public Access that is in force for a bucket: each setting is on if it is on for the bucket or for its
// owner's account ("Blocking public access to your Amazon S3 storage").
func blockOf(tx *store.Tx, b *Bucket) (PublicAccess, error) {
	a, _, err := accountTable.Get(tx, b.Account)
	return a.PublicAccess.or(b.PublicAccess), err
}

// or returns what is on in either; nil is a configuration with nothing on.
func (p *PublicAccess) or(q *PublicAccess) (all PublicAccess) {
	for _, c := range []*PublicAccess{p, q} {
		if c != nil {
			all.BlockPublicAcls = all.BlockPublicAcls || c.BlockPublicAcls
			all.IgnorePublicAcls = all.IgnorePublicAcls || c.IgnorePublicAcls
			all.BlockPublicPolicy = all.BlockPublicPolicy || c.BlockPublicPolicy
			all.RestrictPublicBuckets = all.RestrictPublicBuckets || c.RestrictPublicBuckets
		}
	}
	return all
}

var accountAccess = wire.Ops(
	wire.Op((*Control).GetPublicAccessBlock, toAccount("s3:GetAccountPublicAccessBlock")),
	wire.Op((*Control).PutPublicAccessBlock, toAccount("s3:PutAccountPublicAccessBlock")),
	wire.Op((*Control).DeletePublicAccessBlock, toAccount("s3:PutAccountPublicAccessBlock")),
)

// on begins the subject of a request. Errors: AccessDenied unless it is about the caller's own account.
func (c *Control) on(ctx context.Context, in any) (*subject, error) {
	r := wire.RequestFrom(ctx)
	account := reflect.ValueOf(in).Elem().FieldByName("AccountId").Interface().(*string)
	if r.Caller.Type == authz.Anonymous || aws.ToString(account) != r.Caller.Account {
		return nil, accessDenied()
	}
	sub := &subject{service: c.s3, request: r, in: in}
	r.Memo = sub
	return sub, nil
}

// needIn is the permission for an action on something of the caller's account.
func (sub *subject) needIn(action, resource string, point *accessPoint) wire.Need {
	account := sub.request.Caller.Account
	return wire.Need{
		Action: action, Resource: resource, Account: account,
		Keys: &keys{subject: sub, action: action, account: account, point: point},
	}
}

// toAccount is the rule of an operation that needs an action which has no resource.
func toAccount(action string) wire.Rule {
	return wire.Any(func(ctx context.Context, c *Control, in any) ([]wire.Need, error) {
		sub, err := c.on(ctx, in)
		if err != nil {
			return nil, err
		}
		return []wire.Need{sub.needIn(action, "*", nil)}, nil
	})
}

// GetPublicAccessBlock returns the account's configuration. Errors: NoSuchPublicAccessBlockConfiguration.
func (c *Control) GetPublicAccessBlock(ctx context.Context, in *s3control.GetPublicAccessBlockInput) (*s3control.GetPublicAccessBlockOutput, error) {
	out := &s3control.GetPublicAccessBlockOutput{}
	return out, c.s3.store.View(ctx, func(tx *store.Tx) error {
		a, _, err := accountTable.Get(tx, *in.AccountId)
		if err != nil {
			return err
		}
		if a.PublicAccess == nil {
			return awserr.NoSuchPublicAccessBlockConfiguration.Errorf("The public access block configuration was not found").
				With("AccountId", *in.AccountId)
		}
		out.PublicAccessBlockConfiguration = a.PublicAccess.show()
		return nil
	})
}

// PutPublicAccessBlock sets the account's configuration; what it does not name is off.
func (c *Control) PutPublicAccessBlock(ctx context.Context, in *s3control.PutPublicAccessBlockInput) (*s3control.PutPublicAccessBlockOutput, error) {
	if in.PublicAccessBlockConfiguration == nil {
		return nil, malformedXML()
	}
	p := newPublicAccess(in.PublicAccessBlockConfiguration)
	return &s3control.PutPublicAccessBlockOutput{}, c.putAccount(ctx, &Account{*in.AccountId, &p})
}

// DeletePublicAccessBlock removes the account's configuration.
func (c *Control) DeletePublicAccessBlock(ctx context.Context, in *s3control.DeletePublicAccessBlockInput) (*s3control.DeletePublicAccessBlockOutput, error) {
	return &s3control.DeletePublicAccessBlockOutput{}, c.putAccount(ctx, &Account{ID: *in.AccountId})
}

func (c *Control) putAccount(ctx context.Context, a *Account) error {
	return c.s3.store.Update(ctx, func(tx *store.Tx) error {
		tx.OnCommit(c.s3.forget)
		return accountTable.Put(tx, a)
	})
}

func newPublicAccess(c *types.PublicAccessBlockConfiguration) PublicAccess {
	return PublicAccess{
		BlockPublicAcls:       aws.ToBool(c.BlockPublicAcls),
		IgnorePublicAcls:      aws.ToBool(c.IgnorePublicAcls),
		BlockPublicPolicy:     aws.ToBool(c.BlockPublicPolicy),
		RestrictPublicBuckets: aws.ToBool(c.RestrictPublicBuckets),
	}
}

func (p PublicAccess) show() *types.PublicAccessBlockConfiguration {
	return &types.PublicAccessBlockConfiguration{
		BlockPublicAcls: &p.BlockPublicAcls, IgnorePublicAcls: &p.IgnorePublicAcls,
		BlockPublicPolicy: &p.BlockPublicPolicy, RestrictPublicBuckets: &p.RestrictPublicBuckets,
	}
}
