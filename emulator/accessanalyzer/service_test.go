package accessanalyzer_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/smithy-go"

	"github.com/xemu-aws/xemu/internal/awscli/awsclitest"
	"github.com/xemu-aws/xemu/xemutest"
)

const risky = `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["s3:ListBuckets", "iam:PassRole"], "Resource": "*"}
]}`

func client(c aws.Config) *accessanalyzer.Client { return accessanalyzer.NewFromConfig(c) }

func TestValidatePolicy(t *testing.T) {
	x := xemutest.New(t).Account("production")
	out, err := client(x.User("alice", xemutest.Allow("access-analyzer:ValidatePolicy", "*")).Config()).ValidatePolicy(t.Context(),
		&accessanalyzer.ValidatePolicyInput{PolicyDocument: aws.String(risky), PolicyType: types.PolicyTypeIdentityPolicy})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Findings) != 2 || out.NextToken != nil {
		t.Fatalf("%+v", out)
	}
	f := out.Findings[0]
	if f.FindingType != types.ValidatePolicyFindingTypeError || *f.IssueCode != "INVALID_ACTION" ||
		*f.FindingDetails != "The action s3:ListBuckets does not exist. Did you mean s3:ListAllMyBuckets? The API called ListBuckets authorizes against the IAM action s3:ListAllMyBuckets." {
		t.Errorf("%s %s %s", f.FindingType, *f.IssueCode, *f.FindingDetails)
	}
	l := f.Locations[0]
	index, _ := l.Path[3].(*types.PathElementMemberIndex)
	if name, _ := l.Path[2].(*types.PathElementMemberValue); name == nil || name.Value != "Action" || index == nil || index.Value != 0 {
		t.Errorf("path %+v", l.Path)
	}
	if s := l.Span; *s.Start.Line != 2 || *s.Start.Column != 33 || *s.End.Column != 49 {
		t.Errorf("span %d:%d to %d", *s.Start.Line, *s.Start.Column, *s.End.Column)
	}
	if f := out.Findings[1]; *f.IssueCode != "PASS_ROLE_WITH_STAR_IN_RESOURCE" || len(f.Locations) != 2 {
		t.Errorf("%+v", f)
	}
}

func TestPages(t *testing.T) {
	c := client(xemutest.New(t).Account("production").Root().Config())
	in := &accessanalyzer.ValidatePolicyInput{
		PolicyDocument: aws.String(risky), PolicyType: types.PolicyTypeIdentityPolicy, MaxResults: aws.Int32(1),
	}
	var seen []string
	for pages := accessanalyzer.NewValidatePolicyPaginator(c, in); pages.HasMorePages(); {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Findings) != 1 {
			t.Fatalf("a page of %d", len(out.Findings))
		}
		seen = append(seen, *out.Findings[0].IssueCode)
	}
	if strings.Join(seen, " ") != "INVALID_ACTION PASS_ROLE_WITH_STAR_IN_RESOURCE" {
		t.Errorf("%q", seen)
	}
}

