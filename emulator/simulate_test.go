package emulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/xemu-aws/xemu/xemutest"
)

// attempt is a request made live, and what the simulator must be told of it.
type attempt struct {
	action, resource string
	owner            string
	resourcePolicy   *string
	entries          map[string]string
	call             func(*xemutest.Identity) error
}

// TestSimulationEqualsLive gives a user and a role random policies of every kind, and buckets of two accounts random
// policies: what the simulator answers must be what the requests get.
func TestSimulationEqualsLive(t *testing.T) {
	x := xemutest.New(t)
	random := rand.New(rand.NewPCG(1, 2))
	production, development := x.Account("production"), x.Account("development")
	admin := iam.NewFromConfig(development.Admin().Config())
	alice := development.User("alice")
	_, err := admin.TagUser(ctx, &iam.TagUserInput{UserName: aws.String("alice"), Tags: []iamtypes.Tag{{Key: aws.String("Team"), Value: aws.String("red")}}})
	must(t, err)
	_, err = admin.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("crew")})
	must(t, err)
	_, err = admin.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("crew"), UserName: aws.String("alice")})
	must(t, err)
	aliceARN := "arn:aws:iam::" + development.ID + ":user/alice"
	roleARN := development.Role("Worker", xemutest.Trust(development.ID))
	_, err = admin.TagRole(ctx, &iam.TagRoleInput{RoleName: aws.String("Worker"), Tags: []iamtypes.Tag{{Key: aws.String("Team"), Value: aws.String("blue")}}})
	must(t, err)
	worker, err := development.Admin().Assume(roleARN, "simulation")
	must(t, err)
	boundary, err := admin.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("Limit"), PolicyDocument: aws.String(randomPolicy(random))})
	must(t, err)
	for bucket, owner := range map[string]*xemutest.Account{"near": development, "far": production} {
		client := s3Client(owner.Admin())
		_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket})
		must(t, err)
		must(t, put(t, client, bucket, "alice/k", "x"))
	}

	decided := map[string]int{}
	for round := range 40 {
		// The policies of the round.
		for _, name := range []string{"one", "two"} {
			_, err = admin.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("alice"), PolicyName: &name, PolicyDocument: aws.String(randomPolicy(random))})
			must(t, err)
			_, err = admin.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("Worker"), PolicyName: &name, PolicyDocument: aws.String(randomPolicy(random))})
			must(t, err)
		}
		_, err = admin.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: aws.String("crew"), PolicyName: aws.String("all"), PolicyDocument: aws.String(randomPolicy(random))})
		must(t, err)
		switch round % 4 {
		case 1:
			_, err = admin.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: aws.String("alice"), PermissionsBoundary: boundary.Policy.Arn})
			must(t, err)
			_, err = admin.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: aws.String("Worker"), PermissionsBoundary: boundary.Policy.Arn})
			must(t, err)
		case 3:
			_, err = admin.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: aws.String("alice")})
			must(t, err)
			_, err = admin.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: aws.String("Worker")})
			must(t, err)
		}
		policies := map[string]*string{}
		for bucket, owner := range map[string]*xemutest.Account{"near": development, "far": production} {
			policies[bucket] = aws.String(randomBucketPolicy(random, bucket, development.ID))
			_, err := s3Client(owner.Root()).PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: policies[bucket]})
			must(t, err)
		}
		trust := randomTrust(random, development.ID)
		_, err = admin.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("Worker"), PolicyDocument: &trust})
		must(t, err)

		for source, who := range map[string]*xemutest.Identity{aliceARN: alice, roleARN: worker} {
			for _, a := range attempts(production.ID, development.ID, policies, trust) {
				in := &iam.SimulatePrincipalPolicyInput{
					PolicySourceArn: &source, ActionNames: []string{a.action}, ResourceArns: []string{a.resource}, ResourcePolicy: a.resourcePolicy,
					ContextEntries: []iamtypes.ContextEntry{entry("aws:SourceIp", "127.0.0.1"), entry("aws:RequestedRegion", "us-east-1")},
				}
				if a.owner != "" {
					in.ResourceOwner = aws.String("arn:aws:iam::" + a.owner + ":root")
				}
				if source == roleARN {
					in.ContextEntries = append(in.ContextEntries, entry("aws:MultiFactorAuthPresent", "false")) // as in every session
				}
				for key, value := range a.entries {
					in.ContextEntries = append(in.ContextEntries, entry(key, value))
				}
				out, err := admin.SimulatePrincipalPolicy(ctx, in)
				must(t, err)
				simulated := out.EvaluationResults[0].EvalDecision
				live := !denied(a.call(who))
				if (simulated == "allowed") != live {
					t.Errorf("round %d, %s: %s on %s is %s when simulated; live it is allowed: %v", round, source, a.action, a.resource, simulated, live)
				}
				decided[string(simulated)]++
			}
		}
	}
	for _, effect := range []string{"allowed", "implicitDeny", "explicitDeny"} {
		if decided[effect] < 50 {
			t.Errorf("only %d requests were %s: the test does not see enough", decided[effect], effect)
		}
	}
}

