package iam

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var inlineOps = wire.Ops(
	wire.Op((*Service).PutUserPolicy, on(aUser, "UserName", boundaryKey)),
	wire.Op((*Service).GetUserPolicy, on(aUser, "UserName")),
	wire.Op((*Service).ListUserPolicies, on(aUser, "UserName")),
	wire.Op((*Service).DeleteUserPolicy, on(aUser, "UserName", boundaryKey)),
	wire.Op((*Service).PutGroupPolicy, on(aGroup, "GroupName")),
	wire.Op((*Service).GetGroupPolicy, on(aGroup, "GroupName")),
	wire.Op((*Service).ListGroupPolicies, on(aGroup, "GroupName")),
	wire.Op((*Service).DeleteGroupPolicy, on(aGroup, "GroupName")),
	wire.Op((*Service).PutRolePolicy, on(aRole, "RoleName", boundaryKey)),
	wire.Op((*Service).GetRolePolicy, on(aRole, "RoleName")),
	wire.Op((*Service).ListRolePolicies, on(aRole, "RoleName")),
	wire.Op((*Service).DeleteRolePolicy, on(aRole, "RoleName", boundaryKey)),
)

// inlinePolicy is a policy embedded in a user, group or role.
type inlinePolicy struct{ Name, Document string }

// The sizes of all inline policies of an entity together ("IAM and AWS STS quotas").
const (
	userInlineSize  = 2048
	groupInlineSize = 5120
	roleInlineSize  = 10240
)

// inlineIndex finds an inline policy. Names are unique without regard to case.
func (i *identity) inlineIndex(name string) (at int, found bool) {
	return slices.BinarySearchFunc(i.Inline, fold(name), func(p inlinePolicy, name string) int {
		return cmp.Compare(fold(p.Name), name)
	})
}

// putInline adds or replaces an inline policy. kind names the entity in the error of one too large.
func (i *identity) putInline(name, text, kind string, limit int) error {
	if _, err := validate(text, authz.Identity); err != nil {
		return err
	}
	if at, found := i.inlineIndex(name); found {
		i.Inline[at].Document = text
	} else {
		i.Inline = slices.Insert(i.Inline, at, inlinePolicy{name, text})
	}
	size := 0
	for _, p := range i.Inline {
		size += authz.Size(p.Document)
	}
	if size > limit {
		return awserr.LimitExceeded.Errorf("Maximum policy size of %d bytes exceeded for %s %s", limit, kind, i.Name)
	}
	return nil
}

func (i *identity) inline(name, kind string) (inlinePolicy, error) {
	at, found := i.inlineIndex(name)
	if !found {
		return inlinePolicy{}, noSuchInline(kind, name)
	}
	return i.Inline[at], nil
}

func (i *identity) deleteInline(name, kind string) error {
	at, found := i.inlineIndex(name)
	if !found {
		return noSuchInline(kind, name)
	}
	i.Inline = slices.Delete(i.Inline, at, at+1)
	return nil
}

func noSuchInline(kind, name string) error {
	return awserr.NoSuchEntity.Errorf("The %s policy with name %s cannot be found.", kind, name)
}

// inlinePage returns a page of the names of the inline policies.
func (i *identity) inlinePage(marker *string, maxItems *int32) (names []string, next *string, err error) {
	p, err := pageOf(marker, maxItems)
	if err != nil {
		return nil, nil, err
	}
	found, next, err := sorted(p, i.Inline, func(p inlinePolicy) string { return fold(p.Name) })
	return convert(found, func(p *inlinePolicy) string { return p.Name }), next, err
}

// PutUserPolicy embeds a policy in a user, or replaces it.
func (s *Service) PutUserPolicy(ctx context.Context, in *iam.PutUserPolicyInput) (*iam.PutUserPolicyOutput, error) {
	err := s.changeUser(ctx, in.UserName, func(_ *store.Tx, u *user) error {
		return u.putInline(aws.ToString(in.PolicyName), aws.ToString(in.PolicyDocument), "user", userInlineSize)
	})
	return answer(&iam.PutUserPolicyOutput{}, err)
}

// GetUserPolicy returns a policy embedded in a user, its text as it was put.
func (s *Service) GetUserPolicy(ctx context.Context, in *iam.GetUserPolicyInput) (*iam.GetUserPolicyOutput, error) {
	u, err := read(ctx, s, userNamed, in.UserName)
	if err != nil {
		return nil, err
	}
	p, err := u.inline(aws.ToString(in.PolicyName), "user")
	return answer(&iam.GetUserPolicyOutput{
		UserName: aws.String(u.Name), PolicyName: aws.String(p.Name), PolicyDocument: encodeDocument(p.Document),
	}, err)
}

