package organizations_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"github.com/xemu-aws/xemu/xemutest"
)

// rootWorld is a world with centralized root access enabled.
func rootWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, scp)
	must[*organizations.EnableAWSServiceAccessOutput](t)(w.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("iam.amazonaws.com")}))
	c := iam.NewFromConfig(w.production.Admin().Config())
	must[*iam.EnableOrganizationsRootCredentialsManagementOutput](t)(c.EnableOrganizationsRootCredentialsManagement(ctx, nil))
	out := must[*iam.EnableOrganizationsRootSessionsOutput](t)(c.EnableOrganizationsRootSessions(ctx, nil))
	if *out.OrganizationId != w.org || len(out.EnabledFeatures) != 2 {
		t.Fatalf("enabled: %v in %s", out.EnabledFeatures, *out.OrganizationId)
	}
	return w
}

func assumeRoot(i *xemutest.Identity, target, task string) (*sts.AssumeRootOutput, error) {
	return sts.NewFromConfig(i.Config()).AssumeRoot(ctx, &sts.AssumeRootInput{
		TargetPrincipal: &target, TaskPolicyArn: &types.PolicyDescriptorType{Arn: aws.String("arn:aws:iam::aws:policy/root-task/" + task)},
	})
}

// root returns a session of a member's root user for a task.
func (w *world) rootFor(task string) *xemutest.Identity {
	w.t.Helper()
	out, err := assumeRoot(w.production.Admin(), w.development.ID, task)
	ok(w.t, err)
	c := out.Credentials
	return w.x.Identity(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// The features need an organization, its management account and trusted access, each with an error of its own.
func TestOrganizationsFeatures(t *testing.T) {
	w := newWorld(t)
	outside := iam.NewFromConfig(w.x.Account("outside").Admin().Config())
	member := iam.NewFromConfig(w.development.Admin().Config())
	c := iam.NewFromConfig(w.production.Admin().Config())
	list := func(c *iam.Client) string { _, err := c.ListOrganizationsFeatures(ctx, nil); return code(err) }
	enable := func(c *iam.Client) string { _, err := c.EnableOrganizationsRootSessions(ctx, nil); return code(err) }
	for name, got := range map[string][2]string{
		"in no organization":     {list(outside), "OrganizationNotFoundException"},
		"a member":               {list(member), "AccountNotManagementOrDelegatedAdministratorException"},
		"without trusted access": {list(c), "ServiceAccessNotEnabledException"},
		"enable without it":      {enable(c), "ServiceAccessNotEnabledException"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %q, want %s", name, got[0], got[1])
		}
	}
	must[*organizations.EnableAWSServiceAccessOutput](t)(w.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("iam.amazonaws.com")}))
	if list(c) != "" || enable(c) != "" {
		t.Fatal("the management account is refused")
	}
	must[*organizations.RegisterDelegatedAdministratorOutput](t)(w.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{
		AccountId: &w.development.ID, ServicePrincipal: aws.String("iam.amazonaws.com"),
	}))
	if got := enable(member); got != "CallerIsNotManagementAccountException" {
		t.Errorf("a delegated administrator enables: %q", got)
	}
	all := must[*iam.ListOrganizationsFeaturesOutput](t)(member.ListOrganizationsFeatures(ctx, nil)).EnabledFeatures
	if !slices.Equal(all, []iamtypes.FeatureType{iamtypes.FeatureTypeRootSessions}) {
		t.Errorf("features %v", all)
	}
	out := must[*iam.DisableOrganizationsRootSessionsOutput](t)(c.DisableOrganizationsRootSessions(ctx, nil))
	if len(out.EnabledFeatures) != 0 {
		t.Errorf("features after the last: %v", out.EnabledFeatures)
	}
	must[*iam.EnableOrganizationsRootCredentialsManagementOutput](t)(c.EnableOrganizationsRootCredentialsManagement(ctx, nil))
	if out := must[*iam.DisableOrganizationsRootCredentialsManagementOutput](t)(c.DisableOrganizationsRootCredentialsManagement(ctx, nil)); len(out.EnabledFeatures) != 0 {
		t.Errorf("features after the last: %v", out.EnabledFeatures)
	}
}

