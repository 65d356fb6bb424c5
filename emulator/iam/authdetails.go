package iam

import (
	"context"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var detailOps = wire.Ops(
	wire.Op((*Service).GetAccountAuthorizationDetails, anywhere),
)

// detail is one entry of GetAccountAuthorizationDetails: it puts itself into the answer.
type detail func(*iam.GetAccountAuthorizationDetailsOutput) error

// GetAccountAuthorizationDetails returns users, groups, roles and managed policies with all that they grant.
func (s *Service) GetAccountAuthorizationDetails(ctx context.Context, in *iam.GetAccountAuthorizationDetailsInput) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.GetAccountAuthorizationDetailsOutput{
		UserDetailList: []types.UserDetail{}, GroupDetailList: []types.GroupDetail{}, RoleDetailList: []types.RoleDetail{},
		Policies: []types.ManagedPolicyDetail{},
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		found, marker, err := take(p, joined(p.from, s.detailParts(ctx, tx, in.Filter)...), nil)
		if err != nil {
			return err
		}
		for _, add := range found {
			if err := add(out); err != nil {
				return err
			}
		}
		out.Marker, out.IsTruncated = marker, marker != nil
		return nil
	})
	return answer(out, err)
}

// detailParts are the lists that the filter asks for; without one all, of AWS's policies those in use.
func (s *Service) detailParts(ctx context.Context, tx *store.Tx, filter []types.EntityType) []part[detail] {
	account := callerAccount(ctx)
	wants := func(kind types.EntityType) bool { return len(filter) == 0 || slices.Contains(filter, kind) }
	var parts []part[detail]
	if wants(types.EntityTypeUser) {
		parts = append(parts, details(tx, "1", users, account, func(u *user, out *iam.GetAccountAuthorizationDetailsOutput) error {
			d, err := detailUser(tx, u)
			out.UserDetailList = append(out.UserDetailList, d)
			return err
		}))
	}
	if wants(types.EntityTypeGroup) {
		parts = append(parts, details(tx, "2", groups, account, func(g *group, out *iam.GetAccountAuthorizationDetailsOutput) error {
			out.GroupDetailList = append(out.GroupDetailList, detailGroup(g))
			return nil
		}))
	}
	if wants(types.EntityTypeRole) {
		parts = append(parts, details(tx, "3", roles, account, func(r *role, out *iam.GetAccountAuthorizationDetailsOutput) error {
			d, err := s.detailRole(ctx, tx, r)
			out.RoleDetailList = append(out.RoleDetailList, d)
			return err
		}))
	}
	if wants(types.EntityTypeLocalManagedPolicy) {
		parts = append(parts, details(tx, "4", policies, account, func(p *policy, out *iam.GetAccountAuthorizationDetailsOutput) error {
			used, err := usageOf(tx, account, p.arn())
			out.Policies = append(out.Policies, detailPolicy(p, used))
			return err
		}))
	}
	if wants(types.EntityTypeAWSManagedPolicy) {
		parts = append(parts, part[detail]{"5", func(start string) iter.Seq2[item[detail], error] {
			return as(s.managedInUse(tx, account, start), func(m *managedUse) item[detail] {
				return item[detail]{fold(m.Name), func(out *iam.GetAccountAuthorizationDetailsOutput) error {
					out.Policies = append(out.Policies, m.detail())
					return nil
				}}
			})
		}})
	}
	return parts
}

// details is the part of one table.
func details[T any, P row[T]](tx *store.Tx, prefix string, t *store.Table[T], account string, add func(P, *iam.GetAccountAuthorizationDetailsOutput) error) part[detail] {
	return part[detail]{prefix, func(start string) iter.Seq2[item[detail], error] {
		return as(t.Scan(tx, store.Key(account), start), func(v *T) item[detail] {
			return item[detail]{P(v).key(), func(out *iam.GetAccountAuthorizationDetailsOutput) error { return add(v, out) }}
		})
	}}
}

