package organizations_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/xemutest"
)

func s3Client(i *xemutest.Identity) *s3.Client {
	return s3.NewFromConfig(i.Config(), func(o *s3.Options) { o.UsePathStyle = true })
}

// bucket makes a bucket with one object, and a policy unless it is "".
func bucket(t *testing.T, owner *xemutest.Identity, name, policy string) {
	t.Helper()
	c := s3Client(owner)
	must[*s3.CreateBucketOutput](t)(c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name}))
	must[*s3.PutObjectOutput](t)(c.PutObject(ctx, &s3.PutObjectInput{Bucket: &name, Key: aws.String("key"), Body: strings.NewReader("text")}))
	if policy != "" {
		must[*s3.PutBucketPolicyOutput](t)(c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &name, Policy: &policy}))
	}
}

func read(i *xemutest.Identity, bucket string) error {
	_, err := s3Client(i).GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("key")})
	return err
}

func listUsers(i *xemutest.Identity) error {
	_, err := iam.NewFromConfig(i.Config()).ListUsers(ctx, nil)
	return err
}

// An SCP on any level above an account denies its principals, the root user as well, and nobody else.
func TestSCPDenies(t *testing.T) {
	w := newWorld(t, scp)
	unit := w.unit(w.root, "unit")
	w.move(w.development.ID, w.root, unit)
	id := w.policy(scp, "no-users", xemutest.Deny("iam:ListUsers", "*"))
	arn := "arn:aws:organizations::111122223333:policy/" + w.org + "/service_control_policy/" + id
	denied := "AccessDenied: User: arn:aws:iam::444455556666:%s is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::444455556666:user/ with an explicit deny in a service control policy: " + arn
	for _, target := range []string{w.root, unit, w.development.ID} {
		ok(t, listUsers(w.development.Admin()))
		w.attach(id, target)
		refused(t, listUsers(w.development.Admin()), strings.Replace(denied, "%s", "user/admin", 1))
		refused(t, listUsers(w.development.Root()), strings.Replace(denied, "%s", "root", 1))
		ok(t, listUsers(w.production.Admin())) // the management account, although the root is above it
		w.detach(id, target)
	}

	w.attach(id, unit)
	w.move(w.development.ID, unit, w.root)
	ok(t, listUsers(w.development.Admin()))
	w.attach(id, w.production.ID) // without effect
	ok(t, listUsers(w.production.Admin()))

	w.attach(id, w.root)
	refused(t, listUsers(w.development.Admin()), strings.Replace(denied, "%s", "user/admin", 1))
	must[*organizations.LeaveOrganizationOutput](t)(client(w.development.Admin()).LeaveOrganization(ctx, nil))
	ok(t, listUsers(w.development.Admin()))
}

// Every level must allow ("SCP evaluation"): what one does not name is denied, whatever the others say.
func TestSCPAllows(t *testing.T) {
	w := newWorld(t, scp)
	unit := w.unit(w.root, "unit")
	w.move(w.development.ID, w.root, unit)
	bucket(t, w.development.Admin(), "notes", "")
	onlyS3 := w.policy(scp, "only-s3", xemutest.Allow("s3:*", "*"))
	const denied = "AccessDenied: User: arn:aws:iam::444455556666:user/admin is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::444455556666:user/ because no service control policy allows the iam:ListUsers action"
	for _, target := range []string{w.root, unit, w.development.ID} {
		w.attach(onlyS3, target)
		ok(t, listUsers(w.development.Admin())) // FullAWSAccess stands beside it
		w.detach(fullAccess, target)
		refused(t, listUsers(w.development.Admin()), denied)
		ok(t, read(w.development.Admin(), "notes"))
		ok(t, listUsers(w.production.Admin()))
		w.attach(fullAccess, target)
		w.detach(onlyS3, target)
	}

	// An SCP gives nothing.
	nobody := w.development.User("nobody")
	refused(t, listUsers(nobody), "AccessDenied: User: arn:aws:iam::444455556666:user/nobody is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::444455556666:user/ because no identity-based policy allows the iam:ListUsers action")

	// A changed policy counts at once; a disabled type does not.
	w.attach(onlyS3, unit)
	w.detach(fullAccess, unit)
	refused(t, listUsers(w.development.Admin()), denied)
	must[*organizations.UpdatePolicyOutput](t)(w.UpdatePolicy(ctx, &organizations.UpdatePolicyInput{PolicyId: &onlyS3, Content: aws.String(xemutest.Allow("iam:*", "*"))}))
	ok(t, listUsers(w.development.Admin()))
	refused(t, read(w.development.Admin(), "notes"), `AccessDenied: User: arn:aws:iam::444455556666:user/admin is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::notes/key" because no service control policy allows the s3:GetObject action`)
	must[*organizations.DisablePolicyTypeOutput](t)(w.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: &w.root, PolicyType: scp}))
	ok(t, read(w.development.Admin(), "notes"))
}

