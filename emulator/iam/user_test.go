package iam

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestUserLife(t *testing.T) {
	w := newWorld(t)
	c := w.admin(production)
	made, err := c.CreateUser(t.Context(), &iam.CreateUserInput{
		UserName: aws.String("Bob"), Path: aws.String("/dev/"), Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("x")}},
	})
	w.must(err)
	if got := *made.User.Arn; got != "arn:aws:iam::111122223333:user/dev/Bob" {
		t.Errorf("ARN %s", got)
	}
	if !made.User.CreateDate.Equal(day(10)) || len(*made.User.UserId) != 21 || len(made.User.Tags) != 1 {
		t.Errorf("CreateUser: %+v", made.User)
	}
	_, err = c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("BOB")})
	w.check("the same name in capitals", err, "EntityAlreadyExists: User with name BOB already exists.")

	_, err = c.UpdateUser(t.Context(), &iam.UpdateUserInput{UserName: aws.String("bob"), NewUserName: aws.String("ADMIN")})
	w.check("rename to a taken name", err, "EntityAlreadyExists: User with name ADMIN already exists.")
	_, err = c.UpdateUser(t.Context(), &iam.UpdateUserInput{
		UserName: aws.String("bob"), NewUserName: aws.String("Robert"), NewPath: aws.String("/ops/"),
	})
	w.must(err)
	_, err = c.GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("Bob")})
	w.check("the old name", err, "NoSuchEntity: The user with name Bob cannot be found.")
	got, err := c.GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("robert")})
	w.must(err)
	if *got.User.Arn != "arn:aws:iam::111122223333:user/ops/Robert" || *got.User.UserId != *made.User.UserId || len(got.User.Tags) != 1 {
		t.Errorf("after the rename: %+v", got.User)
	}
	_, err = w.admin(development).GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("robert")})
	w.check("from another account", err, "NoSuchEntity: The user with name robert cannot be found.")
	_, err = c.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: aws.String("Robert")})
	w.must(err)
	_, err = c.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: aws.String("Robert")})
	w.check("delete twice", err, "NoSuchEntity: The user with name Robert cannot be found.")
}

func TestCallerWithoutUserName(t *testing.T) {
	w := newWorld(t)
	root, err := w.root(production).GetUser(t.Context(), &iam.GetUserInput{})
	w.must(err)
	if *root.User.Arn != "arn:aws:iam::111122223333:root" || *root.User.UserId != production {
		t.Errorf("root: %+v", root.User)
	}
	admin, err := w.admin(production).GetUser(t.Context(), &iam.GetUserInput{})
	w.must(err)
	if *admin.User.UserName != "admin" {
		t.Errorf("admin: %+v", admin.User)
	}
	keys, err := w.root(production).ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{})
	w.must(err)
	if len(keys.AccessKeyMetadata) != 1 || *keys.AccessKeyMetadata[0].AccessKeyId != rootKey(production) {
		t.Errorf("root's keys: %+v", keys.AccessKeyMetadata)
	}
}

// TestDeleteUserConflicts has a user with everything and takes one thing away after the other.
func TestDeleteUserConflicts(t *testing.T) {
	w := newWorld(t)
	c, bob := w.admin(production), aws.String("bob")
	w.user("bob", readS3)
	_, err := c.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: bob, PolicyArn: aws.String(adminARN)})
	w.must(err)
	_, err = c.CreateLoginProfile(t.Context(), &iam.CreateLoginProfileInput{UserName: bob, Password: aws.String("Sesame-open1")})
	w.must(err)
	_, err = c.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: aws.String("ops")})
	w.must(err)
	_, err = c.AddUserToGroup(t.Context(), &iam.AddUserToGroupInput{GroupName: aws.String("ops"), UserName: bob})
	w.must(err)
	conflict := func(want string) {
		t.Helper()
		_, err := c.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: bob})
		w.check("DeleteUser", err, want)
	}
	conflict("DeleteConflict: Cannot delete entity, must detach all policies first.")
	_, err = c.DetachUserPolicy(t.Context(), &iam.DetachUserPolicyInput{UserName: bob, PolicyArn: aws.String(adminARN)})
	w.must(err)
	conflict("DeleteConflict: Cannot delete entity, must delete policies first.")
	_, err = c.DeleteUserPolicy(t.Context(), &iam.DeleteUserPolicyInput{UserName: bob, PolicyName: aws.String("PA")})
	w.must(err)
	conflict("DeleteConflict: Cannot delete entity, must delete access keys first.")
	keys, err := c.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: bob})
	w.must(err)
	_, err = c.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: bob, AccessKeyId: keys.AccessKeyMetadata[0].AccessKeyId})
	w.must(err)
	conflict("DeleteConflict: Cannot delete entity, must delete login profile first.")
	_, err = c.DeleteLoginProfile(t.Context(), &iam.DeleteLoginProfileInput{UserName: bob})
	w.must(err)
	conflict("DeleteConflict: Cannot delete entity, must remove users from group first.")
	_, err = c.DeleteGroup(t.Context(), &iam.DeleteGroupInput{GroupName: aws.String("ops")})
	w.check("DeleteGroup", err, "DeleteConflict: Cannot delete entity, must remove users from group first.")
	_, err = c.RemoveUserFromGroup(t.Context(), &iam.RemoveUserFromGroupInput{GroupName: aws.String("OPS"), UserName: bob})
	w.must(err)
	conflict("")
}

func TestListUsers(t *testing.T) {
	w := newWorld(t)
	c := w.admin(production)
	for _, u := range []struct{ path, name string }{
		{"/", "zoe"}, {"/", "Bob"}, {"/dev/", "alice"}, {"/dev/x/", "Carl"}, {"/devops/", "dan"}, {"/dev/", "Aaron"},
	} {
		_, err := c.CreateUser(t.Context(), &iam.CreateUserInput{Path: &u.path, UserName: &u.name})
		w.must(err)
	}
	for _, test := range []struct {
		prefix string
		want   []string
	}{
		{"/", []string{"Aaron", "admin", "alice", "Bob", "Carl", "dan", "zoe"}},
		{"/dev/", []string{"Aaron", "alice", "Carl"}},
		{"/dev", []string{"Aaron", "alice", "Carl", "dan"}},
		{"/dev/x/", []string{"Carl"}},
		{"/none/", nil},
	} {
		for _, size := range []int32{1, 2, 100} {
			t.Run(fmt.Sprint(test.prefix, " by ", size), func(t *testing.T) {
				var got []string
				pages := iam.NewListUsersPaginator(c, &iam.ListUsersInput{PathPrefix: &test.prefix, MaxItems: &size})
				for pages.HasMorePages() {
					page, err := pages.NextPage(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if len(page.Users) > int(size) {
						t.Errorf("%d users in a page", len(page.Users))
					}
					for _, u := range page.Users {
						got = append(got, *u.UserName)
					}
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		}
	}
	_, err := c.ListUsers(t.Context(), &iam.ListUsersInput{Marker: aws.String("%%%")})
	w.check("a marker that nobody gave", err, "ValidationError: Invalid Marker.")
}
