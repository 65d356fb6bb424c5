package emulator_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/xemutest"
)

func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// TestEventual: what IAM's own operations show at once takes effect two seconds later, by the emulator's clock alone.
func TestEventual(t *testing.T) {
	m := &machine{t: t}
	start := time.Now()
	m.Emulator = xemutest.New(t, xemutest.Now(func() time.Time { return start.Add(time.Duration(m.ahead.Load())) }),
		xemutest.Config(func(c *emulator.Config) { c.Eventual = 2 * time.Second }))
	m.iam = iam.NewFromConfig(m.Account("production").Admin().Config()) // the world is there from the beginning
	later := func(d time.Duration) { m.ahead.Add(int64(d)) }
	expect := func(what string, err error, code string) {
		t.Helper()
		if got := codeOf(err); got != code || code == "" && err != nil {
			t.Errorf("%s: %v, want %q", what, err, code)
		}
	}

	alice := m.Account("production").User("alice", xemutest.Allow("iam:ListUsers", "*"))
	list := func(i *xemutest.Identity) error {
		_, err := iam.NewFromConfig(i.Config()).ListUsers(ctx, nil)
		return err
	}
	keys, err := m.iam.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("alice")})
	if err != nil || len(keys.AccessKeyMetadata) != 1 {
		t.Fatalf("IAM itself shows %v, %v", keys, err)
	}
	expect("a new key", list(alice), "InvalidClientTokenId")
	later(1999 * time.Millisecond)
	expect("a key not yet two seconds old", list(alice), "InvalidClientTokenId")
	later(time.Millisecond)
	expect("the key", list(alice), "")

	_, err = m.iam.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("alice"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
	must(t, err)
	roles := func() error { _, err := iam.NewFromConfig(alice.Config()).ListRoles(ctx, nil); return err }
	expect("an attachment", roles(), "AccessDenied")
	later(2 * time.Second)
	expect("the attachment", roles(), "")

	arn := m.Account("production").Role("Reader", xemutest.Trust("111122223333"))
	assume := func() error { _, err := alice.Assume(arn, "session"); return err }
	expect("a new role", assume(), "AccessDenied")
	later(2 * time.Second)
	expect("the role", assume(), "")
	_, err = m.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("Reader"), PolicyDocument: aws.String(xemutest.Trust("444455556666"))})
	must(t, err)
	expect("a changed trust policy", assume(), "")
	later(2 * time.Second)
	expect("the changed trust policy", assume(), "AccessDenied")

	_, err = m.iam.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: aws.String("alice"), AccessKeyId: &alice.AccessKeyID, Status: types.StatusTypeInactive})
	must(t, err)
	expect("a deactivated key", list(alice), "")
	later(2 * time.Second)
	expect("the deactivated key", list(alice), "InvalidClientTokenId")

	// One change after another comes into effect at its own time.
	_, err = m.iam.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: aws.String("alice"), AccessKeyId: &alice.AccessKeyID, Status: types.StatusTypeActive})
	must(t, err)
	later(time.Second)
	_, err = m.iam.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: aws.String("alice"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
	must(t, err)
	later(time.Second)
	expect("the key is active, and the policy still attached", roles(), "")
	later(time.Second)
	expect("the policy is detached", roles(), "AccessDenied")
}
