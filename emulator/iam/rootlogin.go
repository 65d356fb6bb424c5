package iam

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// actsAsRoot says whether a request without a UserName comes from a session of AssumeRoot, the only one whose login profile
// is the root user's ("CreateLoginProfile", IAM API Reference).
func actsAsRoot(ctx context.Context, userName *string) bool {
	caller := wire.RequestFrom(ctx).Caller
	return userName == nil && caller.Type == authz.Account && caller.Session != nil && caller.Session.TaskPolicy != ""
}

// rootLogin describes the root user's login profile; NoSuchEntity when there is none.
func rootLogin(a *account.Account) (*types.LoginProfile, error) {
	created := a.Created
	switch {
	case !a.PasswordRecovery.IsZero():
		created = a.PasswordRecovery
	case a.PasswordHash == "":
		return nil, awserr.NoSuchEntity.Errorf("Login Profile for User root cannot be found.")
	}
	return &types.LoginProfile{UserName: aws.String(rootName), CreateDate: aws.Time(created)}, nil
}

// allowRootPassword lets the root user recover a password. None is set: recovery is by the root user's email, so that who
// acts as the root user never knows it.
func (s *Service) allowRootPassword(ctx context.Context, password *string) (shown *types.LoginProfile, err error) {
	if password != nil {
		return nil, awserr.ValidationError.Errorf("Password cannot be set for the root user.")
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		a, err := ownAccount(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := rootLogin(&a); err == nil {
			return awserr.EntityAlreadyExists.Errorf("Login Profile for user root already exists.")
		}
		a.PasswordRecovery = tx.Now
		if shown, err = rootLogin(&a); err != nil {
			return err
		}
		return account.Put(tx, &a)
	})
	return shown, err
}

func (s *Service) readRootLogin(ctx context.Context) (shown *types.LoginProfile, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		a, err := ownAccount(ctx, tx)
		if err == nil {
			shown, err = rootLogin(&a)
		}
		return err
	})
	return shown, err
}

// deleteRootLogin takes the root user's password, and its recovery.
func (s *Service) deleteRootLogin(ctx context.Context) error {
	return s.update(ctx, func(tx *store.Tx) error {
		a, err := ownAccount(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := rootLogin(&a); err != nil {
			return err
		}
		a.PasswordHash, a.PasswordRecovery = "", time.Time{}
		return account.Put(tx, &a)
	})
}
