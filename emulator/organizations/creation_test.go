package organizations_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/xemutest"
)

// open creates an account and returns how its creation ended.
func (w *world) open(in organizations.CreateAccountInput) *types.CreateAccountStatus {
	w.t.Helper()
	out, err := w.CreateAccount(ctx, &in)
	ok(w.t, err)
	if s := out.CreateAccountStatus; s.State != "IN_PROGRESS" || s.AccountId != nil || !strings.HasPrefix(*s.Id, "car-") {
		w.t.Errorf("answer: %+v", s)
	}
	status, err := w.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: out.CreateAccountStatus.Id})
	ok(w.t, err)
	return status.CreateAccountStatus
}

func TestCreateAccount(t *testing.T) {
	w := newWorld(t, scp)
	status := w.open(organizations.CreateAccountInput{
		AccountName: aws.String("Sand Box"), Email: aws.String("box@example.com"),
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
	})
	if status.State != "SUCCEEDED" || len(aws.ToString(status.AccountId)) != 12 || *status.AccountName != "Sand Box" {
		t.Fatalf("status: %+v", status)
	}
	id := *status.AccountId
	a := must[*organizations.DescribeAccountOutput](t)(w.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &id})).Account
	if *a.Name != "Sand Box" || *a.Email != "box@example.com" || a.JoinedMethod != "CREATED" || *a.Arn != "arn:aws:organizations::111122223333:account/"+w.org+"/"+id ||
		a.Paths[0] != w.org+"/"+w.root+"/"+id+"/" {
		t.Errorf("account: %+v", a)
	}
	tags := must[*organizations.ListTagsForResourceOutput](t)(w.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: &id})).Tags
	if len(tags) != 1 || *tags[0].Key != "team" {
		t.Errorf("tags: %+v", tags)
	}
	if s := w.attached(id, scp); s != "FullAWSAccess" {
		t.Errorf("attached: %q", s)
	}

	// The management account's administrator gets in by the role; others do not. There is nobody else in the account.
	session := must[*xemutest.Identity](t)(w.production.Admin().Assume("arn:aws:iam::"+id+":role/OrganizationAccountAccessRole", "session"))
	users := must[*iam.ListUsersOutput](t)(iam.NewFromConfig(session.Config()).ListUsers(ctx, nil))
	if len(users.Users) != 0 {
		t.Errorf("users: %+v", users.Users)
	}
	if _, err := w.development.Admin().Assume("arn:aws:iam::"+id+":role/OrganizationAccountAccessRole", "session"); err == nil {
		t.Error("another member account assumes the role")
	}
	bucket(t, session, "box", "")
	ok(t, read(session, "box"))
	w.attach(w.policy(scp, "no-s3", xemutest.Deny("s3:*", "*")), w.root)
	if err := read(session, "box"); err == nil || !strings.Contains(err.Error(), "with an explicit deny in a service control policy") {
		t.Errorf("under an SCP: %v", err)
	}

	named := w.open(organizations.CreateAccountInput{AccountName: aws.String("other"), Email: aws.String("other@example.com"), RoleName: aws.String("Landing")})
	must[*xemutest.Identity](t)(w.production.Admin().Assume("arn:aws:iam::"+*named.AccountId+":role/Landing", "session"))
	failed := w.open(organizations.CreateAccountInput{AccountName: aws.String("again"), Email: aws.String("box@example.com")})
	if failed.State != "FAILED" || failed.FailureReason != "EMAIL_ALREADY_EXISTS" || failed.AccountId != nil {
		t.Errorf("the same email: %+v", failed)
	}
	list := must[*organizations.ListCreateAccountStatusOutput](t)(w.ListCreateAccountStatus(ctx, &organizations.ListCreateAccountStatusInput{States: []types.CreateAccountState{"FAILED"}}))
	if len(list.CreateAccountStatuses) != 1 || *list.CreateAccountStatuses[0].Id != *failed.Id {
		t.Errorf("failed: %+v", list.CreateAccountStatuses)
	}
	_, err := w.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: aws.String("car-12345678")})
	refused(t, err, "CreateAccountStatusNotFoundException: You specified a create account request that doesn't exist.")
	_, err = client(w.development.Admin()).CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("x"), Email: aws.String("x@example.com")})
	refused(t, err, "AccessDeniedException: You don't have permissions to access this resource.")
	_, err = w.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("x"), Email: aws.String("nowhere")})
	refused(t, err, "InvalidInputException: You provided a value that does not match the required pattern.")
}

