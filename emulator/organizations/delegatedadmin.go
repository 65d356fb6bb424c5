package organizations

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var delegatedAdminOps = wire.Ops(
	wire.Op((*Service).RegisterDelegatedAdministrator, on("AccountId")),
	wire.Op((*Service).DeregisterDelegatedAdministrator, on("AccountId")),
	wire.Op((*Service).ListDelegatedAdministrators, on()),
	wire.Op((*Service).ListDelegatedServicesForAccount, on("AccountId")),
)

// administers reports whether the account is the delegated administrator of a service.
func (m *member) administers(service string) bool {
	return slices.ContainsFunc(m.Delegated, func(a serviceAccess) bool { return a.Principal == service })
}

// delegatedSince is when the account became a delegated administrator of any service.
func (m *member) delegatedSince() time.Time {
	first := m.Delegated[0].Since
	for _, a := range m.Delegated {
		if a.Since.Before(first) {
			first = a.Since
		}
	}
	return first
}

// RegisterDelegatedAdministrator makes a member account the administrator of a service in the organization.
func (s *Service) RegisterDelegatedAdministrator(ctx context.Context, in *organizations.RegisterDelegatedAdministratorInput) (*organizations.RegisterDelegatedAdministratorOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		if err := checkServicePrincipal(in.ServicePrincipal); err != nil {
			return err
		}
		m, err := o.member(tx, in.AccountId)
		if err != nil {
			return err
		}
		switch {
		case m.Account == o.Management:
			return constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", "You cannot register master account/yourself as delegated administrator for your organization.")
		case m.Closed:
			return constraint("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR", "You cannot register a suspended account as a delegated administrator.")
		case !o.trusts(*in.ServicePrincipal):
			return constraint("SERVICE_ACCESS_NOT_ENABLED", "You must enable service access before you can register a delegated administrator for the service.")
		case m.administers(*in.ServicePrincipal):
			return awserr.AccountAlreadyRegisteredException.Errorf("The provided account is already a delegated administrator for your organization.")
		}
		m.Delegated = append(m.Delegated, serviceAccess{*in.ServicePrincipal, tx.Now})
		slices.SortFunc(m.Delegated, func(a, b serviceAccess) int { return strings.Compare(a.Principal, b.Principal) })
		return members.Put(tx, &m)
	})
	return answer(&organizations.RegisterDelegatedAdministratorOutput{}, err)
}

// DeregisterDelegatedAdministrator takes the administration of a service from a member account.
func (s *Service) DeregisterDelegatedAdministrator(ctx context.Context, in *organizations.DeregisterDelegatedAdministratorInput) (*organizations.DeregisterDelegatedAdministratorOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		if err := checkServicePrincipal(in.ServicePrincipal); err != nil {
			return err
		}
		m, err := o.member(tx, in.AccountId)
		if err != nil {
			return err
		}
		if !m.administers(*in.ServicePrincipal) {
			return notRegistered()
		}
		m.Delegated = slices.DeleteFunc(m.Delegated, func(a serviceAccess) bool { return a.Principal == *in.ServicePrincipal })
		return members.Put(tx, &m)
	})
	return answer(&organizations.DeregisterDelegatedAdministratorOutput{}, err)
}

func notRegistered() error {
	return awserr.AccountNotRegisteredException.Errorf("The provided account is not a registered delegated administrator for your organization.")
}

// ListDelegatedAdministrators returns the accounts that administer a service, or any.
func (s *Service) ListDelegatedAdministrators(ctx context.Context, in *organizations.ListDelegatedAdministratorsInput) (*organizations.ListDelegatedAdministratorsOutput, error) {
	if in.ServicePrincipal != nil {
		if err := checkServicePrincipal(in.ServicePrincipal); err != nil {
			return nil, err
		}
	}
	out := &organizations.ListDelegatedAdministratorsOutput{DelegatedAdministrators: []types.DelegatedAdministrator{}}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		administrators := func(from string) iter.Seq2[member, error] {
			return filter(members.ByIndexFrom(tx, "organization", o.ID, from), func(m *member) bool {
				return len(m.Delegated) > 0 && (in.ServicePrincipal == nil || m.administers(*in.ServicePrincipal))
			})
		}
		found, next, err := page(in.NextToken, in.MaxResults, administrators, (*member).key)
		out.NextToken = next
		for i := range found {
			m := &found[i]
			a, _, err := account.Get(tx, m.Account)
			if err != nil {
				return err
			}
			shown := types.DelegatedAdministrator{
				Id: &m.Account, Arn: aws.String(o.arn("account", m.Account)), Name: &a.Name, Email: &a.Email,
				JoinedMethod: m.Method, JoinedTimestamp: &m.Joined, DelegationEnabledDate: aws.Time(m.delegatedSince()),
				Status: types.AccountStatusActive, State: types.AccountStateActive,
			}
			if m.Closed {
				shown.Status, shown.State = types.AccountStatusSuspended, types.AccountStateSuspended
			}
			out.DelegatedAdministrators = append(out.DelegatedAdministrators, shown)
		}
		return err
	})
	return answer(out, err)
}

// ListDelegatedServicesForAccount returns the services that an account administers.
func (s *Service) ListDelegatedServicesForAccount(ctx context.Context, in *organizations.ListDelegatedServicesForAccountInput) (*organizations.ListDelegatedServicesForAccountOutput, error) {
	out := &organizations.ListDelegatedServicesForAccountOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		m, err := o.member(tx, in.AccountId)
		if err != nil {
			return err
		}
		if len(m.Delegated) == 0 {
			return notRegistered()
		}
		found, next, err := page(in.NextToken, in.MaxResults, from(m.Delegated, (*serviceAccess).key), (*serviceAccess).key)
		out.NextToken = next
		out.DelegatedServices = convert(found, func(a *serviceAccess) types.DelegatedService {
			return types.DelegatedService{ServicePrincipal: &a.Principal, DelegationEnabledDate: &a.Since}
		})
		return err
	})
	return answer(out, err)
}
