package organizations

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var creationOps = wire.Ops(
	wire.Op((*Service).CreateAccount, on()),
	wire.Op((*Service).DescribeCreateAccountStatus, on()),
	wire.Op((*Service).ListCreateAccountStatus, on()),
)

// creation is a request for a new account.
type creation struct {
	Organization, ID string
	Name, Account    string
	Requested        time.Time
	Failure          types.CreateAccountFailureReason `json:",omitempty"`
}

func (c *creation) key() string { return store.Key(c.Organization, c.ID) }

func (c *creation) state() types.CreateAccountState {
	if c.Failure != "" {
		return types.CreateAccountStateFailed
	}
	return types.CreateAccountStateSucceeded
}

func (c *creation) describe() *types.CreateAccountStatus {
	out := &types.CreateAccountStatus{
		Id: &c.ID, AccountName: &c.Name, State: c.state(), FailureReason: c.Failure,
		RequestedTimestamp: &c.Requested, CompletedTimestamp: &c.Requested,
	}
	if c.Account != "" {
		out.AccountId = &c.Account
	}
	return out
}

// accessRole is the name of a new account's role without RoleName ("Accessing a member account that has
// OrganizationAccountAccessRole with AWS Organizations").
const accessRole = "OrganizationAccountAccessRole"

// CreateAccount makes an account with no users, and a role in it that the management account may assume. As on AWS the
// answer says that the request is under way, and its status how it ended.
func (s *Service) CreateAccount(ctx context.Context, in *organizations.CreateAccountInput) (*organizations.CreateAccountOutput, error) {
	tags, err := addTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	out := &organizations.CreateAccountOutput{}
	err = s.write(ctx, func(tx *store.Tx, o *organization) error {
		c := creation{Organization: o.ID, ID: newID("car-", 32), Name: *in.AccountName, Requested: tx.Now}
		_, taken, err := account.ByEmail(tx, *in.Email)
		if err != nil {
			return err
		}
		if taken {
			c.Failure = types.CreateAccountFailureReasonEmailAlreadyExists
		} else if c.Account, err = s.openAccount(ctx, tx, o, in); err != nil {
			return err
		} else if err := join(tx, o, &member{Account: c.Account, Method: types.AccountJoinedMethodCreated, Tags: tags}); err != nil {
			return err
		}
		out.CreateAccountStatus = &types.CreateAccountStatus{
			Id: &c.ID, AccountName: &c.Name, State: types.CreateAccountStateInProgress, RequestedTimestamp: &c.Requested,
		}
		return creations.Put(tx, &c)
	})
	return answer(out, err)
}

// openAccount makes an account of the world and its role.
func (s *Service) openAccount(ctx context.Context, tx *store.Tx, o *organization, in *organizations.CreateAccountInput) (string, error) {
	id, err := freeID(tx)
	if err != nil {
		return "", err
	}
	err = account.Put(tx, &account.Account{
		ID: id, Name: *in.AccountName, Email: *in.Email, CanonicalID: ids.CanonicalID(id), Created: tx.Now,
	})
	if err != nil {
		return "", err
	}
	role := iam.ProvisionRole{
		Account: id, Name: accessRole, ManagedPolicyARNs: []string{"arn:aws:iam::aws:policy/AdministratorAccess"},
		Trust: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + o.Management +
			`:root"},"Action":"sts:AssumeRole"}]}`,
	}
	if aws.ToString(in.RoleName) != "" {
		role.Name = *in.RoleName
	}
	return id, s.roles.ProvisionRole(ctx, tx, role)
}

// freeID returns an account id that nobody has.
func freeID(tx *store.Tx) (string, error) {
	for {
		id := ids.NewAccount()
		if _, taken, err := account.Get(tx, id); err != nil || !taken {
			return id, err
		}
	}
}

// DescribeCreateAccountStatus returns how a request for an account ended.
func (s *Service) DescribeCreateAccountStatus(ctx context.Context, in *organizations.DescribeCreateAccountStatusInput) (*organizations.DescribeCreateAccountStatusOutput, error) {
	out := &organizations.DescribeCreateAccountStatusOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		c, ok, err := creations.Get(tx, store.Key(o.ID, aws.ToString(in.CreateAccountRequestId)))
		if err == nil && !ok {
			err = awserr.CreateAccountStatusNotFoundException.Errorf("You specified a create account request that doesn't exist.")
		}
		out.CreateAccountStatus = c.describe()
		return err
	})
	return answer(out, err)
}

// ListCreateAccountStatus returns the requests for accounts that ended in one of the states.
func (s *Service) ListCreateAccountStatus(ctx context.Context, in *organizations.ListCreateAccountStatusInput) (*organizations.ListCreateAccountStatusOutput, error) {
	out := &organizations.ListCreateAccountStatusOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		found, next, err := page(in.NextToken, in.MaxResults, func(from string) iter.Seq2[creation, error] {
			return filter(creations.Scan(tx, store.Key(o.ID), from), func(c *creation) bool {
				return len(in.States) == 0 || slices.Contains(in.States, c.state())
			})
		}, (*creation).key)
		out.NextToken = next
		out.CreateAccountStatuses = convert(found, func(c *creation) types.CreateAccountStatus { return *c.describe() })
		return err
	})
	return answer(out, err)
}