// SCPs follow the principal, not the resource: a session of another account's role is under that account's.
func TestSCPOfRole(t *testing.T) {
	w := newWorld(t, scp)
	role := w.development.Role("Reader", xemutest.Trust(w.production.ID), xemutest.Allow("iam:*", "*"))
	session := must[*xemutest.Identity](t)(w.production.Admin().Assume(role, "session"))
	ok(t, listUsers(session))
	w.attach(w.policy(scp, "no-users", xemutest.Deny("iam:ListUsers", "*")), w.root)
	if err := listUsers(session); err == nil || !strings.Contains(err.Error(), "with an explicit deny in a service control policy") {
		t.Errorf("the session in the member account: %v", err)
	}
	// Nobody asks whether one may ask who one is.
	w.attach(w.policy(scp, "no-sts", xemutest.Deny("sts:*", "*")), w.root)
	must[*sts.GetCallerIdentityOutput](t)(sts.NewFromConfig(session.Config()).GetCallerIdentity(ctx, nil))
	// A bucket of the management account, open to everybody, stays closed to who may not leave its account.
	bucket(t, w.production.Admin(), "open", everybody("open"))
	ok(t, read(w.development.Admin(), "open"))
	w.attach(w.policy(scp, "no-s3", xemutest.Deny("s3:*", "*")), w.development.ID)
	if err := read(w.development.Admin(), "open"); err == nil {
		t.Error("an SCP of the reader's account does not keep it from another account's bucket")
	}
}

