package iam

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/store"
)

func TestCredentialReport(t *testing.T) {
	w := newWorld(t)
	c, ctx, bob := w.admin(production), t.Context(), aws.String("bob")
	get := func() (*iam.GetCredentialReportOutput, error) {
		return c.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
	}
	_, err := get()
	w.check("before any", err, "ReportNotPresent: No report exists. Generate a credential report first.")

	w.user("bob")
	w.must(second(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: bob, Password: aws.String("Old-Passw0rd")})))
	w.must(second(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{MaxPasswordAge: aws.Int32(30)})))
	p := newPhone(w, c, "bob")
	w.must(p.enable(c, w, "bob", p.code(w.now, -1), p.code(w.now, 0)))
	one := newCertificate(w, "one", nil)
	w.must(second(c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: bob, CertificateBody: &one.body})))
	keys, err := c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: bob})
	w.must(err)
	w.service.KeyUsed(*keys.AccessKeyMetadata[0].AccessKeyId, "s3", "eu-west-1", day(9))
	user, err := c.GetUser(ctx, &iam.GetUserInput{UserName: bob})
	w.must(err)
	w.service.PasswordUsed(*user.User.UserId, day(8))
	if user, err = c.GetUser(ctx, &iam.GetUserInput{UserName: bob}); err != nil || !user.User.PasswordLastUsed.Equal(day(8)) {
		t.Errorf("PasswordLastUsed: %v %v", user, err)
	}

	generate := func(want types.ReportStateType) {
		t.Helper()
		out, err := c.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{})
		w.must(err)
		if out.State != want {
			t.Errorf("state %s, want %s", out.State, want)
		}
	}
	generate("STARTED")
	w.now = w.now.Add(time.Hour)
	generate("COMPLETE")
	report, err := get()
	w.must(err)
	if report.ReportFormat != "text/csv" || !report.GeneratedTime.Equal(day(10)) {
		t.Errorf("report: %s %s", report.ReportFormat, report.GeneratedTime)
	}
	lines, err := csv.NewReader(strings.NewReader(string(report.Content))).ReadAll()
	w.must(err)
	const now = "2024-05-10T12:00:00+00:00"
	for i, want := range []string{
		"user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
			"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
			"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
			"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated",
		"<root_account>,arn:aws:iam::111122223333:root," + now + ",not_supported,no_information,not_supported,not_supported,false," +
			"true," + now + ",N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
		"admin,arn:aws:iam::111122223333:user/admin," + now + ",false,N/A,N/A,N/A,false," +
			"true," + now + ",N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
		"bob,arn:aws:iam::111122223333:user/bob," + now + ",true,2024-05-08T12:00:00+00:00," + now + ",2024-06-09T12:00:00+00:00,true," +
			"true," + now + ",2024-05-09T12:00:00+00:00,eu-west-1,s3,false,N/A,N/A,N/A,N/A,true," + now + ",false,N/A",
	} {
		if i >= len(lines) || strings.Join(lines[i], ",") != want {
			t.Errorf("line %d of %d:\n%v\nwant\n%s", i, len(lines), lines[min(i, len(lines)-1)], want)
		}
	}
	w.now = w.now.Add(4 * time.Hour)
	_, err = get()
	w.check("an old report", err, "ReportExpired: The credential report has expired. Generate a new one.")
	generate("STARTED")
	w.must(second(get()))
}

