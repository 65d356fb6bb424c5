package iam

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/store"
)

func TestGroups(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx := w.admin(production), t.Context()
	_, err := c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("OPS")})
	w.check("the same name", err, "EntityAlreadyExists: Group with name OPS already exists.")
	for _, name := range []string{"bob", "admin", "bob"} {
		w.must(second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("ops"), UserName: &name})))
	}
	w.check("no such user", second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("ops"), UserName: aws.String("x")})),
		"NoSuchEntity: The user with name x cannot be found.")
	w.check("no such group", second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("x"), UserName: aws.String("bob")})),
		"NoSuchEntity: The group with name x cannot be found.")
	w.must(second(c.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: aws.String("ops"), NewGroupName: aws.String("crew")})))
	var members []string
	for pages := iam.NewGetGroupPaginator(c, &iam.GetGroupInput{GroupName: aws.String("crew"), MaxItems: aws.Int32(1)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		w.must(err)
		if *page.Group.Arn != "arn:aws:iam::111122223333:group/dev/crew" {
			t.Errorf("GetGroup: %+v", page.Group)
		}
		for _, u := range page.Users {
			members = append(members, *u.UserName)
		}
	}
	if !slices.Equal(members, []string{"admin", "bob"}) {
		t.Errorf("members after the rename: %q", members)
	}
	w.must(second(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: aws.String("crew"), UserName: aws.String("admin")})))
	w.must(second(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: aws.String("crew"), UserName: aws.String("admin")})))
	for i := range 10 {
		name := aws.String(fmt.Sprintf("g%d", i))
		w.must(second(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: name})))
		_, err = c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: name, UserName: aws.String("bob")})
	}
	w.check("the eleventh group", err, "LimitExceeded: Cannot exceed quota for GroupsPerUser: 10")
	of, err := c.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: aws.String("BOB"), MaxItems: aws.Int32(2)})
	w.must(err)
	if len(of.Groups) != 2 || *of.Groups[0].GroupName != "crew" || *of.Groups[1].GroupName != "g0" || !of.IsTruncated {
		t.Errorf("groups of bob: %+v", of)
	}
}

func TestBoundaries(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx := w.admin(production), t.Context()
	put := func(arn string) error {
		return second(c.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: aws.String("Reader"), PermissionsBoundary: &arn}))
	}
	w.check("missing", put("arn:aws:iam::111122223333:policy/None"), "NoSuchEntity: Scope ARN: arn:aws:iam::111122223333:policy/None does not exist or is not attachable.")
	w.check("another account's", put("arn:aws:iam::444455556666:policy/Limit"), "NoSuchEntity: Scope ARN: arn:aws:iam::444455556666:policy/Limit does not exist or is not attachable.")
	w.must(put(limitARN))
	w.must(put(limitARN))
	w.must(put(adminARN))
	usage := func(arn string) int32 {
		p, err := c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		w.must(err)
		return *p.Policy.PermissionsBoundaryUsageCount
	}
	if a, b := usage(limitARN), usage(adminARN); a != 1 || b != 1 {
		t.Errorf("usage %d (bob), %d (Reader)", a, b)
	}
	w.check("only a boundary", second(c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: aws.String(limitARN)})),
		"DeleteConflict: Cannot delete a policy attached to entities.")
	w.must(second(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("bob")})))
	if a := usage(limitARN); a != 0 {
		t.Errorf("bob is deleted, its boundary counts %d", a)
	}
	w.must(second(c.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: aws.String("Reader")})))
	if got := show(second(c.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: aws.String("Reader")}))); !strings.HasPrefix(got, "NoSuchEntity: ") {
		t.Errorf("twice: %s", got)
	}
}

