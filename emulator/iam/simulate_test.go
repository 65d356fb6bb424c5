package iam

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/ids"
)

// rule returns a policy of one statement.
func rule(effect, action, resource string, more ...string) string {
	text := `{"Version":"2012-10-17","Statement":{"Effect":"` + effect + `","Action":"` + action + `"`
	if resource != "" {
		text += `,"Resource":"` + resource + `"`
	}
	return text + strings.Join(more, "") + "}}"
}

// showResults writes results in lines: action, what it is about, decision, and what else there is; below each action its
// resources.
func showResults(results []types.EvaluationResult) string {
	var b strings.Builder
	for _, r := range results {
		fmt.Fprintf(&b, "%s %s: %s%s", *r.EvalActionName, *r.EvalResourceName, r.EvalDecision,
			showRest(r.MatchedStatements, r.MissingContextValues, r.EvalDecisionDetails, r.PermissionsBoundaryDecisionDetail))
		if o := r.OrganizationsDecisionDetail; o != nil {
			fmt.Fprintf(&b, " organization=%v", o.AllowedByOrganizations)
		}
		b.WriteString("\n")
		for _, s := range r.ResourceSpecificResults {
			fmt.Fprintf(&b, "  %s: %s%s\n", *s.EvalResourceName, s.EvalResourceDecision,
				showRest(s.MatchedStatements, s.MissingContextValues, s.EvalDecisionDetails, s.PermissionsBoundaryDecisionDetail))
		}
	}
	return b.String()
}

func showRest(matched []types.Statement, missing []string, details map[string]types.PolicyEvaluationDecisionType, boundary *types.PermissionsBoundaryDecisionDetail) string {
	text := ""
	for _, m := range matched {
		text += fmt.Sprintf(" %s(%s)", *m.SourcePolicyId, m.SourcePolicyType)
	}
	if len(missing) > 0 {
		text += " missing=" + strings.Join(missing, ",")
	}
	if details != nil {
		text += " details"
		for _, name := range slices.Sorted(maps.Keys(details)) {
			text += fmt.Sprintf(" [%s %s]", name, details[name])
		}
	}
	if boundary != nil {
		text += fmt.Sprintf(" boundary=%v", boundary.AllowedByPermissionsBoundary)
	}
	return text
}