// ListUserPolicies returns the names of the policies embedded in a user.
func (s *Service) ListUserPolicies(ctx context.Context, in *iam.ListUserPoliciesInput) (*iam.ListUserPoliciesOutput, error) {
	u, err := read(ctx, s, userNamed, in.UserName)
	if err != nil {
		return nil, err
	}
	names, marker, err := u.inlinePage(in.Marker, in.MaxItems)
	return answer(&iam.ListUserPoliciesOutput{PolicyNames: names, Marker: marker, IsTruncated: marker != nil}, err)
}

// DeleteUserPolicy deletes a policy embedded in a user.
func (s *Service) DeleteUserPolicy(ctx context.Context, in *iam.DeleteUserPolicyInput) (*iam.DeleteUserPolicyOutput, error) {
	err := s.changeUser(ctx, in.UserName, func(_ *store.Tx, u *user) error {
		return u.deleteInline(aws.ToString(in.PolicyName), "user")
	})
	return answer(&iam.DeleteUserPolicyOutput{}, err)
}

// PutGroupPolicy embeds a policy in a group, or replaces it.
func (s *Service) PutGroupPolicy(ctx context.Context, in *iam.PutGroupPolicyInput) (*iam.PutGroupPolicyOutput, error) {
	err := s.changeGroup(ctx, in.GroupName, func(_ *store.Tx, g *group) error {
		return g.putInline(aws.ToString(in.PolicyName), aws.ToString(in.PolicyDocument), "group", groupInlineSize)
	})
	return answer(&iam.PutGroupPolicyOutput{}, err)
}

// GetGroupPolicy returns a policy embedded in a group, its text as it was put.
func (s *Service) GetGroupPolicy(ctx context.Context, in *iam.GetGroupPolicyInput) (*iam.GetGroupPolicyOutput, error) {
	g, err := read(ctx, s, groupNamed, in.GroupName)
	if err != nil {
		return nil, err
	}
	p, err := g.inline(aws.ToString(in.PolicyName), "group")
	return answer(&iam.GetGroupPolicyOutput{
		GroupName: aws.String(g.Name), PolicyName: aws.String(p.Name), PolicyDocument: encodeDocument(p.Document),
	}, err)
}

// ListGroupPolicies returns the names of the policies embedded in a group.
func (s *Service) ListGroupPolicies(ctx context.Context, in *iam.ListGroupPoliciesInput) (*iam.ListGroupPoliciesOutput, error) {
	g, err := read(ctx, s, groupNamed, in.GroupName)
	if err != nil {
		return nil, err
	}
	names, marker, err := g.inlinePage(in.Marker, in.MaxItems)
	return answer(&iam.ListGroupPoliciesOutput{PolicyNames: names, Marker: marker, IsTruncated: marker != nil}, err)
}

// DeleteGroupPolicy deletes a policy embedded in a group.
func (s *Service) DeleteGroupPolicy(ctx context.Context, in *iam.DeleteGroupPolicyInput) (*iam.DeleteGroupPolicyOutput, error) {
	err := s.changeGroup(ctx, in.GroupName, func(_ *store.Tx, g *group) error {
		return g.deleteInline(aws.ToString(in.PolicyName), "group")
	})
	return answer(&iam.DeleteGroupPolicyOutput{}, err)
}

// PutRolePolicy embeds a policy in a role, or replaces it.
func (s *Service) PutRolePolicy(ctx context.Context, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	err := s.changeRole(ctx, in.RoleName, func(_ *store.Tx, r *role) error {
		return r.putInline(aws.ToString(in.PolicyName), aws.ToString(in.PolicyDocument), "role", roleInlineSize)
	})
	return answer(&iam.PutRolePolicyOutput{}, err)
}

// GetRolePolicy returns a policy embedded in a role, its text as it was put.
func (s *Service) GetRolePolicy(ctx context.Context, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	r, err := read(ctx, s, roleNamed, in.RoleName)
	if err != nil {
		return nil, err
	}
	p, err := r.inline(aws.ToString(in.PolicyName), "role")
	return answer(&iam.GetRolePolicyOutput{
		RoleName: aws.String(r.Name), PolicyName: aws.String(p.Name), PolicyDocument: encodeDocument(p.Document),
	}, err)
}

// ListRolePolicies returns the names of the policies embedded in a role.
func (s *Service) ListRolePolicies(ctx context.Context, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
	r, err := read(ctx, s, roleNamed, in.RoleName)
	if err != nil {
		return nil, err
	}
	names, marker, err := r.inlinePage(in.Marker, in.MaxItems)
	return answer(&iam.ListRolePoliciesOutput{PolicyNames: names, Marker: marker, IsTruncated: marker != nil}, err)
}

// DeleteRolePolicy deletes a policy embedded in a role.
func (s *Service) DeleteRolePolicy(ctx context.Context, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	err := s.changeRole(ctx, in.RoleName, func(_ *store.Tx, r *role) error {
		return r.deleteInline(aws.ToString(in.PolicyName), "role")
	})
	return answer(&iam.DeleteRolePolicyOutput{}, err)
}
