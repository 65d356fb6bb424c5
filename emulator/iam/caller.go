package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// callerAccount returns the account that the request acts in.
func callerAccount(ctx context.Context) string { return wire.RequestFrom(ctx).Caller.Account }

// subject is whom an operation with an optional UserName acts on.
type subject struct {
	account string
	root    bool // the account's root user
	user    user
}

// id is what access keys are kept under: the user's unique id, or the account's id for the root user.
func (s *subject) id() string {
	if s.root {
		return s.account
	}
	return s.user.ID
}

func (s *subject) arn() string {
	if s.root {
		return rootARN(s.account)
	}
	return s.user.arn()
}

func rootARN(account string) string { return "arn:aws:iam::" + account + ":root" }

// subjectOf returns the user of that name in the caller's account, without a name the caller itself. The caller is found
// by its unique id, so that one who has just been renamed is still itself.
func subjectOf(ctx context.Context, tx *store.Tx, name *string) (subject, error) {
	caller := wire.RequestFrom(ctx).Caller
	if name != nil {
		u, err := userNamed(tx, caller.Account, *name)
		return subject{account: caller.Account, user: u}, err
	}
	switch caller.Type {
	case authz.Account:
		return subject{account: caller.Account, root: true}, nil
	case authz.User:
		u, ok, err := userByID(tx, caller.ID)
		if err == nil && !ok {
			err = awserr.NoSuchEntity.Errorf("The user with name %s cannot be found.", caller.Name)
		}
		return subject{account: caller.Account, user: u}, err
	}
	return subject{}, awserr.ValidationError.Errorf("Must specify userName when calling with non-User credentials")
}

// describeRoot returns the root user as GetUser shows it, which has no name or path.
func describeRoot(tx *store.Tx, id string) (*types.User, error) {
	a, ok, err := account.Get(tx, id)
	if err != nil {
		return nil, err
	}
	root := &types.User{Arn: aws.String(rootARN(id)), UserId: aws.String(id)}
	if ok {
		root.CreateDate = aws.Time(a.Created)
	}
	return root, nil
}
