package organizations_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/xemutest"
)

var ctx = context.Background()

func must[O any](t *testing.T) func(O, error) O {
	return func(out O, err error) O {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused fails the test unless err is the API error "Code: Message".
func refused(t *testing.T, err error, want string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Errorf("got %v, want %s", err, want)
		return
	}
	if got := api.ErrorCode() + ": " + api.ErrorMessage(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// world is an organization of production (management) with development in it, and what its tests need.
type world struct {
	t                       *testing.T
	x                       *xemutest.Emulator
	production, development *xemutest.Account
	*organizations.Client   // as production's administrator
	org, root               string
}

// newWorld makes the organization; the policy types are enabled.
func newWorld(t *testing.T, enable ...types.PolicyType) *world {
	t.Helper()
	return newWorldIn(t, t.TempDir(), enable...)
}

// newWorldIn is newWorld with its data in dir.
func newWorldIn(t *testing.T, dir string, enable ...types.PolicyType) *world {
	t.Helper()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) {
		c.Dir = dir
		c.World = emulator.DefaultWorld()
		c.World.Accounts = append(c.World.Accounts, emulator.WorldAccount{ID: "777788889999", Name: "outside"})
	}))
	w := &world{t: t, x: x, production: x.Account("production"), development: x.Account("development")}
	w.Client = client(w.production.Admin())
	out, err := w.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
	ok(t, err)
	w.org = *out.Organization.Id
	roots, err := w.ListRoots(ctx, nil)
	ok(t, err)
	w.root = *roots.Roots[0].Id
	w.join(w.development)
	for _, p := range enable {
		_, err := w.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &w.root, PolicyType: p})
		ok(t, err)
	}
	return w
}

func client(i *xemutest.Identity) *organizations.Client {
	return organizations.NewFromConfig(i.Config())
}

// join invites an account and accepts for it.
func (w *world) join(a *xemutest.Account) {
	w.t.Helper()
	invitation, err := w.InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{
		Target: &types.HandshakeParty{Id: &a.ID, Type: types.HandshakePartyTypeAccount},
	})
	ok(w.t, err)
	_, err = client(a.Admin()).AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: invitation.Handshake.Id})
	ok(w.t, err)
}

// unit makes a unit and returns its id.
func (w *world) unit(parent, name string) string {
	w.t.Helper()
	out, err := w.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: &name})
	ok(w.t, err)
	return *out.OrganizationalUnit.Id
}

// policy makes a policy and returns its id.
func (w *world) policy(kind types.PolicyType, name, content string) string {
	w.t.Helper()
	out, err := w.CreatePolicy(ctx, &organizations.CreatePolicyInput{
		Type: kind, Name: &name, Content: &content, Description: aws.String("of the test"),
	})
	ok(w.t, err)
	return *out.Policy.PolicySummary.Id
}

func (w *world) attach(policy, target string) {
	w.t.Helper()
	_, err := w.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &policy, TargetId: &target})
	ok(w.t, err)
}

func (w *world) detach(policy, target string) {
	w.t.Helper()
	_, err := w.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: &policy, TargetId: &target})
	ok(w.t, err)
}

func (w *world) move(account, from, to string) {
	w.t.Helper()
	_, err := w.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &account, SourceParentId: &from, DestinationParentId: &to})
	ok(w.t, err)
}

const (
	scp = types.PolicyTypeServiceControlPolicy
	rcp = types.PolicyTypeResourceControlPolicy

	fullAccess = "p-FullAWSAccess"
)