func TestChecks(t *testing.T) {
	c := client(xemutest.New(t).Account("production").Root().Config())
	ctx := t.Context()
	granted, err := c.CheckAccessNotGranted(ctx, &accessanalyzer.CheckAccessNotGrantedInput{
		PolicyDocument: aws.String(risky), PolicyType: types.AccessCheckPolicyTypeIdentityPolicy,
		Access: []types.Access{{Actions: []string{"iam:PassRole"}}},
	})
	if err != nil || granted.Result != types.CheckAccessNotGrantedResultFail || *granted.Reasons[0].StatementIndex != 0 {
		t.Errorf("%+v, %v", granted, err)
	}
	added, err := c.CheckNoNewAccess(ctx, &accessanalyzer.CheckNoNewAccessInput{
		NewPolicyDocument: aws.String(risky), ExistingPolicyDocument: aws.String(xemutest.Allow("*", "*")),
		PolicyType: types.AccessCheckPolicyTypeIdentityPolicy,
	})
	if err != nil || added.Result != types.CheckNoNewAccessResultPass || len(added.Reasons) != 0 {
		t.Errorf("%+v, %v", added, err)
	}
	public, err := c.CheckNoPublicAccess(ctx, &accessanalyzer.CheckNoPublicAccessInput{
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Sid":"Bob","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}}`),
		ResourceType:   types.AccessCheckResourceTypeS3Bucket,
	})
	if err != nil || public.Result != types.CheckNoPublicAccessResultFail || aws.ToString(public.Reasons[0].StatementId) != "Bob" {
		t.Errorf("%+v, %v", public, err)
	}
}

func TestErrors(t *testing.T) {
	x := xemutest.New(t).Account("production")
	root := client(x.Root().Config())
	validate := func(c *accessanalyzer.Client, in accessanalyzer.ValidatePolicyInput) func(context.Context) error {
		return func(ctx context.Context) error { _, err := c.ValidatePolicy(ctx, &in); return err }
	}
	policy := aws.String(risky)
	tests := []struct {
		name string
		call func(context.Context) error
		want string
	}{
		{
			"not allowed",
			validate(client(x.User("bob", xemutest.Allow("s3:*", "*")).Config()), accessanalyzer.ValidatePolicyInput{PolicyDocument: policy, PolicyType: types.PolicyTypeIdentityPolicy}),
			"AccessDeniedException: User: arn:aws:iam::111122223333:user/bob is not authorized to perform: access-analyzer:ValidatePolicy because no identity-based policy allows the access-analyzer:ValidatePolicy action",
		},
		{
			"resource type of an identity policy",
			validate(root, accessanalyzer.ValidatePolicyInput{PolicyDocument: policy, PolicyType: types.PolicyTypeIdentityPolicy, ValidatePolicyResourceType: types.ValidatePolicyResourceTypeS3Bucket}),
			"ValidationException: validatePolicyResourceType can only be specified when policyType is RESOURCE_POLICY.",
		},
		{
			"token",
			validate(root, accessanalyzer.ValidatePolicyInput{PolicyDocument: policy, PolicyType: types.PolicyTypeIdentityPolicy, NextToken: aws.String("x")}),
			"ValidationException: The nextToken is not valid.",
		},
		{
			"no results",
			validate(root, accessanalyzer.ValidatePolicyInput{PolicyDocument: policy, PolicyType: types.PolicyTypeIdentityPolicy, MaxResults: aws.Int32(0)}),
			"ValidationException: maxResults must be at least 1.",
		},
		{
			"too large",
			validate(root, accessanalyzer.ValidatePolicyInput{PolicyDocument: aws.String(strings.Repeat(" ", 1<<18)), PolicyType: types.PolicyTypeIdentityPolicy}),
			"ValidationException: The policy document is too large.",
		},
		{
			"no policy to check",
			func(ctx context.Context) error {
				_, err := root.CheckNoPublicAccess(ctx, &accessanalyzer.CheckNoPublicAccessInput{PolicyDocument: aws.String("{"), ResourceType: types.AccessCheckResourceTypeS3Bucket})
				return err
			},
			"InvalidParameterException: The policy document is not valid: Syntax errors in policy.",
		},
		{
			"no access to check",
			func(ctx context.Context) error {
				_, err := root.CheckAccessNotGranted(ctx, &accessanalyzer.CheckAccessNotGrantedInput{PolicyDocument: policy, PolicyType: types.AccessCheckPolicyTypeIdentityPolicy, Access: []types.Access{{}}})
				return err
			},
			"InvalidParameterException: Specify at least one action or resource in access.",
		},
		{
			"an operation without a method",
			func(ctx context.Context) error {
				_, err := root.ListAnalyzers(ctx, &accessanalyzer.ListAnalyzersInput{})
				return err
			},
			"NotImplementedException: xemu does not implement access-analyzer:ListAnalyzers.",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var e smithy.APIError
			if err := test.call(t.Context()); !errors.As(err, &e) || e.ErrorCode()+": "+e.ErrorMessage() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// TestAWSCLI: the real CLI speaks to it.
func TestAWSCLI(t *testing.T) {
	cli := awsclitest.Find(t)
	x := xemutest.New(t)
	environment, err := x.Server.Profile.Environment("production")
	if err != nil {
		t.Fatal(err)
	}
	environment = append(environment, "PATH="+os.Getenv("PATH"), "HOME="+t.TempDir(), "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1")
	run := func(args ...string) string {
		c := exec.Command(cli, append([]string{"accessanalyzer"}, args...)...)
		c.Env = environment
		out, _ := c.CombinedOutput() // its exit code tells no more than its words
		return strings.TrimSpace(string(out))
	}
	out := run("validate-policy", "--policy-document", risky, "--policy-type", "IDENTITY_POLICY", "--page-size", "1", "--output", "json")
	var got struct {
		Findings []struct {
			IssueCode string
			Locations []struct {
				Path []map[string]any
				Span struct {
					Start struct{ Line, Column, Offset int }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Findings) != 2 {
		t.Fatalf("%v: %s", err, out)
	}
	if l := got.Findings[0].Locations[0]; l.Path[0]["value"] != "Statement" || l.Path[1]["index"] != 0. || l.Span.Start.Line != 2 {
		t.Errorf("%+v", l)
	}
	if out := run("check-no-new-access", "--new-policy-document", risky, "--existing-policy-document", xemutest.Allow("s3:*", "*"),
		"--policy-type", "IDENTITY_POLICY", "--query", "result", "--output", "text"); out != "FAIL" {
		t.Errorf("check-no-new-access: %s", out)
	}
	if out := run("list-analyzers"); !strings.Contains(out, "(NotImplementedException)") {
		t.Errorf("list-analyzers: %s", out)
	}
}