// lastAccessed is the world of the tests below: bob reads S3 by an inline policy and everything but IAM and STS as a member of
// ops; he and the role Reader have used services.
func lastAccessed(w *world) (c *iam.Client, bobID string) {
	w.Helper()
	populate(w)
	c, ctx, bob := w.admin(production), w.Context(), aws.String("bob")
	w.must(second(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: bob, PolicyName: aws.String("read"), PolicyDocument: aws.String(readS3)})))
	w.must(second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: bob, GroupName: aws.String("ops")})))
	w.must(second(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: aws.String("ops"), PolicyName: aws.String("rest"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","sts:*","ec2:Run*"],"Resource":"*"},{"Effect":"Deny","Action":"kms:*","Resource":"*"}]}`)})))
	w.must(second(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("Reader"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")})))
	u, err := c.GetUser(ctx, &iam.GetUserInput{UserName: bob})
	w.must(err)
	r, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("Reader")})
	w.must(err)
	w.service.ServiceUsed(*u.User.UserId, "s3", "eu-west-1", day(3))
	w.service.ServiceUsed(*u.User.UserId, "s3", "us-east-1", day(4))
	w.service.ServiceUsed(*u.User.UserId, "iam", "us-east-1", day(5))
	w.service.ServiceUsed(*u.User.UserId, "no-such-service", "us-east-1", day(5))
	w.service.ServiceUsed(*r.Role.RoleId, "s3", "us-west-2", day(6))
	return c, *u.User.UserId
}

func TestServiceLastAccessed(t *testing.T) {
	w := newWorld(t)
	c, bobID := lastAccessed(w)
	ctx := t.Context()
	details := func(arn string) (map[string]types.ServiceLastAccessed, *string) {
		t.Helper()
		job, err := c.GenerateServiceLastAccessedDetails(ctx, &iam.GenerateServiceLastAccessedDetailsInput{Arn: &arn})
		w.must(err)
		found := map[string]types.ServiceLastAccessed{}
		in := &iam.GetServiceLastAccessedDetailsInput{JobId: job.JobId}
		for {
			out, err := c.GetServiceLastAccessedDetails(ctx, in)
			w.must(err)
			if out.JobStatus != "COMPLETED" || out.JobType != "SERVICE_LEVEL" || !out.JobCreationDate.Equal(day(10)) {
				t.Errorf("job: %+v", out)
			}
			for _, l := range out.ServicesLastAccessed {
				found[*l.ServiceNamespace] = l
			}
			if !out.IsTruncated {
				return found, job.JobId
			}
			in.Marker = out.Marker
		}
	}
	bob, _ := details("arn:aws:iam::111122223333:user/dev/bob")
	if l := bob["s3"]; *l.ServiceName != "Amazon S3" || !l.LastAuthenticated.Equal(day(4)) || *l.LastAuthenticatedRegion != "us-east-1" ||
		*l.LastAuthenticatedEntity != "arn:aws:iam::111122223333:user/dev/bob" || *l.TotalAuthenticatedEntities != 1 {
		t.Errorf("s3: %+v", l)
	}
	if l, ok := bob["ec2"]; !ok || l.LastAuthenticated != nil || *l.TotalAuthenticatedEntities != 0 {
		t.Errorf("ec2, allowed and not used: %v %+v", ok, l)
	}
	if _, ok := bob["iam"]; ok {
		t.Error("iam, used and not allowed, is in the report")
	}
	w.must(w.store.View(ctx, func(tx *store.Tx) error {
		if u, ok, _ := lastUses.Get(tx, serviceUse(bobID, "no-such-service")); ok {
			t.Errorf("a service that AWS does not have: %+v", u)
		}
		return nil
	}))
	if len(bob) < 100 || bob["kms"].ServiceName == nil {
		t.Errorf("%d services; a Deny does not count", len(bob))
	}
	if group, _ := details("arn:aws:iam::111122223333:group/dev/ops"); *group["s3"].TotalAuthenticatedEntities != 1 {
		t.Errorf("the group: %+v", group["s3"])
	}
	policy, job := details("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
	if l := policy["s3"]; len(policy) != 1 || *l.LastAuthenticatedEntity != "arn:aws:iam::111122223333:role/dev/Reader" {
		t.Errorf("the policy: %+v", policy)
	}
	entities := func(service string) string {
		t.Helper()
		out, err := c.GetServiceLastAccessedDetailsWithEntities(ctx, &iam.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: job, ServiceNamespace: &service})
		w.must(err)
		var names []string
		for _, e := range out.EntityDetailsList {
			names = append(names, string(e.EntityInfo.Type)+" "+*e.EntityInfo.Name+" "+e.LastAuthenticated.Format(time.DateOnly))
		}
		return strings.Join(names, ",")
	}
	if got := entities("s3") + "|" + entities("ec2"); got != "ROLE Reader 2024-05-06|" {
		t.Errorf("with entities: %s", got)
	}

	_, err := c.GenerateServiceLastAccessedDetails(ctx, &iam.GenerateServiceLastAccessedDetailsInput{Arn: aws.String("arn:aws:iam::111122223333:user/nobody")})
	w.check("nobody", err, "NoSuchEntity: ARN arn:aws:iam::111122223333:user/nobody is not found.")
	_, err = w.admin(development).GetServiceLastAccessedDetails(ctx, &iam.GetServiceLastAccessedDetailsInput{JobId: job})
	w.check("another account's job", err, "NoSuchEntity: The job with id "+*job+" cannot be found.")

	// What is deleted leaves nothing behind.
	w.must(second(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: aws.String("bob"), GroupName: aws.String("ops")})))
	w.must(second(c.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: aws.String("bob"), PolicyName: aws.String("read")})))
	w.must(second(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("bob")})))
	w.service.ServiceUsed(bobID, "s3", "us-east-1", day(9))
	w.must(w.service.uses.flush())
	w.must(w.store.View(ctx, func(tx *store.Tx) error {
		for u, err := range lastUses.Scan(tx, bobID, "") {
			t.Errorf("left behind: %+v %v", u, err)
		}
		return nil
	}))
}

