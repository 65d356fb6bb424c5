package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/xemutest"
)

// simulated runs xemu simulate and returns what it prints.
func simulated(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(append([]string{"simulate"}, args...), &stdout, &stderr)
	return code, stdout.String() + stderr.String()
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantDecision fails the test unless the command succeeds and prints all parts.
func wantDecision(t *testing.T, args []string, parts ...string) {
	t.Helper()
	code, out := simulated(t, args...)
	for _, part := range parts {
		if code != 0 || !strings.Contains(out, part) {
			t.Errorf("xemu simulate %s: exit code %d, %q is missing in\n%s", strings.Join(args, " "), code, part, out)
		}
	}
}

func TestSimulateWithoutServer(t *testing.T) {
	policy := file(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}`)
	args := []string{"--policy", policy, "--action", "s3:GetObject", "--resource", "arn:aws:s3:::b/k"}
	wantDecision(t, args, "denied: no identity-based policy allows it", "not in the request: aws:SourceIp (see --context)")
	wantDecision(t, append(args, "--context", "aws:sourceip=10.1.2.3"), "allowed by identity-based policy")
	wantDecision(t, append(args, "--action", "s3:PutObject", "--context", "aws:SourceIp=10.1.2.3"), "allowed by", "s3:PutObject", "denied: no identity-based policy allows it")
	wantDecision(t, append(args, "--context", "aws:SourceIp=10.1.2.3", "--boundary", file(t, xemutest.Allow("ec2:*", "*"))), "denied: no permissions boundary allows it")
	wantDecision(t, []string{"--policy", file(t, xemutest.Allow("ec2:*", "*")), "--action", "sts:AssumeRole", "--resource", "arn:aws:iam::111122223333:role/R",
		"--resource-policy", file(t, xemutest.Trust("arn:aws:iam::111122223333:user/somebody"))}, "allowed by the resource policy of the simulation", "role trust policy: allows")

	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--action", "s3:GetObject"}, "say who asks with --profile or --principal, or give policies with --policy"},
		{[]string{"--policy", policy}, `required flag(s) "action" not set`},
		{[]string{"--policy", policy, "--action", "s3:*"}, `"s3:*" is not an action: name one as s3:GetObject`},
		{[]string{"--policy", file(t, "{"), "--action", "s3:GetObject"}, "policy 1: Syntax errors in policy."},
		{[]string{"--policy", policy + "x", "--action", "s3:GetObject"}, "no such file"},
		{append(args, "--context", "aws:SourceIp"), "--context aws:SourceIp: a condition key and its value are given as aws:SourceIp=10.0.0.1"},
		{[]string{"--data", t.TempDir(), "--profile", "development", "--action", "s3:GetObject"}, "has no profiles yet"},
		{[]string{"--data", t.TempDir(), "--principal", "arn:aws:iam::111122223333:user/x", "--action", "s3:GetObject"}, "no server has run on"},
	} {
		if code, out := simulated(t, test.args...); code != 1 || !strings.Contains(out, test.want) {
			t.Errorf("xemu simulate %s: exit code %d, %s", strings.Join(test.args, " "), code, out)
		}
	}
}

// TestSimulateWithServer decides under what the world has: identities, a bucket's policy and owner, a role's trust.
func TestSimulateWithServer(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	production := x.Account("production")
	store := s3.NewFromConfig(production.Admin().Config(), func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := store.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("reports")}); err != nil {
		t.Fatal(err)
	}
	x.Account("development").User("alice", xemutest.Allow("s3:GetObject", "*"))
	production.Role("Reader", xemutest.Trust("444455556666"), xemutest.Allow("s3:GetObject", "arn:aws:s3:::reports/*"))
	alice := []string{"--data", dir, "--principal", "arn:aws:iam::444455556666:user/alice"}
	get := []string{"--action", "s3:GetObject", "--resource", "arn:aws:s3:::reports/k"}

	wantDecision(t, append(alice, get...), "The resource belongs to account 111122223333", "denied: no resource-based policy allows it")
	bucketPolicy := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*"}}`
	wantDecision(t, append(append(alice, get...), "--resource-policy", file(t, bucketPolicy)), "allowed by the resource policy of the simulation")
	if _, err := store.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("reports"), Policy: &bucketPolicy}); err != nil {
		t.Fatal(err)
	}
	wantDecision(t, append(alice, get...), "allowed by the bucket policy of bucket reports (account 111122223333) and by identity-based policy policy-1 of user alice")
	wantDecision(t, append([]string{"--data", dir, "--profile", "production"}, get...), "allowed by identity-based policy AdministratorAccess")
	wantDecision(t, append([]string{"--data", dir, "--profile", "production-root"}, get...), "allowed: a root user has every permission within its account")
	wantDecision(t, append([]string{"--data", dir, "--principal", "arn:aws:iam::111122223333:role/Reader"}, get...), "allowed by identity-based policy policy-1 of role Reader")
	wantDecision(t, append(alice, "--action", "sts:AssumeRole", "--resource", "arn:aws:iam::111122223333:role/Reader"), "denied: no identity-based policy allows it")
	wantDecision(t, append(alice, "--action", "sts:AssumeRole", "--resource", "arn:aws:iam::111122223333:role/Reader",
		"--policy", file(t, xemutest.Allow("sts:AssumeRole", "*"))), "allowed by the role trust policy of role Reader")
	wantDecision(t, []string{"--data", dir, "--profile", "development", "--action", "iam:CreateUser"}, "allowed by identity-based policy AdministratorAccess")

	// Keys of a request from this machine, and those that the command line names, which come first.
	local := file(t, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"127.0.0.1"}}}}`)
	wantDecision(t, append(append(alice, get...), "--policy", local), "denied: identity-based policy policy 1 of the simulation")
	wantDecision(t, append(append(alice, get...), "--policy", local, "--context", "aws:SourceIP=10.0.0.1"), "allowed by the bucket policy")
	session := file(t, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}}`)
	wantDecision(t, append([]string{"--data", dir, "--principal", "arn:aws:iam::111122223333:role/Reader", "--policy", session}, get...), "denied: identity-based policy policy 1 of the simulation")
	wantDecision(t, append(append(alice, get...), "--policy", session), "allowed by the bucket policy", "not in the request: aws:MultiFactorAuthPresent")

	for want, args := range map[string][]string{
		"there is no user, role or root user arn:aws:iam::444455556666:user/nobody": {"--data", dir, "--principal", "arn:aws:iam::444455556666:user/nobody", "--action", "s3:GetObject"},
		`there is no profile "nobody"; there are`:                                   {"--data", dir, "--profile", "nobody", "--action", "s3:GetObject"},
	} {
		if code, out := simulated(t, args...); code != 1 || !strings.Contains(out, want) {
			t.Errorf("xemu simulate %s: exit code %d, %s", strings.Join(args, " "), code, out)
		}
	}
	// Nothing was written: alice still has the one policy.
	list, err := iam.NewFromConfig(x.Account("development").Admin().Config()).ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: aws.String("alice")})
	if err != nil || len(list.PolicyNames) != 1 {
		t.Errorf("policies of alice: %v, %v", list, err)
	}
}