func detailUser(tx *store.Tx, u *user) (types.UserDetail, error) {
	member, err := groupsOf(tx, u)
	names := convert(member, func(g *group) string { return g.Name })
	slices.Sort(names)
	var ownPolicies []types.PolicyDetail // users without any have no element, unlike groups and roles
	if len(u.Inline) > 0 {
		ownPolicies = u.inlineDetails()
	}
	return types.UserDetail{
		Arn: aws.String(u.arn()), CreateDate: aws.Time(u.Created), Path: aws.String(u.Path), UserId: aws.String(u.ID),
		UserName: aws.String(u.Name), GroupList: names, AttachedManagedPolicies: attachedPolicies(u.Attached, "/"),
		UserPolicyList: ownPolicies, PermissionsBoundary: u.boundary(), Tags: allTags(u.Tags),
	}, err
}

func detailGroup(g *group) types.GroupDetail {
	return types.GroupDetail{
		Arn: aws.String(g.arnOf("group")), CreateDate: aws.Time(g.Created), Path: aws.String(g.Path), GroupId: aws.String(g.ID),
		GroupName: aws.String(g.Name), AttachedManagedPolicies: attachedPolicies(g.Attached, "/"),
		GroupPolicyList: g.inlineDetails(),
	}
}

func (s *Service) detailRole(ctx context.Context, tx *store.Tx, r *role) (types.RoleDetail, error) {
	full, err := s.describeRole(ctx, tx, r)
	if err != nil {
		return types.RoleDetail{}, err
	}
	in, err := collect(profiles.ByIndex(tx, "role", r.key()))
	if err != nil {
		return types.RoleDetail{}, err
	}
	described, err := s.describeProfiles(ctx, tx, in)
	return types.RoleDetail{
		Arn: full.Arn, CreateDate: full.CreateDate, Path: full.Path, RoleId: full.RoleId, RoleName: full.RoleName,
		AssumeRolePolicyDocument: full.AssumeRolePolicyDocument, AttachedManagedPolicies: attachedPolicies(r.Attached, "/"),
		RolePolicyList: r.inlineDetails(), InstanceProfileList: described, PermissionsBoundary: full.PermissionsBoundary,
		RoleLastUsed: full.RoleLastUsed, Tags: allTags(r.Tags),
	}, err
}

func (i *identity) inlineDetails() []types.PolicyDetail {
	return convert(i.Inline, func(p *inlinePolicy) types.PolicyDetail {
		return types.PolicyDetail{PolicyName: &p.Name, PolicyDocument: encodeDocument(p.Document)}
	})
}

func detailPolicy(p *policy, u usage) types.ManagedPolicyDetail {
	d := managedDetail(p.describe(u))
	d.PolicyVersionList = convert(p.Versions, func(v *policyVersion) types.PolicyVersion {
		described := p.describeVersion(v)
		described.Document = encodeDocument(v.Document)
		return described
	})
	slices.Reverse(d.PolicyVersionList) // the newest first
	return d
}

// managedUse is an AWS managed policy that the account uses.
type managedUse struct {
	ManagedPolicy
	usage usage
}

func (m *managedUse) detail() types.ManagedPolicyDetail {
	d := managedDetail(m.describe(m.usage))
	v := m.describeVersion()
	v.Document = encodeDocument(m.Document())
	d.PolicyVersionList = []types.PolicyVersion{v}
	return d
}

func managedDetail(p types.Policy) types.ManagedPolicyDetail {
	return types.ManagedPolicyDetail{
		Arn: p.Arn, AttachmentCount: p.AttachmentCount, CreateDate: p.CreateDate, DefaultVersionId: p.DefaultVersionId,
		IsAttachable: p.IsAttachable, Path: p.Path, PermissionsBoundaryUsageCount: p.PermissionsBoundaryUsageCount,
		PolicyId: p.PolicyId, PolicyName: p.PolicyName, UpdateDate: p.UpdateDate,
	}
}

// managedInUse yields the AWS managed policies that the account uses, from a name on.
func (s *Service) managedInUse(tx *store.Tx, account, name string) iter.Seq2[managedUse, error] {
	return func(yield func(managedUse, error) bool) {
		for m, err := range s.managedFrom(name) {
			if err != nil {
				yield(managedUse{}, err)
				return
			}
			used, ok, err := usages.Get(tx, store.Key(account, m.ARN))
			if (ok || err != nil) && !yield(managedUse{m, used}, err) {
				return
			}
		}
	}
}
