package iam

import (
	"context"
	"iter"
	"sort"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var policyOps = wire.Ops(
	wire.Op((*Service).CreatePolicy, on(newPolicy, "PolicyName", createTags("iam:TagPolicy"))),
	wire.Op((*Service).GetPolicy, on(aPolicy, "PolicyArn")),
	wire.Op((*Service).ListPolicies, onPolicyPath),
	wire.Op((*Service).DeletePolicy, on(aPolicy, "PolicyArn")),
	wire.Op((*Service).ListEntitiesForPolicy, on(aPolicy, "PolicyArn")),
)

// policy is a customer managed policy.
type policy struct {
	entity
	Description *string         `json:",omitempty"`
	Versions    []policyVersion // oldest first
	Default     string          // the id of the default version
	Next        int             // the number of the next version
	Updated     time.Time
}

// policySize is the largest managed policy ("IAM and AWS STS quotas").
const policySize = 6144

// usage counts what an account uses a managed policy for, AWS's included.
type usage struct {
	Account, ARN string
	Attachments  int32 // users, groups and roles that it is attached to
	Boundaries   int32 // users and roles that it is the boundary of
}

func usageOf(tx *store.Tx, account, arn string) (usage, error) {
	u, ok, err := usages.Get(tx, store.Key(account, arn))
	if !ok {
		u = usage{Account: account, ARN: arn}
	}
	return u, err
}

// use adds to the counts of a policy.
func use(tx *store.Tx, account, arn string, attachments, boundaries int32) error {
	u, err := usageOf(tx, account, arn)
	if err != nil {
		return err
	}
	u.Attachments += attachments
	u.Boundaries += boundaries
	if u.Attachments == 0 && u.Boundaries == 0 {
		return usages.Delete(tx, store.Key(account, arn))
	}
	return usages.Put(tx, &u)
}

// findPolicy returns the customer managed policy of an ARN that the account owns.
func findPolicy(tx *store.Tx, account, arn string) (policy, bool, error) {
	owner, _, name, ok := parseARN(arn, "policy")
	if !ok || owner != account {
		return policy{}, false, nil
	}
	p, ok, err := policies.Get(tx, nameKey(account, name))
	return p, ok && p.arn() == arn, err
}

// policyARN returns the ARN of a request, which must look like one. What is no ARN at all is another error than the ARN of
// something else.
func policyARN(arn *string) (string, error) {
	a := aws.ToString(arn)
	if !strings.HasPrefix(a, "arn:") {
		return "", awserr.ValidationError.Errorf("ARN %s is not valid.", a)
	}
	if _, _, _, ok := parseARN(a, "policy"); !ok {
		return "", awserr.InvalidInput.Errorf("ARN %s is not valid.", a)
	}
	return a, nil
}

// customerPolicy returns the policy of an ARN that the account may change. AWS's policies are not its own; they are
// refused before, when the request is authorized.
func customerPolicy(tx *store.Tx, account, arn string) (policy, error) {
	if _, err := policyARN(&arn); err != nil {
		return policy{}, err
	}
	p, ok, err := findPolicy(tx, account, arn)
	if err == nil && !ok {
		err = noSuchPolicy(arn)
	}
	return p, err
}

func noSuchPolicy(arn string) error {
	return awserr.NoSuchEntity.Errorf("Policy %s was not found.", arn)
}

// notAttachable is what some operations say in place of noSuchPolicy.
func notAttachable(arn string) error {
	return awserr.NoSuchEntity.Errorf("Policy %s does not exist or is not attachable.", arn)
}

// CreatePolicy creates a customer managed policy with its version v1.
func (s *Service) CreatePolicy(ctx context.Context, in *iam.CreatePolicyInput) (*iam.CreatePolicyOutput, error) {
	account, name, text := callerAccount(ctx), aws.ToString(in.PolicyName), aws.ToString(in.PolicyDocument)
	tags, err := newTags(exact, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := checkManaged(text); err != nil {
		return nil, err
	}
	out := &iam.CreatePolicyOutput{}
	err = s.update(ctx, func(tx *store.Tx) error {
		if _, taken, err := policies.Get(tx, nameKey(account, name)); err != nil {
			return err
		} else if taken {
			return awserr.EntityAlreadyExists.Errorf("A policy called %s already exists. Duplicate names are not allowed.", name)
		}
		p := policy{
			entity: entity{
				Account: account, Name: name, Path: pathOf(in.Path), ID: ids.New(ids.Policy), Created: tx.Now, Tags: tags,
			},
			Description: in.Description, Updated: tx.Now, Next: 1,
		}
		p.addVersion(text, tx.Now, true)
		// The answer has no description, as AWS's.
		out.Policy = ptr(p.describe(usage{}))
		out.Policy.Tags = showTags(p.Tags)
		return policies.Put(tx, &p)
	})
	return answer(out, err)
}

func checkManaged(text string) error {
	if _, err := validate(text, authz.Identity); err != nil {
		return err
	}
	if authz.Size(text) > policySize {
		return quotaExceeded("PolicySize", policySize)
	}
	return nil
}

// GetPolicy returns a customer managed or an AWS managed policy.
func (s *Service) GetPolicy(ctx context.Context, in *iam.GetPolicyInput) (*iam.GetPolicyOutput, error) {
	arn, err := policyARN(in.PolicyArn)
	if err != nil {
		return nil, err
	}
	out := &iam.GetPolicyOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		account := callerAccount(ctx)
		used, err := usageOf(tx, account, arn)
		if err != nil {
			return err
		}
		if m, ok := s.managed.ByARN(arn); ok {
			out.Policy = ptr(m.describe(used))
			out.Policy.Description, out.Policy.Tags = aws.String(m.Description), []types.Tag{}
			return nil
		}
		p, err := customerPolicy(tx, account, arn)
		if err != nil {
			return err
		}
		out.Policy = ptr(p.describe(used))
		out.Policy.Description, out.Policy.Tags = p.Description, allTags(p.Tags)
		return nil
	})
	return answer(out, err)
}

