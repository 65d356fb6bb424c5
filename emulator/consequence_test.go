package emulator_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/xemutest"
)

// TestKeyEnds: a key that is deactivated or deleted is refused at once. Sessions that were made with it go on, as on AWS, with
// what their user or role may do ("Disabling permissions for temporary security credentials", IAM User Guide).
func TestKeyEnds(t *testing.T) {
	m := newMachine(t)
	alice := m.Account("production").User("alice", xemutest.Allow("*", "*"))
	arn := m.Account("production").Role("Reader", xemutest.Trust("111122223333"), xemutest.Allow("iam:ListUsers", "*"))
	token := func() *xemutest.Identity {
		t.Helper()
		out, err := sts.NewFromConfig(alice.Config()).GetSessionToken(ctx, nil)
		must(t, err)
		return m.Identity(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	}()
	role, err := alice.Assume(arn, "session")
	must(t, err)
	out, err := sts.NewFromConfig(alice.Config()).GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("fed"), Policy: aws.String(xemutest.Allow("s3:ListAllMyBuckets", "*"))})
	must(t, err)
	federated := m.Identity(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	who := func(i *xemutest.Identity) string {
		_, err := sts.NewFromConfig(i.Config()).GetCallerIdentity(ctx, nil)
		return codeOf(err)
	}
	check := func(when, key, derived, user string) {
		t.Helper()
		for name, got := range map[string][2]string{
			"the key": {who(alice), key}, "the session token": {who(token), user}, "the role": {who(role), derived}, "the federated user": {who(federated), user},
		} {
			if got[0] != got[1] {
				t.Errorf("%s: %s answers %q, want %q", when, name, got[0], got[1])
			}
		}
	}
	set := func(status types.StatusType) {
		t.Helper()
		_, err := m.iam.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: aws.String("alice"), AccessKeyId: &alice.AccessKeyID, Status: status})
		must(t, err)
	}
	const gone = "InvalidClientTokenId"
	check("at first", "", "", "")
	set(types.StatusTypeInactive)
	check("deactivated", gone, "", "")
	set(types.StatusTypeActive)
	check("active again", "", "", "")
	_, err = m.iam.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("alice"), AccessKeyId: &alice.AccessKeyID})
	must(t, err)
	check("deleted", gone, "", "")

	// What the user may not do any more, its sessions may not either.
	_, err = s3Client(token).ListBuckets(ctx, nil)
	must(t, err)
	_, err = m.iam.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: aws.String("alice"), PolicyName: aws.String("policy-1")})
	must(t, err)
	for name, i := range map[string]*xemutest.Identity{"session token": token, "federated user": federated} {
		if _, err := s3Client(i).ListBuckets(ctx, nil); codeOf(err) != "AccessDenied" {
			t.Errorf("%s of a user without policies: %v", name, err)
		}
	}
	_, err = m.iam.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("alice")})
	must(t, err)
	check("the user is deleted", gone, "", gone)
}

// TestRevokeOlderSessions: the policy that the console attaches refuses the sessions of before, and no others ("Revoke IAM
// role temporary security credentials", IAM User Guide).
func TestRevokeOlderSessions(t *testing.T) {
	m := newMachine(t)
	arn := m.Account("production").Role("Reader", xemutest.Trust("111122223333"), xemutest.Allow("iam:ListUsers", "*"))
	list := func(i *xemutest.Identity) string {
		_, err := iam.NewFromConfig(i.Config()).ListUsers(ctx, nil)
		return codeOf(err)
	}
	old, err := m.Account("production").Admin().Assume(arn, "session")
	must(t, err)
	if code := list(old); code != "" {
		t.Fatalf("before: %s", code)
	}
	m.ahead.Store(int64(time.Minute))
	revoked := time.Now().Add(time.Minute).UTC().Format("2006-01-02T15:04:05.000Z")
	_, err = m.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("Reader"), PolicyName: aws.String("AWSRevokeOlderSessions"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":"` + revoked + `"}}}]}`)})
	must(t, err)
	if code := list(old); code != "AccessDenied" {
		t.Errorf("an older session: %q", code)
	}
	m.ahead.Store(int64(2 * time.Minute))
	fresh, err := m.Account("production").Admin().Assume(arn, "session")
	must(t, err)
	if code := list(fresh); code != "" {
		t.Errorf("a newer session: %q", code)
	}
}

// TestSessionsExpire: each kind of temporary credentials ends by the emulator's clock, to the second.
func TestSessionsExpire(t *testing.T) {
	m := newMachine(t)
	admin := m.Account("production").Admin()
	arn := m.Account("production").Role("Reader", xemutest.Trust("111122223333"))
	c := sts.NewFromConfig(admin.Config())
	role, err := c.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: aws.String("session"), DurationSeconds: aws.Int32(900)})
	must(t, err)
	token, err := c.GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: aws.Int32(1800)})
	must(t, err)
	federated, err := c.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("fed"), DurationSeconds: aws.Int32(2700)})
	must(t, err)
	sessions := []*xemutest.Identity{
		m.Identity(*role.Credentials.AccessKeyId, *role.Credentials.SecretAccessKey, *role.Credentials.SessionToken),
		m.Identity(*token.Credentials.AccessKeyId, *token.Credentials.SecretAccessKey, *token.Credentials.SessionToken),
		m.Identity(*federated.Credentials.AccessKeyId, *federated.Credentials.SecretAccessKey, *federated.Credentials.SessionToken),
	}
	for alive, ahead := range map[int]time.Duration{3: 14 * time.Minute, 2: 15*time.Minute + time.Second, 1: 30*time.Minute + time.Second, 0: 45*time.Minute + time.Second} {
		m.ahead.Store(int64(ahead))
		for i, s := range sessions {
			_, err := sts.NewFromConfig(s.Config()).GetCallerIdentity(ctx, nil)
			want := ""
			if i < 3-alive {
				want = "ExpiredToken"
			}
			if codeOf(err) != want {
				t.Errorf("session %d after %s: %v, want %q", i, ahead, err, want)
			}
		}
	}
}