// expect compares results with what showResults writes.
func expect(t *testing.T, results []types.EvaluationResult, err error, want ...string) {
	t.Helper()
	got := showResults(results)
	if err != nil {
		got = show(err) + "\n"
	}
	if want := strings.Join(want, "\n") + "\n"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestSimulateCustomPolicy(t *testing.T) {
	w := newWorld(t)
	c := w.admin(production)
	alice, role := aws.String("arn:aws:iam::111122223333:user/dev/alice"), aws.String("arn:aws:iam::111122223333:role/dev/Reader")
	object := []string{"arn:aws:s3:::b/k"}
	allow := func(principal string, more ...string) *string {
		return aws.String(rule("Allow", "s3:GetObject", "arn:aws:s3:::b/*", append(more, `,"Principal":`+principal)...))
	}
	for _, test := range []struct {
		name string
		in   iam.SimulateCustomPolicyInput
		want []string
	}{
		{"AWS CLI's example, allowed", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}`},
			ActionNames:     []string{"dynamodb:CreateBackup"},
			ContextEntries:  []types.ContextEntry{{ContextKeyName: aws.String("aws:CurrentTime"), ContextKeyValues: []string{"2019-04-25T11:00:00Z"}, ContextKeyType: "date"}},
		}, []string{"dynamodb:CreateBackup *: allowed PolicyInputList.1(IAM Policy)"}},
		{"AWS CLI's example, too early", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}`},
			ActionNames:     []string{"dynamodb:CreateBackup"},
			ContextEntries:  []types.ContextEntry{{ContextKeyName: aws.String("aws:CurrentTime"), ContextKeyValues: []string{"2014-04-25T11:00:00Z"}, ContextKeyType: "date"}},
		}, []string{"dynamodb:CreateBackup *: implicitDeny"}},
		{"each action on each resource, by resource type", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{rule("Allow", "s3:*", "arn:aws:s3:::b/*"), rule("Deny", "s3:GetObject", "arn:aws:s3:::b/secret")},
			ActionNames:     []string{"s3:GetObject", "s3:ListBucket", "nosuch:Action"},
			ResourceArns:    []string{"arn:aws:s3:::b/k", "arn:aws:s3:::b/secret", "arn:aws:s3:::b"},
		}, []string{
			"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName}: explicitDeny PolicyInputList.1(IAM Policy) PolicyInputList.2(IAM Policy) details",
			"  arn:aws:s3:::b/k: allowed PolicyInputList.1(IAM Policy) details",
			"  arn:aws:s3:::b/secret: explicitDeny PolicyInputList.2(IAM Policy) details",
			"s3:GetObject *: implicitDeny details",
			"  arn:aws:s3:::b: implicitDeny details",
			"s3:ListBucket arn:${Partition}:s3:::${BucketName}: implicitDeny PolicyInputList.1(IAM Policy) details",
			"  arn:aws:s3:::b/k: allowed PolicyInputList.1(IAM Policy) details",
			"  arn:aws:s3:::b/secret: allowed PolicyInputList.1(IAM Policy) details",
			"  arn:aws:s3:::b: implicitDeny details",
			"nosuch:Action *: implicitDeny details",
			"  arn:aws:s3:::b/k: implicitDeny details",
			"  arn:aws:s3:::b/secret: implicitDeny details",
			"  arn:aws:s3:::b: implicitDeny details",
		}},
		{"an action without resource types needs *", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{rule("Allow", "ec2:*", "arn:aws:ec2:*:*:*")}, ActionNames: []string{"ec2:DescribeInstances"}, ResourceArns: []string{"arn:aws:ec2:us-east-1:111122223333:instance/i-1"},
		}, []string{"ec2:DescribeInstances *: implicitDeny details", "  arn:aws:ec2:us-east-1:111122223333:instance/i-1: implicitDeny details"}},
		{"an action of S3 without resource types", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{rule("Allow", "s3:*", "arn:aws:s3:::*")}, ActionNames: []string{"s3:ListAllMyBuckets"},
		}, []string{"s3:ListAllMyBuckets *: allowed PolicyInputList.1(IAM Policy)"}},
		{"an action without resource types has *", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{rule("Allow", "s3:*", "*")}, ActionNames: []string{"s3:ListAllMyBuckets"}, ResourceArns: object,
		}, []string{"s3:ListAllMyBuckets *: allowed PolicyInputList.1(IAM Policy) details",
			"  arn:aws:s3:::b/k: allowed PolicyInputList.1(IAM Policy) details"}},
		{"missing keys are those of all policies", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{rule("Allow", "s3:ListBucket", "*", `,"Condition":{"StringEquals":{"aws:PrincipalTag/Team":"x","aws:SourceIp":"10.0.0.1"}}`),
				rule("Allow", "s3:GetObject", "arn:aws:s3:::b/${aws:username}")},
			ActionNames:    []string{"s3:ListBucket"},
			ContextEntries: []types.ContextEntry{{ContextKeyName: aws.String("AWS:sourceIP"), ContextKeyValues: []string{"10.0.0.1"}, ContextKeyType: "ip"}},
		}, []string{"s3:ListBucket *: implicitDeny missing=aws:PrincipalTag/Team,aws:username"}},
		{"the caller supplies aws:username", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{rule("Allow", "s3:GetObject", "arn:aws:s3:::b/${aws:username}")},
			ActionNames:     []string{"s3:GetObject"}, ResourceArns: []string{"arn:aws:s3:::b/alice"}, CallerArn: alice,
		}, []string{"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName}: allowed PolicyInputList.1(IAM Policy) details",
			"  arn:aws:s3:::b/alice: allowed PolicyInputList.1(IAM Policy) details"}},
		{"an entry comes before what is known of the caller", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{rule("Allow", "s3:GetObject", "arn:aws:s3:::b/${aws:username}")},
			ActionNames:     []string{"s3:GetObject"}, ResourceArns: []string{"arn:aws:s3:::b/bob"}, CallerArn: alice,
			ContextEntries: []types.ContextEntry{{ContextKeyName: aws.String("aws:username"), ContextKeyValues: []string{"bob"}, ContextKeyType: "string"}},
		}, []string{"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName}: allowed PolicyInputList.1(IAM Policy) details",
			"  arn:aws:s3:::b/bob: allowed PolicyInputList.1(IAM Policy) details"}},
		{"a boundary limits", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allowAll}, PermissionsBoundaryPolicyInputList: []string{readS3}, ActionNames: []string{"s3:GetObject", "s3:PutObject"},
		}, []string{"s3:GetObject *: allowed PolicyInputList.1(IAM Policy) boundary=true",
			"s3:PutObject *: implicitDeny boundary=false"}},
		{"a boundary denies", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allowAll}, PermissionsBoundaryPolicyInputList: []string{rule("Deny", "*", "*")}, ActionNames: []string{"s3:GetObject"},
		}, []string{"s3:GetObject *: explicitDeny PermissionsBoundaryPolicyInputList.1(IAM Policy) boundary=false"}},
		{"a resource policy suffices within the account", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{rule("Allow", "ec2:*", "*")}, ResourcePolicy: allow(`{"AWS":"arn:aws:iam::111122223333:user/dev/alice"}`),
			ActionNames: []string{"s3:GetObject"}, ResourceArns: object, CallerArn: alice,
		}, []string{"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName}: allowed ResourcePolicy(Resource Policy) details",
			"  arn:aws:s3:::b/k: allowed ResourcePolicy(Resource Policy) details"}},
		{"a role against a resource policy, limited by its boundary", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allowAll}, ResourcePolicy: allow(`{"AWS":"arn:aws:iam::111122223333:role/dev/Reader"}`),
			PermissionsBoundaryPolicyInputList: []string{rule("Allow", "ec2:*", "*")},
			ActionNames:                        []string{"s3:GetObject"}, ResourceArns: object, CallerArn: role,
		}, []string{"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName}: implicitDeny details boundary=false",
			"  arn:aws:s3:::b/k: implicitDeny details boundary=false"}},
		{"across accounts both sides must allow", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allowAll}, ResourcePolicy: allow(`{"AWS":"444455556666"}`), ResourceOwner: aws.String("arn:aws:iam::444455556666:root"),
			PermissionsBoundaryPolicyInputList: []string{allowAll},
			ActionNames:                        []string{"s3:GetObject"}, ResourceArns: object, CallerArn: alice,
		}, []string{"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName}: implicitDeny details [IAM Policy allowed] [Permissions Boundary Policy allowed] [Resource Policy implicitDeny] boundary=true",
			"  arn:aws:s3:::b/k: implicitDeny details [IAM Policy allowed] [Permissions Boundary Policy allowed] [Resource Policy implicitDeny] boundary=true"}},
		{"across accounts both sides allow", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allowAll}, ResourcePolicy: allow(`{"AWS":"111122223333"}`), ResourceOwner: aws.String("444455556666"),
			ActionNames: []string{"s3:GetObject"}, ResourceArns: object, CallerArn: alice,
		}, []string{"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName}: allowed ResourcePolicy(Resource Policy) PolicyInputList.1(IAM Policy) details [IAM Policy allowed] [Resource Policy allowed]",
			"  arn:aws:s3:::b/k: allowed ResourcePolicy(Resource Policy) PolicyInputList.1(IAM Policy) details [IAM Policy allowed] [Resource Policy allowed]"}},
		{"a trust policy that names the user", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{rule("Allow", "ec2:*", "*")}, ResourcePolicy: aws.String(trusts(*alice)),
			ActionNames: []string{"sts:AssumeRole"}, ResourceArns: []string{*role}, CallerArn: alice,
		}, []string{"sts:AssumeRole arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}: allowed ResourcePolicy(Resource Policy) details",
			"  arn:aws:iam::111122223333:role/dev/Reader: allowed ResourcePolicy(Resource Policy) details"}},
		{"a trust policy that names another account", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allowAll}, ResourcePolicy: aws.String(trusts("444455556666")),
			ActionNames: []string{"sts:AssumeRole"}, ResourceArns: []string{*role}, CallerArn: alice,
		}, []string{"sts:AssumeRole arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}: implicitDeny details",
			"  arn:aws:iam::111122223333:role/dev/Reader: implicitDeny details"}},
		{"service control policies, level by level", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allowAll}, ActionNames: []string{"s3:GetObject", "ec2:RunInstances", "iam:CreateUser"},
			OrderedOrganizationPolicyInputList: []types.OrderedOrganizationPolicyType{
				{ServiceControlPolicyInputList: []string{allowAll, rule("Deny", "iam:*", "*")}},
				{ServiceControlPolicyInputList: []string{rule("Allow", "s3:*", "*"), rule("Allow", "iam:*", "*")}},
			},
		}, []string{"s3:GetObject *: allowed PolicyInputList.1(IAM Policy) organization=true",
			"ec2:RunInstances *: implicitDeny organization=false", "iam:CreateUser *: explicitDeny organization=false"}},
		{"an ARN names the owner", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allowAll}, ActionNames: []string{"sqs:SendMessage"}, ResourceArns: []string{"arn:aws:sqs:us-east-1:444455556666:q"},
		}, []string{"sqs:SendMessage arn:${Partition}:sqs:${Region}:${Account}:${QueueName}: implicitDeny details [IAM Policy allowed] [Resource Policy implicitDeny]",
			"  arn:aws:sqs:us-east-1:444455556666:q: implicitDeny details [IAM Policy allowed] [Resource Policy implicitDeny]"}},
		{"what names no owner is the caller's", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allowAll}, ActionNames: []string{"s3:GetObject"}, ResourceArns: object, CallerArn: aws.String("arn:aws:iam::444455556666:user/bob"),
		}, []string{"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName}: allowed PolicyInputList.1(IAM Policy) details",
			"  arn:aws:s3:::b/k: allowed PolicyInputList.1(IAM Policy) details"}},
		{"a canonical user id names an account", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allowAll}, ResourcePolicy: allow(`{"CanonicalUser":"` + ids.CanonicalID(production) + `"}`), ResourceOwner: aws.String(development),
			ActionNames: []string{"s3:GetObject"}, ResourceArns: object, CallerArn: role,
		}, []string{"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName}: allowed ResourcePolicy(Resource Policy) PolicyInputList.1(IAM Policy) details [IAM Policy allowed] [Resource Policy allowed]",
			"  arn:aws:s3:::b/k: allowed ResourcePolicy(Resource Policy) PolicyInputList.1(IAM Policy) details [IAM Policy allowed] [Resource Policy allowed]"}},
		{"the caller supplies more keys", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{rule("Allow", "s3:*", "*", `,"Condition":{"StringEquals":{"aws:PrincipalType":"User","aws:PrincipalAccount":"111122223333","aws:ResourceAccount":"111122223333"}}`)},
			ActionNames:     []string{"s3:GetObject"},
		}, []string{"s3:GetObject *: allowed PolicyInputList.1(IAM Policy)"}},
		{"a scenario of Amazon EC2", iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allowAll}, ActionNames: []string{"ec2:RunInstances"}, ResourceHandlingOption: aws.String("EC2-VPC-InstanceStore"),
			ResourceArns: []string{"arn:aws:ec2:us-east-1:111122223333:instance/*", "arn:aws:ec2:us-east-1::image/ami-1",
				"arn:aws:ec2:us-east-1:111122223333:security-group/sg-1", "arn:aws:ec2:us-east-1:111122223333:network-interface/*"},
		}, []string{
			"ec2:RunInstances arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}: allowed PolicyInputList.1(IAM Policy) details",
			"  arn:aws:ec2:us-east-1:111122223333:instance/*: allowed PolicyInputList.1(IAM Policy) details",
			"ec2:RunInstances arn:${Partition}:ec2:${Region}::image/${ImageId}: allowed PolicyInputList.1(IAM Policy) details",
			"  arn:aws:ec2:us-east-1::image/ami-1: allowed PolicyInputList.1(IAM Policy) details",
			"ec2:RunInstances arn:${Partition}:ec2:${Region}:${Account}:security-group/${SecurityGroupId}: allowed PolicyInputList.1(IAM Policy) details",
			"  arn:aws:ec2:us-east-1:111122223333:security-group/sg-1: allowed PolicyInputList.1(IAM Policy) details",
			"ec2:RunInstances arn:${Partition}:ec2:${Region}:${Account}:network-interface/${NetworkInterfaceId}: allowed PolicyInputList.1(IAM Policy) details",
			"  arn:aws:ec2:us-east-1:111122223333:network-interface/*: allowed PolicyInputList.1(IAM Policy) details",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := c.SimulateCustomPolicy(t.Context(), &test.in)
			if err != nil {
				out = &iam.SimulateCustomPolicyOutput{}
			}
			expect(t, out.EvaluationResults, err, test.want...)
			for _, r := range out.EvaluationResults {
				for _, m := range r.MatchedStatements {
					checkPosition(t, &test.in, &m)
				}
			}
		})
	}
}

