// Package organizations emulates AWS Organizations as far as policies need it: the tree of a root, organizational units and
// accounts, and the service control and resource control policies that are attached to it. [Service.Place] is what the
// pipeline reads for every decision.
//
// Each noun has its file, with its rows (operation and authorization rule) on top. Every write goes through
// [Service.update], which makes the cached places stale when it is committed.
package organizations

import (
	"context"
	"errors"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Roles makes the role of a new account. It is IAM.
type Roles interface {
	ProvisionRole(ctx context.Context, tx *store.Tx, r iam.ProvisionRole) error
}

// Options for New.
type Options struct {
	Roles Roles
}

// Service is Organizations. Its methods are safe for concurrent use.
type Service struct {
	store  *store.Store
	roles  Roles
	places places
}

// New returns Organizations over st.
func New(st *store.Store, o Options) *Service { return &Service{store: st, roles: o.Roles} }

// Operations returns the operations by name.
func (s *Service) Operations() map[string]wire.Operation {
	return wire.Bind(s, organizationOps, rootOps, unitOps, treeOps, accountOps, creationOps, handshakeOps, policyOps, attachmentOps, tagOps,
		serviceAccessOps, delegatedAdminOps)
}

// update is store.Update for Organizations' own writes.
func (s *Service) update(ctx context.Context, fn func(*store.Tx) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		tx.OnCommit(func() { s.places.generation.Add(1) })
		return fn(tx)
	})
}

// own finds the organization that the caller's account is in, and whether it is the management account's.
func own(ctx context.Context, tx *store.Tx) (o organization, management bool, err error) {
	account := callerAccount(ctx)
	m, ok, err := members.Get(tx, account)
	if err != nil {
		return o, false, err
	}
	if !ok {
		return o, false, awserr.AWSOrganizationsNotInUseException.Errorf("Your account is not a member of an organization.")
	}
	o, ok, err = orgs.Get(tx, m.Organization)
	if err == nil && !ok {
		err = errors.New("organizations: account " + account + " is in an organization that is gone: " + m.Organization)
	}
	return o, o.Management == account, err
}

// managed is own for operations that only the management account may call.
func managed(ctx context.Context, tx *store.Tx) (organization, error) {
	o, management, err := own(ctx, tx)
	if err == nil && !management {
		err = noPermissions()
	}
	return o, err
}

// noPermissions is the answer to a member account that calls what only the management account may.
func noPermissions() error {
	return awserr.AccessDeniedException.Errorf("You don't have permissions to access this resource.")
}

// read runs fn on the organization that the calling account manages or is a delegated administrator in ("Delegated
// administrator for AWS services that work with Organizations": these may call the read-only operations).
func (s *Service) read(ctx context.Context, fn func(*store.Tx, *organization) error) error {
	return s.store.View(ctx, func(tx *store.Tx) error {
		o, management, err := own(ctx, tx)
		if err != nil {
			return err
		}
		if m, _, err := members.Get(tx, callerAccount(ctx)); err != nil {
			return err
		} else if !management && len(m.Delegated) == 0 {
			return noPermissions()
		}
		return fn(tx, &o)
	})
}

// write runs fn on the organization of the management account that calls.

func (s *Service) write(ctx context.Context, fn func(*store.Tx, *organization) error) error {
	return s.update(ctx, inManaged(ctx, fn))
}

func inManaged(ctx context.Context, fn func(*store.Tx, *organization) error) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		o, err := managed(ctx, tx)
		if err != nil {
			return err
		}
		return fn(tx, &o)
	}
}

func callerAccount(ctx context.Context) string { return wire.RequestFrom(ctx).Caller.Account }

// answer returns what an operation answers: out, or the error alone.
func answer[O any](out *O, err error) (*O, error) {
	if err != nil {
		return nil, err
	}
	return out, nil
}