func TestOrganization(t *testing.T) {
	x := xemutest.New(t)
	production, development := x.Account("production"), x.Account("development")
	c, other := client(production.Admin()), client(development.Admin())
	const notInUse = "AWSOrganizationsNotInUseException: Your account is not a member of an organization."

	_, err := c.DescribeOrganization(ctx, nil)
	refused(t, err, notInUse)
	_, err = c.ListAccounts(ctx, nil)
	refused(t, err, notInUse)

	created := must[*organizations.CreateOrganizationOutput](t)(c.CreateOrganization(ctx, nil)).Organization
	_, err = c.CreateOrganization(ctx, nil)
	refused(t, err, "AlreadyInOrganizationException: The AWS account is already a member of an organization.")
	if created.FeatureSet != "ALL" || *created.MasterAccountId != production.ID || *created.MasterAccountEmail != "root@production.example.com" ||
		*created.Arn != "arn:aws:organizations::111122223333:organization/"+*created.Id ||
		*created.MasterAccountArn != "arn:aws:organizations::111122223333:account/"+*created.Id+"/111122223333" {
		t.Errorf("created: %+v", created)
	}

	// An invitation is seen by its parties alone, accepted once, and only by whom it is for.
	invite := func(party types.HandshakePartyType, id string) (*types.Handshake, error) {
		out, err := c.InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{
			Target: &types.HandshakeParty{Id: &id, Type: party}, Notes: aws.String("come in"),
		})
		if err != nil {
			return nil, err
		}
		return out.Handshake, nil
	}
	h := must[*types.Handshake](t)(invite("EMAIL", "root@development.example.com"))
	if h.State != "OPEN" || h.ExpirationTimestamp.Sub(*h.RequestedTimestamp).Hours() != 15*24 || len(h.Parties) != 2 || len(h.Resources) != 3 {
		t.Errorf("invitation: %+v", h)
	}
	_, err = invite("ACCOUNT", development.ID)
	refused(t, err, "DuplicateHandshakeException: A handshake with the same action and target already exists.")
	_, err = invite("ORGANIZATION", *created.Id)
	refused(t, err, "InvalidInputException: You specified the wrong type of entity (account, organization, or email) as a party.")
	_, err = c.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: h.Id})
	refused(t, err, "HandshakeNotFoundException: You specified a handshake that doesn't exist.")
	if l := must[*organizations.ListHandshakesForAccountOutput](t)(other.ListHandshakesForAccount(ctx, nil)); len(l.Handshakes) != 1 || *l.Handshakes[0].Id != *h.Id {
		t.Errorf("handshakes of the account: %+v", l.Handshakes)
	}
	must[*organizations.CancelHandshakeOutput](t)(c.CancelHandshake(ctx, &organizations.CancelHandshakeInput{HandshakeId: h.Id}))
	_, err = other.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: h.Id})
	refused(t, err, "InvalidHandshakeTransitionException: You can't perform the operation on the handshake in its current state.")
	h = must[*types.Handshake](t)(invite("ACCOUNT", development.ID))
	must[*organizations.DeclineHandshakeOutput](t)(other.DeclineHandshake(ctx, &organizations.DeclineHandshakeInput{HandshakeId: h.Id}))
	_, err = other.DeclineHandshake(ctx, &organizations.DeclineHandshakeInput{HandshakeId: h.Id})
	refused(t, err, "HandshakeAlreadyInStateException: The specified handshake is already in the requested state.")
	h = must[*types.Handshake](t)(invite("ACCOUNT", development.ID))
	accepted := must[*organizations.AcceptHandshakeOutput](t)(other.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: h.Id}))
	if accepted.Handshake.State != "ACCEPTED" {
		t.Errorf("accepted: %+v", accepted.Handshake)
	}
	_, err = invite("ACCOUNT", development.ID)
	refused(t, err, "HandshakeConstraintViolationException: The handshake request is invalid because the invited account is already a member of an organization.")
	if l := must[*organizations.ListHandshakesForOrganizationOutput](t)(c.ListHandshakesForOrganization(ctx, nil)); len(l.Handshakes) != 3 {
		t.Errorf("%d handshakes of the organization", len(l.Handshakes))
	}

	// A member sees the organization, and nothing of what is in it.
	if seen := must[*organizations.DescribeOrganizationOutput](t)(other.DescribeOrganization(ctx, nil)); *seen.Organization.Id != *created.Id {
		t.Errorf("the member sees %s", *seen.Organization.Id)
	}
	_, err = other.ListAccounts(ctx, nil)
	refused(t, err, "AccessDeniedException: You don't have permissions to access this resource.")
	accounts := must[*organizations.ListAccountsOutput](t)(c.ListAccounts(ctx, nil)).Accounts
	if len(accounts) != 2 || *accounts[1].Id != development.ID || *accounts[1].Name != "development" || accounts[1].JoinedMethod != "INVITED" || accounts[1].Status != "ACTIVE" {
		t.Errorf("accounts: %+v", accounts)
	}

	_, err = c.DeleteOrganization(ctx, nil)
	refused(t, err, "OrganizationNotEmptyException: To delete an organization you must first remove all member accounts (except the master).")
	_, err = c.LeaveOrganization(ctx, nil)
	refused(t, err, "MasterCannotLeaveOrganizationException: You can't remove a management account from an organization.")
	must[*organizations.LeaveOrganizationOutput](t)(other.LeaveOrganization(ctx, nil))
	_, err = other.DescribeOrganization(ctx, nil)
	refused(t, err, notInUse)
	must[*organizations.DeleteOrganizationOutput](t)(c.DeleteOrganization(ctx, nil))
	_, err = c.DescribeOrganization(ctx, nil)
	refused(t, err, notInUse)
	if l := must[*organizations.ListHandshakesForAccountOutput](t)(other.ListHandshakesForAccount(ctx, nil)); len(l.Handshakes) != 0 {
		t.Errorf("invitations of a deleted organization: %+v", l.Handshakes)
	}

	// IAM decides first, in its own words.
	_, err = client(production.User("nobody")).ListRoots(ctx, nil)
	refused(t, err, "AccessDeniedException: User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: organizations:ListRoots because no identity-based policy allows the organizations:ListRoots action")
}

