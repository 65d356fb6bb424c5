package s3

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// The accounts of the tests.
const (
	accountA = "111122223333"
	accountB = "444455556666"
)

// everything is an identity policy.
const everything = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`

// allow returns an identity policy.
func allow(resource string, actions ...string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["` + strings.Join(actions, `","`) + `"],"Resource":"` + resource + `"}}`
}

// world is S3 behind an HTTP server with as much of the pipeline as it needs: signatures, codec, authorization. The
// people's policies are given, since IAM is not part of it.
type world struct {
	t       testing.TB
	store   *store.Store
	service *Service
	url     string

	mu     sync.Mutex
	people map[string]*person // by access key id
	now    time.Time          // zero: the real time
}

// person is a caller with policies.
type person struct {
	world    *world
	caller   wire.Caller
	identity []authz.Attached
}

// newWorld starts S3 on an empty store with accounts A and B.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, people: map[string]*person{}}
	var err error
	w.store, err = store.Open(t.TempDir(), store.Options{Durability: store.Memory, Now: w.clock})
	must(t, err)
	t.Cleanup(func() { must(t, w.store.Close()) })
	must(t, w.store.Update(t.Context(), func(tx *store.Tx) error {
		for _, id := range []string{accountA, accountB} {
			if err := account.Put(tx, &account.Account{ID: id, Name: id, CanonicalID: ids.CanonicalID(id)}); err != nil {
				return err
			}
		}
		return nil
	}))
	w.service = New(w.store, Options{Principals: w, AsRole: w.asRole, Now: w.clock, UseMFA: w.useMFA})
	p := &pipeline{world: w, codec: wire.NewRESTXML(wire.S3()), operations: w.service.Operations()}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now.IsZero() {
		return time.Now()
	}
	return w.now
}

// signedAt takes every signature for one of now when the clock was set: clients do not know of it.
func (w *world) signedAt(t time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now.IsZero() {
		return t
	}
	return w.now
}

// useMFA takes the code 123456 of any device.
func (w *world) useMFA(_ context.Context, _ authz.Principal, _, code string) error {
	if code != "123456" {
		return errors.New("a wrong code")
	}
	return nil
}

// person adds an IAM user with identity policies, or an account's root user ("root", which needs none).
func (w *world) person(account, name string, policies ...string) *person {
	w.t.Helper()
	p := &person{world: w, caller: wire.Caller{
		Principal: authz.Principal{
			Type: authz.User, Account: account, Name: name, ID: ids.New(ids.User),
			ARN: "arn:aws:iam::" + account + ":user/" + name,
		},
		AccessKeyID: ids.NewAccessKeyID(ids.AccessKey, account),
	}}
	if name == "root" {
		p.caller.Principal = authz.Principal{Type: authz.Account, Account: account, ID: account, ARN: "arn:aws:iam::" + account + ":root"}
	}
	for _, text := range policies {
		policy, err := authz.Parse(text)
		must(w.t, err)
		p.identity = append(p.identity, authz.Attached{Policy: policy, Kind: authz.Identity, Name: name, Account: account})
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.people[p.caller.AccessKeyID] = p
	return p
}

const testSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

// client returns a real SDK client of the person, in us-east-1 unless a region is given.
func (p *person) client(region ...string) *s3.Client {
	o := s3.Options{
		BaseEndpoint: aws.String(p.world.url), UsePathStyle: true, Region: append(region, usEast1)[0], RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(p.caller.AccessKeyID, testSecret, ""),
	}
	return s3.New(o)
}

// anonymous returns a client that does not sign.
func (w *world) anonymous() *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(w.url), UsePathStyle: true, Region: usEast1, RetryMaxAttempts: 1, Credentials: aws.AnonymousCredentials{},
	})
}

// role adds a role that S3 can work as, and returns its ARN.
func (w *world) role(account, name string, policies ...string) string {
	w.t.Helper()
	p := w.person(account, name, policies...)
	arn := "arn:aws:iam::" + account + ":role/" + name
	p.caller.Principal = authz.Principal{
		Type: authz.AssumedRole, Account: account, ID: "AROA" + name + ":s3-replication",
		ARN: "arn:aws:sts::" + account + ":assumed-role/" + name + "/s3-replication", RoleARN: arn, RoleID: "AROA" + name,
	}
	return arn
}

// asRole is what Options.AsRole is in the server. Every role trusts S3.
func (w *world) asRole(ctx context.Context, arn, _ string) (context.Context, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.people {
		if p.caller.RoleARN == arn {
			r := &wire.Request{Caller: p.caller, HTTP: httptest.NewRequest("GET", "/", nil)}
			r.Authorize = func(_ context.Context, need wire.Need) error { return decide(p, p.caller, need) }
			return wire.WithRequest(ctx, r), nil
		}
	}
	return nil, accessDenied()
}

