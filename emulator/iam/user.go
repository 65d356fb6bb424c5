package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var userOps = wire.Ops(
	wire.Op((*Service).CreateUser, on(newUser, "UserName", boundaryKey, createTags("iam:TagUser"))),
	wire.Op((*Service).GetUser, on(aUser, "UserName")),
	wire.Op((*Service).ListUsers, under("user")),
	wire.Op((*Service).UpdateUser, renamed(aUser, "UserName", "NewUserName")),
	wire.Op((*Service).DeleteUser, on(aUser, "UserName")),
)

// user is an IAM user.
type user struct {
	identity
	Groups []string      `json:",omitempty"` // unique ids
	Login  *loginProfile `json:",omitempty"`
}

func userNamed(tx *store.Tx, account, name string) (user, error) {
	u, ok, err := users.Get(tx, nameKey(account, name))
	if err == nil && !ok {
		err = awserr.NoSuchEntity.Errorf("The user with name %s cannot be found.", name)
	}
	return u, err
}

func userTaken(name string) error {
	return awserr.EntityAlreadyExists.Errorf("User with name %s already exists.", name)
}

func userByID(tx *store.Tx, id string) (user, bool, error) { return first(users.ByIndex(tx, "id", id)) }

// CreateUser creates a user. EntityAlreadyExists when the name is taken in any spelling of its case.
func (s *Service) CreateUser(ctx context.Context, in *iam.CreateUserInput) (*iam.CreateUserOutput, error) {
	account, name := callerAccount(ctx), aws.ToString(in.UserName)
	tags, err := newTags(fold, in.Tags)
	if err != nil {
		return nil, err
	}
	out := &iam.CreateUserOutput{}
	err = s.update(ctx, func(tx *store.Tx) error {
		if _, taken, err := users.Get(tx, nameKey(account, name)); err != nil {
			return err
		} else if taken {
			return userTaken(name)
		}
		u := user{identity: identity{entity: entity{
			Account: account, Name: name, Path: pathOf(in.Path), ID: ids.New(ids.User), Created: tx.Now, Tags: tags,
		}}}
		if err := s.setBoundary(tx, &u.identity, aws.ToString(in.PermissionsBoundary)); err != nil {
			return err
		}
		out.User = u.describe()
		return users.Put(tx, &u)
	})
	return answer(out, err)
}

// GetUser returns a user, without a name the caller.
func (s *Service) GetUser(ctx context.Context, in *iam.GetUserInput) (*iam.GetUserOutput, error) {
	out := &iam.GetUserOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		who, err := subjectOf(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		if who.root {
			out.User, err = describeRoot(tx, who.account)
			return err
		}
		out.User = who.user.describe()
		if use, ok, err := s.uses.get(tx, who.user.ID); err != nil {
			return err
		} else if ok {
			out.User.PasswordLastUsed = aws.Time(use.At)
		}
		return nil
	})
	return answer(out, err)
}

// ListUsers returns users by name. Tags and boundaries are not in it, as in AWS's.
func (s *Service) ListUsers(ctx context.Context, in *iam.ListUsersInput) (*iam.ListUsersOutput, error) {
	out := &iam.ListUsersOutput{}
	found, marker, err := listPage(ctx, s, users, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out.Marker, out.IsTruncated = marker, marker != nil
	out.Users = convert(found, func(u *user) types.User { return u.brief() })
	return out, nil
}

// UpdateUser renames or moves a user. Its unique id, and with it all that belongs to it, stays.
func (s *Service) UpdateUser(ctx context.Context, in *iam.UpdateUserInput) (*iam.UpdateUserOutput, error) {
	account := callerAccount(ctx)
	err := s.update(ctx, func(tx *store.Tx) error {
		u, err := userNamed(tx, account, aws.ToString(in.UserName))
		if err != nil {
			return err
		}
		return move(tx, users, &u, in.NewUserName, in.NewPath, userTaken)
	})
	return answer(&iam.UpdateUserOutput{}, err)
}

// DeleteUser deletes a user that has nothing any more: DeleteConflict otherwise.
func (s *Service) DeleteUser(ctx context.Context, in *iam.DeleteUserInput) (*iam.DeleteUserOutput, error) {
	account := callerAccount(ctx)
	err := s.update(ctx, func(tx *store.Tx) error {
		u, err := userNamed(tx, account, aws.ToString(in.UserName))
		if err != nil {
			return err
		}
		if err := u.mayDelete(); err != nil {
			return err
		}
		if _, has, err := first(accessKeys.ByIndex(tx, "user", u.ID)); err != nil {
			return err
		} else if has {
			return awserr.DeleteConflict.Errorf("Cannot delete entity, must delete access keys first.")
		}
		switch {
		case u.Login != nil:
			return awserr.DeleteConflict.Errorf("Cannot delete entity, must delete login profile first.")
		case len(u.Groups) > 0:
			return awserr.DeleteConflict.Errorf("Cannot delete entity, must remove users from group first.")
		}
		if err := mayDeleteHolder(tx, account, u.ID); err != nil {
			return err
		}
		if err := s.setBoundary(tx, &u.identity, ""); err != nil {
			return err
		}
		if err := forgetUses(tx, u.ID); err != nil {
			return err
		}
		return users.Delete(tx, u.key())
	})
	return answer(&iam.DeleteUserOutput{}, err)
}

// mayDelete refuses while policies are embedded in or attached to the entity.
func (i *identity) mayDelete() error {
	switch {
	case len(i.Attached) > 0:
		return awserr.DeleteConflict.Errorf("Cannot delete entity, must detach all policies first.")
	case len(i.Inline) > 0:
		return awserr.DeleteConflict.Errorf("Cannot delete entity, must delete policies first.")
	}
	return nil
}

func (u *user) arn() string { return u.arnOf("user") }

// brief is a user as lists show it.
func (u *user) brief() types.User {
	return types.User{
		Arn: aws.String(u.arn()), CreateDate: aws.Time(u.Created), Path: aws.String(u.Path),
		UserId: aws.String(u.ID), UserName: aws.String(u.Name),
	}
}

func (u *user) describe() *types.User {
	full := u.brief()
	full.PermissionsBoundary = u.boundary()
	full.Tags = showTags(u.Tags)
	return &full
}
