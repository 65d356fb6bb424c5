package organizations

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var rootOps = wire.Ops(
	wire.Op((*Service).ListRoots, on()),
	wire.Op((*Service).EnablePolicyType, on("RootId")),
	wire.Op((*Service).DisablePolicyType, on("RootId")),
)

// rootName is the name of every root.
const rootName = "Root"

func (o *organization) describeRoot() *types.Root {
	return &types.Root{
		Id: &o.Root, Arn: aws.String(o.arn("root", o.Root)), Name: aws.String(rootName),
		PolicyTypes: convert(o.PolicyTypes, func(t *types.PolicyType) types.PolicyTypeSummary {
			return types.PolicyTypeSummary{Type: *t, Status: types.PolicyTypeStatusEnabled}
		}),
	}
}

// ListRoots returns the organization's root.
func (s *Service) ListRoots(ctx context.Context, _ *organizations.ListRootsInput) (*organizations.ListRootsOutput, error) {
	out := &organizations.ListRootsOutput{}
	err := s.read(ctx, func(_ *store.Tx, o *organization) error {
		out.Roots = []types.Root{*o.describeRoot()}
		return nil
	})
	return answer(out, err)
}

// EnablePolicyType makes policies of a type count. The root, every unit and every account get the policy that allows all,
// without which everything would be denied at once ("SCP evaluation", AWS Organizations User Guide).
func (s *Service) EnablePolicyType(ctx context.Context, in *organizations.EnablePolicyTypeInput) (*organizations.EnablePolicyTypeOutput, error) {
	out := &organizations.EnablePolicyTypeOutput{}
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		if err := o.checkPolicyType(in.RootId, in.PolicyType); err != nil {
			return err
		}
		if o.enabled(in.PolicyType) {
			return awserr.PolicyTypeAlreadyEnabledException.Errorf("The specified policy type is already enabled.")
		}
		o.PolicyTypes = append(o.PolicyTypes, in.PolicyType)
		all, err := o.nodes(tx)
		for i := range all {
			if err == nil {
				err = attachDefault(tx, o, all[i], in.PolicyType)
			}
		}
		if err != nil {
			return err
		}
		out.Root = o.describeRoot()
		return orgs.Put(tx, o)
	})
	return answer(out, err)
}

// DisablePolicyType detaches all policies of a type from everything in the root.
func (s *Service) DisablePolicyType(ctx context.Context, in *organizations.DisablePolicyTypeInput) (*organizations.DisablePolicyTypeOutput, error) {
	out := &organizations.DisablePolicyTypeOutput{}
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		if err := o.checkPolicyType(in.RootId, in.PolicyType); err != nil {
			return err
		}
		if !o.enabled(in.PolicyType) {
			return policyTypeNotEnabled()
		}
		o.PolicyTypes = slices.DeleteFunc(o.PolicyTypes, func(t types.PolicyType) bool { return t == in.PolicyType })
		ofType := filter(attachments.Scan(tx, store.Key(o.ID), ""), func(a *attachment) bool { return a.Type == in.PolicyType })
		if err := remove(tx, attachments, ofType, (*attachment).key); err != nil {
			return err
		}
		out.Root = o.describeRoot()
		return orgs.Put(tx, o)
	})
	return answer(out, err)
}

func (o *organization) enabled(t types.PolicyType) bool { return slices.Contains(o.PolicyTypes, t) }

// checkPolicyType refuses another root, and policies that need all features.
func (o *organization) checkPolicyType(root *string, t types.PolicyType) error {
	if aws.ToString(root) != o.Root {
		return awserr.RootNotFoundException.Errorf("You specified a root that doesn't exist.")
	}
	return o.available(t)
}

// available refuses policies of types that the organization cannot have.
func (o *organization) available(t types.PolicyType) error {
	if err := supported(t); err != nil {
		return err
	}
	if o.FeatureSet != types.OrganizationFeatureSetAll {
		return awserr.PolicyTypeNotAvailableForOrganizationException.Errorf(
			"You can't use the specified policy type with the feature set currently enabled for this organization.")
	}
	return nil
}

func policyTypeNotEnabled() error {
	return awserr.PolicyTypeNotEnabledException.Errorf("This operation can be performed only for enabled policy types.")
}

// nodes returns all places of the tree.
func (o *organization) nodes(tx *store.Tx) ([]node, error) {
	all := []node{{ID: o.Root, Type: types.TargetTypeRoot}}
	for u, err := range units.Scan(tx, store.Key(o.ID), "") {
		if err != nil {
			return nil, err
		}
		all = append(all, node{ID: u.ID, Type: types.TargetTypeOrganizationalUnit, Parent: u.Parent})
	}
	for m, err := range members.ByIndex(tx, "organization", o.ID) {
		if err != nil {
			return nil, err
		}
		all = append(all, node{ID: m.Account, Type: types.TargetTypeAccount, Parent: m.Parent})
	}
	return all, nil
}