// ListPolicies returns the account's own policies by name, then AWS's, as far as the filters want them. It shows neither
// descriptions nor tags, as AWS does.
func (s *Service) ListPolicies(ctx context.Context, in *iam.ListPoliciesInput) (*iam.ListPoliciesOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	account, prefix := callerAccount(ctx), pathOf(in.PathPrefix)
	out := &iam.ListPoliciesOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		found, marker, err := take(p, s.listPolicies(tx, account, prefix, in.Scope, p.from), func(d *types.Policy) (bool, error) {
			if !strings.HasPrefix(*d.Path, prefix) {
				return false, nil
			}
			u, err := usageOf(tx, account, *d.Arn)
			d.AttachmentCount, d.PermissionsBoundaryUsageCount = aws.Int32(u.Attachments), aws.Int32(u.Boundaries)
			return u.wanted(in.OnlyAttached, in.PolicyUsageFilter), err
		})
		out.Policies, out.Marker, out.IsTruncated = found, marker, marker != nil
		return err
	})
	return answer(out, err)
}

// wanted applies OnlyAttached and PolicyUsageFilter.
func (u *usage) wanted(onlyAttached bool, filter types.PolicyUsageType) bool {
	switch filter {
	case types.PolicyUsageTypePermissionsPolicy:
		return u.Attachments > 0
	case types.PolicyUsageTypePermissionsBoundary:
		return u.Boundaries > 0
	}
	return !onlyAttached || u.Attachments > 0
}

func (s *Service) listPolicies(tx *store.Tx, account, prefix string, scope types.PolicyScopeType, from string) iter.Seq2[item[types.Policy], error] {
	own := part[types.Policy]{"1", func(start string) iter.Seq2[item[types.Policy], error] {
		return as(list(tx, policies, account, prefix, start), func(p *policy) item[types.Policy] {
			return item[types.Policy]{p.key(), p.describe(usage{})}
		})
	}}
	managed := part[types.Policy]{"2", func(start string) iter.Seq2[item[types.Policy], error] {
		return as(s.managedFrom(start), func(m *ManagedPolicy) item[types.Policy] {
			return item[types.Policy]{fold(m.Name), m.describe(usage{})}
		})
	}}
	switch scope {
	case types.PolicyScopeTypeLocal:
		return joined(from, own)
	case types.PolicyScopeTypeAws:
		return joined(from, managed)
	}
	return joined(from, own, managed)
}

