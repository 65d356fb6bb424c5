package organizations

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/store"
)

// Entity returns what IAM's report is about: the root, unit or account of a path ("o-…/r-…/ou-…/111122223333") of the
// organization that account manages, with the SCPs that limit it, or with one of them alone ("GenerateOrganizationsAccessReport",
// IAM API Reference).
func (s *Service) Entity(ctx context.Context, account, path, policy string) (e iam.OrganizationEntity, err error) {
	invalid := awserr.InvalidInput.Errorf("The entity path %s is not valid.", path)
	err = s.store.View(ctx, func(tx *store.Tx) error {
		m, _, err := members.Get(tx, account)
		if err != nil {
			return err
		}
		o, ok, err := orgs.Get(tx, m.Organization)
		switch {
		case err != nil:
			return err
		case !ok || o.Management != account:
			return awserr.AccessDenied.Errorf("This operation can only be called from the management account of an organization.")
		case !o.enabled(types.PolicyTypeServiceControlPolicy):
			return awserr.InvalidInput.Errorf("Service control policies are not enabled in the organization.")
		}
		parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
		n, ok, err := o.find(tx, parts[len(parts)-1])
		if err != nil {
			return err
		}
		if !ok {
			return invalid
		}
		chain, err := o.chain(tx, n)
		if err != nil {
			return err
		}
		if o.pathOf(chain) != strings.Join(parts, "/")+"/" {
			return invalid
		}
		if e.Accounts, err = o.accountsIn(tx, n); err != nil || n.ID == o.Management {
			return err // whom no SCP limits
		}
		if policy != "" {
			p, err := o.policy(tx, &policy)
			if err != nil {
				return awserr.InvalidInput.Errorf("The policy %s cannot be found.", policy)
			}
			e.SCPs = [][]string{{p.Content}}
			return o.keepLimited(tx, e.Accounts, policy)
		}
		for _, n := range chain {
			all, err := o.attachedTo(tx, n.ID, types.PolicyTypeServiceControlPolicy)
			if err != nil {
				return err
			}
			var level []string
			for i := range all {
				p, err := o.policy(tx, &all[i].Policy)
				if err != nil {
					return err
				}
				level = append(level, p.Content)
			}
			e.SCPs = append(e.SCPs, level)
		}
		return nil
	})
	return e, err
}

// accountsIn returns the paths of the accounts in a node, without the management account unless it is the node.
func (o *organization) accountsIn(tx *store.Tx, in node) (map[string]string, error) {
	found := map[string]string{}
	for m, err := range members.ByIndex(tx, "organization", o.ID) {
		if err != nil {
			return nil, err
		}
		chain, err := o.chain(tx, m.node())
		if err != nil {
			return nil, err
		}
		for _, n := range chain {
			if n.ID == in.ID && (m.Account != o.Management || in.ID == m.Account) {
				found[m.Account] = strings.TrimSuffix(o.pathOf(chain), "/")
			}
		}
	}
	return found, nil
}

// keepLimited drops the accounts that a policy does not apply to.
func (o *organization) keepLimited(tx *store.Tx, accounts map[string]string, policy string) error {
	for account := range accounts {
		m, err := o.member(tx, &account)
		if err != nil {
			return err
		}
		chain, err := o.chain(tx, m.node())
		if err != nil {
			return err
		}
		applies := false
		for _, n := range chain {
			all, err := o.attachedTo(tx, n.ID, types.PolicyTypeServiceControlPolicy)
			if err != nil {
				return err
			}
			for _, a := range all {
				applies = applies || a.Policy == policy
			}
		}
		if !applies {
			delete(accounts, account)
		}
	}
	return nil
}