func TestConsolidatedBilling(t *testing.T) {
	x := xemutest.New(t)
	c := client(x.Account("production").Admin())
	out := must[*organizations.CreateOrganizationOutput](t)(c.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: "CONSOLIDATED_BILLING"}))
	if out.Organization.FeatureSet != "CONSOLIDATED_BILLING" {
		t.Errorf("feature set %s", out.Organization.FeatureSet)
	}
	root := must[*organizations.ListRootsOutput](t)(c.ListRoots(ctx, nil)).Roots[0]
	_, err := c.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: root.Id, PolicyType: scp})
	refused(t, err, "PolicyTypeNotAvailableForOrganizationException: You can't use the specified policy type with the feature set currently enabled for this organization.")
}

func TestTree(t *testing.T) {
	w := newWorld(t)
	a := w.unit(w.root, "a")
	b := w.unit(a, "b")
	if prefix := "ou-" + strings.TrimPrefix(w.root, "r-") + "-"; !strings.HasPrefix(a, prefix) || len(a) != len(prefix)+8 {
		t.Errorf("unit %s of root %s", a, w.root)
	}
	described := must[*organizations.DescribeOrganizationalUnitOutput](t)(w.DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: &b})).OrganizationalUnit
	if *described.Arn != "arn:aws:organizations::111122223333:ou/"+w.org+"/"+b || *described.Path != w.org+"/"+w.root+"/"+a+"/"+b+"/" {
		t.Errorf("unit: %s %s", *described.Arn, *described.Path)
	}

	create := func(parent, name string) error {
		_, err := w.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: &name})
		return err
	}
	refused(t, create(w.root, "a"), "DuplicateOrganizationalUnitException: An OU with the same name already exists.")
	ok(t, create(b, "a"))
	refused(t, create("ou-abcd-12345678", "x"), "ParentNotFoundException: You specified a parent that doesn't exist.")
	refused(t, create(w.development.ID, "x"), "InvalidInputException: You provided a value that does not match the required pattern.")
	parent := b
	for _, name := range []string{"3", "4", "5"} {
		parent = w.unit(parent, name)
	}
	refused(t, create(parent, "6"), "ConstraintViolationException: You have exceeded the allowed OU depth.")

	rename := func(id, name string) error {
		_, err := w.UpdateOrganizationalUnit(ctx, &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: &id, Name: &name})
		return err
	}
	w.unit(w.root, "c")
	refused(t, rename(a, "c"), "DuplicateOrganizationalUnitException: An OU with the same name already exists.")
	ok(t, rename(a, "a"))
	ok(t, rename(a, "renamed"))
	refused(t, rename("ou-abcd-12345678", "x"), "OrganizationalUnitNotFoundException: You specified an organizational unit that doesn't exist.")

	move := func(from, to string) error {
		_, err := w.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &w.development.ID, SourceParentId: &from, DestinationParentId: &to})
		return err
	}
	refused(t, move(a, b), "SourceParentNotFoundException: You specified a source parent that doesn't exist.")
	refused(t, move(w.root, "ou-abcd-12345678"), "DestinationParentNotFoundException: You specified a destination parent that doesn't exist.")
	refused(t, move(w.root, w.root), "DuplicateAccountException: That account is already present in the specified destination.")
	ok(t, move(w.root, b))
	parents := must[*organizations.ListParentsOutput](t)(w.ListParents(ctx, &organizations.ListParentsInput{ChildId: &w.development.ID})).Parents
	if len(parents) != 1 || *parents[0].Id != b || parents[0].Type != "ORGANIZATIONAL_UNIT" {
		t.Errorf("parents: %+v", parents)
	}
	for _, test := range []struct {
		parent string
		kind   types.ChildType
		want   int
	}{{w.root, "ACCOUNT", 1}, {w.root, "ORGANIZATIONAL_UNIT", 2}, {b, "ACCOUNT", 1}, {b, "ORGANIZATIONAL_UNIT", 2}, {a, "ACCOUNT", 0}} {
		out := must[*organizations.ListChildrenOutput](t)(w.ListChildren(ctx, &organizations.ListChildrenInput{ParentId: &test.parent, ChildType: test.kind}))
		if len(out.Children) != test.want {
			t.Errorf("%s has the children %+v of type %s", test.parent, out.Children, test.kind)
		}
	}
	held := must[*organizations.ListAccountsForParentOutput](t)(w.ListAccountsForParent(ctx, &organizations.ListAccountsForParentInput{ParentId: &b}))
	if len(held.Accounts) != 1 || *held.Accounts[0].Id != w.development.ID {
		t.Errorf("accounts of %s: %+v", b, held.Accounts)
	}

	remove := func(id string) error {
		_, err := w.DeleteOrganizationalUnit(ctx, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &id})
		return err
	}
	refused(t, remove(b), "OrganizationalUnitNotEmptyException: The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.")
	ok(t, remove(parent))
	refused(t, remove(parent), "OrganizationalUnitNotFoundException: You specified an organizational unit that doesn't exist.")
}

