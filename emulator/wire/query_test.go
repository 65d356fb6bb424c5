package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

func TestQueryRoute(t *testing.T) {
	tests := []struct {
		name string
		r    *http.Request
		want string // the operation, or the error
	}{
		{"form", formRequest("Action=CreateUser&Version=2010-05-08"), "CreateUser"},
		{"query string", httptest.NewRequest("GET", "/?Action=GetUser&Version=2010-05-08", nil), "GetUser"},
		{"post with a query string", httptest.NewRequest("POST", "/?Action=GetUser&Version=2010-05-08", nil), "GetUser"},
		{"no action", formRequest("Version=2010-05-08"), "MissingAction: The request is missing an action or a required parameter."},
		{"nothing", httptest.NewRequest("GET", "/", nil), "MissingAction: The request is missing an action or a required parameter."},
		{"unknown action", formRequest("Action=DropUser&Version=2010-05-08"), "InvalidAction: Could not find operation DropUser for version 2010-05-08"},
		{"action in another case", formRequest("Action=createUser&Version=2010-05-08"), "InvalidAction: Could not find operation createUser for version 2010-05-08"},
		{"action of another service", formRequest("Action=AssumeRole&Version=2010-05-08"), "InvalidAction: Could not find operation AssumeRole for version 2010-05-08"},
		{"other version", formRequest("Action=GetUser&Version=2011-06-15"), "InvalidAction: Could not find operation GetUser for version 2011-06-15"},
		{"no version", formRequest("Action=GetUser"), "InvalidAction: Could not find operation GetUser for version NO_VERSION_SPECIFIED"},
		{"bad escape", formRequest("Action=%zz"), "MalformedQueryString: The query string contains a syntax error."},
		{"method", httptest.NewRequest("DELETE", "/?Action=GetUser&Version=2010-05-08", nil), "MethodNotAllowed: The specified method is not allowed against this resource."},
		{"too long", formRequest("Action=GetUser&Version=2010-05-08&x=" + strings.Repeat("x", maxForm)), "RequestEntityTooLarge: The request body is longer than 1048576 bytes."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := NewQuery(IAM()).Route(test.r)
			if err != nil {
				got = message(err)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestQueryBody: what is wrong with the body itself, such as its hash, is the answer.
func TestQueryBody(t *testing.T) {
	r := formRequest("")
	mismatch := awserr.SignatureDoesNotMatch.Errorf("body")
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader("Action=GetUser"), failing{mismatch}))
	if _, err := NewQuery(IAM()).Route(r); !errors.Is(err, awserr.SignatureDoesNotMatch) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestQueryLists(t *testing.T) {
	tag := func(key string) iamtypes.Tag { return iamtypes.Tag{Key: aws.String(key), Value: aws.String("v")} }
	tests := []struct {
		name, form string
		want       []iamtypes.Tag
	}{
		{"in order of number", "Tags.member.10.Key=ten&Tags.member.10.Value=v&Tags.member.9.Key=nine&Tags.member.9.Value=v", []iamtypes.Tag{tag("nine"), tag("ten")}},
		{"gaps close", "Tags.member.2.Key=two&Tags.member.2.Value=v&Tags.member.999999999.Key=last&Tags.member.999999999.Value=v", []iamtypes.Tag{tag("two"), tag("last")}},
		{"empty", "Tags=", []iamtypes.Tag{}},
		{"absent", "", nil},
		{"unknown parameters", "Frobnicate=1&Tags.member.1.Key=one&Tags.member.1.Value=v&Tags.member.1.Other=x", []iamtypes.Tag{tag("one")}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var in iam.CreateUserInput
			if err := decodeForm(IAM(), "UserName=a&"+test.form, &in); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(in.Tags, test.want) {
				t.Errorf("got %v, want %v", in.Tags, test.want)
			}
		})
	}
}

func TestQueryMalformed(t *testing.T) {
	deep := strings.Repeat("Tags.", 10_000) + "x=1"
	tests := []struct{ name, form, want string }{
		{"number", "MaxItems=ten", `MalformedInput: For input string: "ten"`},
		{"number out of range", "MaxItems=4294967296", `MalformedInput: For input string: "4294967296"`},
		{"boolean", "OnlyAttached=maybe", "MalformedInput: Invalid boolean value: maybe"},
		{"list for a value", "Marker.member.1=x", "MalformedInput: Start of list found where not expected"},
		{"structure for a value", "Marker.x=x", "MalformedInput: Start of structure or map found where not expected."},
		{"twice", "Marker=a&Marker=b", "MalformedInput: The parameter Marker is given more than once."},
		{"too deep is unknown", deep, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := message(decodeForm(IAM(), test.form, new(iam.ListPoliciesInput))); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	lists := []struct{ form, want string }{
		{"Tags.1.Key=k", "MalformedInput: Start of structure or map found where not expected."},
		{"Tags.member.x.Key=k", "MalformedInput: The list index in Tags.member.x is not a positive number."},
		{"Tags.member.0.Key=k", "MalformedInput: The list index in Tags.member.0 is not a positive number."},
		{"Tags.member.01.Key=k", "MalformedInput: The list index in Tags.member.01 is not a positive number."},
		{"Tags.member.-1.Key=k", "MalformedInput: The list index in Tags.member.-1 is not a positive number."},
		{"Tags.member.99999999999999999999.Key=k", "MalformedInput: The list index in Tags.member.99999999999999999999 is not a positive number."},
		{"Tags=x", "MalformedInput: Start of list expected for Tags."},
		{"Tags.member.1=x", "MalformedInput: Unexpected value for the structure Tags.member.1."},
	}
	for _, test := range lists {
		t.Run(test.form, func(t *testing.T) {
			if got := message(decodeForm(IAM(), "UserName=a&"+test.form, new(iam.TagUserInput))); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

var request = &Request{ID: "4442587F-EXAMPLE", Now: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), HTTP: httptest.NewRequest("GET", "/", nil)}

func TestQueryEncode(t *testing.T) {
	created := time.Date(2026, 2, 3, 4, 5, 6, 789e6, time.UTC)
	user := iamtypes.User{
		UserName: aws.String("a<b>&\"c\""), Path: aws.String("/"), Arn: aws.String("arn:aws:iam::111122223333:user/a"),
		UserId: aws.String("AIDA"), CreateDate: &created,
	}
	tests := []struct {
		name  string
		model *Model
		op    string
		out   any
		want  string
	}{
		{"structure", IAM(), "CreateUser", &iam.CreateUserOutput{User: &user},
			`<CreateUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><CreateUserResult><User><Path>/</Path><UserName>a&lt;b&gt;&amp;&quot;c&quot;</UserName>` +
				`<UserId>AIDA</UserId><Arn>arn:aws:iam::111122223333:user/a</Arn><CreateDate>2026-02-03T04:05:06Z</CreateDate></User></CreateUserResult>` +
				`<ResponseMetadata><RequestId>4442587F-EXAMPLE</RequestId></ResponseMetadata></CreateUserResponse>`},
		{"nothing to say", IAM(), "DeleteUser", &iam.DeleteUserOutput{},
			`<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>4442587F-EXAMPLE</RequestId></ResponseMetadata></DeleteUserResponse>`},
		{"empty list", IAM(), "ListUsers", &iam.ListUsersOutput{},
			`<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult><Users></Users><IsTruncated>false</IsTruncated></ListUsersResult>` +
				`<ResponseMetadata><RequestId>4442587F-EXAMPLE</RequestId></ResponseMetadata></ListUsersResponse>`},
		{"map", IAM(), "GetAccountSummary", &iam.GetAccountSummaryOutput{SummaryMap: map[string]int32{"Users": 2, "Roles": 1}},
			`<GetAccountSummaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccountSummaryResult><SummaryMap>` +
				`<entry><key>Roles</key><value>1</value></entry><entry><key>Users</key><value>2</value></entry></SummaryMap></GetAccountSummaryResult>` +
				`<ResponseMetadata><RequestId>4442587F-EXAMPLE</RequestId></ResponseMetadata></GetAccountSummaryResponse>`},
		{"sts", STS(), "GetCallerIdentity", &sts.GetCallerIdentityOutput{Account: aws.String("111122223333")},
			`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult>` +
				`<ResponseMetadata><RequestId>4442587F-EXAMPLE</RequestId></ResponseMetadata></GetCallerIdentityResponse>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			if err := NewQuery(test.model).Encode(w, request, test.op, test.out); err != nil {
				t.Fatal(err)
			}
			if got := w.Body.String(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if w.Code != 200 || w.Header().Get("Content-Type") != "text/xml" || w.Header().Get("Date") != "Tue, 03 Feb 2026 04:05:06 GMT" {
				t.Errorf("status %d, header %v", w.Code, w.Header())
			}
		})
	}
}

func TestQueryEncodeError(t *testing.T) {
	for _, test := range []struct {
		err   *awserr.Error
		fault string
	}{
		{awserr.NoSuchEntity.Errorf("The user with name <alice> cannot be found."), "Sender"},
		{awserr.ServiceFailure.Errorf("The user with name <alice> cannot be found."), "Receiver"},
	} {
		w := httptest.NewRecorder()
		NewQuery(IAM()).EncodeError(w, request, test.err)
		want := `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>` + test.fault + `</Type><Code>` + test.err.Code +
			`</Code><Message>The user with name &lt;alice&gt; cannot be found.</Message></Error><RequestId>4442587F-EXAMPLE</RequestId></ErrorResponse>`
		if got := w.Body.String(); got != want || w.Code != test.err.Status {
			t.Errorf("status %d\ngot  %s\nwant %s", w.Code, got, want)
		}
	}
}

// TestErrorsReachClients: code, message and request id as SDK clients see them.
func TestErrorsReachClients(t *testing.T) {
	codecs := map[string]Codec{"iam": NewQuery(IAM()), "s3": NewRESTXML(S3())}
	for service, codec := range codecs {
		t.Run(service, func(t *testing.T) {
			ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				codec.EncodeError(w, &Request{ID: "ID1", HTTP: r}, awserr.AccessDenied.Errorf("User: arn:aws:iam::111122223333:user/a is not authorized").With("Extra", "x"))
			}))
			defer ts.Close()
			var err error
			if service == "iam" {
				_, err = iam.New(iam.Options{BaseEndpoint: &ts.URL, Region: "us-east-1", Credentials: keys}).ListUsers(context.Background(), nil)
			} else {
				_, err = s3Client(ts.URL, nil).ListBuckets(context.Background(), nil)
			}
			var apiErr smithy.APIError
			if !errors.As(err, &apiErr) || apiErr.ErrorCode() != "AccessDenied" || apiErr.ErrorMessage() != "User: arn:aws:iam::111122223333:user/a is not authorized" {
				t.Errorf("got %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), "StatusCode: 403, RequestID: ID1") {
				t.Errorf("no status or request id in %v", err)
			}
		})
	}
}