// BindPrincipals implements Principals: the people are there, and their accounts.
func (w *world) BindPrincipals(_ context.Context, _ *store.Tx, p *authz.Policy) (map[string]string, string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	bound := map[string]string{}
	for _, principal := range p.Principals() {
		known := false
		for _, who := range w.people {
			if who.caller.ARN == principal {
				bound[principal], known = who.caller.ID, true
			}
		}
		if id := strings.TrimSuffix(strings.TrimPrefix(principal, "arn:aws:iam::"), ":root"); id == accountA || id == accountB {
			known = true
		}
		if !known {
			return nil, principal, nil
		}
	}
	return bound, "", nil
}

// ShowPrincipals implements Principals.
func (w *world) ShowPrincipals(_ context.Context, _ *store.Tx, text string, _ map[string]string) string {
	return text
}

// FollowPrincipals implements Principals: people keep their names here.
func (w *world) FollowPrincipals(_ context.Context, _ *store.Tx, text string, bound map[string]string) (string, map[string]string) {
	return text, bound
}

// Generation implements Principals.
func (w *world) Generation() uint64 { return 0 }

// pipeline is the way of a request, as emulator/serve.go has it for all services.
type pipeline struct {
	*world
	codec      wire.Codec
	operations map[string]wire.Operation
}

func (p *pipeline) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := &wire.Request{
		ID: "TESTREQUEST00001", Now: p.clock().UTC(), HTTP: r, Service: "s3", Region: usEast1, Header: http.Header{},
		Caller: wire.Caller{Principal: authz.Principal{Type: authz.Anonymous}},
	}
	if err := p.serve(w, request); err != nil {
		e := awserr.From(err)
		if e.Status >= 500 && e.Cause != nil {
			p.t.Errorf("%s %s: %v", r.Method, r.URL, e)
		}
		p.codec.EncodeError(w, request, e)
	}
}

func (p *pipeline) serve(w http.ResponseWriter, request *wire.Request) error {
	r := request.HTTP
	signature, err := sigv4.Verify(r, sigv4.Options{Now: request.Now, Signed: p.signedAt, Keys: func(_ context.Context, id, _ string) (string, error) {
		if p.who(id) == nil {
			return "", awserr.InvalidAccessKeyId.Errorf("The AWS Access Key Id you provided does not exist in our records.")
		}
		return testSecret, nil
	}})
	if err != nil {
		return err
	}
	var who *person
	if signature != nil {
		who = p.who(signature.AccessKeyID)
		request.Region, request.Caller = signature.Region, who.caller
		request.Caller.AuthType, request.Caller.SignatureVersion = "REST-HEADER", signature.SignatureVersion
		if signature.Presigned {
			request.Caller.AuthType, request.Caller.SignatureAge = "REST-QUERY-STRING", signature.Age
		}
	}
	name, err := p.codec.Route(r)
	if err != nil {
		return err
	}
	operation, ok := p.operations[name]
	if !ok {
		return awserr.NotImplemented.Errorf("xemu does not implement s3:%s.", name)
	}
	in := operation.NewInput()
	if err := p.codec.Decode(r, name, in); err != nil {
		return err
	}
	request.Authorize = func(_ context.Context, need wire.Need) error { return decide(who, request.Caller, need) }
	ctx := wire.WithRequest(r.Context(), request)
	needs, err := operation.Needs(ctx, in)
	if err != nil {
		return err
	}
	for _, need := range needs {
		if err := request.Authorize(ctx, need); err != nil {
			return err
		}
	}
	out, err := operation.Call(ctx, in)
	if err != nil {
		return err
	}
	return p.codec.Encode(w, request, name, out)
}

func (w *world) who(accessKeyID string) *person {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.people[accessKeyID]
}

// decide evaluates a need for a person, nil being the anonymous.
func decide(who *person, caller wire.Caller, need wire.Need) error {
	policies := authz.Policies{Resource: need.Policies}
	if who != nil {
		policies.Identity = who.identity
	}
	d := authz.Evaluate(authz.Request{
		Principal: caller.Principal, Action: need.Action, Resource: need.Resource, ResourceAccount: need.Account, Context: need.Keys,
	}, policies)
	switch {
	case d.Allowed() && need.Veto == "":
		return nil
	case need.Denied != nil:
		return need.Denied(d)
	}
	return awserr.AccessDenied.Errorf("%s", d.Message())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantCode checks that err is the AWS error with this code; "" is for no error.
func wantCode(t testing.TB, what string, err error, code string) {
	t.Helper()
	if got := codeOf(err); got != code {
		t.Errorf("%s: %q, want %q (%v)", what, got, code, err)
	}
}

func codeOf(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	}
	return err.Error()
}

// messageOf returns the message of an AWS error.
func messageOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return ""
}
