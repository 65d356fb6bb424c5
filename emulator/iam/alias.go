package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var aliasOps = wire.Ops(
	wire.Op((*Service).CreateAccountAlias, anywhere),
	wire.Op((*Service).ListAccountAliases, anywhere),
	wire.Op((*Service).DeleteAccountAlias, anywhere),
)

// CreateAccountAlias gives the account its alias, in place of the one it may have. Aliases are unique over all accounts.
func (s *Service) CreateAccountAlias(ctx context.Context, in *iam.CreateAccountAliasInput) (*iam.CreateAccountAliasOutput, error) {
	alias := aws.ToString(in.AccountAlias)
	err := s.update(ctx, func(tx *store.Tx) error {
		if _, taken, err := account.ByAlias(tx, alias); err != nil {
			return err
		} else if taken {
			return awserr.EntityAlreadyExists.Errorf("The account alias %s already exists.", alias)
		}
		a, err := ownAccount(ctx, tx)
		if err != nil {
			return err
		}
		a.Alias = alias
		return account.Put(tx, &a)
	})
	return answer(&iam.CreateAccountAliasOutput{}, err)
}

// ListAccountAliases returns the alias of the account, of which there is one at most.
func (s *Service) ListAccountAliases(ctx context.Context, in *iam.ListAccountAliasesInput) (*iam.ListAccountAliasesOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListAccountAliasesOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		a, err := ownAccount(ctx, tx)
		if err != nil {
			return err
		}
		var aliases []string
		if a.Alias != "" {
			aliases = []string{a.Alias}
		}
		out.AccountAliases, out.Marker, err = sorted(p, aliases, func(alias string) string { return alias })
		return err
	})
	return answer(out, err)
}

// DeleteAccountAlias takes the account's alias away.
func (s *Service) DeleteAccountAlias(ctx context.Context, in *iam.DeleteAccountAliasInput) (*iam.DeleteAccountAliasOutput, error) {
	alias := aws.ToString(in.AccountAlias)
	err := s.update(ctx, func(tx *store.Tx) error {
		a, err := ownAccount(ctx, tx)
		if err != nil {
			return err
		}
		if a.Alias != alias {
			return awserr.NoSuchEntity.Errorf("The account alias with name %s cannot be found.", alias)
		}
		a.Alias = ""
		return account.Put(tx, &a)
	})
	return answer(&iam.DeleteAccountAliasOutput{}, err)
}

// ownAccount returns the caller's account.
func ownAccount(ctx context.Context, tx *store.Tx) (account.Account, error) {
	id := callerAccount(ctx)
	a, ok, err := account.Get(tx, id)
	if err == nil && !ok {
		err = awserr.NoSuchEntity.Errorf("The account with id %s cannot be found.", id)
	}
	return a, err
}