func TestListPoliciesGrantingServiceAccess(t *testing.T) {
	w := newWorld(t)
	c, _ := lastAccessed(w)
	list := func(arn string, services ...string) (*iam.ListPoliciesGrantingServiceAccessOutput, error) {
		return c.ListPoliciesGrantingServiceAccess(t.Context(), &iam.ListPoliciesGrantingServiceAccessInput{Arn: &arn, ServiceNamespaces: services})
	}
	show := func(arn string) string {
		t.Helper()
		out, err := list(arn, "s3", "iam", "ec2")
		w.must(err)
		var text []string
		for _, e := range out.PoliciesGrantingServiceAccess {
			line := *e.ServiceNamespace
			for _, p := range e.Policies {
				line += " " + string(p.PolicyType) + ":" + *p.PolicyName + ":" + string(p.EntityType) + ":" + aws.ToString(p.EntityName) + aws.ToString(p.PolicyArn)
			}
			text = append(text, line)
		}
		return strings.Join(text, "\n")
	}
	for arn, want := range map[string]string{
		"arn:aws:iam::111122223333:user/dev/bob":    "s3 INLINE:read:USER:bob INLINE:rest:GROUP:ops\niam\nec2 INLINE:rest:GROUP:ops",
		"arn:aws:iam::111122223333:group/dev/ops":   "s3 INLINE:rest:GROUP:ops\niam\nec2 INLINE:rest:GROUP:ops",
		"arn:aws:iam::111122223333:role/dev/Reader": "s3 MANAGED:AmazonS3ReadOnlyAccess::arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\niam\nec2",
	} {
		if got := show(arn); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", arn, got, want)
		}
	}
	_, err := list("arn:aws:iam::111122223333:role/Reader", "s3")
	w.check("a wrong path", err, "NoSuchEntity: ARN arn:aws:iam::111122223333:role/Reader is not found.")
	_, err = list("arn:aws:iam::111122223333:role/dev/Reader", "nothing")
	w.check("no service", err, "InvalidInput: nothing is not a valid service namespace.")
	_, err = list("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "s3")
	w.check("a policy", err, "InvalidInput: ARN arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess is not that of a user, group or role.")
}