func entry(key, value string) iamtypes.ContextEntry {
	return iamtypes.ContextEntry{ContextKeyName: &key, ContextKeyType: "string", ContextKeyValues: []string{value}}
}

func denied(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "AccessDenied"
}

func attempts(production, development string, policies map[string]*string, trust string) []attempt {
	var list []attempt
	for bucket, owner := range map[string]string{"near": development, "far": production} {
		arn := "arn:aws:s3:::" + bucket
		list = append(list,
			attempt{"s3:GetObject", arn + "/alice/k", owner, policies[bucket], nil, func(who *xemutest.Identity) error {
				_, err := s3Client(who).GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("alice/k")})
				return err
			}},
			attempt{"s3:PutObject", arn + "/other", owner, policies[bucket], nil, func(who *xemutest.Identity) error {
				_, err := s3Client(who).PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("other"), Body: strings.NewReader("x")})
				return err
			}},
			attempt{"s3:ListBucket", arn, owner, policies[bucket], map[string]string{"s3:prefix": "alice/"}, func(who *xemutest.Identity) error {
				_, err := s3Client(who).ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: aws.String("alice/")})
				return err
			}},
			attempt{"s3:GetBucketTagging", arn, owner, policies[bucket], nil, func(who *xemutest.Identity) error {
				_, err := s3Client(who).GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &bucket})
				return err
			}})
	}
	role := "arn:aws:iam::" + development + ":role/Worker"
	return append(list,
		attempt{"s3:ListAllMyBuckets", "arn:aws:s3:::near", "", nil, nil, func(who *xemutest.Identity) error {
			_, err := s3Client(who).ListBuckets(ctx, &s3.ListBucketsInput{})
			return err
		}},
		attempt{"iam:GetUser", "arn:aws:iam::" + development + ":user/alice", "", nil, map[string]string{"iam:ResourceTag/Team": "red", "aws:ResourceTag/Team": "red"}, func(who *xemutest.Identity) error {
			_, err := iam.NewFromConfig(who.Config()).GetUser(ctx, &iam.GetUserInput{UserName: aws.String("alice")})
			return err
		}},
		attempt{"iam:ListAccountAliases", "*", "", nil, nil, func(who *xemutest.Identity) error {
			_, err := iam.NewFromConfig(who.Config()).ListAccountAliases(ctx, &iam.ListAccountAliasesInput{})
			return err
		}},
		attempt{"sts:AssumeRole", role, "", &trust, map[string]string{"sts:RoleSessionName": "again"}, func(who *xemutest.Identity) error {
			_, err := sts.NewFromConfig(who.Config()).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("again")})
			return err
		}})
}

