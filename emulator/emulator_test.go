package emulator_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/store"
	"github.com/xemu-aws/xemu/xemutest"
)

var ctx = context.Background()

func s3Client(i *xemutest.Identity) *s3.Client {
	return s3.NewFromConfig(i.Config(), func(o *s3.Options) { o.UsePathStyle = true })
}

// wantError fails the test unless err is the API error code, with a message that has part in it.
func wantError(t *testing.T, err error, code, part string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), part) {
		t.Errorf("error %v; want %s: %s", err, code, part)
	}
}

func put(t *testing.T, c *s3.Client, bucket, key, body string) error {
	t.Helper()
	_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(body)})
	return err
}

func get(t *testing.T, c *s3.Client, bucket, key string) (string, error) {
	t.Helper()
	out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return "", err
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	return string(text), err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The whole of the first lesson's access rules, both sides of each.
func TestCrossAccountRole(t *testing.T) {
	x := xemutest.New(t)
	production, development := x.Account("production"), x.Account("development")
	owner := s3Client(production.Admin())
	_, err := owner.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("reports")})
	must(t, err)
	must(t, put(t, owner, "reports", "q1", "numbers"))

	role := production.Role("Reader", xemutest.Trust(development.ID), xemutest.Allow("s3:GetObject", "arn:aws:s3:::reports/*"))
	allowed := development.User("allowed", xemutest.Allow("sts:AssumeRole", role))
	_, err = development.User("nobody").Assume(role, "session")
	wantError(t, err, "AccessDenied", "nobody is not authorized to perform: sts:AssumeRole on resource: "+role)
	_, err = production.User("home", xemutest.Allow("sts:AssumeRole", role)).Assume(role, "session")
	wantError(t, err, "AccessDenied", "sts:AssumeRole") // the trust policy names the other account only

	if _, err := get(t, s3Client(allowed), "reports", "q1"); err == nil {
		t.Error("the user reads the bucket without the role")
	}
	session, err := allowed.Assume(role, "session")
	must(t, err)
	if text, err := get(t, s3Client(session), "reports", "q1"); text != "numbers" {
		t.Errorf("as the role: %q, %v", text, err)
	}
	wantError(t, put(t, s3Client(session), "reports", "q2", "mine"), "AccessDenied",
		`assumed-role/Reader/session is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::reports/q2" because no identity-based policy allows the s3:PutObject action`)
	if _, err := get(t, owner, "reports", "q2"); err == nil {
		t.Error("the denied put has stored something")
	}
}

// A session dies with its role, and is not revived by a namesake.
func TestSessionOfDeletedRole(t *testing.T) {
	x := xemutest.New(t)
	production := x.Account("production")
	admin := iam.NewFromConfig(production.Admin().Config())
	make := func() string { return production.Role("Temp", xemutest.Trust(production.ID)) }
	session, err := production.Admin().Assume(make(), "session")
	must(t, err)
	who := func() error {
		_, err := sts.NewFromConfig(session.Config()).GetCallerIdentity(ctx, nil)
		return err
	}
	must(t, who())
	_, err = admin.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("Temp")})
	must(t, err)
	wantError(t, who(), "InvalidClientTokenId", "The security token included in the request is invalid")
	make()
	wantError(t, who(), "InvalidClientTokenId", "The security token included in the request is invalid")
}

func TestCredentials(t *testing.T) {
	now := time.Now()
	x := xemutest.New(t, xemutest.Now(func() time.Time { return now }))
	admin := x.Account("production").Admin()
	session, err := admin.Assume(x.Account("production").Role("R", xemutest.Trust("111122223333"), xemutest.Allow("s3:*", "*")), "session")
	must(t, err)
	for _, test := range []struct {
		name          string
		who           *xemutest.Identity
		sts, s3       string
		stsHas, s3Has string
	}{
		{"unknown key", x.Identity("AKIAQQQQQQQQQQQQQQQQ", "secret", ""),
			"InvalidClientTokenId", "InvalidAccessKeyId", "The security token included in the request is invalid", "The AWS Access Key Id you provided does not exist in our records."},
		{"wrong secret", x.Identity(admin.AccessKeyID, "wrong", ""),
			"SignatureDoesNotMatch", "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.", "The request signature we calculated does not match the signature you provided."},
		{"another's token", x.Identity(admin.AccessKeyID, admin.SecretKey, session.SessionToken),
			"InvalidClientTokenId", "InvalidToken", "The security token included in the request is invalid", "The provided token is malformed or otherwise invalid."},
		{"no token", x.Identity(session.AccessKeyID, session.SecretKey, ""),
			"InvalidClientTokenId", "InvalidAccessKeyId", "The security token included in the request is invalid", ""},
	} {
		_, err := sts.NewFromConfig(test.who.Config()).GetCallerIdentity(ctx, nil)
		wantError(t, err, test.sts, test.stsHas)
		_, err = s3Client(test.who).ListBuckets(ctx, nil)
		wantError(t, err, test.s3, test.s3Has)
	}
	now = now.Add(61 * time.Minute)
	late := session.Config()
	_, err = sts.NewFromConfig(late).GetCallerIdentity(ctx, nil)
	if err == nil {
		t.Error("an hour later the session still works")
	}
}

