package iam

import (
	"context"

	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/store"
)

// ProvisionRole is a role that an account begins with.
type ProvisionRole struct {
	Account, Name     string
	Trust             string // the trust policy's text
	ManagedPolicyARNs []string
}

// ProvisionRole creates a role in tx, for accounts that are made with one. The account's row must be there.
func (s *Service) ProvisionRole(ctx context.Context, tx *store.Tx, p ProvisionRole) error {
	s.follow(tx)
	r := role{
		identity: identity{entity: entity{
			Account: p.Account, Name: p.Name, Path: "/", ID: ids.New(ids.Role), Created: tx.Now,
		}},
		MaxSession: defaultMaxSession,
	}
	if err := s.setTrust(ctx, tx, &r, p.Trust); err != nil {
		return err
	}
	for _, arn := range p.ManagedPolicyARNs {
		if err := s.attach(tx, &r.identity, &arn, "PoliciesPerRole"); err != nil {
			return err
		}
	}
	return roles.Put(tx, &r)
}
