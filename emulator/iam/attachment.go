package iam

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var attachmentOps = wire.Ops(
	wire.Op((*Service).AttachUserPolicy, on(aUser, "UserName", policyKey, boundaryKey)),
	wire.Op((*Service).DetachUserPolicy, on(aUser, "UserName", policyKey, boundaryKey)),
	wire.Op((*Service).ListAttachedUserPolicies, on(aUser, "UserName")),
	wire.Op((*Service).AttachGroupPolicy, on(aGroup, "GroupName", policyKey)),
	wire.Op((*Service).DetachGroupPolicy, on(aGroup, "GroupName", policyKey)),
	wire.Op((*Service).ListAttachedGroupPolicies, on(aGroup, "GroupName")),
	wire.Op((*Service).AttachRolePolicy, on(aRole, "RoleName", policyKey, boundaryKey)),
	wire.Op((*Service).DetachRolePolicy, on(aRole, "RoleName", policyKey, boundaryKey)),
	wire.Op((*Service).ListAttachedRolePolicies, on(aRole, "RoleName")),
)

// maxAttached is the number of managed policies of a user, group or role ("IAM and AWS STS quotas").
const maxAttached = 10

// attach adds a managed policy; one that is there already stays. quota names the entity's limit in the error.
func (s *Service) attach(tx *store.Tx, i *identity, arn *string, quota string) error {
	a, err := policyARN(arn)
	if err != nil {
		return err
	}
	if err := s.attachable(tx, i.Account, a); err != nil {
		return err
	}
	if slices.Contains(i.Attached, a) {
		return nil
	}
	if len(i.Attached) == maxAttached {
		return quotaExceeded(quota, maxAttached)
	}
	i.Attached = append(i.Attached, a)
	return use(tx, i.Account, a, 1, 0)
}

// attachable refuses policies that are not there, that are another account's, or that only service-linked roles may have.
func (s *Service) attachable(tx *store.Tx, account, arn string) error {
	if m, ok := s.managed.ByARN(arn); ok {
		if strings.HasPrefix(m.Path, "/aws-service-role/") {
			return awserr.PolicyNotAttachable.Errorf("Cannot attach a Service Role Policy to a Customer Role.")
		}
		return nil
	}
	_, ok, err := findPolicy(tx, account, arn)
	if err == nil && !ok {
		err = notAttachable(arn)
	}
	return err
}

// detach removes a managed policy that must be there.
func detach(tx *store.Tx, i *identity, arn *string) error {
	a, err := policyARN(arn)
	if err != nil {
		return err
	}
	at := slices.Index(i.Attached, a)
	if at < 0 {
		return noSuchPolicy(a)
	}
	i.Attached = slices.Delete(i.Attached, at, at+1)
	return use(tx, i.Account, a, -1, 0)
}

// attachedPage returns a page of the policies of an entity by name.
func attachedPage(i *identity, pathPrefix, marker *string, maxItems *int32) (part []types.AttachedPolicy, next *string, err error) {
	p, err := pageOf(marker, maxItems)
	if err != nil {
		return nil, nil, err
	}
	all := attachedPolicies(i.Attached, pathOf(pathPrefix))
	return sorted(p, all, func(a types.AttachedPolicy) string { return store.Key(fold(*a.PolicyName), *a.PolicyArn) })
}

// attachedPolicies describes the policies of those ARNs whose path begins with pathPrefix.
func attachedPolicies(arns []string, pathPrefix string) []types.AttachedPolicy {
	all := []types.AttachedPolicy{}
	for _, arn := range arns {
		if _, path, name, _ := parseARN(arn, "policy"); strings.HasPrefix(path, pathPrefix) {
			all = append(all, types.AttachedPolicy{PolicyArn: aws.String(arn), PolicyName: aws.String(name)})
		}
	}
	return all
}

// AttachUserPolicy attaches a managed policy to a user.
func (s *Service) AttachUserPolicy(ctx context.Context, in *iam.AttachUserPolicyInput) (*iam.AttachUserPolicyOutput, error) {
	err := s.changeUser(ctx, in.UserName, func(tx *store.Tx, u *user) error {
		return s.attach(tx, &u.identity, in.PolicyArn, "PoliciesPerUser")
	})
	return answer(&iam.AttachUserPolicyOutput{}, err)
}