// everybody is a bucket policy that lets all accounts of the world read.
func everybody(bucket string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["111122223333","444455556666"]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::` + bucket + `/*"}]}`
}

// perimeter is an RCP that keeps those out who are not of the organization.
func perimeter(action, org string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"` + action + `","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"` + org + `"}}}]}`
}

// outside is an account that is in no organization.
func outside(w *world) *xemutest.Account {
	w.t.Helper()
	return w.x.Account("outside")
}

// An RCP keeps foreign principals from a member's bucket whatever the bucket's policy says, and lets the organization in.
func TestRCPPerimeter(t *testing.T) {
	w := newWorld(t, rcp)
	stranger := outside(w)
	open := strings.Replace(everybody("data"), `"444455556666"`, `"777788889999"`, 1)
	bucket(t, w.development.Admin(), "data", open)
	ok(t, read(stranger.Admin(), "data"))
	ok(t, read(w.production.Admin(), "data"))

	id := w.policy(rcp, "perimeter", perimeter("s3:*", w.org))
	w.attach(id, w.root)
	refused(t, read(stranger.Admin(), "data"), "AccessDenied: Access Denied")
	ok(t, read(w.production.Admin(), "data"))
	ok(t, read(w.development.Admin(), "data"))

	// The management account's own buckets are out of its reach.
	bucket(t, w.production.Admin(), "headquarters", strings.ReplaceAll(open, "data", "headquarters"))
	ok(t, read(stranger.Admin(), "headquarters"))

	// An RCP for some of the organization binds the owner as well, its root user included.
	w.attach(w.policy(rcp, "frozen", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`), w.development.ID)
	for _, who := range []*xemutest.Identity{w.development.Admin(), w.development.Root()} {
		if err := read(who, "data"); err == nil || !strings.Contains(err.Error(), `on resource: "arn:aws:s3:::data/key" with an explicit deny in a resource control policy: arn:aws:organizations::111122223333:policy/`+w.org+`/resource_control_policy/p-`) {
			t.Errorf("the owner under an RCP: %v", err)
		}
	}
}

// A role of a member account is a resource too.
func TestRCPAssumeRole(t *testing.T) {
	w := newWorld(t, rcp)
	stranger := outside(w)
	role := w.development.Role("Shared", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["111122223333","777788889999"]},"Action":"sts:AssumeRole"}]}`)
	must[*xemutest.Identity](t)(stranger.Admin().Assume(role, "session"))
	w.attach(w.policy(rcp, "perimeter", perimeter("sts:AssumeRole", w.org)), w.root)
	_, err := stranger.Admin().Assume(role, "session")
	refused(t, err, "AccessDenied: User: arn:aws:iam::777788889999:user/admin is not authorized to perform: sts:AssumeRole on resource: "+role)
	must[*xemutest.Identity](t)(w.production.Admin().Assume(role, "session"))
}

// Services whose resources RCPs do not limit, such as IAM, do not feel them.
func TestRCPOtherService(t *testing.T) {
	w := newWorld(t, rcp)
	w.attach(w.policy(rcp, "all", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:*","iam:*"],"Resource":"*"}]}`), w.root)
	ok(t, listUsers(w.development.Admin()))
	if _, err := s3Client(w.development.Admin()).ListBuckets(ctx, nil); err == nil {
		t.Error("s3:ListAllMyBuckets is allowed")
	}
}

// The condition keys that name organizations, in a bucket policy.
func TestOrganizationKeys(t *testing.T) {
	w := newWorld(t)
	stranger := outside(w)
	unit := w.unit(w.root, "unit")
	for _, test := range []struct {
		bucket, condition string
		inside, stranger  bool
	}{
		{"org-id", `{"StringEquals":{"aws:PrincipalOrgID":"` + w.org + `"}}`, true, false},
		{"org-other", `{"StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}}`, false, false},
		{"org-none", `{"Null":{"aws:PrincipalOrgID":"true"}}`, false, true},
		{"org-path", `{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"` + w.org + `/` + w.root + `/` + unit + `/*"}}`, true, false},
		{"org-root", `{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"` + w.org + `/` + w.root + `/"}}`, false, false},
		{"org-resource", `{"StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}}`, true, false},
		{"org-resource-path", `{"ForAnyValue:StringEquals":{"aws:ResourceOrgPaths":"` + w.org + `/` + w.root + `/"}}`, true, true},
		{"service", `{"Bool":{"aws:PrincipalIsAWSService":"false"}}`, true, true},
	} {
		if test.bucket == "org-id" {
			w.move(w.development.ID, w.root, unit)
		}
		bucket(t, w.production.Admin(), test.bucket, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["444455556666","777788889999"]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::`+test.bucket+`/*","Condition":`+test.condition+`}]}`)
		if err := read(w.development.Admin(), test.bucket); (err == nil) != test.inside {
			t.Errorf("%s, a member: %v", test.bucket, err)
		}
		if err := read(stranger.Admin(), test.bucket); (err == nil) != test.stranger {
			t.Errorf("%s, a stranger: %v", test.bucket, err)
		}
	}
}

// S3 tells the organization's own why, strangers not ("Troubleshoot access denied (403 Forbidden) errors in Amazon S3").
func TestS3DetailsWithinOrganization(t *testing.T) {
	w := newWorld(t)
	stranger := outside(w)
	bucket(t, w.production.Admin(), "closed", "")
	refused(t, read(w.development.Admin(), "closed"), `AccessDenied: User: arn:aws:iam::444455556666:user/admin is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::closed/key" because no resource-based policy allows the s3:GetObject action`)
	refused(t, read(stranger.Admin(), "closed"), "AccessDenied: Access Denied")
	must[*organizations.LeaveOrganizationOutput](t)(client(w.development.Admin()).LeaveOrganization(ctx, nil))
	refused(t, read(w.development.Admin(), "closed"), "AccessDenied: Access Denied")
}

// The path of service-linked roles, whom SCPs do not limit, is no way around an SCP.
func TestSCPServiceRolePath(t *testing.T) {
	w := newWorld(t, scp)
	admin := iam.NewFromConfig(w.development.Admin().Config())
	role, err := admin.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("Sly"), Path: aws.String("/aws-service-role/ec2.amazonaws.com/"), AssumeRolePolicyDocument: aws.String(xemutest.Trust(w.production.ID)),
	})
	if err != nil {
		return // it is reserved
	}
	must[*iam.PutRolePolicyOutput](t)(admin.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String("Sly"), PolicyName: aws.String("all"), PolicyDocument: aws.String(xemutest.Allow("*", "*")),
	}))
	session := must[*xemutest.Identity](t)(w.production.Admin().Assume(*role.Role.Arn, "session"))
	ok(t, listUsers(session))
	w.attach(w.policy(scp, "no-users", xemutest.Deny("iam:ListUsers", "*")), w.root)
	if err := listUsers(session); err == nil {
		t.Error("the role is not limited")
	}
}

// "xemu why" names the policy, where it is attached, and what is missing.
func TestExplained(t *testing.T) {
	dir := t.TempDir()
	w := newWorldIn(t, dir, scp, rcp)
	console := must[*admin.Client](t)(admin.NewClient(dir))
	explained := func(parts ...string) {
		t.Helper()
		event := must[emulator.Event](t)(emulator.LastDenial(console))
		for _, part := range parts {
			if !strings.Contains(event.String(), part) {
				t.Errorf("%q is not in:\n%s", part, event.String())
			}
		}
	}
	unit := w.unit(w.root, "sandbox")
	w.move(w.development.ID, w.root, unit)
	onlyS3 := w.policy(scp, "only-s3", xemutest.Allow("s3:*", "*"))
	w.attach(onlyS3, unit)
	w.detach(fullAccess, unit)
	if err := listUsers(w.development.Admin()); err == nil {
		t.Error("not denied")
	}
	explained("denied: no service control policy allows it", "only-s3 of OU sandbox ("+unit+")", "does not mention iam:ListUsers",
		"service control policy FullAWSAccess of root "+w.root, "service control policy FullAWSAccess of account 444455556666")

	bucket(t, w.development.Admin(), "notes", "")
	w.attach(w.policy(rcp, "frozen", `{"Version":"2012-10-17","Statement":[{"Sid":"Frozen","Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`), w.development.ID)
	if err := read(w.development.Admin(), "notes"); err == nil {
		t.Error("not denied")
	}
	explained("resource control policy frozen of account 444455556666", "Frozen", "explicit")
}
