package organizations

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var attachmentOps = wire.Ops(
	wire.Op((*Service).AttachPolicy, on("PolicyId", "TargetId")),
	wire.Op((*Service).DetachPolicy, on("PolicyId", "TargetId")),
	wire.Op((*Service).ListPoliciesForTarget, on("TargetId")),
	wire.Op((*Service).ListTargetsForPolicy, on("PolicyId")),
)

// attachment is a policy on a place of the tree.
type attachment struct {
	Organization, Target, Policy string
	Type                         types.PolicyType
}

func (a *attachment) key() string { return store.Key(a.Organization, a.Target, a.Policy) }

// attachDefault attaches AWS's policy of a type, which allows everything.
func attachDefault(tx *store.Tx, o *organization, n node, t types.PolicyType) error {
	return attachments.Put(tx, &attachment{Organization: o.ID, Target: n.ID, Policy: policyKinds[t].all.ID, Type: t})
}

// detachAll is for a target that goes.
func detachAll(tx *store.Tx, o *organization, target string) error {
	return remove(tx, attachments, attachments.Scan(tx, store.Key(o.ID, target), ""), (*attachment).key)
}

// attachedTo returns the attachments of a type on a target.
func (o *organization) attachedTo(tx *store.Tx, target string, t types.PolicyType) ([]attachment, error) {
	return collect(filter(attachments.Scan(tx, store.Key(o.ID, target), ""), func(a *attachment) bool { return a.Type == t }))
}

// target returns the place that a request names.
func (o *organization) target(tx *store.Tx, id *string) (node, error) {
	n, ok, err := o.find(tx, aws.ToString(id))
	if err == nil && !ok {
		err = awserr.TargetNotFoundException.Errorf("You specified a target that doesn't exist.")
	}
	return n, err
}

// pair finds the policy and the target of a request, and how the two stand.
func (o *organization) pair(tx *store.Tx, policyID, targetID *string) (a attachment, attached bool, err error) {
	p, err := o.policy(tx, policyID)
	if err != nil {
		return a, false, err
	}
	n, err := o.target(tx, targetID)
	if err != nil {
		return a, false, err
	}
	a = attachment{Organization: o.ID, Target: n.ID, Policy: p.ID, Type: p.Type}
	_, attached, err = attachments.Get(tx, a.key())
	return a, attached, err
}

// AttachPolicy attaches a policy to the root, a unit or an account.
func (s *Service) AttachPolicy(ctx context.Context, in *organizations.AttachPolicyInput) (*organizations.AttachPolicyOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		a, attached, err := o.pair(tx, in.PolicyId, in.TargetId)
		if err != nil {
			return err
		}
		if !o.enabled(a.Type) {
			return policyTypeNotEnabled()
		}
		if attached {
			return awserr.DuplicatePolicyAttachmentException.Errorf("A policy with the same name and type is already attached to the specified target.")
		}
		all, err := o.attachedTo(tx, a.Target, a.Type)
		if err != nil {
			return err
		}
		if len(all) >= policyKinds[a.Type].attached {
			return constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You have attached the maximum number of policies to the specified target.")
		}
		return attachments.Put(tx, &a)
	})
	return answer(&organizations.AttachPolicyOutput{}, err)
}

// DetachPolicy detaches a policy. The last service control policy of a target stays, and so does RCPFullAWSAccess.
func (s *Service) DetachPolicy(ctx context.Context, in *organizations.DetachPolicyInput) (*organizations.DetachPolicyOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		a, attached, err := o.pair(tx, in.PolicyId, in.TargetId)
		if err != nil {
			return err
		}
		if !attached {
			return awserr.PolicyNotAttachedException.Errorf("The specified policy isn't attached to the specified target.")
		}
		if a.Policy == policyKinds[types.PolicyTypeResourceControlPolicy].all.ID {
			return awserr.InvalidInputException.Errorf("You can't detach this AWS managed policy.").With("Reason", "NON_DETACHABLE_POLICY")
		}
		all, err := o.attachedTo(tx, a.Target, a.Type)
		if err != nil {
			return err
		}
		if len(all) == 1 {
			return constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
				"You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.")
		}
		return attachments.Delete(tx, a.key())
	})
	return answer(&organizations.DetachPolicyOutput{}, err)
}

// ListPoliciesForTarget returns the policies of a type that are attached to a target itself.
func (s *Service) ListPoliciesForTarget(ctx context.Context, in *organizations.ListPoliciesForTargetInput) (*organizations.ListPoliciesForTargetOutput, error) {
	if err := supported(in.Filter); err != nil {
		return nil, err
	}
	out := &organizations.ListPoliciesForTargetOutput{Policies: []types.PolicySummary{}}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		n, err := o.target(tx, in.TargetId)
		if err != nil {
			return err
		}
		found, next, err := page(in.NextToken, in.MaxResults, func(from string) iter.Seq2[attachment, error] {
			return filter(attachments.Scan(tx, store.Key(o.ID, n.ID), from), func(a *attachment) bool { return a.Type == in.Filter })
		}, (*attachment).key)
		for i := range found {
			if err != nil {
				return err
			}
			var p policy
			p, err = o.policy(tx, &found[i].Policy)
			out.Policies = append(out.Policies, *o.summary(&p))
		}
		out.NextToken = next
		return err
	})
	return answer(out, err)
}

// ListTargetsForPolicy returns what a policy is attached to.
func (s *Service) ListTargetsForPolicy(ctx context.Context, in *organizations.ListTargetsForPolicyInput) (*organizations.ListTargetsForPolicyOutput, error) {
	out := &organizations.ListTargetsForPolicyOutput{Targets: []types.PolicyTargetSummary{}}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		p, err := o.policy(tx, in.PolicyId)
		if err != nil {
			return err
		}
		found, next, err := page(in.NextToken, in.MaxResults, func(from string) iter.Seq2[attachment, error] {
			return attachments.ByIndexFrom(tx, "policy", store.Key(o.ID, p.ID), from)
		}, (*attachment).key)
		if err != nil {
			return err
		}
		for i := range found {
			n, err := o.target(tx, &found[i].Target)
			if err != nil {
				return err
			}
			name, err := o.nameOf(tx, n)
			if err != nil {
				return err
			}
			out.Targets = append(out.Targets, types.PolicyTargetSummary{
				TargetId: &found[i].Target, Arn: aws.String(o.arnOf(n)), Name: &name, Type: n.Type,
			})
		}
		out.NextToken = next
		return nil
	})
	return answer(out, err)
}
