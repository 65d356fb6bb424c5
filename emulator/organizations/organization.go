package organizations

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var organizationOps = wire.Ops(
	wire.Op((*Service).CreateOrganization, on()),
	wire.Op((*Service).DescribeOrganization, on()),
	wire.Op((*Service).DeleteOrganization, on()),
)

// organization is an organization with its one root.
type organization struct {
	ID, Root    string
	Management  string // the account that made it
	FeatureSet  types.OrganizationFeatureSet
	PolicyTypes []types.PolicyType `json:",omitempty"` // those that are enabled in the root
	RootTags    []tag              `json:",omitempty"`
	Services    []serviceAccess    `json:",omitempty"` // with trusted access, sorted by principal
	Created     time.Time
}

// arn returns the ARN of a resource of the organization: "ou", "ou-…".
func (o *organization) arn(kind, id string) string {
	return "arn:aws:organizations::" + o.Management + ":" + kind + "/" + o.ID + "/" + id
}

func (o *organization) describe(tx *store.Tx) (*types.Organization, error) {
	a, _, err := account.Get(tx, o.Management)
	out := &types.Organization{
		Id: &o.ID, Arn: aws.String("arn:aws:organizations::" + o.Management + ":organization/" + o.ID),
		FeatureSet:      o.FeatureSet,
		MasterAccountId: &o.Management, MasterAccountArn: aws.String(o.arn("account", o.Management)), MasterAccountEmail: &a.Email,
		AvailablePolicyTypes: []types.PolicyTypeSummary{},
	}
	if o.FeatureSet == types.OrganizationFeatureSetAll {
		out.AvailablePolicyTypes = []types.PolicyTypeSummary{{
			Type: types.PolicyTypeServiceControlPolicy, Status: types.PolicyTypeStatusEnabled,
		}}
	}
	return out, err
}

// CreateOrganization makes an organization with the caller's account as its management account.
func (s *Service) CreateOrganization(ctx context.Context, in *organizations.CreateOrganizationInput) (*organizations.CreateOrganizationOutput, error) {
	out := &organizations.CreateOrganizationOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		management := callerAccount(ctx)
		if _, ok, err := members.Get(tx, management); err != nil {
			return err
		} else if ok {
			return awserr.AlreadyInOrganizationException.Errorf("The AWS account is already a member of an organization.")
		}
		o := organization{
			ID: newID("o-", 10), Root: newID("r-", 4), Management: management,
			FeatureSet: types.OrganizationFeatureSetAll, Created: tx.Now,
		}
		if in.FeatureSet != "" {
			o.FeatureSet = in.FeatureSet
		}
		if err := orgs.Put(tx, &o); err != nil {
			return err
		}
		if err := join(tx, &o, &member{Account: management, Method: types.AccountJoinedMethodInvited}); err != nil {
			return err
		}
		var err error
		out.Organization, err = o.describe(tx)
		return err
	})
	return answer(out, err)
}

// DescribeOrganization returns the organization that the caller's account is in.
func (s *Service) DescribeOrganization(ctx context.Context, _ *organizations.DescribeOrganizationInput) (*organizations.DescribeOrganizationOutput, error) {
	out := &organizations.DescribeOrganizationOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		o, _, err := own(ctx, tx)
		if err == nil {
			out.Organization, err = o.describe(tx)
		}
		return err
	})
	return answer(out, err)
}

// DeleteOrganization deletes an organization that has no accounts but its management account.
func (s *Service) DeleteOrganization(ctx context.Context, _ *organizations.DeleteOrganizationInput) (*organizations.DeleteOrganizationOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		for m, err := range members.ByIndex(tx, "organization", o.ID) {
			if err != nil {
				return err
			}
			if m.Account != o.Management {
				return awserr.OrganizationNotEmptyException.Errorf("To delete an organization you must first remove all member accounts (except the master).")
			}
		}
		return o.remove(tx)
	})
	return answer(&organizations.DeleteOrganizationOutput{}, err)
}

// remove deletes the organization with all that is in it.
func (o *organization) remove(tx *store.Tx) error {
	prefix := store.Key(o.ID)
	for _, err := range []error{
		remove(tx, attachments, attachments.Scan(tx, prefix, ""), (*attachment).key),
		remove(tx, policies, policies.Scan(tx, prefix, ""), (*policy).key),
		remove(tx, units, units.Scan(tx, prefix, ""), (*unit).key),
		remove(tx, creations, creations.Scan(tx, prefix, ""), (*creation).key),
		remove(tx, handshakes, handshakes.ByIndex(tx, "organization", o.ID), (*handshake).key),
		members.Delete(tx, o.Management),
	} {
		if err != nil {
			return err
		}
	}
	return orgs.Delete(tx, o.ID)
}