// document is a policy of statements.
func document(statements []map[string]any) string {
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(text)
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// conditions hold for some of the attempts, for some callers.
func randomCondition(r *rand.Rand) map[string]any {
	test := func(operator, key string, value any) map[string]any {
		return map[string]any{operator: map[string]any{key: value}}
	}
	return pick(r, nil, nil, nil,
		test("IpAddress", "aws:SourceIp", "127.0.0.0/8"),
		test("NotIpAddress", "aws:SourceIp", "127.0.0.0/8"),
		test("StringEquals", "aws:PrincipalTag/team", []string{"red", "green"}),
		test("StringNotEqualsIfExists", "s3:prefix", "alice/"),
		test("StringLike", "s3:prefix", "${aws:username}/*"),
		test("StringEquals", "iam:ResourceTag/Team", "${aws:PrincipalTag/Team}"),
		test("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Work*"),
		test("Null", "aws:username", "true"),
		test("StringLike", "aws:userid", "AROA*:simulation"),
		test("Bool", "aws:MultiFactorAuthPresent", "false"),
		test("ForAllValues:StringEquals", "aws:TagKeys", "x"),
		test("StringEquals", "aws:PrincipalType", "User"))
}

func randomPolicy(r *rand.Rand) string {
	var list []map[string]any
	for range 1 + r.IntN(3) {
		s := map[string]any{
			"Effect": pick(r, "Allow", "Allow", "Allow", "Deny"),
			"Action": pick(r, "*", "s3:*", "s3:Get*", "s3:GetObject", "S3:putobject", "s3:List*", "iam:*", "iam:GetUser", "sts:AssumeRole"),
			"Resource": pick[any](r, "*", "*", "arn:aws:s3:::near/*", "arn:aws:s3:::*", "arn:aws:s3:::far", []string{"arn:aws:s3:::near", "arn:aws:s3:::*/${aws:username}/*"},
				"arn:aws:iam::*:user/alice", "arn:aws:iam::*:role/Worker", "arn:aws:s3:::*/${aws:PrincipalTag/Team, 'alice'}/?"),
		}
		if s["Effect"] == "Deny" || r.IntN(6) == 0 {
			s["Action"] = pick(r, "s3:PutObject", "s3:GetObject", "iam:*", "s3:ListBucket", "sts:*", "*")
		}
		if c := randomCondition(r); c != nil {
			s["Condition"] = c
		}
		list = append(list, s)
	}
	return document(list)
}

func randomBucketPolicy(r *rand.Rand, bucket, account string) string {
	var list []map[string]any
	for range 1 + r.IntN(2) {
		s := map[string]any{
			"Effect":   pick(r, "Allow", "Allow", "Deny"),
			"Action":   pick(r, "s3:*", "s3:GetObject", "s3:PutObject"),
			"Resource": pick(r, "arn:aws:s3:::"+bucket+"/*", "arn:aws:s3:::"+bucket+"/alice/*"),
			"Principal": map[string]any{"AWS": pick(r, account, "arn:aws:iam::"+account+":user/alice", "arn:aws:iam::"+account+":role/Worker",
				"arn:aws:sts::"+account+":assumed-role/Worker/simulation", "arn:aws:iam::"+account+":root")},
		}
		if r.IntN(4) == 0 {
			s["Action"], s["Resource"] = "s3:ListBucket", "arn:aws:s3:::"+bucket
		}
		if c := randomCondition(r); c != nil && r.IntN(2) == 0 && canHave(s["Action"], c) {
			s["Condition"] = c
		}
		list = append(list, s)
	}
	return document(list)
}

// canHave says whether S3 takes the condition with the action: s3:prefix is a key of listing alone.
func canHave(action any, condition map[string]any) bool {
	return action == "s3:*" || action == "s3:ListBucket" || !strings.Contains(fmt.Sprint(condition), "s3:prefix")
}

func randomTrust(r *rand.Rand, account string) string {
	s := map[string]any{
		"Effect": pick(r, "Allow", "Allow", "Allow", "Deny"), "Action": "sts:AssumeRole",
		"Principal": map[string]any{"AWS": pick(r, account, "arn:aws:iam::"+account+":user/alice", "arn:aws:iam::"+account+":role/Worker", "arn:aws:iam::"+account+":user/admin")},
	}
	if r.IntN(3) == 0 {
		s["Condition"] = map[string]any{"StringEquals": map[string]any{"sts:RoleSessionName": pick(r, "again", "other")}}
	}
	return document([]map[string]any{s})
}

// TestDecodeAuthorizationMessage follows an encoded message from EC2's denial to who may decode it.
func TestDecodeAuthorizationMessage(t *testing.T) {
	x := xemutest.New(t)
	development := x.Account("development")
	eve := development.User("eve", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},`+
		`{"Sid":"NoServers","Effect":"Deny","Action":["ec2:RunInstances","ec2:StartInstances"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}}]}`)
	encodedOf := func(who *xemutest.Identity, action string) string {
		t.Helper()
		r, err := signedForm(who, x.URL, "ec2", "Action="+action+"&Version=2016-11-15")
		must(t, err)
		answer, err := http.DefaultClient.Do(r)
		must(t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		must(t, err)
		status, text := answer.StatusCode, string(body)
		_, encoded, _ := strings.Cut(text, " action. Encoded authorization failure message: ")
		if _, after, ok := strings.Cut(text, "-based policy. Encoded authorization failure message: "); ok {
			encoded = after
		}
		encoded, _, _ = strings.Cut(encoded, "<")
		if status != 403 || !strings.Contains(text, "<Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation. User: ") {
			t.Errorf("%s: %d %s", action, status, text)
		}
		return encoded
	}
	decode := func(who *xemutest.Identity, encoded string) (string, error) {
		out, err := sts.NewFromConfig(who.Config()).DecodeAuthorizationMessage(ctx, &sts.DecodeAuthorizationMessageInput{EncodedMessage: &encoded})
		if err != nil {
			return "", err
		}
		return *out.DecodedMessage, nil
	}
	id, err := sts.NewFromConfig(eve.Config()).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	must(t, err)
	want := func(explicit bool, matched, action string) string {
		return fmt.Sprintf(`{"allowed":false,"explicitDeny":%v,"matchedStatements":{"items":[%s]},"failures":{"items":[]},`+
			`"context":{"principal":{"id":"%s","arn":"%s"},"action":"%s","resource":"*","conditions":{"items":[`+
			`{"key":"aws:Region","values":{"items":[{"value":"us-east-1"}]}},{"key":"aws:Service","values":{"items":[{"value":"ec2"}]}},`+
			`{"key":"aws:Account","values":{"items":[{"value":"444455556666"}]}},{"key":"aws:Resource","values":{"items":[{"value":"*"}]}},`+
			`{"key":"ec2:Region","values":{"items":[{"value":"us-east-1"}]}}]}}}`, explicit, matched, *id.UserId, *id.Arn, action)
	}

	implicit := encodedOf(eve, "TerminateInstances")
	text, err := decode(development.Admin(), implicit)
	must(t, err)
	if want := want(false, "", "ec2:TerminateInstances"); text != want {
		t.Errorf("\n got %s\nwant %s", text, want)
	}
	explicit := encodedOf(eve, "RunInstances")
	text, err = decode(development.Admin(), explicit)
	must(t, err)
	if want := want(true, `{"statementId":"NoServers","effect":"DENY","principals":{"items":[{"value":"`+*id.UserId+`"}]},"principalGroups":{"items":[]},`+
		`"actions":{"items":[{"value":"ec2:RunInstances"},{"value":"ec2:StartInstances"}]},"resources":{"items":[{"value":"*"}]},`+
		`"conditions":{"items":[{"key":"aws:RequestedRegion","values":{"items":[{"value":"us-east-1"}]}}]}}`, "ec2:RunInstances"); text != want {
		t.Errorf("\n got %s\nwant %s", text, want)
	}
	if encoded := encodedOf(eve, "DescribeInstances"); encoded != "" {
		t.Errorf("a denied Describe has a message: %s", encoded)
	}

	_, err = decode(eve, implicit)
	wantError(t, err, "AccessDenied", "is not authorized to perform: sts:DecodeAuthorizationMessage because no identity-based policy allows the sts:DecodeAuthorizationMessage action")
	other := "A"
	if implicit[0] == 'A' {
		other = "B"
	}
	for name, message := range map[string]string{
		"changed": other + implicit[1:], "cut": implicit[:len(implicit)-4], "another": "x", "of two lines": implicit[:8] + "\n" + implicit[8:],
	} {
		_, err = decode(development.Admin(), message)
		if wantError(t, err, "InvalidAuthorizationMessageException", "Message is not valid"); t.Failed() {
			t.Fatal(name)
		}
	}
	_, err = decode(x.Account("production").Admin(), implicit)
	wantError(t, err, "InvalidAuthorizationMessageException", "Message is not valid")
	_, err = decode(xemutest.New(t).Account("development").Admin(), implicit)
	wantError(t, err, "InvalidAuthorizationMessageException", "Message is not valid")
}