// checkPosition: the policies are on one line, and but for the brace of the document end with their only statement. AWS
// CLI's example of simulate-custom-policy shows 1:38 and 1:167 for a policy of 167 characters.
func checkPosition(t *testing.T, in *iam.SimulateCustomPolicyInput, m *types.Statement) {
	t.Helper()
	var text string
	switch *m.SourcePolicyId {
	case "PolicyInputList.1":
		text = in.PolicyInputList[0]
	case "PolicyInputList.2":
		text = in.PolicyInputList[1]
	case "PermissionsBoundaryPolicyInputList.1":
		text = in.PermissionsBoundaryPolicyInputList[0]
	case "ResourcePolicy":
		text = *in.ResourcePolicy
	}
	if (*m.StartPosition != types.Position{Line: 1, Column: 38} || *m.EndPosition != types.Position{Line: 1, Column: int32(len(text))}) {
		t.Errorf("%s: %+v to %+v of %s", *m.SourcePolicyId, *m.StartPosition, *m.EndPosition, text)
	}
}

func TestSimulationErrors(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c := w.admin(production)
	entry := func(name, kind string, values ...string) func(*iam.SimulateCustomPolicyInput) {
		return func(in *iam.SimulateCustomPolicyInput) {
			in.ContextEntries = append(in.ContextEntries, types.ContextEntry{
				ContextKeyName: &name, ContextKeyType: types.ContextKeyTypeEnum(kind), ContextKeyValues: values})
		}
	}
	for _, test := range []struct {
		name   string
		change func(*iam.SimulateCustomPolicyInput)
		want   string
	}{
		{"a policy that is no JSON", func(in *iam.SimulateCustomPolicyInput) { in.PolicyInputList = append(in.PolicyInputList, "{") },
			"InvalidInput: Syntax errors in policy."},
		{"an identity policy with a principal", func(in *iam.SimulateCustomPolicyInput) {
			in.PolicyInputList = []string{trusts("111122223333")}
		}, "InvalidInput: Policy document should not specify a principal."},
		{"a malformed boundary", func(in *iam.SimulateCustomPolicyInput) { in.PermissionsBoundaryPolicyInputList = []string{"[]"} },
			"InvalidInput: Syntax errors in policy."},
		{"two boundaries", func(in *iam.SimulateCustomPolicyInput) {
			in.PermissionsBoundaryPolicyInputList = []string{allowAll, allowAll}
		}, "InvalidInput: Only one permissions boundary policy can be simulated."},
		{"a malformed resource policy", func(in *iam.SimulateCustomPolicyInput) {
			in.ResourcePolicy, in.CallerArn = aws.String("x"), aws.String("arn:aws:iam::111122223333:user/bob")
		}, "InvalidInput: Syntax errors in policy."},
		{"a malformed service control policy", func(in *iam.SimulateCustomPolicyInput) {
			in.OrderedOrganizationPolicyInputList = []types.OrderedOrganizationPolicyType{{ServiceControlPolicyInputList: []string{"x"}}}
		}, "InvalidInput: Syntax errors in policy."},
		{"a resource policy without a caller", func(in *iam.SimulateCustomPolicyInput) { in.ResourcePolicy = aws.String(trusts("111122223333")) },
			"InvalidInput: CallerArn must be specified when a ResourcePolicy is specified."},
		{"a resource policy and a group", func(in *iam.SimulateCustomPolicyInput) {
			in.ResourcePolicy, in.CallerArn = aws.String(trusts("111122223333")), aws.String("arn:aws:iam::111122223333:group/ops")
		}, "InvalidInput: Invalid caller - Caller must be an IAM user in this context."},
		{"a session as the caller", func(in *iam.SimulateCustomPolicyInput) {
			in.CallerArn = aws.String("arn:aws:sts::111122223333:assumed-role/Reader/s")
		}, "InvalidInput: Invalid Entity Arn: arn:aws:sts::111122223333:assumed-role/Reader/s does not clearly define entity type and name."},
		{"the root user as the caller", func(in *iam.SimulateCustomPolicyInput) { in.CallerArn = aws.String("arn:aws:iam::111122223333:root") },
			"InvalidInput: Invalid Entity Arn: arn:aws:iam::111122223333:root does not clearly define entity type and name."},
		{"a resource that is no ARN", func(in *iam.SimulateCustomPolicyInput) {
			in.ResourceArns = []string{"arn:aws:s3:::b", "14a050d4-021e-4efe-84bb-0871bf6d0fda"}
		}, "InvalidInput: ResourceNames are not in a valid ARN format: 14a050d4-021e-4efe-84bb-0871bf6d0fda."},
		{"an owner that is no account", func(in *iam.SimulateCustomPolicyInput) { in.ResourceOwner = aws.String("somebody") },
			"InvalidInput: 'somebody' is not a valid as a Resource Owner."},
		{"a wildcard in an action", func(in *iam.SimulateCustomPolicyInput) { in.ActionNames = []string{"s3:Get*"} },
			"InvalidInput: Invalid Input Action: s3:Get* must name one action of a service, without wildcards."},
		{"an action without a service", func(in *iam.SimulateCustomPolicyInput) { in.ActionNames = []string{"GetObject"} },
			"InvalidInput: Invalid Input Action: GetObject must name one action of a service, without wildcards."},
		{"no such scenario", func(in *iam.SimulateCustomPolicyInput) { in.ResourceHandlingOption = aws.String("EC3") },
			"InvalidInput: Invalid Resource Handling Option: EC3."},
		{"a scenario's resource is missing", func(in *iam.SimulateCustomPolicyInput) {
			in.ResourceHandlingOption, in.ResourceArns = aws.String("EC2-VPC-EBS"), []string{"arn:aws:ec2:us-east-1:111122223333:instance/*"}
		}, "InvalidInput: The Resource Handling Option EC2-VPC-EBS requires a resource of the type image."},
		{"a key without a service", entry("SourceIp", "ip", "10.0.0.1"), "InvalidInput: Invalid Context Key Name: SourceIp."},
		{"a key twice", func(in *iam.SimulateCustomPolicyInput) {
			entry("aws:SourceIp", "ip", "10.0.0.1")(in)
			entry("aws:sourceip", "ip", "10.0.0.1")(in)
		}, "InvalidInput: The context key aws:sourceip is specified more than once."},
		{"two values of a type for one", entry("aws:username", "string", "a", "b"), "InvalidInput: The context key aws:username of type string must have exactly one value."},
		{"a number", entry("s3:max-keys", "numericList", "1", "x"), "InvalidInput: The value x of the context key s3:max-keys is not of type numeric."},
		{"a boolean", entry("aws:SecureTransport", "boolean", "yes"), "InvalidInput: The value yes of the context key aws:SecureTransport is not of type boolean."},
		{"an address", entry("aws:SourceIp", "ip", "10.0.0"), "InvalidInput: The value 10.0.0 of the context key aws:SourceIp is not of type ip."},
		{"a date", entry("aws:CurrentTime", "date", "today"), "InvalidInput: The value today of the context key aws:CurrentTime is not of type date."},
		{"binary", entry("x:binary", "binary", "?"), "InvalidInput: The value ? of the context key x:binary is not of type binary."},
		{"all types", func(in *iam.SimulateCustomPolicyInput) {
			for i, e := range [][]string{{"string", "a"}, {"stringList", "a", "b"}, {"stringList"}, {"numeric", "1.5"}, {"numericList", "1", "2"}, {"boolean", "True"}, {"booleanList", "true"},
				{"ip", "2001:db8::1"}, {"ipList", "10.0.0.0/8"}, {"binary", "eA=="}, {"binaryList", "eA=="}, {"date", "1700000000"}, {"dateList", "2024-05-01", "2024-05-01T10:00:00Z"}, {"", "a", "b"}} {
				if e[0] == "" {
					continue // the SDK's client sends no empty type
				}
				entry(fmt.Sprint("x:key", i), e[0], e[1:]...)(in)
			}
		}, ""},
		{"a marker of another list", func(in *iam.SimulateCustomPolicyInput) { in.Marker = aws.String("YQ") }, "ValidationError: Invalid Marker."},
		{"too much", func(in *iam.SimulateCustomPolicyInput) {
			in.PolicyInputList = []string{`{"Version":"2012-10-17","Statement":[` + strings.Repeat(`{"Effect":"Deny","Action":"a:b","Resource":"*"},`, 999) + `{"Effect":"Deny","Action":"a:b","Resource":"*"}]}`}
			in.ResourceArns = slices.Repeat([]string{"arn:aws:s3:::b"}, 201)
		}, "InvalidInput: The simulation of 1000 statements on 201 resources is too large."},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := &iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowAll}, ActionNames: []string{"s3:GetObject"}}
			test.change(in)
			_, err := c.SimulateCustomPolicy(t.Context(), in)
			if got := show(err); got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
	for arn, want := range map[string]string{
		"arn:aws:iam::111122223333:user/nobody":               "NoSuchEntity: The user with name nobody cannot be found.",
		"arn:aws:iam::111122223333:user/bob":                  "NoSuchEntity: The user with name bob cannot be found.", // it is in /dev/
		"arn:aws:iam::111122223333:role/Reader":               "NoSuchEntity: The role with name Reader cannot be found.",
		"arn:aws:iam::111122223333:group/nobody":              "NoSuchEntity: The group with name nobody cannot be found.",
		"arn:aws:iam::444455556666:user/admin":                "InvalidInput: Invalid Policy Source Arn: caller's account 111122223333 does not have access to policies in account 444455556666",
		"arn:aws:sts::111122223333:assumed-role/Reader/alice": "InvalidInput: Invalid Entity Arn: arn:aws:sts::111122223333:assumed-role/Reader/alice does not clearly define entity type and name.",
		"arn:aws:iam::111122223333:policy/Limit":              "InvalidInput: Invalid Entity Arn: arn:aws:iam::111122223333:policy/Limit does not clearly define entity type and name.",
	} {
		_, err := c.SimulatePrincipalPolicy(t.Context(), &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &arn, ActionNames: []string{"s3:GetObject"}})
		w.check("SimulatePrincipalPolicy of "+arn, err, want)
		_, err = c.GetContextKeysForPrincipalPolicy(t.Context(), &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &arn})
		w.check("GetContextKeysForPrincipalPolicy of "+arn, err, want)
	}
	_, err := c.GetContextKeysForCustomPolicy(t.Context(), &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{"x"}})
	w.check("GetContextKeysForCustomPolicy", err, "InvalidInput: Syntax errors in policy.")
}