// Lists go on where a page ended.
func TestPages(t *testing.T) {
	w := newWorld(t)
	want := map[string]bool{}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		want[w.unit(w.root, name)] = true
	}
	pages := organizations.NewListOrganizationalUnitsForParentPaginator(w.Client, &organizations.ListOrganizationalUnitsForParentInput{ParentId: &w.root, MaxResults: aws.Int32(2)})
	count := 0
	for pages.HasMorePages() {
		out := must[*organizations.ListOrganizationalUnitsForParentOutput](t)(pages.NextPage(ctx))
		for _, u := range out.OrganizationalUnits {
			delete(want, *u.Id)
		}
		count++
	}
	if len(want) != 0 || count != 3 {
		t.Errorf("%d pages, missing %v", count, want)
	}
	_, err := w.ListAccounts(ctx, &organizations.ListAccountsInput{NextToken: aws.String("!")})
	refused(t, err, "InvalidInputException: The provided NextToken value is not valid.")
}

func TestTags(t *testing.T) {
	w := newWorld(t)
	u := w.unit(w.root, "a")
	p := w.policy(scp, "p", xemutest.Allow("*", "*"))
	for _, id := range []string{w.root, u, p, w.development.ID} {
		tag := func(tags ...types.Tag) error {
			_, err := w.TagResource(ctx, &organizations.TagResourceInput{ResourceId: &id, Tags: tags})
			return err
		}
		ok(t, tag(types.Tag{Key: aws.String("team"), Value: aws.String("red")}, types.Tag{Key: aws.String("empty"), Value: aws.String("")}))
		ok(t, tag(types.Tag{Key: aws.String("team"), Value: aws.String("blue")}))
		refused(t, tag(types.Tag{Key: aws.String("aws:x"), Value: aws.String("y")}), "InvalidInputException: You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys because they're reserved for AWS use.")
		must[*organizations.UntagResourceOutput](t)(w.UntagResource(ctx, &organizations.UntagResourceInput{ResourceId: &id, TagKeys: []string{"empty", "unknown"}}))
		tags := must[*organizations.ListTagsForResourceOutput](t)(w.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: &id})).Tags
		if len(tags) != 1 || *tags[0].Key != "team" || *tags[0].Value != "blue" {
			t.Errorf("tags of %s: %+v", id, tags)
		}
	}
	_, err := w.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: aws.String("ou-abcd-12345678")})
	refused(t, err, "TargetNotFoundException: You specified a target that doesn't exist.")

	// Tags decide who may touch what carries them.
	someone := w.production.User("someone", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"organizations:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"blue"}}}}`)
	must[*organizations.DescribeOrganizationalUnitOutput](t)(client(someone).DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: &u}))
	other := w.unit(w.root, "b")
	_, err = client(someone).DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: &other})
	refused(t, err, "AccessDeniedException: User: arn:aws:iam::111122223333:user/someone is not authorized to perform: organizations:DescribeOrganizationalUnit on resource: arn:aws:organizations::111122223333:ou/"+w.org+"/"+other+" because no identity-based policy allows the organizations:DescribeOrganizationalUnit action")
}

