package integration

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/internal/awscli/awsclitest"
	"github.com/xemu-aws/xemu/xemutest"
)

// TestEverydayByAWSCLI makes the everyday calls of IAM and STS with the real AWS CLI: each line is a command and what it
// prints. {trust} and {read} are policies. The lists are independent of each other and run at the same time.
func TestEverydayByAWSCLI(t *testing.T) {
	cli := awsclitest.Find(t)
	x := xemutest.New(t)
	environment, err := x.Server.Profile.Environment("production")
	must(t, err)
	environment = append(environment, "PATH="+os.Getenv("PATH"), "HOME="+t.TempDir(), "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1", "AWS_DEFAULT_OUTPUT=text")
	documents := map[string]string{"{trust}": xemutest.Trust("111122223333"), "{read}": xemutest.Allow("s3:GetObject", "*")}
	run := func(line string) string {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		words := strings.Fields(line)
		for i, word := range words {
			if document, ok := documents[word]; ok {
				words[i] = document
			}
		}
		c := exec.CommandContext(ctx, cli, words...)
		c.Env = environment
		out, _ := c.CombinedOutput() // its exit code tells no more than its words
		return strings.TrimSpace(string(out))
	}
	const account = "arn:aws:iam::111122223333:"
	for name, lines := range map[string][][2]string{
		"users": {
			{"iam create-user --user-name alice --path /dev/ --query User.Arn", account + "user/dev/alice"},
			{"iam get-user --user-name alice --query User.UserName", "alice"},
			{"iam list-users --path-prefix /dev/ --query Users[].UserName", "alice"},
			{"iam tag-user --user-name alice --tags Key=Team,Value=red", ""},
			{"iam list-user-tags --user-name alice --query Tags[].Value", "red"},
			{"iam untag-user --user-name alice --tag-keys Team", ""},
			{"iam put-user-policy --user-name alice --policy-name p --policy-document {read}", ""},
			{"iam get-user-policy --user-name alice --policy-name p --query PolicyName", "p"},
			{"iam list-user-policies --user-name alice --query PolicyNames", "p"},
			{"iam delete-user-policy --user-name alice --policy-name p", ""},
			{"iam attach-user-policy --user-name alice --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess", ""},
			{"iam list-attached-user-policies --user-name alice --query AttachedPolicies[].PolicyName", "ReadOnlyAccess"},
			{"iam create-login-profile --user-name alice --password Secret-Passw0rd --query LoginProfile.UserName", "alice"},
			{"iam get-login-profile --user-name alice --query LoginProfile.UserName", "alice"},
			{"iam create-access-key --user-name alice --query AccessKey.Status", "Active"},
			{"iam list-access-keys --user-name alice --query AccessKeyMetadata[].Status", "Active"},
			{"iam delete-user --user-name alice", "An error occurred (DeleteConflict) when calling the DeleteUser operation: Cannot delete entity, must detach all policies first."},
			{"iam detach-user-policy --user-name alice --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess", ""},
			{"iam delete-login-profile --user-name alice", ""},
			{"iam update-user --user-name alice --new-user-name alicia", ""},
			{"iam get-user --user-name alice", "An error occurred (NoSuchEntity) when calling the GetUser operation: The user with name alice cannot be found."},
		},
		"groups": {
			{"iam create-user --user-name bob --query User.UserName", "bob"},
			{"iam create-group --group-name ops --query Group.Arn", account + "group/ops"},
			{"iam add-user-to-group --group-name ops --user-name bob", ""},
			{"iam get-group --group-name ops --query Users[].UserName", "bob"},
			{"iam list-groups-for-user --user-name bob --query Groups[].GroupName", "ops"},
			{"iam list-groups --query Groups[].GroupName", "ops"},
			{"iam attach-group-policy --group-name ops --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess", ""},
			{"iam list-attached-group-policies --group-name ops --query AttachedPolicies[].PolicyName", "ReadOnlyAccess"},
			{"iam put-group-policy --group-name ops --policy-name p --policy-document {read}", ""},
			{"iam list-group-policies --group-name ops --query PolicyNames", "p"},
			{"iam remove-user-from-group --group-name ops --user-name bob", ""},
			{"iam delete-group-policy --group-name ops --policy-name p", ""},
			{"iam detach-group-policy --group-name ops --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess", ""},
			{"iam delete-group --group-name ops", ""},
			{"iam delete-user --user-name bob", ""},
		},
		"roles": {
			{"iam create-role --role-name app --assume-role-policy-document {trust} --query Role.Arn", account + "role/app"},
			{"iam get-role --role-name app --query Role.AssumeRolePolicyDocument.Statement[0].Action", "sts:AssumeRole"},
			{"iam list-roles --query Roles[].RoleName", "app"},
			{"iam update-role --role-name app --max-session-duration 7200", ""},
			{"iam update-assume-role-policy --role-name app --policy-document {trust}", ""},
			{"iam put-role-policy --role-name app --policy-name p --policy-document {read}", ""},
			{"iam get-role-policy --role-name app --policy-name p --query PolicyDocument.Statement[0].Action", "s3:GetObject"},
			{"iam list-role-policies --role-name app --query PolicyNames", "p"},
			{"iam create-instance-profile --instance-profile-name app --query InstanceProfile.Arn", account + "instance-profile/app"},
			{"iam add-role-to-instance-profile --instance-profile-name app --role-name app", ""},
			{"iam list-instance-profiles-for-role --role-name app --query InstanceProfiles[].InstanceProfileName", "app"},
			{"sts assume-role --role-arn " + account + "role/app --role-session-name session --query AssumedRoleUser.Arn", "arn:aws:sts::111122223333:assumed-role/app/session"},
			{"iam remove-role-from-instance-profile --instance-profile-name app --role-name app", ""},
			{"iam delete-instance-profile --instance-profile-name app", ""},
			{"iam delete-role-policy --role-name app --policy-name p", ""},
			{"iam delete-role --role-name app", ""},
		},
		"policies and the account": {
			{"iam create-policy --policy-name p --policy-document {read} --query Policy.Arn", account + "policy/p"},
			{"iam create-policy-version --policy-arn " + account + "policy/p --policy-document {read} --set-as-default --query PolicyVersion.VersionId", "v2"},
			{"iam list-policy-versions --policy-arn " + account + "policy/p --query Versions[].VersionId", "v2\tv1"},
			{"iam set-default-policy-version --policy-arn " + account + "policy/p --version-id v1", ""},
			{"iam get-policy --policy-arn " + account + "policy/p --query Policy.DefaultVersionId", "v1"},
			{"iam delete-policy-version --policy-arn " + account + "policy/p --version-id v2", ""},
			{"iam list-policies --scope Local --query Policies[].PolicyName", "p"},
			{"iam delete-policy --policy-arn " + account + "policy/p", ""},
			{"iam create-account-alias --account-alias everyday", ""},
			{"iam list-account-aliases --query AccountAliases", "everyday"},
			{"iam get-account-summary --query SummaryMap.UsersQuota", "5000"},
			{"iam update-account-password-policy --minimum-password-length 12", ""},
			{"iam get-account-password-policy --query PasswordPolicy.MinimumPasswordLength", "12"},
			{"sts get-caller-identity --query Arn", account + "user/admin"},
			{"sts get-session-token --query length(keys(Credentials))", "4"},
			{"iam simulate-principal-policy --policy-source-arn " + account + "user/admin --action-names s3:GetObject --query EvaluationResults[].EvalDecision", "allowed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, line := range lines {
				if got := run(line[0]); got != line[1] {
					t.Errorf("aws %s: %s, want %s", line[0], got, line[1])
				}
			}
		})
	}
}