// TestSimulatePrincipalPolicy has a user with policies of every kind.
func TestSimulatePrincipalPolicy(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx := w.admin(production), t.Context()
	bob := aws.String("arn:aws:iam::111122223333:user/dev/bob")
	w.must(second(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("bob"), PolicyName: aws.String("own"),
		PolicyDocument: aws.String(rule("Allow", "s3:PutObject", "arn:aws:s3:::${aws:PrincipalTag/Team}/*"))})))
	w.must(second(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: aws.String("ops"), PolicyName: aws.String("shared"),
		PolicyDocument: aws.String(rule("Allow", "s3:ListBucket", "*", `,"Condition":{"StringLike":{"s3:prefix":"home/${aws:username}/*"}}`))})))
	w.must(second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("ops"), UserName: aws.String("bob")})))
	w.must(second(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("bob"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")})))
	w.must(second(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("Reader"), PolicyName: aws.String("read"),
		PolicyDocument: aws.String(rule("Allow", "s3:GetObject", "arn:aws:s3:::b/*", `,"Condition":{"StringLike":{"aws:userid":"AROA*:*"}}`))})))
	simulate := func(in *iam.SimulatePrincipalPolicyInput, want ...string) {
		t.Helper()
		out, err := c.SimulatePrincipalPolicy(ctx, in)
		if err != nil {
			out = &iam.SimulatePrincipalPolicyOutput{}
		}
		expect(t, out.EvaluationResults, err, want...)
	}
	prefix := types.ContextEntry{ContextKeyName: aws.String("s3:prefix"), ContextKeyType: "string", ContextKeyValues: []string{"home/bob/x"}}
	const object = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"

	simulate(&iam.SimulatePrincipalPolicyInput{PolicySourceArn: bob, ActionNames: []string{"s3:GetObject", "s3:ListBucket", "ec2:RunInstances"}, ContextEntries: []types.ContextEntry{prefix}},
		"s3:GetObject *: allowed AmazonS3ReadOnlyAccess(IAM Policy) boundary=true",
		"s3:ListBucket *: allowed group_ops_shared(IAM Policy) boundary=true",
		"ec2:RunInstances *: implicitDeny boundary=true")
	simulate(&iam.SimulatePrincipalPolicyInput{PolicySourceArn: bob, ActionNames: []string{"s3:PutObject"}, ResourceArns: []string{"arn:aws:s3:::x/k", "arn:aws:s3:::y/k"}},
		"s3:PutObject "+object+": implicitDeny user_bob_own(IAM Policy) missing=s3:prefix details boundary=true",
		"  arn:aws:s3:::x/k: allowed user_bob_own(IAM Policy) missing=s3:prefix details boundary=true",
		"  arn:aws:s3:::y/k: implicitDeny missing=s3:prefix details boundary=true")
	simulate(&iam.SimulatePrincipalPolicyInput{PolicySourceArn: bob, ActionNames: []string{"s3:GetObject"}, PolicyInputList: []string{rule("Deny", "s3:*", "*")}},
		"s3:GetObject *: explicitDeny PolicyInputList.1(IAM Policy) missing=s3:prefix boundary=true")
	simulate(&iam.SimulatePrincipalPolicyInput{PolicySourceArn: bob, ActionNames: []string{"s3:GetObject"}, PermissionsBoundaryPolicyInputList: []string{rule("Allow", "ec2:*", "*")}},
		"s3:GetObject *: implicitDeny missing=s3:prefix boundary=false")
	for identifier, want := range map[types.PolicyIdentifier]string{
		&types.PolicyIdentifierMemberPolicyType{Value: "permission-boundary"}: "",
		&types.PolicyIdentifierMemberPolicyArn{Value: limitARN}:               " boundary=true", // it is not attached as a policy
	} {
		simulate(&iam.SimulatePrincipalPolicyInput{PolicySourceArn: bob, ActionNames: []string{"s3:GetObject"}, PolicyExclusionList: []types.PolicyIdentifier{identifier}},
			"s3:GetObject *: allowed AmazonS3ReadOnlyAccess(IAM Policy) missing=s3:prefix"+want)
	}
	simulate(&iam.SimulatePrincipalPolicyInput{PolicySourceArn: bob, ActionNames: []string{"ec2:RunInstances"},
		PolicyInputList: []string{rule("Allow", "ec2:*", "*", `,"Condition":{"StringEquals":{"aws:userid":"somebody"}}`)},
		ContextEntries:  []types.ContextEntry{prefix, {ContextKeyName: aws.String("aws:userid"), ContextKeyType: "string", ContextKeyValues: []string{"somebody"}}}},
		"ec2:RunInstances *: allowed PolicyInputList.1(IAM Policy) boundary=true")
	simulate(&iam.SimulatePrincipalPolicyInput{PolicySourceArn: aws.String("arn:aws:iam::111122223333:group/dev/ops"), ActionNames: []string{"s3:ListBucket"}},
		"s3:ListBucket *: implicitDeny missing=s3:prefix,aws:username")
	simulate(&iam.SimulatePrincipalPolicyInput{PolicySourceArn: aws.String("arn:aws:iam::111122223333:group/dev/ops"), CallerArn: bob, ActionNames: []string{"s3:ListBucket"}, ContextEntries: []types.ContextEntry{prefix}},
		"s3:ListBucket *: allowed group_ops_shared(IAM Policy)")
	simulate(&iam.SimulatePrincipalPolicyInput{PolicySourceArn: aws.String("arn:aws:iam::111122223333:role/dev/Reader"), ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{"arn:aws:s3:::b/k"}},
		"s3:GetObject "+object+": allowed role_Reader_read(IAM Policy) details",
		"  arn:aws:s3:::b/k: allowed role_Reader_read(IAM Policy) details")

	keys, err := c.GetContextKeysForPrincipalPolicy(ctx, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: bob,
		PolicyInputList: []string{rule("Allow", "s3:*", "*", `,"Condition":{"Bool":{"aws:SecureTransport":"true","S3:Prefix":"x"}}`)}})
	w.must(err)
	if want := []string{"aws:PrincipalTag/Team", "s3:prefix", "aws:username", "aws:SecureTransport"}; !slices.Equal(keys.ContextKeyNames, want) {
		t.Errorf("keys %q, want %q", keys.ContextKeyNames, want)
	}
	custom, err := c.GetContextKeysForCustomPolicy(ctx, &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{allowAll}})
	w.must(err)
	if len(custom.ContextKeyNames) != 0 {
		t.Errorf("keys of a policy without any: %q", custom.ContextKeyNames)
	}

	inline := func(kind types.AttachmentType, to, name string) types.PolicyIdentifier {
		return &types.PolicyIdentifierMemberInlinePolicyIdentifier{Value: types.InlinePolicyIdentifierType{AttachmentType: kind, AttachmentName: &to, PolicyName: &name}}
	}
	for _, test := range []struct {
		name    string
		exclude types.PolicyIdentifier
		left    string // of the actions that are allowed
	}{
		{"nothing", nil, "s3:GetObject s3:ListBucket s3:PutObject"},
		{"inline policies", &types.PolicyIdentifierMemberPolicyType{Value: "inline"}, "s3:GetObject"},
		{"AWS managed policies", &types.PolicyIdentifierMemberPolicyType{Value: "aws-managed"}, "s3:ListBucket s3:PutObject"},
		{"customer managed policies", &types.PolicyIdentifierMemberPolicyType{Value: "user-managed"}, "s3:GetObject s3:ListBucket s3:PutObject"},
		{"the boundary", &types.PolicyIdentifierMemberPolicyType{Value: "permission-boundary"}, "s3:GetObject s3:ListBucket s3:PutObject"},
		{"an ARN", &types.PolicyIdentifierMemberPolicyArn{Value: "arn:aws:iam::aws:policy/*ReadOnlyAcces?"}, "s3:ListBucket s3:PutObject"},
		{"another ARN", &types.PolicyIdentifierMemberPolicyArn{Value: "arn:aws:iam::aws:policy/?ReadOnlyAccess"}, "s3:GetObject s3:ListBucket s3:PutObject"},
		{"the group's inline policy", inline("group", "o*s", "shared"), "s3:GetObject s3:PutObject"},
		{"the user's inline policy", inline("user", "bo?", "own"), "s3:GetObject s3:ListBucket"},
		{"an inline policy of another name", inline("user", "bob", "other"), "s3:GetObject s3:ListBucket s3:PutObject"},
		{"another's inline policy", inline("role", "bob", "own"), "s3:GetObject s3:ListBucket s3:PutObject"},
		{"a malformed ARN", &types.PolicyIdentifierMemberPolicyArn{Value: "arn:aws:iam::*:policy/x"}, "InvalidInput: Invalid Policy Identifier: arn:aws:iam::*:policy/x is not the ARN of a policy."},
		{"a wildcard in an inline policy's name", inline("user", "bob", "o*"), "ValidationError: The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"},
		{"two wildcards in a user's name", inline("user", "*b*", "own"), "InvalidInput: Invalid Policy Identifier: inline policy own of user *b*."},
	} {
		in := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: bob, ActionNames: []string{"s3:GetObject", "s3:ListBucket", "s3:PutObject"}, ResourceArns: []string{"arn:aws:s3:::x/k"}, ContextEntries: []types.ContextEntry{prefix}}
		if test.exclude != nil {
			in.PolicyExclusionList = []types.PolicyIdentifier{test.exclude}
		}
		out, err := c.SimulatePrincipalPolicy(ctx, in)
		var left []string
		if err != nil {
			left = []string{show(err)}
		} else {
			for _, r := range out.EvaluationResults {
				if r.EvalDecision == "allowed" {
					left = append(left, *r.EvalActionName)
				}
			}
		}
		if got := strings.Join(left, " "); got != test.left {
			t.Errorf("without %s: %s, want %s", test.name, got, test.left)
		}
	}
}

