package iam

import (
	"context"
	"fmt"
	"slices"

	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/store"
)

// ProvisionUser is a user that the world begins with.
type ProvisionUser struct {
	Account           string
	Path, Name        string // Name "": the account's root user
	AccessKeyID       string // "" for no access key
	SecretAccessKey   string
	Password          string // console password, "" for none; of a root user it is set in the account
	ManagedPolicyARNs []string
}

// Provision creates a user with its key, password and policies, or completes one that is there. It does nothing when all
// is there already.
func (s *Service) Provision(ctx context.Context, p ProvisionUser) error {
	has, err := s.hasPassword(ctx, &p)
	if err != nil {
		return err
	}
	var hash string
	if p.Password != "" && !has {
		hash = HashPassword(p.Password) // takes long: before the transaction, and not at every start
	}
	return s.update(ctx, func(tx *store.Tx) error {
		if p.Name == "" {
			return provisionRoot(tx, &p, hash)
		}
		u, ok, err := users.Get(tx, nameKey(p.Account, p.Name))
		if err != nil {
			return err
		}
		if !ok {
			u = user{identity: identity{entity: entity{
				Account: p.Account, Name: p.Name, Path: pathOf(&p.Path), ID: ids.New(ids.User), Created: tx.Now,
			}}}
		}
		for _, arn := range p.ManagedPolicyARNs {
			if err := s.attach(tx, &u.identity, &arn, "PoliciesPerUser"); err != nil {
				return err
			}
		}
		if hash != "" {
			u.Login = &loginProfile{Hash: hash, Created: tx.Now, Changed: tx.Now}
		}
		if err := provisionKey(tx, &p, u.ID); err != nil {
			return err
		}
		return users.Put(tx, &u)
	})
}

func (s *Service) hasPassword(ctx context.Context, p *ProvisionUser) (has bool, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if p.Name == "" {
			a, _, err := account.Get(tx, p.Account)
			has = a.PasswordHash != ""
			return err
		}
		u, _, err := users.Get(tx, nameKey(p.Account, p.Name))
		has = u.Login != nil
		return err
	})
	return has, err
}

// provisionRoot completes an account's root user. Its key may come before the account's own row, its password may not.
func provisionRoot(tx *store.Tx, p *ProvisionUser, hash string) error {
	if len(p.ManagedPolicyARNs) > 0 {
		return fmt.Errorf("iam: the root user of %s cannot have policies", p.Account)
	}
	if hash != "" {
		a, ok, err := account.Get(tx, p.Account)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("iam: there is no account %s to set a password for", p.Account)
		}
		a.PasswordHash = hash
		if err := account.Put(tx, &a); err != nil {
			return err
		}
	}
	return provisionKey(tx, p, p.Account)
}

// provisionKey makes the access key, unless the user has it.
func provisionKey(tx *store.Tx, p *ProvisionUser, userID string) error {
	if p.AccessKeyID == "" {
		return nil
	}
	k, ok, err := accessKeys.Get(tx, p.AccessKeyID)
	if err != nil {
		return err
	}
	if ok {
		if k.UserID != userID || k.Secret != p.SecretAccessKey {
			return fmt.Errorf("iam: the access key id %s is in use, with another user or secret", p.AccessKeyID)
		}
		return nil
	}
	have, err := collect(accessKeys.ByIndex(tx, "user", userID))
	if err != nil {
		return err
	}
	if len(have) >= maxAccessKeys {
		held := make([]string, len(have))
		for i, k := range have {
			held[i] = k.ID
		}
		slices.Sort(held)
		return fmt.Errorf("iam: %q in account %s has two access keys already: %v", p.Name, p.Account, held)
	}
	return accessKeys.Put(tx, &accessKey{
		ID: p.AccessKeyID, Account: p.Account, UserID: userID, Secret: p.SecretAccessKey, Active: true, Created: tx.Now,
	})
}