// Who may not assume a member's root user gets no credentials, whatever is the reason.
func TestAssumeRootRefused(t *testing.T) {
	w := rootWorld(t)
	task := "IAMAuditRootUserCredentials"
	denied := func(who, target string) string {
		return "AccessDenied: User: " + who + " is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::" + target + ":root"
	}
	admin := "arn:aws:iam::111122223333:user/admin"
	try := func(i *xemutest.Identity, target, task string) error {
		_, err := assumeRoot(i, target, task)
		return err
	}

	refused(t, try(w.production.User("eve"), w.development.ID, task), denied("arn:aws:iam::111122223333:user/eve", w.development.ID))
	refused(t, try(w.development.Admin(), w.development.ID, task), denied("arn:aws:iam::444455556666:user/admin", w.development.ID))
	refused(t, try(w.production.Admin(), w.production.ID, task), denied(admin, w.production.ID))
	refused(t, try(w.production.Admin(), "777788889999", task), denied(admin, "777788889999"))
	refused(t, try(w.production.Root(), w.development.ID, task), "AccessDenied: Root sessions may not be assumed by root accounts.")
	refused(t, try(w.production.Admin(), w.development.ID, "Other"), "ValidationError: arn:aws:iam::aws:policy/root-task/Other is not a valid task policy for AssumeRoot")
	refused(t, try(w.production.Admin(), "arn:aws:iam::444455556666:user/admin", task), "ValidationError: arn:aws:iam::444455556666:user/admin is invalid")

	auditor := w.production.User("auditor", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRoot","Resource":"arn:aws:iam::444455556666:root",
		"Condition":{"StringEquals":{"sts:TaskPolicyArn":"arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}}}}`)
	ok(t, try(auditor, "arn:aws:iam::444455556666:root", task))
	refused(t, try(auditor, w.development.ID, "S3UnlockBucketPolicy"), denied("arn:aws:iam::111122223333:user/auditor", w.development.ID))

	must[*iam.DisableOrganizationsRootSessionsOutput](t)(iam.NewFromConfig(w.production.Admin().Config()).DisableOrganizationsRootSessions(ctx, nil))
	refused(t, try(w.production.Admin(), w.development.ID, "S3UnlockBucketPolicy"), denied(admin, w.development.ID))
	ok(t, try(w.production.Admin(), w.development.ID, task)) // which is credentials management
}

// A root session does its task and nothing else, under the SCPs of the member.
func TestRootCredentials(t *testing.T) {
	w := rootWorld(t)
	audit := iam.NewFromConfig(w.rootFor("IAMAuditRootUserCredentials").Config())
	who := must[*sts.GetCallerIdentityOutput](t)(sts.NewFromConfig(w.rootFor("IAMAuditRootUserCredentials").Config()).GetCallerIdentity(ctx, nil))
	if *who.Arn != "arn:aws:iam::444455556666:root" || *who.UserId != w.development.ID {
		t.Errorf("the session is %s %s", *who.Arn, *who.UserId)
	}
	keys := must[*iam.ListAccessKeysOutput](t)(audit.ListAccessKeys(ctx, nil)).AccessKeyMetadata
	if len(keys) != 1 {
		t.Fatalf("keys of the root user: %v", keys)
	}
	must[*iam.GetLoginProfileOutput](t)(audit.GetLoginProfile(ctx, nil))
	must[*iam.ListMFADevicesOutput](t)(audit.ListMFADevices(ctx, nil))
	must[*iam.ListSigningCertificatesOutput](t)(audit.ListSigningCertificates(ctx, nil))
	for name, err := range map[string]error{
		"DeleteAccessKey": second(audit.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: keys[0].AccessKeyId})),
		"ListUsers":       second(audit.ListUsers(ctx, nil)),
		"of another user": second(audit.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("admin")})),
	} {
		if code(err) != "AccessDenied" || !strings.Contains(err.Error(), "explicit deny") {
			t.Errorf("%s in a session for audit: %v", name, err)
		}
	}

	remove := iam.NewFromConfig(w.rootFor("IAMDeleteRootUserCredentials").Config())
	must[*iam.DeleteAccessKeyOutput](t)(remove.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: keys[0].AccessKeyId}))
	must[*iam.DeleteLoginProfileOutput](t)(remove.DeleteLoginProfile(ctx, nil))
	refused(t, second(remove.DeleteLoginProfile(ctx, nil)), "NoSuchEntity: Login Profile for User root cannot be found.")
	if _, err := sts.NewFromConfig(w.development.Root().Config()).GetCallerIdentity(ctx, nil); code(err) != "InvalidClientTokenId" {
		t.Errorf("the deleted key: %v", err)
	}

	create := iam.NewFromConfig(w.rootFor("IAMCreateRootUserPassword").Config())
	refused(t, second(create.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{Password: aws.String("Passw0rd!")})), "ValidationError: Password cannot be set for the root user.")
	must[*iam.CreateLoginProfileOutput](t)(create.CreateLoginProfile(ctx, nil))
	refused(t, second(create.CreateLoginProfile(ctx, nil)), "EntityAlreadyExists: Login Profile for user root already exists.")
	must[*iam.GetLoginProfileOutput](t)(create.GetLoginProfile(ctx, nil))

	w.attach(w.policy(scp, "no-root", xemutest.Deny("iam:GetLoginProfile", "*")), w.development.ID)
	if err := second(create.GetLoginProfile(ctx, nil)); err == nil || !strings.Contains(err.Error(), "service control policy") {
		t.Errorf("under an SCP: %v", err)
	}
}