func TestTags(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx, bob := w.admin(production), t.Context(), aws.String("bob")
	tag := func(kv ...string) error {
		var tags []types.Tag
		for i := 0; i < len(kv); i += 2 {
			tags = append(tags, types.Tag{Key: &kv[i], Value: &kv[i+1]})
		}
		return second(c.TagUser(ctx, &iam.TagUserInput{UserName: bob, Tags: tags}))
	}
	list := func() string {
		var all []string
		for pages := iam.NewListUserTagsPaginator(c, &iam.ListUserTagsInput{UserName: bob, MaxItems: aws.Int32(2)}); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			w.must(err)
			for _, t := range page.Tags {
				all = append(all, *t.Key+"="+*t.Value)
			}
		}
		return strings.Join(all, " ")
	}
	w.check("twice in a request", tag("a", "1", "A", "2"), "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	if got := show(tag("aws:x", "1")); !strings.HasPrefix(got, "InvalidInput: ") {
		t.Errorf("a reserved key: %s", got)
	}
	w.must(tag("Zone", "1", "team", "2", "Empty", "")) // team replaces Team, spelling included
	if got := list(); got != "Empty= team=2 Zone=1" {
		t.Errorf("tags: %s", got)
	}
	var many []string
	for i := range 47 {
		many = append(many, fmt.Sprintf("k%02d", i), "v")
	}
	w.must(tag(many...))
	w.check("the 51st", tag("one", "more"), "LimitExceeded: The number of tags has reached the maximum limit.")
	w.must(tag("K00", "other"))
	w.must(second(c.UntagUser(ctx, &iam.UntagUserInput{UserName: bob, TagKeys: []string{"TEAM", "none"}})))
	if got := list(); strings.Contains(got, "team") || !strings.Contains(got, "K00=other") {
		t.Errorf("tags: %s", got)
	}
	// The other nouns.
	one := []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
	w.must(second(c.TagRole(ctx, &iam.TagRoleInput{RoleName: aws.String("Reader"), Tags: one})))
	w.must(second(c.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: aws.String(limitARN), Tags: one})))
	w.must(second(c.TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: aws.String("box"), Tags: one})))
	w.must(second(c.UntagRole(ctx, &iam.UntagRoleInput{RoleName: aws.String("Reader"), TagKeys: []string{"team"}})))
	w.must(second(c.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: aws.String(limitARN), TagKeys: []string{"Team"}})))
	w.must(second(c.UntagInstanceProfile(ctx, &iam.UntagInstanceProfileInput{InstanceProfileName: aws.String("box"), TagKeys: []string{"Team"}})))
	r, err := c.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: aws.String("Reader")})
	w.must(err)
	p, err := c.ListPolicyTags(ctx, &iam.ListPolicyTagsInput{PolicyArn: aws.String(limitARN)})
	w.must(err)
	ip, err := c.ListInstanceProfileTags(ctx, &iam.ListInstanceProfileTagsInput{InstanceProfileName: aws.String("box")})
	w.must(err)
	for _, tags := range [][]types.Tag{r.Tags, p.Tags, ip.Tags} {
		if len(tags) != 1 || *tags[0].Key != "a" || *tags[0].Value != "b" {
			t.Errorf("tags: %+v", tags)
		}
	}
	w.check("no such role", second(c.TagRole(ctx, &iam.TagRoleInput{RoleName: aws.String("x"), Tags: one})), "NoSuchEntity: The role with name x cannot be found.")
}

func TestAliases(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	create := func(c *iam.Client, alias string) error {
		return second(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: &alias}))
	}
	list := func(c *iam.Client) string {
		out, err := c.ListAccountAliases(ctx, &iam.ListAccountAliasesInput{})
		w.must(err)
		return strings.Join(out.AccountAliases, " ")
	}
	w.must(create(c, "prod"))
	w.check("taken by another account", create(w.admin(development), "prod"), "EntityAlreadyExists: The account alias prod already exists.")
	w.must(create(c, "production"))
	if got := list(c); got != "production" {
		t.Errorf("aliases: %s", got)
	}
	w.must(create(w.admin(development), "prod"))
	remove := func(alias string) error {
		return second(c.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: &alias}))
	}
	w.check("another account's", remove("prod"), "NoSuchEntity: The account alias with name prod cannot be found.")
	w.must(remove("production"))
	if got := list(c); got != "" {
		t.Errorf("aliases: %s", got)
	}
}

