package organizations_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/internal/awscli/awsclitest"
	"github.com/xemu-aws/xemu/xemutest"
)

// TestAWSCLI: the real CLI speaks to it, and shows times and errors as AWS's.
func TestAWSCLI(t *testing.T) {
	cli := awsclitest.Find(t)
	x := xemutest.New(t)
	environment, err := x.Server.Profile.Environment("production")
	ok(t, err)
	environment = append(environment, "PATH="+os.Getenv("PATH"), "HOME="+t.TempDir(), "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1")
	run := func(line string, more ...string) string {
		c := exec.Command(cli, append(strings.Fields(line), more...)...)
		c.Env = environment
		out, _ := c.CombinedOutput() // its exit code tells no more than its words
		return strings.TrimSpace(string(out))
	}
	if org := run("organizations create-organization --query Organization.MasterAccountEmail --output text"); org != "root@production.example.com" {
		t.Fatalf("create-organization: %s", org)
	}
	root := run("organizations list-roots --query Roots[0].Id --output text")
	run("organizations enable-policy-type --policy-type SERVICE_CONTROL_POLICY --root-id " + root)
	policy := run("organizations create-policy --type SERVICE_CONTROL_POLICY --name p --description d --query Policy.PolicySummary.Id --output text --content", xemutest.Deny("iam:*", "*"))
	for _, test := range []struct{ line, want string }{
		{"organizations attach-policy --policy-id " + policy + " --target-id " + root, ""},
		{"organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY --target-id " + root + " --query sort(Policies[].Name) --output text", "FullAWSAccess\tp"},
		{"organizations list-targets-for-policy --policy-id " + policy + " --query Targets[].Type --output text", "ROOT"},
		{"organizations create-account --account-name box --email box@example.com --query CreateAccountStatus.State --output text", "IN_PROGRESS"},
		{"organizations list-accounts --query length(Accounts) --output text", "2"},
		{"organizations describe-account --account-id 123456789012", "An error occurred (AccountNotFoundException) when calling the DescribeAccount operation: You specified an account that doesn't exist."},
		{"organizations describe-resource-policy", "An error occurred (NotImplementedException) when calling the DescribeResourcePolicy operation: xemu does not implement organizations:DescribeResourcePolicy."},
	} {
		if got := run(test.line); got != test.want {
			t.Errorf("aws %s: %s, want %s", test.line, got, test.want)
		}
	}
}
