// Package iam emulates AWS Identity and Access Management: users, groups, roles, policies and credentials, and the
// reading of them that the other services stand on ([Service.Credential], [Service.Grants], [Service.RoleByARN],
// [Service.BindPrincipals], [Service.OIDCProvider], [Service.SAMLProvider]).
//
// Each noun has its file, with its rows (operation and authorization rule) on top. Every write goes through
// [Service.update], which makes the caches stale when it is committed.
package iam

import (
	"context"
	"errors"
	"time"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Options for New.
type Options struct {
	Managed ManagedPolicies // AWS managed policies; nil: none
	Levels  Levels          // what organizations limit simulated requests with; nil: nothing
	// Eventual is how late changes are for what requests are authenticated and authorized with, by the clock Now; 0: not late.
	Eventual time.Duration
	Now      func() time.Time
	// Organization returns what organization an account is in; nil: none is.
	Organization func(ctx context.Context, account string) (Organization, error)
	// Entity returns a part of the organization that an account manages, by its path, under all its SCPs or under one.
	Entity func(ctx context.Context, account, path, policy string) (OrganizationEntity, error)
}

// Service is IAM. Its methods are safe for concurrent use.
type Service struct {
	store        *store.Store
	managed      ManagedPolicies
	levels       Levels
	organization func(ctx context.Context, account string) (Organization, error)
	entity       func(ctx context.Context, account, path, policy string) (OrganizationEntity, error)
	late         *late // nil: nothing is
	uses         *lastUsed
	caches
}

// New returns IAM over st. Call Close at the end.
func New(st *store.Store, o Options) *Service {
	if o.Managed == nil {
		o.Managed = noManagedPolicies{}
	}
	if o.Organization == nil {
		o.Organization = func(context.Context, string) (Organization, error) { return Organization{}, nil }
	}
	var behind *late
	if o.Eventual > 0 {
		behind = &late{delay: o.Eventual, now: o.Now}
	}
	return &Service{late: behind, store: st, managed: o.Managed, levels: o.Levels, organization: o.Organization, entity: o.Entity, uses: newLastUsed(st)}
}

// Close writes what is still held in memory (last used times). The store is still open then.
func (s *Service) Close() error {
	err := s.uses.close()
	if s.late != nil && s.late.replica != nil {
		err = errors.Join(err, s.late.replica.Close())
	}
	return err
}

// Operations returns the operations by name.
func (s *Service) Operations() map[string]wire.Operation {
	return wire.Bind(s, userOps, groupOps, roleOps, policyOps, policyVersionOps, inlineOps, attachmentOps, boundaryOps,
		accessKeyOps, loginProfileOps, passwordPolicyOps, instanceProfileOps, tagOps, aliasOps, detailOps, summaryOps, mfaOps, sshKeyOps,
		signingCertificateOps, serverCertificateOps, serviceCredentialOps, serviceLinkedRoleOps, credentialReportOps,
		serviceAccessOps, lastAccessedOps,
		simulationOps, rootAccessOps,
		preferenceOps, accountPropertyOps, roleTemplateOps, delegationOps, organizationsAccessOps,
		oidcProviderOps, samlProviderOps, outboundOps)
}

// update is store.Update for IAM's own writes.
func (s *Service) update(ctx context.Context, fn func(*store.Tx) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		s.follow(tx)
		return fn(tx)
	})
}

// answer returns what an operation answers: out, or the error alone.
func answer[O any](out *O, err error) (*O, error) {
	if err != nil {
		return nil, err
	}
	return out, nil
}

func ptr[T any](v T) *T { return &v }