// managedFrom yields AWS's policies from a name on.
func (s *Service) managedFrom(name string) iter.Seq2[ManagedPolicy, error] {
	return func(yield func(ManagedPolicy, error) bool) {
		all := s.managed.All()
		at := sort.Search(len(all), func(i int) bool { return fold(all[i].Name) >= name })
		for _, m := range all[at:] {
			if !yield(m, nil) {
				return
			}
		}
	}
}

// DeletePolicy deletes a policy that nothing uses and that has one version only: DeleteConflict otherwise.
func (s *Service) DeletePolicy(ctx context.Context, in *iam.DeletePolicyInput) (*iam.DeletePolicyOutput, error) {
	account, arn := callerAccount(ctx), aws.ToString(in.PolicyArn)
	err := s.update(ctx, func(tx *store.Tx) error {
		p, err := customerPolicy(tx, account, arn)
		if err != nil {
			return err
		}
		used, err := usageOf(tx, account, arn)
		switch {
		case err != nil:
			return err
		case used.Attachments > 0 || used.Boundaries > 0:
			return awserr.DeleteConflict.Errorf("Cannot delete a policy attached to entities.")
		case len(p.Versions) > 1:
			return awserr.DeleteConflict.Errorf("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
		}
		return policies.Delete(tx, p.key())
	})
	return answer(&iam.DeletePolicyOutput{}, err)
}

func (p *policy) arn() string { return p.arnOf("policy") }

// document returns the text of the default version.
func (p *policy) document() string {
	v, _ := p.version(p.Default)
	return v.Document
}

// describe is a policy as lists show it.
func (p *policy) describe(u usage) types.Policy {
	return types.Policy{
		Arn: aws.String(p.arn()), PolicyName: aws.String(p.Name), PolicyId: aws.String(p.ID), Path: aws.String(p.Path),
		CreateDate: aws.Time(p.Created), UpdateDate: aws.Time(p.Updated), DefaultVersionId: aws.String(p.Default),
		IsAttachable: true, AttachmentCount: aws.Int32(u.Attachments), PermissionsBoundaryUsageCount: aws.Int32(u.Boundaries),
	}
}

func (m *ManagedPolicy) describe(u usage) types.Policy {
	return types.Policy{
		Arn: aws.String(m.ARN), PolicyName: aws.String(m.Name), PolicyId: aws.String(m.ID), Path: aws.String(m.Path),
		CreateDate: aws.Time(m.Created), UpdateDate: aws.Time(m.Updated), DefaultVersionId: aws.String(m.DefaultVersion),
		IsAttachable: true, AttachmentCount: aws.Int32(u.Attachments), PermissionsBoundaryUsageCount: aws.Int32(u.Boundaries),
	}
}

// PolicyDocument returns the text of the default version of a managed policy, the customer's or AWS's; ok is false when
// there is none.
func (s *Service) PolicyDocument(ctx context.Context, arn string) (text string, ok bool, err error) {
	in, err := s.inEffect()
	if err != nil {
		return "", false, err
	}
	err = in.View(ctx, func(tx *store.Tx) error {
		text, _, ok, err = s.managedDocument(tx, arn)
		return err
	})
	return text, ok, err
}

// managedDocument returns text and name of the managed policy of an ARN, of whichever account.
func (s *Service) managedDocument(tx *store.Tx, arn string) (text, name string, ok bool, err error) {
	if m, ok := s.managed.ByARN(arn); ok {
		return m.Document(), m.Name, true, nil
	}
	owner, _, _, _ := parseARN(arn, "policy")
	p, ok, err := findPolicy(tx, owner, arn)
	return p.document(), p.Name, ok, err
}
