package emulator_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/xemutest"
)

// code is what an authenticator app shows (RFC 6238).
func code(t *testing.T, seed []byte, at time.Time) *string {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(string(seed))
	must(t, err)
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[19]&0xf:]) & 0x7fffffff
	return aws.String(fmt.Sprintf("%06d", n%1_000_000))
}

// TestMFA goes the way of IAM's tutorial: a user may manage nothing but an MFA device of its own until it has signed in
// with one; a role of another account asks for MFA, no older than ten minutes.
func TestMFA(t *testing.T) {
	var ahead atomic.Int64 // seconds; the client's clock, which signs, must not be more than 15 minutes off
	start := time.Now()
	now := func() time.Time { return start.Add(time.Duration(ahead.Load()) * time.Second) }
	x := xemutest.New(t, xemutest.Now(now))
	alice := x.Account("development").User("alice",
		xemutest.Allow("*", "*"),
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","sts:GetSessionToken"],"Resource":"*",
			"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}}`)
	role := x.Account("production").Role("Reader", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+x.Account("development").ID+`"},
		"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"600"}}}}`)

	client := iam.NewFromConfig(alice.Config())
	made, err := client.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("alice")})
	must(t, err)
	serial, seed := made.VirtualMFADevice.SerialNumber, made.VirtualMFADevice.Base32StringSeed
	_, err = client.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
		UserName: aws.String("alice"), SerialNumber: serial,
		AuthenticationCode1: code(t, seed, now().Add(-30*time.Second)), AuthenticationCode2: code(t, seed, now()),
	})
	must(t, err)
	_, err = client.ListUsers(ctx, &iam.ListUsersInput{})
	wantError(t, err, "AccessDenied", "with an explicit deny in an identity-based policy")

	ahead.Add(30)
	token := sts.NewFromConfig(alice.Config())
	in := &sts.GetSessionTokenInput{SerialNumber: serial, TokenCode: code(t, seed, now())}
	out, err := token.GetSessionToken(ctx, in)
	must(t, err)
	_, err = token.GetSessionToken(ctx, in)
	wantError(t, err, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	session := x.Identity(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	_, err = iam.NewFromConfig(session.Config()).ListUsers(ctx, &iam.ListUsersInput{})
	must(t, err)
	assumed, err := session.Assume(role, "session")
	must(t, err)
	_, err = sts.NewFromConfig(assumed.Config()).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	must(t, err)

	ahead.Add(600) // the session's MFA is too old for the role; a code in the request itself is new
	_, err = session.Assume(role, "session")
	wantError(t, err, "AccessDenied", "is not authorized to perform: sts:AssumeRole")
	_, err = sts.NewFromConfig(session.Config()).AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: &role, RoleSessionName: aws.String("session"), SerialNumber: serial, TokenCode: code(t, seed, now()),
	})
	must(t, err)
}
