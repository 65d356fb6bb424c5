package iam

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/store"
)

// shape writes down grants: each policy with what it hangs on.
func shape(g Grants) string {
	var all []string
	for _, p := range g.Identity {
		all = append(all, p.To+"/"+p.Name)
	}
	slices.Sort(all)
	s := strings.Join(all, " ")
	if g.Boundary != nil {
		s += " | " + g.Boundary.Name
	}
	if !g.Exists {
		s += "gone"
	}
	return s
}

func TestGrants(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx := w.admin(production), t.Context()
	for _, err := range []error{
		second(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("bob"), PolicyName: aws.String("own"), PolicyDocument: aws.String(readS3)})),
		second(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("bob"), PolicyArn: aws.String(adminARN)})),
		second(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: aws.String("ops"), PolicyName: aws.String("shared"), PolicyDocument: aws.String(readS3)})),
		second(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("ops"), PolicyArn: aws.String(limitARN)})),
		second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("ops"), UserName: aws.String("bob")})),
		second(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("Reader"), PolicyName: aws.String("read"), PolicyDocument: aws.String(readS3)})),
	} {
		w.must(err)
	}
	user, err := c.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("bob")})
	w.must(err)
	role, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("Reader")})
	w.must(err)
	bob := authz.Principal{Type: authz.User, Account: production, ARN: *user.User.Arn, ID: *user.User.UserId, Name: "bob"}
	session := authz.Principal{
		Type: authz.AssumedRole, Account: production, RoleARN: *role.Role.Arn, RoleID: *role.Role.RoleId, ID: *role.Role.RoleId + ":s",
	}
	const ofBob = "group ops/Limit group ops/shared user bob/AdministratorAccess user bob/own | Limit"
	for _, test := range []struct {
		name string
		who  authz.Principal
		want string
	}{
		{"user", bob, ofBob},
		{"role session", session, "role Reader/read"},
		{"federated user", authz.Principal{Type: authz.FederatedUser, Account: production, IssuerARN: bob.ARN}, ofBob},
		{"federated user of root", authz.Principal{Type: authz.FederatedUser, Account: production, IssuerARN: rootARN(production)}, ""},
		{"root", authz.Principal{Type: authz.Account, Account: production, ARN: rootARN(production)}, ""},
		{"anonymous", authz.Principal{Type: authz.Anonymous}, "gone"},
		{"a user with another id", authz.Principal{Type: authz.User, Account: production, ARN: bob.ARN, ID: "AIDAX", Name: "bob"}, "gone"},
		{"a role with another id", authz.Principal{Type: authz.AssumedRole, Account: production, RoleARN: *role.Role.Arn, RoleID: "AROAX"}, "gone"},
		{"a federated user whose issuer is gone", authz.Principal{Type: authz.FederatedUser, Account: production, IssuerARN: "arn:aws:iam::111122223333:user/x"}, "gone"},
	} {
		for range 2 { // the second time from the cache
			g, err := w.service.Grants(ctx, test.who)
			w.must(err)
			if got := shape(g); got != test.want {
				t.Errorf("%s: %q, want %q", test.name, got, test.want)
			}
		}
	}
	g, err := w.service.Grants(ctx, bob)
	w.must(err)
	if g.Tags["Team"] != "x" {
		t.Errorf("tags %v", g.Tags)
	}

	// Every write counts at once.
	see := func(what, want string) {
		t.Helper()
		g, err := w.service.Grants(ctx, bob)
		w.must(err)
		if got := shape(g); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	w.must(second(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: aws.String("ops"), UserName: aws.String("bob")})))
	see("out of the group", "user bob/AdministratorAccess user bob/own | Limit")
	w.must(second(c.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: aws.String("bob")})))
	see("no boundary", "user bob/AdministratorAccess user bob/own")
	w.must(second(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("bob"), NewUserName: aws.String("rob")})))
	see("renamed", "user rob/AdministratorAccess user rob/own")
	w.must(second(c.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: aws.String("rob"), PolicyName: aws.String("own")})))
	w.must(second(c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: aws.String("rob"), PolicyArn: aws.String(adminARN)})))
	see("nothing left", "")
	w.must(second(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("rob")})))
	see("deleted", "gone")
}

func second[T any](_ T, err error) error { return err }

