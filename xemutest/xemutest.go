// Package xemutest runs an emulator inside a Go test, with people in it:
//
//	x := xemutest.New(t)
//	alice := x.Account("production").User("alice", xemutest.Allow("s3:GetObject", "arn:aws:s3:::reports/*"))
//	s3.NewFromConfig(alice.Config(), func(o *s3.Options) { o.UsePathStyle = true })
//
// The emulator listens on a loopback address, enforces, and keeps its state in a temporary directory until the test ends.
package xemutest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/store"
)

// Emulator is a running emulator.
type Emulator struct {
	URL    string
	Server *emulator.Server

	t testing.TB
}

// Option changes the emulator's configuration.
type Option func(*emulator.Config)

// Now sets the emulator's clock.
func Now(now func() time.Time) Option { return func(c *emulator.Config) { c.Now = now } }

// Config changes anything else.
func Config(change func(*emulator.Config)) Option { return change }

// New starts an emulator with the default world (accounts production and development), which ends with the test. Writes
// are not synced to disk, since the test's end is the state's too.
func New(t testing.TB, options ...Option) *Emulator {
	t.Helper()
	config := emulator.Config{Addr: "127.0.0.1:0", Dir: t.TempDir(), Durability: store.Relaxed}
	for _, option := range options {
		option(&config)
	}
	srv, err := emulator.Listen(config)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve() }()
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("closing the emulator: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("the emulator: %v", err)
		}
	})
	return &Emulator{URL: srv.URL, Server: srv, t: t}
}

// Account returns an account of the world by name.
func (x *Emulator) Account(name string) *Account {
	x.t.Helper()
	for _, a := range x.Server.World().Accounts {
		if a.Name == name {
			return &Account{ID: a.ID, x: x, world: a}
		}
	}
	x.t.Fatalf("the world has no account %q", name)
	return nil
}

// Account is an AWS account.
type Account struct {
	ID    string
	x     *Emulator
	world emulator.WorldAccount
}

// Admin is the account's administrator, an IAM user.
func (a *Account) Admin() *Identity {
	return a.x.Identity(a.world.Admin.AccessKeyID, a.world.Admin.SecretAccessKey, "")
}

// Root is the account's root user.
func (a *Account) Root() *Identity {
	return a.x.Identity(a.world.Root.AccessKeyID, a.world.Root.SecretAccessKey, "")
}

// User makes an IAM user with an access key, and an inline policy for each document.
func (a *Account) User(name string, policies ...string) *Identity {
	t := a.x.t
	t.Helper()
	client, ctx := iam.NewFromConfig(a.Admin().Config()), context.Background()
	if _, err := client.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}); err != nil {
		t.Fatal(err)
	}
	for i, document := range policies {
		_, err := client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
			UserName: &name, PolicyName: aws.String(fmt.Sprintf("policy-%d", i+1)), PolicyDocument: &document,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := client.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return a.x.Identity(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
}

// Role makes a role with a trust policy, and an inline policy for each document. It returns the role's ARN.
func (a *Account) Role(name, trust string, policies ...string) string {
	t := a.x.t
	t.Helper()
	client, ctx := iam.NewFromConfig(a.Admin().Config()), context.Background()
	role, err := client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
	if err != nil {
		t.Fatal(err)
	}
	for i, document := range policies {
		_, err := client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
			RoleName: &name, PolicyName: aws.String(fmt.Sprintf("policy-%d", i+1)), PolicyDocument: &document,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return *role.Role.Arn
}

// Identity is somebody with credentials.
type Identity struct {
	x            *Emulator
	AccessKeyID  string
	SecretKey    string
	SessionToken string
}

// Identity returns somebody with the given credentials; token is "" for long-term keys.
func (x *Emulator) Identity(accessKeyID, secretKey, token string) *Identity {
	return &Identity{x: x, AccessKeyID: accessKeyID, SecretKey: secretKey, SessionToken: token}
}

// Config is the SDK's configuration for acting as this identity.
func (i *Identity) Config() aws.Config {
	return aws.Config{
		Region:       emulator.Region,
		BaseEndpoint: aws.String(i.x.URL),
		Credentials:  credentials.NewStaticCredentialsProvider(i.AccessKeyID, i.SecretKey, i.SessionToken),
	}
}

// Assume returns the identity as a session of a role.
func (i *Identity) Assume(roleARN, session string) (*Identity, error) {
	out, err := sts.NewFromConfig(i.Config()).AssumeRole(context.Background(), &sts.AssumeRoleInput{RoleArn: &roleARN, RoleSessionName: &session})
	if err != nil {
		return nil, err
	}
	return i.x.Identity(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken), nil
}

// Allow returns a policy document that allows an action on a resource.
func Allow(action, resource string) string {
	return document("Allow", "Action", action, "Resource", resource)
}

// Deny returns a policy document that denies an action on a resource.
func Deny(action, resource string) string {
	return document("Deny", "Action", action, "Resource", resource)
}

// Trust returns a trust policy that lets an AWS principal (an account id or an ARN) assume the role.
func Trust(principal string) string {
	return document("Allow", "Action", "sts:AssumeRole", "Principal", map[string]string{"AWS": principal})
}

func document(effect string, pairs ...any) string {
	statement := map[string]any{"Effect": effect}
	for i := 0; i < len(pairs); i += 2 {
		statement[pairs[i].(string)] = pairs[i+1]
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{statement}})
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(text)
}