// DetachUserPolicy detaches a managed policy from a user.
func (s *Service) DetachUserPolicy(ctx context.Context, in *iam.DetachUserPolicyInput) (*iam.DetachUserPolicyOutput, error) {
	err := s.changeUser(ctx, in.UserName, func(tx *store.Tx, u *user) error {
		return detach(tx, &u.identity, in.PolicyArn)
	})
	return answer(&iam.DetachUserPolicyOutput{}, err)
}

// ListAttachedUserPolicies returns the managed policies of a user by name.
func (s *Service) ListAttachedUserPolicies(ctx context.Context, in *iam.ListAttachedUserPoliciesInput) (*iam.ListAttachedUserPoliciesOutput, error) {
	u, err := read(ctx, s, userNamed, in.UserName)
	if err != nil {
		return nil, err
	}
	found, marker, err := attachedPage(&u.identity, in.PathPrefix, in.Marker, in.MaxItems)
	return answer(&iam.ListAttachedUserPoliciesOutput{
		AttachedPolicies: found, Marker: marker, IsTruncated: marker != nil,
	}, err)
}

// AttachGroupPolicy attaches a managed policy to a group.
func (s *Service) AttachGroupPolicy(ctx context.Context, in *iam.AttachGroupPolicyInput) (*iam.AttachGroupPolicyOutput, error) {
	err := s.changeGroup(ctx, in.GroupName, func(tx *store.Tx, g *group) error {
		return s.attach(tx, &g.identity, in.PolicyArn, "PoliciesPerGroup")
	})
	return answer(&iam.AttachGroupPolicyOutput{}, err)
}

// DetachGroupPolicy detaches a managed policy from a group.
func (s *Service) DetachGroupPolicy(ctx context.Context, in *iam.DetachGroupPolicyInput) (*iam.DetachGroupPolicyOutput, error) {
	err := s.changeGroup(ctx, in.GroupName, func(tx *store.Tx, g *group) error {
		return detach(tx, &g.identity, in.PolicyArn)
	})
	return answer(&iam.DetachGroupPolicyOutput{}, err)
}

// ListAttachedGroupPolicies returns the managed policies of a group by name.
func (s *Service) ListAttachedGroupPolicies(ctx context.Context, in *iam.ListAttachedGroupPoliciesInput) (*iam.ListAttachedGroupPoliciesOutput, error) {
	g, err := read(ctx, s, groupNamed, in.GroupName)
	if err != nil {
		return nil, err
	}
	found, marker, err := attachedPage(&g.identity, in.PathPrefix, in.Marker, in.MaxItems)
	return answer(&iam.ListAttachedGroupPoliciesOutput{
		AttachedPolicies: found, Marker: marker, IsTruncated: marker != nil,
	}, err)
}

// AttachRolePolicy attaches a managed policy to a role.
func (s *Service) AttachRolePolicy(ctx context.Context, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
	err := s.changeRole(ctx, in.RoleName, func(tx *store.Tx, r *role) error {
		return s.attach(tx, &r.identity, in.PolicyArn, "PoliciesPerRole")
	})
	return answer(&iam.AttachRolePolicyOutput{}, err)
}

// DetachRolePolicy detaches a managed policy from a role.
func (s *Service) DetachRolePolicy(ctx context.Context, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
	err := s.changeRole(ctx, in.RoleName, func(tx *store.Tx, r *role) error {
		return detach(tx, &r.identity, in.PolicyArn)
	})
	return answer(&iam.DetachRolePolicyOutput{}, err)
}

// ListAttachedRolePolicies returns the managed policies of a role by name.
func (s *Service) ListAttachedRolePolicies(ctx context.Context, in *iam.ListAttachedRolePoliciesInput) (*iam.ListAttachedRolePoliciesOutput, error) {
	r, err := read(ctx, s, roleNamed, in.RoleName)
	if err != nil {
		return nil, err
	}
	found, marker, err := attachedPage(&r.identity, in.PathPrefix, in.Marker, in.MaxItems)
	return answer(&iam.ListAttachedRolePoliciesOutput{
		AttachedPolicies: found, Marker: marker, IsTruncated: marker != nil,
	}, err)
}

