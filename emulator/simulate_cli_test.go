package emulator_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/internal/awscli/awsclitest"
	"github.com/xemu-aws/xemu/xemutest"
)

// TestSimulationAWSCLI asks as the AWS CLI's own examples do.
func TestSimulationAWSCLI(t *testing.T) {
	cli := awsclitest.Find(t)
	dir := t.TempDir()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	run := func(args ...string) string {
		t.Helper()
		command := exec.Command(cli, append(args, "--profile", "development")...)
		command.Env = append(os.Environ(), "AWS_CONFIG_FILE="+filepath.Join(dir, "aws", "config"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(dir, "aws", "credentials"), "AWS_PAGER=")
		out, _ := command.CombinedOutput() // an error shows in it
		return string(out)
	}
	want := func(out string, parts ...string) {
		t.Helper()
		out = strings.Join(strings.Fields(out), " ")
		for _, part := range parts {
			if !strings.Contains(out, part) {
				t.Errorf("%q is missing in %s", part, out)
			}
		}
	}
	x.Account("development").User("eve", xemutest.Allow("codecommit:ListRepositories", "*"))
	const dynamo = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}`
	want(run("iam", "simulate-custom-policy", "--policy-input-list", dynamo, "--action-names", "dynamodb:CreateBackup",
		"--context-entries", "ContextKeyName='aws:CurrentTime',ContextKeyValues='2019-04-25T11:00:00Z',ContextKeyType=date"),
		`"EvalActionName": "dynamodb:CreateBackup", "EvalResourceName": "*", "EvalDecision": "allowed"`,
		`"SourcePolicyId": "PolicyInputList.1", "SourcePolicyType": "IAM Policy", "StartPosition": { "Line": 1, "Column": 38 }, "EndPosition": { "Line": 1, "Column": 167 }`,
		`"MissingContextValues": []`)
	want(run("iam", "simulate-principal-policy", "--policy-source-arn", "arn:aws:iam::444455556666:user/eve", "--action-names", "codecommit:ListRepositories", "s3:GetObject"),
		`"SourcePolicyId": "user_eve_policy-1"`, `"EvalActionName": "s3:GetObject", "EvalResourceName": "*", "EvalDecision": "implicitDeny", "MatchedStatements": []`)
	want(run("iam", "get-context-keys-for-custom-policy", "--policy-input-list", dynamo), `"ContextKeyNames": [ "aws:CurrentTime" ]`)
	want(run("iam", "get-context-keys-for-principal-policy", "--policy-source-arn", "arn:aws:iam::444455556666:user/eve"), `"ContextKeyNames": []`)
	want(run("iam", "simulate-principal-policy", "--policy-source-arn", "arn:aws:iam::444455556666:user/nobody", "--action-names", "s3:GetObject"),
		"An error occurred (NoSuchEntity) when calling the SimulatePrincipalPolicy operation: The user with name nobody cannot be found.")
	want(run("sts", "decode-authorization-message", "--encoded-message", "x"),
		"An error occurred (InvalidAuthorizationMessageException) when calling the DecodeAuthorizationMessage operation: Message is not valid")

	eve := x.Account("development").User("mallory", xemutest.Deny("ec2:TerminateInstances", "*"))
	command := exec.Command(cli, "ec2", "terminate-instances", "--instance-ids", "i-1", "--endpoint-url", x.URL, "--region", "us-east-1")
	command.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+eve.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+eve.SecretKey)
	out, _ := command.CombinedOutput()
	want(string(out), "An error occurred (UnauthorizedOperation) when calling the TerminateInstances operation: You are not authorized to perform this operation. User: ")
	_, encoded, _ := strings.Cut(string(out), "Encoded authorization failure message: ")
	want(run("sts", "decode-authorization-message", "--encoded-message", strings.TrimSpace(encoded), "--query", "DecodedMessage", "--output", "text"),
		`{"allowed":false,"explicitDeny":true,`, `"action":"ec2:TerminateInstances"`)
}
