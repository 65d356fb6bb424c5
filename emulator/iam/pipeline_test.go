package iam

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// The accounts of the tests.
const (
	production  = "111122223333"
	development = "444455556666"
)

const (
	allowAll = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	readS3   = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}`
)

// trusts returns a trust policy for an AWS principal.
func trusts(principal string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}}`
}

// testPolicies are AWS managed policies enough for the tests.
type testPolicies []ManagedPolicy

func (p testPolicies) All() []ManagedPolicy { return p }

func (p testPolicies) ByARN(arn string) (ManagedPolicy, bool) {
	for _, m := range p {
		if m.ARN == arn {
			return m, true
		}
	}
	return ManagedPolicy{}, false
}

func testPolicy(path, name, document string) ManagedPolicy {
	return ManagedPolicy{
		Name: name, ARN: "arn:aws:iam::aws:policy" + path + name, ID: "ANPA" + strings.ToUpper(name), Path: path,
		Description: "About " + name, Created: day(1), Updated: day(2), DefaultVersion: "v3",
		Document: func() string { return document },
	}
}

const adminARN = "arn:aws:iam::aws:policy/AdministratorAccess"

// world is IAM behind an HTTP server with as much of the pipeline as it needs: the access key in the Authorization header
// is believed, the operation's needs are decided with the caller's grants.
type world struct {
	testing.TB
	store   *store.Store
	service *Service
	url     string
	now     time.Time // the emulator's clock
}

func day(n int) time.Time { return time.Date(2024, 5, n, 12, 0, 0, 0, time.UTC) }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, now: day(10)}
	var err error
	w.store, err = store.Open(t.TempDir(), store.Options{Durability: store.Memory, Now: func() time.Time { return w.now }})
	w.must(err)
	t.Cleanup(func() { w.must(w.store.Close()) })
	w.service = New(w.store, Options{Managed: testPolicies{
		testPolicy("/", "AdministratorAccess", allowAll),
		testPolicy("/", "AmazonS3ReadOnlyAccess", readS3),
		testPolicy("/aws-service-role/", "AWSSupportServiceRolePolicy", allowAll),
		testPolicy("/job-function/", "ViewOnlyAccess", readS3),
	}})
	t.Cleanup(func() { w.must(w.service.Close()) })
	for _, id := range []string{production, development} {
		w.must(w.store.Update(t.Context(), func(tx *store.Tx) error {
			return account.Put(tx, &account.Account{ID: id, Name: id, CanonicalID: ids.CanonicalID(id), Created: tx.Now})
		}))
		w.must(w.service.Provision(t.Context(), ProvisionUser{Account: id, AccessKeyID: rootKey(id), SecretAccessKey: "secret"}))
		w.must(w.service.Provision(t.Context(), ProvisionUser{
			Account: id, Name: "admin", AccessKeyID: adminKey(id), SecretAccessKey: "secret", ManagedPolicyARNs: []string{adminARN},
		}))
	}
	server := httptest.NewServer(&pipeline{w, wire.NewQuery(wire.IAM()), w.service.Operations()})
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func rootKey(account string) string  { return "AKIAROOT" + account }
func adminKey(account string) string { return "AKIAADMN" + account }

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// admin returns a client with all rights in an account, client one with an access key.
func (w *world) admin(account string) *iam.Client { return w.client(adminKey(account)) }
func (w *world) root(account string) *iam.Client  { return w.client(rootKey(account)) }

func (w *world) client(accessKeyID string) *iam.Client {
	// With its retries: a client that has its answer before it is done with its request may close its own connection.
	return iam.New(iam.Options{
		BaseEndpoint: aws.String(w.url), Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider(accessKeyID, "secret", ""),
	})
}

// user makes a user of production with inline policies and returns a client that acts as it.
func (w *world) user(name string, policies ...string) *iam.Client {
	w.Helper()
	admin := w.admin(production)
	_, err := admin.CreateUser(w.Context(), &iam.CreateUserInput{UserName: &name})
	w.must(err)
	for i, text := range policies {
		_, err := admin.PutUserPolicy(w.Context(), &iam.PutUserPolicyInput{
			UserName: &name, PolicyName: aws.String("p" + string(rune('a'+i))), PolicyDocument: &text,
		})
		w.must(err)
	}
	key, err := admin.CreateAccessKey(w.Context(), &iam.CreateAccessKeyInput{UserName: &name})
	w.must(err)
	return w.client(*key.AccessKey.AccessKeyId)
}

// check compares an error with "Code: message", "" for none.
func (w *world) check(what string, err error, want string) {
	w.Helper()
	if got := show(err); got != want {
		w.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func show(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return err.Error()
}

// pipeline is the way of a request, as emulator/serve.go has it for all services.
type pipeline struct {
	*world
	codec      wire.Codec
	operations map[string]wire.Operation
}

func (p *pipeline) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := &wire.Request{ID: "00000000-0000-4000-8000-000000000001", Now: p.now, HTTP: r, Service: "iam", Region: "us-east-1", Header: http.Header{}}
	if err := p.serve(w, request); err != nil {
		e := awserr.From(err)
		if e.Cause != nil {
			p.Errorf("%v", e)
		}
		p.codec.EncodeError(w, request, e)
	}
}

func (p *pipeline) serve(w http.ResponseWriter, request *wire.Request) error {
	r := request.HTTP
	ctx := wire.WithRequest(r.Context(), request)
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	key, _, _ := strings.Cut(credential, "/")
	c, ok, err := p.service.Credential(ctx, key)
	if err != nil {
		return err
	}
	if !ok || !c.Active {
		return awserr.InvalidClientTokenId.Errorf("The security token included in the request is invalid.")
	}
	request.Caller = wire.Caller{Principal: c.Principal, AccessKeyID: key}
	name, err := p.codec.Route(r)
	if err != nil {
		return err
	}
	op, ok := p.operations[name]
	if !ok {
		return awserr.NotImplemented.Errorf("%s", name)
	}
	in := newOf(op.In)
	if err := p.codec.Decode(r, name, in); err != nil {
		return err
	}
	needs, err := op.Needs(ctx, in)
	if err != nil {
		return err
	}
	for _, n := range needs {
		if err := p.decide(ctx, request.Caller.Principal, n); err != nil {
			return err
		}
	}
	out, err := op.Call(ctx, in)
	if err != nil {
		return err
	}
	return p.codec.Encode(w, request, name, out)
}

func (p *pipeline) decide(ctx context.Context, who authz.Principal, n wire.Need) error {
	g, err := p.service.Grants(ctx, who)
	if err != nil {
		return err
	}
	keys := authz.Keys{}
	if k, ok := n.Keys.(authz.Keys); ok {
		maps.Copy(keys, k)
	}
	for key, value := range g.Tags {
		keys["aws:principaltag/"+strings.ToLower(key)] = []string{value}
	}
	keys["aws:principalarn"] = []string{who.ARN}
	keys["aws:username"] = []string{who.Name}
	d := authz.Evaluate(authz.Request{
		Principal: who, Action: n.Action, Resource: n.Resource, ResourceAccount: n.Account, Context: keys,
	}, authz.Policies{Identity: slices.Clone(g.Identity), Boundary: g.Boundary, Resource: n.Policies})
	switch {
	case d.Allowed():
		return nil
	case n.Denied != nil:
		return n.Denied(d)
	}
	return awserr.AccessDenied.Errorf("%s", d.Message())
}

func newOf(t reflect.Type) any { return reflect.New(t).Interface() }