// TestSimulationPages pages through many actions.
func TestSimulationPages(t *testing.T) {
	w := newWorld(t)
	in := &iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowAll}, MaxItems: aws.Int32(3)}
	for i := range 10 {
		in.ActionNames = append(in.ActionNames, fmt.Sprintf("x:A%d", i))
	}
	var got []string
	pages := iam.NewSimulateCustomPolicyPaginator(w.admin(production), in)
	n := 0
	for ; pages.HasMorePages(); n++ {
		page, err := pages.NextPage(t.Context())
		w.must(err)
		for _, r := range page.EvaluationResults {
			got = append(got, *r.EvalActionName)
		}
	}
	if !slices.Equal(got, in.ActionNames) || n != 4 {
		t.Errorf("%d pages: %q", n, got)
	}
}

// TestSimulatedOrganization has policies above the caller's account and above that of the resource.
func TestSimulatedOrganization(t *testing.T) {
	w := newWorld(t)
	policy := func(kind authz.PolicyKind, text string) authz.Attached {
		p, err := authz.Parse(text)
		w.must(err)
		return authz.Attached{Policy: p, Kind: kind}
	}
	w.service.levels = func(_ context.Context, account string) (scps, rcps [][]authz.Attached, err error) {
		if account == production {
			return [][]authz.Attached{{policy(authz.SCP, allowAll), policy(authz.SCP, rule("Deny", "ec2:*", "*"))}}, nil, nil
		}
		return nil, [][]authz.Attached{{policy(authz.RCP, rule("Allow", "*", "*", `,"Principal":"*"`)), policy(authz.RCP, rule("Deny", "s3:PutObject", "*", `,"Principal":"*"`))}}, nil
	}
	c, admin := w.admin(production), aws.String("arn:aws:iam::111122223333:user/admin")
	simulate := func(in *iam.SimulatePrincipalPolicyInput, want ...string) {
		t.Helper()
		in.PolicySourceArn = admin
		out, err := c.SimulatePrincipalPolicy(t.Context(), in)
		w.must(err)
		expect(t, out.EvaluationResults, err, want...)
	}
	simulate(&iam.SimulatePrincipalPolicyInput{ActionNames: []string{"s3:GetObject", "ec2:RunInstances"}},
		"s3:GetObject *: allowed AdministratorAccess(IAM Policy) organization=true",
		"ec2:RunInstances *: explicitDeny organization=false")
	simulate(&iam.SimulatePrincipalPolicyInput{ActionNames: []string{"ec2:TerminateInstances"}, ResourceArns: []string{"arn:aws:ec2:us-east-1:111122223333:instance/i-1"}},
		"ec2:TerminateInstances arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}: explicitDeny organization=false",
		"  arn:aws:ec2:us-east-1:111122223333:instance/i-1: explicitDeny")
	simulate(&iam.SimulatePrincipalPolicyInput{ActionNames: []string{"ec2:RunInstances"},
		PolicyExclusionList: []types.PolicyIdentifier{&types.PolicyIdentifierMemberPolicyType{Value: "scp"}}},
		"ec2:RunInstances *: allowed AdministratorAccess(IAM Policy)")
	simulate(&iam.SimulatePrincipalPolicyInput{ActionNames: []string{"s3:PutObject"}, ResourceArns: []string{"arn:aws:s3:::b/k"},
		ResourceOwner: aws.String(development), ResourcePolicy: aws.String(rule("Allow", "*", "*", `,"Principal":"*"`))},
		"s3:PutObject arn:${Partition}:s3:::${BucketName}/${ObjectName}: explicitDeny details [IAM Policy allowed] [Resource Policy allowed] organization=true",
		"  arn:aws:s3:::b/k: explicitDeny details [IAM Policy allowed] [Resource Policy allowed]")
}