// ListEntitiesForPolicy returns groups, users and roles that have a policy, as policy or as boundary.
func (s *Service) ListEntitiesForPolicy(ctx context.Context, in *iam.ListEntitiesForPolicyInput) (*iam.ListEntitiesForPolicyOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	arn, err := policyARN(in.PolicyArn)
	if err != nil {
		return nil, err
	}
	account, prefix := callerAccount(ctx), pathOf(in.PathPrefix)
	out := &iam.ListEntitiesForPolicyOutput{
		PolicyGroups: []types.PolicyGroup{}, PolicyUsers: []types.PolicyUser{}, PolicyRoles: []types.PolicyRole{},
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if _, ok := s.managed.ByARN(arn); !ok {
			if _, ok, err := findPolicy(tx, account, arn); err != nil {
				return err
			} else if !ok {
				return notAttachable(arn)
			}
		}
		parts := policyUsers(tx, store.Key(account, arn), in.EntityFilter, in.PolicyUsageFilter)
		found, marker, err := take(p, joined(p.from, parts...), func(u *policyUser) (bool, error) {
			return strings.HasPrefix(u.entity.Path, prefix) && !u.twice, nil
		})
		for _, u := range found {
			switch e := u.entity; u.kind {
			case types.EntityTypeGroup:
				out.PolicyGroups = append(out.PolicyGroups, types.PolicyGroup{GroupId: &e.ID, GroupName: &e.Name})
			case types.EntityTypeUser:
				out.PolicyUsers = append(out.PolicyUsers, types.PolicyUser{UserId: &e.ID, UserName: &e.Name})
			case types.EntityTypeRole:
				out.PolicyRoles = append(out.PolicyRoles, types.PolicyRole{RoleId: &e.ID, RoleName: &e.Name})
			}
		}
		out.Marker, out.IsTruncated = marker, marker != nil
		return err
	})
	return answer(out, err)
}

// policyUser is an entity that has a policy.
type policyUser struct {
	entity *entity
	kind   types.EntityType
	twice  bool // an earlier part of the list has it too
}

// policyUsers lists the entities that have the policy of the index key: those that it is attached to, then those that
// have it as their boundary.
func policyUsers(tx *store.Tx, key string, filter types.EntityType, usage types.PolicyUsageType) []part[policyUser] {
	wants := func(kind types.EntityType) bool { return filter == "" || filter == kind }
	var parts []part[policyUser]
	attached := usage != types.PolicyUsageTypePermissionsBoundary
	if attached {
		if wants(types.EntityTypeGroup) {
			parts = append(parts, having[group](tx, groups, types.EntityTypeGroup, "1", "attached", key, false))
		}
		if wants(types.EntityTypeUser) {
			parts = append(parts, having[user](tx, users, types.EntityTypeUser, "2", "attached", key, false))
		}
		if wants(types.EntityTypeRole) {
			parts = append(parts, having[role](tx, roles, types.EntityTypeRole, "3", "attached", key, false))
		}
	}
	if usage != types.PolicyUsageTypePermissionsPolicy {
		if wants(types.EntityTypeUser) {
			parts = append(parts, having[user](tx, users, types.EntityTypeUser, "4", "boundary", key, attached))
		}
		if wants(types.EntityTypeRole) {
			parts = append(parts, having[role](tx, roles, types.EntityTypeRole, "5", "boundary", key, attached))
		}
	}
	return parts
}

// having lists the entities of a table that an index holds under key. but marks those that are attached to it as well.
func having[T any, P interface {
	row[T]
	policied() *identity
}](tx *store.Tx, t *store.Table[T], kind types.EntityType, prefix, index, key string, but bool) part[policyUser] {
	return part[policyUser]{prefix, func(start string) iter.Seq2[item[policyUser], error] {
		return as(t.ByIndexFrom(tx, index, key, start), func(v *T) item[policyUser] {
			id := P(v).policied()
			twice := but && slices.Contains(id.attachedKeys(), key)
			return item[policyUser]{id.key(), policyUser{&id.entity, kind, twice}}
		})
	}}
}
