// Package sts emulates the AWS Security Token Service. [Service.Operations] are its API; [Service.Open] reads the
// security token of an incoming request, [Service.Issue] makes credentials for a console sign-in, and [Restrict] says
// what temporary credentials may not call, whatever policies say.
package sts

import (
	"context"
	"strings"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/oidc"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Directory is what STS reads of IAM.
type Directory interface {
	// RoleByARN returns the role of exactly this ARN; ok is false when there is none.
	RoleByARN(ctx context.Context, arn string) (r iam.Role, ok bool, err error)
	// PolicyDocument returns the default version's text of a managed policy; ok is false when there is none.
	PolicyDocument(ctx context.Context, arn string) (text string, ok bool, err error)
	// Credential returns what a long-term access key stands for; ok is false when there is no such key.
	Credential(ctx context.Context, accessKeyID string) (c iam.Credential, ok bool, err error)
	// CheckMFA checks a code of an MFA device of the user or root user p: iam.ErrNotTheirDevice or iam.ErrWrongCode when it
	// is not good. UseMFA does the same, and the code is not good any more.
	CheckMFA(ctx context.Context, p authz.Principal, serial, code string) error
	UseMFA(ctx context.Context, p authz.Principal, serial, code string) error
	// RootTask says why the account caller may not act as the root user of member for a task, "" if it may; ok is false for
	// what is no task.
	RootTask(ctx context.Context, caller, member, task string) (refused string, ok bool, err error)
	// Delegated returns what the token of a delegation request stands for; ok is false for an unknown one.
	Delegated(ctx context.Context, token string) (granted iam.Delegated, ok bool, err error)
	// OIDCProvider returns the OpenID Connect provider of a name (its URL without the scheme) in an account, SAMLProvider the
	// SAML provider of an ARN; ok is false when there is none.
	OIDCProvider(ctx context.Context, account, name string) (p iam.OIDCProvider, ok bool, err error)
	SAMLProvider(ctx context.Context, arn string) (p iam.SAMLProvider, ok bool, err error)
	// OutboundIssuer returns the URL of the issuer of an account's own tokens; ok is false when the account issues none.
	OutboundIssuer(ctx context.Context, account string) (url string, ok bool, err error)
}

// Standing is what a token tells of who asks for it, beyond the principal itself.
type Standing struct {
	Tags                  map[string]string
	Organization, OrgPath string // "": in no organization
}

// Options for New.
type Options struct {
	Directory Directory
	Verifier  *oidc.Verifier // of web identity tokens
	Issuer    *oidc.Issuer   // of the accounts' own tokens
	// Standing tells of a caller.
	Standing func(ctx context.Context, caller wire.Caller) (Standing, error)
}

// Service is STS. Its methods are safe for concurrent use.
type Service struct {
	store     *store.Store
	directory Directory
	verifier  *oidc.Verifier
	issuer    *oidc.Issuer
	standing  func(context.Context, wire.Caller) (Standing, error)
	sealer    sealer
}

// New returns STS over st, which holds the key that sessions are sealed with, and nothing else of STS.
func New(st *store.Store, o Options) *Service {
	return &Service{
		store: st, directory: o.Directory, verifier: o.Verifier, issuer: o.Issuer, standing: o.Standing, sealer: sealer{store: st},
	}
}

// Operations returns the operations by name.
func (s *Service) Operations() map[string]wire.Operation {
	return wire.Bind(s, roles, webIdentities, samlUsers, rootSessions, delegated, tokens, identityTokens, identity, messages)
}

// Restrict returns the error of a call that the caller's kind of temporary credentials may not make, however much its
// policies allow; nil for any other. The action is in the form "iam:CreateUser". ("Compare AWS STS credentials", IAM User
// Guide; the pages of GetSessionToken and GetFederationToken, STS API Reference.)
func Restrict(caller wire.Caller, action string) error {
	if caller.Session == nil {
		return nil
	}
	service, operation, _ := strings.Cut(action, ":")
	switch strings.ToLower(service) {
	case "iam":
		return restrictIAM(caller)
	case "sts":
		return restrictSTS(caller, operation)
	}
	return nil
}

// restrictIAM: IAM answers the tokens of GetSessionToken without MFA, and of GetFederationToken, as if it did not know
// them. Those of a console sign-in are exempt.
func restrictIAM(caller wire.Caller) error {
	switch caller.Type {
	case authz.FederatedUser:
	case authz.User, authz.Account:
		if caller.Session.MFAAuthenticated || caller.Session.TaskPolicy != "" || caller.Session.Delegated {
			return nil
		}
	default:
		return nil
	}
	if caller.Session.Console {
		return nil
	}
	return errInvalidToken()
}

func restrictSTS(caller wire.Caller, operation string) error {
	switch {
	case operation == "GetCallerIdentity":
		return nil
	case operation == "GetSessionToken", operation == "GetFederationToken":
	case caller.Type == authz.AssumedRole:
		return nil
	case caller.Type == authz.FederatedUser:
	case operation == "AssumeRole", operation == "TagSession", operation == "SetSourceIdentity":
		return nil
	}
	return awserr.AccessDenied.Errorf("Cannot call %s with session credentials", operation)
}

func errInvalidToken() *awserr.Error {
	return awserr.InvalidClientTokenId.Errorf("The security token included in the request is invalid.")
}
