package wire

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

func formRequest(body string) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func decodeForm(m *Model, form string, in any) error {
	return NewQuery(m).Decode(formRequest(form), "", in)
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return awserr.From(err).Code + ": " + awserr.From(err).Message
}

func fiftyOneTags() string {
	var form strings.Builder
	for i := range 51 {
		fmt.Fprintf(&form, "&Tags.member.%d.Key=k%d&Tags.member.%d.Value=v", i+1, i, i+1)
	}
	return form.String()
}

func TestConstraints(t *testing.T) {
	long := strings.Repeat("x", 65)
	tests := []struct {
		name, form string
		model      *Model
		in         any
		want       string
	}{
		{"good", "UserName=alice", IAM(), new(iam.CreateUserInput), ""},
		{"not there", "Path=/", IAM(), new(iam.CreateUserInput),
			"ValidationError: 1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null"},
		{"too long", "UserName=" + long, IAM(), new(iam.CreateUserInput),
			"ValidationError: 1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64"},
		{"long in characters, not bytes", "UserName=" + url.QueryEscape(strings.Repeat("é", 64)), IAM(), new(iam.CreateUserInput),
			"ValidationError: The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"},
		{"empty", "UserName=", IAM(), new(iam.CreateUserInput),
			"ValidationError: 1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"bad name", "UserName=a+b", IAM(), new(iam.CreateUserInput),
			"ValidationError: The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"},
		{"bad path", "UserName=a&Path=x", IAM(), new(iam.CreateUserInput),
			"ValidationError: The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."},
		{"two", "PolicyArn=x", IAM(), new(iam.AttachUserPolicyInput),
			"ValidationError: 2 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must not be null; " +
				"Value at 'policyArn' failed to satisfy constraint: Member must have length greater than or equal to 20"},
		{"number too small", "MaxItems=0", IAM(), new(iam.ListUsersInput),
			"ValidationError: 1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"number too large", "MaxItems=1001", IAM(), new(iam.ListUsersInput),
			"ValidationError: 1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000"},
		{"enumeration", "UserName=a&AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status=active", IAM(), new(iam.UpdateAccessKeyInput),
			"ValidationError: 1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive, Expired]"},
		{"in a list of structures", "UserName=a&Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=&Tags.member.2.Value=v", IAM(), new(iam.TagUserInput),
			"ValidationError: 2 validation errors detected: Value at 'tags.2.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
				"Value at 'tags.2.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"},
		{"in a list of strings", "PolicyInputList.member.1={}&ActionNames.member.1=s3&ActionNames.member.2=s3:GetObject", IAM(), new(iam.SimulateCustomPolicyInput),
			"ValidationError: 1 validation error detected: Value at 'actionNames' failed to satisfy constraint: Member must satisfy constraint: " +
				"[Member must have length less than or equal to 128, Member must have length greater than or equal to 3, Member must not be null]"},
		{"secret", "UserName=a&Password=", IAM(), new(iam.CreateLoginProfileInput),
			"ValidationError: 2 validation errors detected: Value at 'password' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
				"Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"},
		{"not there, of STS", "RoleSessionName=ab", STS(), new(sts.AssumeRoleInput),
			"ValidationError: 1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null"},
		{"a list of structures has no text", "Name=ab" + fiftyOneTags(), STS(), new(sts.GetFederationTokenInput),
			"ValidationError: 1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50"},
		{"role session name", "RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=a%20b", STS(), new(sts.AssumeRoleInput),
			"ValidationError: 1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"},
		{"newline at the end", "RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=ab%0A", STS(), new(sts.AssumeRoleInput),
			"ValidationError: 1 validation error detected: Value 'ab\n' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"},
		{"any character in an ARN", "RoleArn=arn:aws:iam::111122223333:role/" + url.QueryEscape("é\U0001F600") + "&RoleSessionName=ab", STS(), new(sts.AssumeRoleInput), ""},
		{"duration", "RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=ab&DurationSeconds=899", STS(), new(sts.AssumeRoleInput),
			"ValidationError: 1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"},
		{"account alias", "AccountAlias=my-alias", IAM(), new(iam.CreateAccountAliasInput), ""},
		{"account alias with two hyphens", "AccountAlias=my--alias", IAM(), new(iam.CreateAccountAliasInput),
			"ValidationError: 1 validation error detected: Value at 'accountAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := message(decodeForm(test.model, test.form, test.in)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestPatternsCompile(t *testing.T) {
	for _, m := range []*Model{IAM(), STS(), S3()} {
		for i := range m.Shapes {
			if s := &m.Shapes[i]; s.Pattern != "" {
				func() {
					defer func() {
						if p := recover(); p != nil {
							t.Errorf("%s %s: %v", m.Service, s.Name, p)
						}
					}()
					s.compilePattern()
				}()
			}
		}
	}
}

// TestErrorStatuses holds the codes of package awserr against those that the models document.
func TestErrorStatuses(t *testing.T) {
	files, err := filepath.Glob("../awserr/*.go")
	if err != nil {
		t.Fatal(err)
	}
	statuses := map[string]int{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if l, ok := n.(*ast.CompositeLit); ok && len(l.Elts) == 2 {
				code, ok1 := l.Elts[0].(*ast.BasicLit)
				status, ok2 := l.Elts[1].(*ast.BasicLit)
				if ok1 && ok2 {
					name, _ := strconv.Unquote(code.Value)
					statuses[name], _ = strconv.Atoi(status.Value)
				}
			}
			return true
		})
	}
	if statuses["NoSuchEntity"] != 404 {
		t.Fatal("the errors of package awserr were not found")
	}
	for _, m := range []*Model{IAM(), STS(), S3()} {
		for _, e := range m.Errors {
			if status, ok := statuses[e.Code]; ok && status != e.Status {
				t.Errorf("%s: %s is %d in the model, %d in awserr", m.Service, e.Code, e.Status, status)
			}
		}
	}
}