// An invitation is good for 15 days, and for who is in no organization.
func TestInvitationInvalid(t *testing.T) {
	now := time.Now()
	x := xemutest.New(t, xemutest.Now(func() time.Time { return now }))
	patient := func(name string) *organizations.Client { // which signs again by the emulator's clock
		return organizations.NewFromConfig(x.Account(name).Admin().Config(), func(o *organizations.Options) { o.Retryer = retry.NewStandard() })
	}
	c, other := patient("production"), patient("development")
	must[*organizations.CreateOrganizationOutput](t)(c.CreateOrganization(ctx, nil))
	in := &organizations.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Id: aws.String("444455556666"), Type: "ACCOUNT"}}
	first := must[*organizations.InviteAccountToOrganizationOutput](t)(c.InviteAccountToOrganization(ctx, in)).Handshake

	now = now.Add(15*24*time.Hour + time.Second)
	_, err := other.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: first.Id})
	refused(t, err, "InvalidHandshakeTransitionException: You can't perform the operation on the handshake in its current state.")
	if h := must[*organizations.DescribeHandshakeOutput](t)(other.DescribeHandshake(ctx, &organizations.DescribeHandshakeInput{HandshakeId: first.Id})).Handshake; h.State != "EXPIRED" {
		t.Errorf("state %s", h.State)
	}

	second := must[*organizations.InviteAccountToOrganizationOutput](t)(c.InviteAccountToOrganization(ctx, in)).Handshake
	must[*organizations.CreateOrganizationOutput](t)(other.CreateOrganization(ctx, nil))
	_, err = other.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: second.Id})
	refused(t, err, "HandshakeConstraintViolationException: The handshake request is invalid because the invited account is already a member of an organization.")
	if h := must[*organizations.DescribeHandshakeOutput](t)(other.DescribeHandshake(ctx, &organizations.DescribeHandshakeInput{HandshakeId: second.Id})).Handshake; h.State != "OPEN" {
		t.Errorf("a refused invitation is %s", h.State)
	}
}

// What is not there is answered by name, and an unsigned call in the protocol's words.
func TestRefusedCalls(t *testing.T) {
	x := xemutest.New(t)
	_, err := client(x.Account("production").Admin()).DescribeResourcePolicy(ctx, nil)
	refused(t, err, "NotImplementedException: xemu does not implement organizations:DescribeResourcePolicy.")
	_, err = client(x.Identity("AKIAAAAAAAAAAAAAAAAA", "secret", "")).ListRoots(ctx, nil)
	refused(t, err, "UnrecognizedClientException: The security token included in the request is invalid.")
	unsigned := organizations.NewFromConfig(aws.Config{Region: "us-east-1", BaseEndpoint: &x.URL, Credentials: aws.AnonymousCredentials{}})
	_, err = unsigned.ListRoots(ctx, nil)
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "MissingAuthenticationTokenException" {
		t.Errorf("unsigned: %v", err)
	}
}