func TestUnsignedQueryCall(t *testing.T) {
	x := xemutest.New(t)
	for body, code := range map[string]string{
		"Action=ListUsers&Version=2010-05-08":                 "MissingAuthenticationToken",
		"Action=GetCallerIdentity&Version=2011-06-15":         "MissingAuthenticationToken",
		"Action=AssumeRoleWithWebIdentity&Version=2011-06-15": "ValidationError",
	} {
		r, err := http.Post(x.URL, "application/x-www-form-urlencoded", strings.NewReader(body))
		must(t, err)
		text, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if r.StatusCode < 400 || !bytes.Contains(text, []byte("<Code>"+code+"</Code>")) {
			t.Errorf("%s: %s %s", body, r.Status, text)
		}
	}
}

// What is allowed is the same in audit mode and with enforcement off; what is denied passes there, and only there.
func TestModes(t *testing.T) {
	for mode, denied := range map[emulator.Mode]bool{emulator.Strict: true, emulator.Audit: false, emulator.Off: false} {
		x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Mode = mode }))
		_, err := s3Client(x.Account("production").User("nobody")).ListBuckets(ctx, nil)
		if (err != nil) != denied {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

func TestOtherService(t *testing.T) {
	x := xemutest.New(t)
	call := func(who *xemutest.Identity, body string) (int, string) {
		r, err := signedForm(who, x.URL, "ec2", body)
		must(t, err)
		answer, err := http.DefaultClient.Do(r)
		must(t, err)
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(text)
	}
	user := x.Account("development").User("u", xemutest.Allow("ec2:*", "*"))
	if status, text := call(user, "Action=DescribeInstances&Version=2016-11-15"); status != 200 || !strings.Contains(text, "DescribeInstancesResponse") {
		t.Errorf("allowed read: %d %s", status, text)
	}
	if status, text := call(user, "Action=RunInstances&Version=2016-11-15"); status != 501 || !strings.Contains(text, "ec2:RunInstances") {
		t.Errorf("allowed, not emulated: %d %s", status, text)
	}
	nobody := x.Account("development").User("nobody")
	if status, text := call(nobody, "Action=DescribeInstances&Version=2016-11-15"); status != 403 || !strings.Contains(text, "UnauthorizedOperation") {
		t.Errorf("denied: %d %s", status, text)
	}
}

func TestRestart(t *testing.T) {
	config := emulator.Config{Addr: "127.0.0.1:0", Dir: t.TempDir()}
	first, err := emulator.Listen(config)
	must(t, err)
	_, err = emulator.Listen(config)
	if !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second server on the directory: %v", err)
	}
	must(t, first.Close())
	second, err := emulator.Listen(config)
	must(t, err)
	defer second.Close()
	if a, b := first.World().Accounts[0].Admin, second.World().Accounts[0].Admin; a != b {
		t.Error("the keys changed over a restart")
	}
	for _, name := range []string{"admin-token", "world.yaml", "aws/credentials", "aws/config"} {
		info, err := os.Stat(filepath.Join(config.Dir, name))
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	dir := t.TempDir()
	_, err = emulator.Listen(emulator.Config{Addr: l.Addr().String(), Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "--addr") {
		t.Errorf("error %v does not say what to do", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("the failed start left %v", left)
	}
}

func TestLastUsed(t *testing.T) {
	x := xemutest.New(t)
	production := x.Account("production")
	user := production.User("u")
	_, err := s3Client(user).ListBuckets(ctx, nil)
	wantError(t, err, "AccessDenied", "") // a denied request counts
	admin := iam.NewFromConfig(production.Admin().Config())
	key, err := admin.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &user.AccessKeyID})
	must(t, err)
	if used := key.AccessKeyLastUsed; *used.ServiceName != "s3" || *used.Region != "us-east-1" || used.LastUsedDate == nil {
		t.Errorf("the key's last use: %+v", used)
	}
	session, err := production.Admin().Assume(production.Role("R", xemutest.Trust(production.ID)), "session")
	must(t, err)
	role := func() *time.Time {
		out, err := admin.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("R")})
		must(t, err)
		if out.Role.RoleLastUsed == nil {
			return nil
		}
		return out.Role.RoleLastUsed.LastUsedDate
	}
	if role() != nil {
		t.Error("the role was used before any request as it")
	}
	_, err = sts.NewFromConfig(session.Config()).GetCallerIdentity(ctx, nil)
	must(t, err)
	if role() == nil {
		t.Error("the role's last use is not known")
	}
}