// Who tags a new account needs to be allowed to.
func TestCreateAccountTagged(t *testing.T) {
	w := newWorld(t)
	clerk := client(w.production.User("clerk", xemutest.Allow("organizations:CreateAccount", "*")))
	in := &organizations.CreateAccountInput{AccountName: aws.String("x"), Email: aws.String("x@example.com")}
	must[*organizations.CreateAccountOutput](t)(clerk.CreateAccount(ctx, in))
	in.Tags, in.Email = []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}, aws.String("y@example.com")
	if _, err := clerk.CreateAccount(ctx, in); err == nil || !strings.Contains(err.Error(), "organizations:TagResource") {
		t.Errorf("with tags: %v", err)
	}
}

// A closed account is nobody's any more, and stays listed.
func TestCloseAccount(t *testing.T) {
	w := newWorld(t)
	shut := func(id string) error {
		_, err := w.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &id})
		return err
	}
	session := must[*xemutest.Identity](t)(w.production.Admin().Assume(w.development.Role("Role", xemutest.Trust(w.production.ID)), "session"))
	bucket(t, w.development.Admin(), "shared", everybody("shared"))
	ok(t, read(w.production.Admin(), "shared"))
	refused(t, shut(w.production.ID), "ConstraintViolationException: You attempted to close the management account.")
	refused(t, shut("777788889999"), "AccountNotFoundException: You specified an account that doesn't exist.")
	ok(t, shut(w.development.ID))
	refused(t, shut(w.development.ID), "AccountAlreadyClosedException: You attempted to close an account that is already closed.")
	for _, who := range []*xemutest.Identity{w.development.Admin(), w.development.Root(), session} {
		_, err := sts.NewFromConfig(who.Config()).GetCallerIdentity(ctx, nil)
		refused(t, err, "InvalidClientTokenId: The security token included in the request is invalid.")
	}
	refused(t, read(w.production.Admin(), "shared"), "AllAccessDisabled: All access to this object has been disabled")
	_, err := w.production.Admin().Assume("arn:aws:iam::444455556666:role/Role", "session")
	refused(t, err, "AccessDenied: The account that owns the resource is closed.")
	a := must[*organizations.DescribeAccountOutput](t)(w.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &w.development.ID})).Account
	if a.Status != "SUSPENDED" {
		t.Errorf("status %s", a.Status)
	}
}

// Removing an account takes its policies along, and its tags.
func TestRemoveAccount(t *testing.T) {
	w := newWorld(t, scp)
	w.attach(w.policy(scp, "no-users", xemutest.Deny("iam:ListUsers", "*")), w.development.ID)
	must[*organizations.TagResourceOutput](t)(w.TagResource(ctx, &organizations.TagResourceInput{ResourceId: &w.development.ID, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}))
	if err := listUsers(w.development.Admin()); err == nil {
		t.Error("not denied")
	}
	_, err := w.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &w.production.ID})
	refused(t, err, "MasterCannotLeaveOrganizationException: You can't remove a management account from an organization.")
	must[*organizations.RemoveAccountFromOrganizationOutput](t)(w.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &w.development.ID}))
	ok(t, listUsers(w.development.Admin()))
	w.join(w.development)
	ok(t, listUsers(w.development.Admin()))
	tags := must[*organizations.ListTagsForResourceOutput](t)(w.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: &w.development.ID})).Tags
	if len(tags) != 0 {
		t.Errorf("tags: %+v", tags)
	}
}

// xemu's own list has the accounts that an organization made, without profiles, until a reset.
func TestWorldOfOrganization(t *testing.T) {
	dir := t.TempDir()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	c := client(x.Account("production").Admin())
	must[*organizations.CreateOrganizationOutput](t)(c.CreateOrganization(ctx, nil))
	must[*organizations.CreateAccountOutput](t)(c.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("sandbox"), Email: aws.String("sandbox@example.com")}))
	console := must[*admin.Client](t)(admin.NewClient(dir))
	profiles := func() map[string]string {
		var accounts []admin.Account
		ok(t, console.Call("GET", "/_xemu/accounts", nil, &accounts))
		of := map[string]string{}
		for _, a := range accounts {
			of[a.Name] = a.Profile
		}
		return of
	}
	if got := profiles(); len(got) != 3 || got["production"] != "production" || got["sandbox"] != "" {
		t.Errorf("accounts and profiles: %v", got)
	}
	ok(t, console.Call("POST", "/_xemu/reset", nil, nil))
	if got := profiles(); len(got) != 2 {
		t.Errorf("after the reset: %v", got)
	}
	_, err := c.DescribeOrganization(ctx, nil)
	refused(t, err, "AWSOrganizationsNotInUseException: Your account is not a member of an organization.")
}