// A bucket whose policy denies everybody is opened again by a root session, which gets at nothing else.
func TestUnlockBucketPolicy(t *testing.T) {
	w := rootWorld(t)
	bucket(t, w.development.Admin(), "locked", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::locked","arn:aws:s3:::locked/*"]}}`)
	in := &s3.DeleteBucketPolicyInput{Bucket: aws.String("locked")}
	if _, err := s3Client(w.development.Admin()).DeleteBucketPolicy(ctx, in); code(err) != "AccessDenied" {
		t.Fatalf("the administrator: %v", err)
	}
	session := w.rootFor("S3UnlockBucketPolicy")
	if err := read(session, "locked"); code(err) != "AccessDenied" {
		t.Errorf("reads an object: %v", err)
	}
	must[*s3.ListBucketsOutput](t)(s3Client(session).ListBuckets(ctx, nil))
	must[*s3.GetBucketPolicyOutput](t)(s3Client(session).GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: aws.String("locked")}))
	must[*s3.DeleteBucketPolicyOutput](t)(s3Client(session).DeleteBucketPolicy(ctx, in))
	ok(t, read(w.development.Admin(), "locked"))
	if err := read(session, "locked"); code(err) != "AccessDenied" {
		t.Errorf("reads an object after that: %v", err)
	}
}

// A root session lasts 15 minutes at most, and hands the source identity on.
func TestAssumeRootSession(t *testing.T) {
	w := rootWorld(t)
	arn := w.production.Role("Unlocker", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","sts:SetSourceIdentity"]}}`, xemutest.Allow("sts:AssumeRoot", "*"))
	c := must[*sts.AssumeRoleOutput](t)(sts.NewFromConfig(w.production.Admin().Config()).AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: &arn, RoleSessionName: aws.String("session"), SourceIdentity: aws.String("alice"),
	})).Credentials
	role := w.x.Identity(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
	before := time.Now()
	out := must[*sts.AssumeRootOutput](t)(assumeRoot(role, w.development.ID, "SQSUnlockQueuePolicy"))
	if aws.ToString(out.SourceIdentity) != "alice" {
		t.Errorf("source identity %q", aws.ToString(out.SourceIdentity))
	}
	if d := out.Credentials.Expiration.Sub(before); d < 14*time.Minute || d > 15*time.Minute {
		t.Errorf("lasts %s", d)
	}
	_, err := sts.NewFromConfig(role.Config()).AssumeRoot(ctx, &sts.AssumeRootInput{
		TargetPrincipal: &w.development.ID, DurationSeconds: aws.Int32(901),
		TaskPolicyArn: &types.PolicyDescriptorType{Arn: aws.String("arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy")},
	})
	if code(err) != "ValidationError" {
		t.Errorf("901 seconds: %v", err)
	}
}

// second returns the error of a call whose answer does not matter.
func second[O any](_ O, err error) error { return err }
