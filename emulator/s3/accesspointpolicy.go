package s3

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var accessPointPolicies = wire.Ops(
	wire.Op((*Control).GetAccessPointPolicy, toPoint("s3:GetAccessPointPolicy")),
	wire.Op((*Control).PutAccessPointPolicy, toPoint("s3:PutAccessPointPolicy")),
	wire.Op((*Control).DeleteAccessPointPolicy, toPoint("s3:DeleteAccessPointPolicy")),
	wire.Op((*Control).GetAccessPointPolicyStatus, toPoint("s3:GetAccessPointPolicyStatus")),
)

// withPolicy returns the access point of the request. Errors: NoSuchAccessPoint, NoSuchAccessPointPolicy.
func withPolicy(ctx context.Context) (*AccessPoint, error) {
	p, err := pointOf(ctx)
	if err == nil && p.Policy == "" {
		err = awserr.NoSuchAccessPointPolicy.Errorf("The specified accesspoint policy does not exist").With("AccessPointName", p.Name)
	}
	return p, err
}

// GetAccessPointPolicy returns the policy as it was put.
func (c *Control) GetAccessPointPolicy(ctx context.Context, _ *s3control.GetAccessPointPolicyInput) (*s3control.GetAccessPointPolicyOutput, error) {
	p, err := withPolicy(ctx)
	if err != nil {
		return nil, err
	}
	out := &s3control.GetAccessPointPolicyOutput{}
	return out, c.s3.store.View(ctx, func(tx *store.Tx) error {
		out.Policy = aws.String(c.s3.principals.ShowPrincipals(ctx, tx, p.Policy, p.Bound))
		return nil
	})
}

// PutAccessPointPolicy sets the policy. Errors: MalformedPolicy, and AccessDenied for a public one under BlockPublicPolicy of
// the access point, its bucket or its account.
func (c *Control) PutAccessPointPolicy(ctx context.Context, in *s3control.PutAccessPointPolicyInput) (*s3control.PutAccessPointPolicyOutput, error) {
	p, err := pointOf(ctx)
	if err != nil {
		return nil, err
	}
	policy, err := authz.ValidateAccessPointPolicy(aws.ToString(in.Policy), p.ARN())
	if err != nil || len(policy.Text) > maxPolicy {
		return nil, malformedPolicy(policy, err)
	}
	elements, err := statementsOf(policy.Text)
	if err == nil {
		err = checkConditions(elements)
	}
	if err != nil {
		return nil, err
	}
	return &s3control.PutAccessPointPolicyOutput{}, c.changePoint(ctx, p, func(tx *store.Tx, p *AccessPoint) error {
		block, err := p.block(tx)
		if err != nil {
			return err
		}
		if block.BlockPublicPolicy && p.public(policy) {
			return accessDenied()
		}
		p.Policy = policy.Text
		p.Bound, p.Canonical, err = c.s3.bind(ctx, tx, policy, elements)
		return err
	})
}

func malformedPolicy(_ *authz.Policy, err error) error {
	var syntax *authz.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return awserr.MalformedPolicy.Errorf("%s", syntax.Message)
	case err != nil:
		return err
	}
	return awserr.MalformedPolicy.Errorf("Policy exceeds the maximum allowed document size.")
}

// block is the Block Public Access that is in force for an access point: its own, its account's, and that of a bucket of the
// same account.
func (p *AccessPoint) block(tx *store.Tx) (PublicAccess, error) {
	b, _, err := bucketTable.Get(tx, p.Bucket)
	if err != nil {
		return PublicAccess{}, err
	}
	if b.Account != p.Account {
		b = Bucket{Account: p.Account}
	}
	block, err := blockOf(tx, &b)
	return block.or(&p.PublicAccess), err
}

// DeleteAccessPointPolicy removes the policy.
func (c *Control) DeleteAccessPointPolicy(ctx context.Context, _ *s3control.DeleteAccessPointPolicyInput) (*s3control.DeleteAccessPointPolicyOutput, error) {
	p, err := withPolicy(ctx)
	if err != nil {
		return nil, err
	}
	return &s3control.DeleteAccessPointPolicyOutput{}, c.changePoint(ctx, p, func(_ *store.Tx, p *AccessPoint) error {
		p.Policy, p.Bound, p.Canonical = "", nil, nil
		return nil
	})
}

// GetAccessPointPolicyStatus says whether the policy is public.
func (c *Control) GetAccessPointPolicyStatus(ctx context.Context, _ *s3control.GetAccessPointPolicyStatusInput) (*s3control.GetAccessPointPolicyStatusOutput, error) {
	p, err := withPolicy(ctx)
	if err != nil {
		return nil, err
	}
	policy, err := authz.Parse(p.Policy)
	if err != nil {
		return nil, err
	}
	return &s3control.GetAccessPointPolicyStatusOutput{PolicyStatus: &types.PolicyStatus{IsPublic: p.public(policy)}}, nil
}

// changePoint runs change on the stored access point and puts it. Errors: NoSuchAccessPoint when it has been deleted meanwhile.
func (c *Control) changePoint(ctx context.Context, p *AccessPoint, change func(*store.Tx, *AccessPoint) error) error {
	return c.s3.store.Update(ctx, func(tx *store.Tx) error {
		row, ok, err := pointTable.Get(tx, store.Key(p.Account, p.Region, p.Name))
		if err == nil && !ok {
			err = noSuchAccessPoint()
		}
		if err == nil {
			err = change(tx, &row)
		}
		if err != nil {
			return err
		}
		return c.s3.putPoint(tx, &row)
	})
}
