package organizations

import (
	"context"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var accountOps = wire.Ops(
	wire.Op((*Service).ListAccounts, on()),
	wire.Op((*Service).ListAccountsForParent, on("ParentId")),
	wire.Op((*Service).DescribeAccount, on("AccountId")),
	wire.Op((*Service).MoveAccount, on("AccountId", "SourceParentId", "DestinationParentId")),
	wire.Op((*Service).RemoveAccountFromOrganization, on("AccountId")),
	wire.Op((*Service).LeaveOrganization, on()),
	wire.Op((*Service).CloseAccount, on("AccountId")),
)

// member is an account in an organization.
type member struct {
	Organization, Account string
	Parent                string
	Method                types.AccountJoinedMethod
	Joined                time.Time
	Closed                bool
	Delegated             []serviceAccess `json:",omitempty"` // the services that it administers, sorted by principal
	Tags                  []tag           `json:",omitempty"`
}

func (m *member) key() string { return m.Account }

func (m *member) node() node {
	return node{ID: m.Account, Type: types.TargetTypeAccount, Parent: m.Parent}
}

// join adds an account to the root.
func join(tx *store.Tx, o *organization, m *member) error {
	m.Organization, m.Parent, m.Joined = o.ID, o.Root, tx.Now
	for _, t := range o.PolicyTypes {
		if err := attachDefault(tx, o, m.node(), t); err != nil {
			return err
		}
	}
	return members.Put(tx, m)
}

// leave takes an account out, with what was attached to it there; its tags belong to the organization and go as well.
func leave(tx *store.Tx, o *organization, account string) error {
	if account == o.Management {
		return awserr.MasterCannotLeaveOrganizationException.Errorf("You can't remove a management account from an organization.")
	}
	m, err := o.member(tx, &account)
	if err != nil {
		return err
	}
	if len(m.Delegated) > 0 {
		return constraint("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", "You attempted to remove an account that is registered as a delegated administrator.")
	}
	if err := detachAll(tx, o, account); err != nil {
		return err
	}
	return members.Delete(tx, account)
}

func (o *organization) member(tx *store.Tx, id *string) (member, error) {
	m, ok, err := members.Get(tx, aws.ToString(id))
	if err == nil && (!ok || m.Organization != o.ID) {
		err = awserr.AccountNotFoundException.Errorf("You specified an account that doesn't exist.")
	}
	return m, err
}

func (o *organization) describeMember(tx *store.Tx, m *member) (*types.Account, error) {
	a, _, err := account.Get(tx, m.Account)
	if err != nil {
		return nil, err
	}
	chain, err := o.chain(tx, m.node())
	out := &types.Account{
		Id: &m.Account, Arn: aws.String(o.arn("account", m.Account)), Name: &a.Name, Email: &a.Email,
		JoinedMethod: m.Method, JoinedTimestamp: &m.Joined, Paths: []string{o.pathOf(chain)},
		Status: types.AccountStatusActive, State: types.AccountStateActive,
	}
	if m.Closed {
		out.Status, out.State = types.AccountStatusSuspended, types.AccountStateSuspended
	}
	return out, err
}

func (o *organization) describeMembers(tx *store.Tx, found []member) ([]types.Account, error) {
	all := []types.Account{}
	for i := range found {
		a, err := o.describeMember(tx, &found[i])
		if err != nil {
			return nil, err
		}
		all = append(all, *a)
	}
	return all, nil
}

// ListAccounts returns the accounts of the organization.
func (s *Service) ListAccounts(ctx context.Context, in *organizations.ListAccountsInput) (*organizations.ListAccountsOutput, error) {
	out := &organizations.ListAccountsOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		found, next, err := page(in.NextToken, in.MaxResults, func(from string) iter.Seq2[member, error] {
			return members.ByIndexFrom(tx, "organization", o.ID, from)
		}, (*member).key)
		if err != nil {
			return err
		}
		out.NextToken = next
		out.Accounts, err = o.describeMembers(tx, found)
		return err
	})
	return answer(out, err)
}

