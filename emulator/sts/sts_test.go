package sts_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/sts"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

const (
	production  = "111122223333"
	development = "444455556666"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is STS with a directory of its own, and a pipeline that does no more than authorize.
type world struct {
	t           *testing.T
	store       *store.Store
	sts         *sts.Service
	roles       map[string]iam.Role
	policies    map[string]string
	credentials map[string]iam.Credential
	codes       map[mfaCode]bool
	saml        map[string]iam.SAMLProvider
	now         time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	st, err := store.Open(t.TempDir(), store.Options{Durability: store.Memory})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	w := &world{t: t, store: st, roles: map[string]iam.Role{}, policies: map[string]string{}, credentials: map[string]iam.Credential{}, codes: map[mfaCode]bool{}, saml: map[string]iam.SAMLProvider{}, now: now}
	w.sts = sts.New(st, sts.Options{Directory: w})
	return w
}

func (w *world) RoleByARN(_ context.Context, arn string) (iam.Role, bool, error) {
	r, ok := w.roles[arn]
	return r, ok, nil
}

func (w *world) PolicyDocument(_ context.Context, arn string) (string, bool, error) {
	p, ok := w.policies[arn]
	return p, ok, nil
}

// RootTask: the tests of AssumeRoot are the emulator's, which has organizations.
func (w *world) RootTask(context.Context, string, string, string) (string, bool, error) {
	return "", false, nil
}

func (w *world) Delegated(context.Context, string) (iam.Delegated, bool, error) {
	return iam.Delegated{}, false, nil
}

func (w *world) Credential(_ context.Context, id string) (iam.Credential, bool, error) {
	c, ok := w.credentials[id]
	return c, ok, nil
}

func (w *world) OIDCProvider(_ context.Context, account, name string) (iam.OIDCProvider, bool, error) {
	return iam.OIDCProvider{}, false, nil
}

func (w *world) SAMLProvider(_ context.Context, arn string) (iam.SAMLProvider, bool, error) {
	p, ok := w.saml[arn]
	return p, ok, nil
}

func (w *world) OutboundIssuer(_ context.Context, account string) (string, bool, error) {
	return "", false, nil
}

// mfaCode is a code that a device of a user shows; in world.codes it is true until it is used.
type mfaCode struct{ userID, serial, code string }

func (w *world) CheckMFA(_ context.Context, p authz.Principal, serial, code string) error {
	if w.codes[mfaCode{p.ID, serial, code}] {
		return nil
	}
	for c := range w.codes {
		if c.userID == p.ID && c.serial == serial {
			return iam.ErrWrongCode
		}
	}
	return iam.ErrNotTheirDevice
}

func (w *world) UseMFA(ctx context.Context, p authz.Principal, serial, code string) error {
	if err := w.CheckMFA(ctx, p, serial, code); err != nil {
		return err
	}
	w.codes[mfaCode{p.ID, serial, code}] = false
	return nil
}

// role adds a role and returns its ARN. Statements of the trust policy are JSON objects.
func (w *world) role(account, path, name string, statements ...string) string {
	arn := "arn:aws:iam::" + account + ":role" + path + name
	w.roles[arn] = iam.Role{
		Account: account, Name: name, Path: path, ARN: arn, ID: "AROA" + strings.ToUpper(name) + "XXXX", MaxSessionDuration: 2 * time.Hour,
		Trust: attached(w.t, authz.Trust, account, statements...),
	}
	return arn
}

func policyText(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func attached(t *testing.T, kind authz.PolicyKind, account string, statements ...string) authz.Attached {
	t.Helper()
	p, err := authz.Parse(policyText(statements...))
	if err != nil {
		t.Fatal(err)
	}
	return authz.Attached{Policy: p, Kind: kind, Account: account}
}

// actor is somebody who calls STS, with what the policies allow.
type actor struct {
	w          *world
	caller     wire.Caller
	identity   []authz.Attached
	hasMFA     []string // values of aws:MultiFactorAuthPresent, nil for none
	operations map[string]wire.Operation
}

func (w *world) user(account, name string, statements ...string) actor {
	a := actor{w: w, operations: w.sts.Operations(), caller: wire.Caller{AccessKeyID: "AKIA" + account + "XXXX", Principal: authz.Principal{
		Type: authz.User, Account: account, ARN: "arn:aws:iam::" + account + ":user/" + name, ID: "AIDA" + strings.ToUpper(name), Name: name,
	}}}
	if len(statements) > 0 {
		a.identity = []authz.Attached{attached(w.t, authz.Identity, account, statements...)}
	}
	return a
}

func (w *world) root(account string) actor {
	a := w.user(account, "root")
	a.caller.Principal = authz.Principal{Type: authz.Account, Account: account, ARN: "arn:aws:iam::" + account + ":root", ID: account}
	return a
}

// anonymous is somebody without credentials.
func (w *world) anonymous() actor {
	return actor{w: w, operations: w.sts.Operations(), caller: wire.Caller{Principal: authz.Principal{Type: authz.Anonymous}}}
}

// session returns who acts with credentials, with the same permissions as before or others.
func (a actor) session(c *types.Credentials, statements ...string) actor {
	a.w.t.Helper()
	_, caller, err := a.w.sts.Open(*c.SessionToken, *c.AccessKeyId, a.w.now)
	if err != nil {
		a.w.t.Fatalf("the new credentials: %v", err)
	}
	a.caller = caller
	if len(statements) > 0 {
		a.identity = []authz.Attached{attached(a.w.t, authz.Identity, caller.Account, statements...)}
	}
	return a
}

// needs returns what a call has to be authorized for.
func (a actor) needs(operation string, in any) ([]wire.Need, error) {
	ctx := wire.WithRequest(context.Background(), &wire.Request{Now: a.w.now, Caller: a.caller})
	return a.operations[operation].Needs(ctx, in)
}

// call does the operation if it is authorized.
func (a actor) call(operation string, in any) (any, error) {
	request := &wire.Request{Now: a.w.now, Caller: a.caller}
	ctx := wire.WithRequest(context.Background(), request)
	needs, err := a.operations[operation].Needs(ctx, in)
	if err != nil {
		return nil, err
	}
	a.caller = request.Caller // whom an identity provider vouches for
	if err := sts.Restrict(a.caller, "sts:"+operation); err != nil {
		return nil, err
	}
	for _, n := range needs {
		if err := a.decide(n); err != nil {
			return nil, err
		}
	}
	return a.operations[operation].Call(ctx, in)
}

func (a actor) decide(n wire.Need) error {
	keys, _ := n.Keys.(authz.Keys)
	all := authz.Keys{"aws:principalarn": {a.caller.ARN}}
	for k, v := range keys {
		all[k] = v
	}
	if a.hasMFA != nil {
		all["aws:multifactorauthpresent"] = a.hasMFA
	}
	d := authz.Evaluate(
		authz.Request{Principal: a.caller.Principal, Action: n.Action, Resource: n.Resource, ResourceAccount: n.Account, Context: all},
		authz.Policies{Identity: a.identity, Resource: n.Policies})
	switch {
	case d.Allowed() && n.Veto == "":
		return nil
	case n.Denied != nil:
		return n.Denied(d)
	}
	return awserr.AccessDenied.Errorf("%s", d.Message())
}

// do calls an operation that is expected to succeed.
func do[O any](a actor, operation string, in any) *O {
	a.w.t.Helper()
	out, err := a.call(operation, in)
	if err != nil {
		a.w.t.Fatalf("%s: %v", operation, err)
	}
	return out.(*O)
}

// refused calls an operation that is expected to fail with the code and message.
func (a actor) refused(operation string, in any, code, message string) {
	a.w.t.Helper()
	_, err := a.call(operation, in)
	var e *awserr.Error
	if !errors.As(err, &e) || e.Code != code || e.Message != message {
		a.w.t.Errorf("%s: %v\nwant %s: %s", operation, err, code, message)
	}
}

const (
	allowAssume  = `{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}`
	allowSTS     = `{"Effect":"Allow","Action":"sts:*","Resource":"*"}`
	trustAll     = `{"Effect":"Allow","Principal":{"AWS":["111122223333","444455556666"]},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}`
	trustAssume  = `{"Effect":"Allow","Principal":{"AWS":["111122223333","444455556666"]},"Action":"sts:AssumeRole"}`
	readOneThing = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*"}`
)

func tags(pairs ...string) (tags []types.Tag) {
	for i := 0; i < len(pairs); i += 2 {
		tags = append(tags, types.Tag{Key: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
	}
	return tags
}