func TestAuthorizationDetails(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx := w.admin(production), t.Context()
	w.must(second(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("Reader"), PolicyName: aws.String("read"), PolicyDocument: aws.String(readS3)})))
	w.must(second(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("box"), RoleName: aws.String("Reader")})))
	w.must(second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("ops"), UserName: aws.String("bob")})))
	for _, test := range []struct {
		filter []types.EntityType
		want   string
	}{
		{nil, "user admin, user bob, group ops, role Reader, policy Limit, policy AdministratorAccess"},
		{[]types.EntityType{types.EntityTypeRole, types.EntityTypeUser}, "user admin, user bob, role Reader"},
		{[]types.EntityType{types.EntityTypeLocalManagedPolicy}, "policy Limit"},
		{[]types.EntityType{types.EntityTypeAWSManagedPolicy}, "policy AdministratorAccess"},
	} {
		for _, size := range []int32{1, 3, 1000} {
			var got []string
			in := &iam.GetAccountAuthorizationDetailsInput{Filter: test.filter, MaxItems: &size}
			for pages := iam.NewGetAccountAuthorizationDetailsPaginator(c, in); pages.HasMorePages(); {
				page, err := pages.NextPage(ctx)
				w.must(err)
				for _, u := range page.UserDetailList {
					got = append(got, "user "+*u.UserName)
					if *u.UserName == "bob" && (!slices.Equal(u.GroupList, []string{"ops"}) || u.PermissionsBoundary == nil || len(u.Tags) != 1) {
						t.Errorf("bob: %+v", u)
					}
				}
				for _, g := range page.GroupDetailList {
					got = append(got, "group "+*g.GroupName)
				}
				for _, r := range page.RoleDetailList {
					got = append(got, "role "+*r.RoleName)
					text, _ := url.PathUnescape(*r.RolePolicyList[0].PolicyDocument)
					if text != readS3 || len(r.InstanceProfileList) != 1 {
						t.Errorf("Reader: %+v", r)
					}
				}
				for _, p := range page.Policies {
					got = append(got, "policy "+*p.PolicyName)
					text, _ := url.PathUnescape(*p.PolicyVersionList[0].Document)
					if text != allowAll || !p.PolicyVersionList[0].IsDefaultVersion {
						t.Errorf("policy: %+v", p)
					}
				}
			}
			if strings.Join(got, ", ") != test.want {
				t.Errorf("%v by %d: %q", test.filter, size, got)
			}
		}
	}
}

func TestSummary(t *testing.T) {
	w := newWorld(t)
	populate(w)
	out, err := w.admin(production).GetAccountSummary(t.Context(), &iam.GetAccountSummaryInput{})
	w.must(err)
	for key, want := range map[string]int32{
		"Users": 2, "Groups": 1, "Roles": 1, "Policies": 1, "InstanceProfiles": 1, "AccountAccessKeysPresent": 1,
		"AccountPasswordPresent": 0, "PolicySizeQuota": 6144, "AccountMFAEnabled": 0,
	} {
		if got, ok := out.SummaryMap[key]; !ok || got != want {
			t.Errorf("%s = %d %v, want %d", key, got, ok, want)
		}
	}
}

// manyUsers puts n users into an account, every tenth in /few/.
func manyUsers(w *world, n int) {
	w.Helper()
	w.must(w.store.Update(w.Context(), func(tx *store.Tx) error {
		for i := range n {
			path := "/"
			if i%10 == 0 {
				path = "/few/"
			}
			u := user{identity: identity{entity: entity{
				Account: production, Name: fmt.Sprintf("user%06d", i), Path: path, ID: ids.New(ids.User), Created: tx.Now,
			}}}
			if err := users.Put(tx, &u); err != nil {
				return err
			}
		}
		return nil
	}))
}

// BenchmarkListUsers reads a page out of the middle: what it costs must not depend on the number of users.
func BenchmarkListUsers(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		for _, prefix := range []string{"/", "/few/"} {
			b.Run(fmt.Sprintf("%d%s", n, prefix), func(b *testing.B) {
				w := newWorld(b)
				manyUsers(w, n)
				ctx := w.as("")
				in := &iam.ListUsersInput{PathPrefix: &prefix, MaxItems: aws.Int32(50)}
				out, err := w.service.ListUsers(ctx, in)
				w.must(err)
				in.Marker = out.Marker
				for b.Loop() {
					out, err := w.service.ListUsers(ctx, in)
					if err != nil || len(out.Users) != 50 {
						b.Fatal(len(out.Users), err)
					}
				}
			})
		}
	}
}

// TestPageIsBounded: a filter that drops nearly everything does not make a page read the whole account; all pages
// together still find what is there.
func TestPageIsBounded(t *testing.T) {
	w := newWorld(t)
	manyUsers(w, 3*scanLimit)
	ctx := w.as("")
	in := &iam.ListUsersInput{PathPrefix: aws.String("/fe"), MaxItems: aws.Int32(1000)}
	found, pages := 0, 0
	for {
		out, err := w.service.ListUsers(ctx, in)
		w.must(err)
		found, pages = found+len(out.Users), pages+1
		if !out.IsTruncated {
			break
		}
		in.Marker = out.Marker
	}
	if found != 3*scanLimit/10 || pages != 4 {
		t.Errorf("%d users on %d pages", found, pages)
	}
}