// ListAccountsForParent returns the accounts right under the root or a unit.
func (s *Service) ListAccountsForParent(ctx context.Context, in *organizations.ListAccountsForParentInput) (*organizations.ListAccountsForParentOutput, error) {
	out := &organizations.ListAccountsForParentOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		found, next, err := o.membersUnder(tx, in.ParentId, in.NextToken, in.MaxResults)
		if err != nil {
			return err
		}
		out.NextToken = next
		out.Accounts, err = o.describeMembers(tx, found)
		return err
	})
	return answer(out, err)
}

// membersUnder returns a page of the accounts of a parent, which must exist.
func (o *organization) membersUnder(tx *store.Tx, parent, token *string, results *int32) ([]member, *string, error) {
	if err := o.checkParent(tx, parent); err != nil {
		return nil, nil, err
	}
	return page(token, results, func(from string) iter.Seq2[member, error] {
		return members.ByIndexFrom(tx, "parent", store.Key(o.ID, *parent), from)
	}, (*member).key)
}

// DescribeAccount returns an account of the organization.
func (s *Service) DescribeAccount(ctx context.Context, in *organizations.DescribeAccountInput) (*organizations.DescribeAccountOutput, error) {
	out := &organizations.DescribeAccountOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		m, err := o.member(tx, in.AccountId)
		if err == nil {
			out.Account, err = o.describeMember(tx, &m)
		}
		return err
	})
	return answer(out, err)
}

// MoveAccount moves an account to another parent. It keeps the policies that are attached to itself.
func (s *Service) MoveAccount(ctx context.Context, in *organizations.MoveAccountInput) (*organizations.MoveAccountOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		m, err := o.member(tx, in.AccountId)
		if err != nil {
			return err
		}
		source, ok, err := o.container(tx, aws.ToString(in.SourceParentId))
		if err != nil {
			return err
		}
		if !ok || source.ID != m.Parent {
			return awserr.SourceParentNotFoundException.Errorf("You specified a source parent that doesn't exist.")
		}
		destination, ok, err := o.container(tx, aws.ToString(in.DestinationParentId))
		if err != nil {
			return err
		}
		if !ok {
			return awserr.DestinationParentNotFoundException.Errorf("You specified a destination parent that doesn't exist.")
		}
		if destination.ID == m.Parent {
			return awserr.DuplicateAccountException.Errorf("That account is already present in the specified destination.")
		}
		m.Parent = destination.ID
		return members.Put(tx, &m)
	})
	return answer(&organizations.MoveAccountOutput{}, err)
}

// RemoveAccountFromOrganization makes a member account stand alone.
func (s *Service) RemoveAccountFromOrganization(ctx context.Context, in *organizations.RemoveAccountFromOrganizationInput) (*organizations.RemoveAccountFromOrganizationOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		m, err := o.member(tx, in.AccountId)
		if err != nil {
			return err
		}
		return leave(tx, o, m.Account)
	})
	return answer(&organizations.RemoveAccountFromOrganizationOutput{}, err)
}

// LeaveOrganization makes the caller's account stand alone.
func (s *Service) LeaveOrganization(ctx context.Context, _ *organizations.LeaveOrganizationInput) (*organizations.LeaveOrganizationOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		o, _, err := own(ctx, tx)
		if err != nil {
			return err
		}
		return leave(tx, &o, callerAccount(ctx))
	})
	return answer(&organizations.LeaveOrganizationOutput{}, err)
}

// CloseAccount closes a member account: nobody can act in it any more. It stays in the organization.
func (s *Service) CloseAccount(ctx context.Context, in *organizations.CloseAccountInput) (*organizations.CloseAccountOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		m, err := o.member(tx, in.AccountId)
		if err != nil {
			return err
		}
		if m.Account == o.Management {
			return constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You attempted to close the management account.")
		}
		if m.Closed {
			return awserr.AccountAlreadyClosedException.Errorf("You attempted to close an account that is already closed.")
		}
		m.Closed = true
		return members.Put(tx, &m)
	})
	return answer(&organizations.CloseAccountOutput{}, err)
}