// TestDefaultVersionCounts: setting another default version changes what is granted.
func TestDefaultVersionCounts(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx := w.admin(production), t.Context()
	bob := w.user("ann")
	w.must(second(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("ann"), PolicyArn: aws.String(limitARN)})))
	w.must(second(bob.ListUsers(ctx, &iam.ListUsersInput{})))
	w.must(second(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: aws.String(limitARN), PolicyDocument: aws.String(readS3)})))
	w.must(second(bob.ListUsers(ctx, &iam.ListUsersInput{})))
	w.must(second(c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: aws.String(limitARN), VersionId: aws.String("v2")})))
	if _, err := bob.ListUsers(ctx, &iam.ListUsersInput{}); err == nil {
		t.Error("v2 is the default, yet v1 counts")
	}
	text, ok, err := w.service.PolicyDocument(ctx, limitARN)
	if text != readS3 || !ok || err != nil {
		t.Errorf("PolicyDocument: %q %v %v", text, ok, err)
	}
	if _, ok, err := w.service.PolicyDocument(ctx, "arn:aws:iam::aws:policy/None"); ok || err != nil {
		t.Errorf("PolicyDocument of none: %v %v", ok, err)
	}
	if text, ok, _ := w.service.PolicyDocument(ctx, adminARN); !ok || text != allowAll {
		t.Errorf("PolicyDocument of AWS's: %q", text)
	}
}

// TestMissingManagedPolicy: a policy that is attached but not loaded stops its users rather than being left out.
func TestMissingManagedPolicy(t *testing.T) {
	w := newWorld(t)
	s := New(w.store, Options{})
	c, _, err := s.Credential(t.Context(), adminKey(production))
	w.must(err)
	if _, err := s.Grants(t.Context(), c.Principal); err == nil || !strings.Contains(err.Error(), "--managed-policies") {
		t.Errorf("Grants: %v", err)
	}
}

// TestBindPrincipals: the other forms of principals.
func TestBindPrincipals(t *testing.T) {
	w := newWorld(t)
	populate(w)
	ctx := t.Context()
	role, _, err := w.service.RoleByARN(ctx, "arn:aws:iam::111122223333:role/dev/Reader")
	w.must(err)
	for _, test := range []struct {
		principal string
		ok        bool
		bound     string
	}{
		{"arn:aws:sts::111122223333:assumed-role/Reader/me", true, ""},
		{"arn:aws:sts::111122223333:assumed-role/Reader", false, ""},
		{"arn:aws:sts::111122223333:assumed-role/Other/me", false, ""},
		{"arn:aws:sts::111122223333:federated-user/me", true, ""},
		{"arn:aws:iam::111122223333:role/dev/Reader", true, role.ID},
		{"arn:aws:iam::111122223333:role/Reader", false, ""},
		{role.ID, true, ""},
		{"arn:aws:iam::111122223333:root", true, ""},
		{"arn:aws:s3:::bucket", false, ""},
	} {
		p, err := authz.Parse(trusts(test.principal))
		w.must(err)
		w.must(w.store.View(ctx, func(tx *store.Tx) error {
			bound, invalid, err := w.service.BindPrincipals(ctx, tx, p)
			if (invalid == "") != test.ok || bound[test.principal] != test.bound {
				t.Errorf("%s: bound %v, invalid %q", test.principal, bound, invalid)
			}
			return err
		}))
	}
}

// TestRace has readers and writers at the same users; run it with -race. At the end the cache agrees with the store.
func TestRace(t *testing.T) {
	w := newWorld(t)
	populate(w)
	ctx := w.as("")
	s := w.service
	key := adminKey(production)
	var wg sync.WaitGroup
	for i := range 4 {
		name := aws.String("racer" + string(rune('a'+i)))
		wg.Go(func() {
			for range 30 {
				_, err := s.CreateUser(ctx, &iam.CreateUserInput{UserName: name, Tags: []types.Tag{{Key: name, Value: name}}})
				if err == nil {
					_, err = s.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: aws.String(adminARN)})
				}
				if err == nil {
					_, err = s.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: name, PolicyArn: aws.String(adminARN)})
				}
				if err == nil {
					_, err = s.DeleteUser(ctx, &iam.DeleteUserInput{UserName: name})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
		wg.Go(func() {
			for range 100 {
				c, ok, err := s.Credential(ctx, key)
				if err != nil || !ok {
					t.Error(ok, err)
					return
				}
				if _, err := s.Grants(ctx, c.Principal); err != nil {
					t.Error(err)
				}
				s.KeyUsed(key, "s3", "us-east-1", day(3))
				if err := s.uses.flush(); err != nil {
					t.Error(err)
				}
				if _, err := s.ListUsers(ctx, &iam.ListUsersInput{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	out, err := s.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(adminARN)})
	w.must(err)
	if *out.Policy.AttachmentCount != 1 {
		t.Errorf("AdministratorAccess is attached %d times, want 1 (admin)", *out.Policy.AttachmentCount)
	}
}

// BenchmarkGrants is what a signed request asks of IAM: the key and the grants.
func BenchmarkGrants(b *testing.B) {
	w := newWorld(b)
	ctx, key := b.Context(), adminKey(production)
	b.ReportAllocs()
	for b.Loop() {
		c, ok, err := w.service.Credential(ctx, key)
		if err != nil || !ok {
			b.Fatal(ok, err)
		}
		if g, err := w.service.Grants(ctx, c.Principal); err != nil || !g.Exists {
			b.Fatal(err)
		}
	}
}
