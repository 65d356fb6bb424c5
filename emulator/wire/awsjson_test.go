package wire

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

func jsonRequest(target, body string) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", target)
	return r
}

func TestAWSJSONRoute(t *testing.T) {
	tests := []struct {
		name string
		r    *http.Request
		want string // the operation, or the error
	}{
		{"operation", jsonRequest("AWSOrganizationsV20161128.ListRoots", "{}"), "ListRoots"},
		{"unknown operation", jsonRequest("AWSOrganizationsV20161128.ListTrees", "{}"), `UnknownOperationException: The operation "AWSOrganizationsV20161128.ListTrees" is not known.`},
		{"another service's", jsonRequest("DynamoDB_20120810.ListRoots", "{}"), `UnknownOperationException: The operation "DynamoDB_20120810.ListRoots" is not known.`},
		{"no target", httptest.NewRequest("POST", "/", nil), `UnknownOperationException: The operation "" is not known.`},
		{"method", httptest.NewRequest("GET", "/", nil), "MethodNotAllowed: The specified method is not allowed against this resource."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := NewAWSJSON(Organizations()).Route(test.r)
			if err != nil {
				got = message(err)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestAWSJSONDecode(t *testing.T) {
	const pattern = "InvalidInputException: You provided a value that does not match the required pattern."
	tests := []struct {
		name, body string
		in         any
		want       string // the error, "" for none
	}{
		{"whole", `{"ParentId": "r-abcd", "Name": "dev"}`, &organizations.CreateOrganizationalUnitInput{}, ""},
		{"null", `{"ParentId": "r-abcd", "Name": "dev", "Tags": null}`, &organizations.CreateOrganizationalUnitInput{}, ""},
		{"unknown member", `{"ParentId": "r-abcd", "Name": "dev", "Colour": {"a": 1}}`, &organizations.CreateOrganizationalUnitInput{}, ""},
		{"empty body", ``, &organizations.ListRootsInput{}, ""},
		{"required", `{"ParentId": "r-abcd"}`, &organizations.CreateOrganizationalUnitInput{}, "InvalidInputException: You must include a value for all required parameters."},
		{"pattern", `{"ParentId": "root", "Name": "dev"}`, &organizations.CreateOrganizationalUnitInput{}, pattern},
		{"pattern is for the whole", `{"ParentId": "xr-abcd", "Name": "dev"}`, &organizations.CreateOrganizationalUnitInput{}, pattern},
		{"too long", `{"ParentId": "r-abcd", "Name": "` + strings.Repeat("n", 129) + `"}`, &organizations.CreateOrganizationalUnitInput{}, "InvalidInputException: You provided a string parameter that is longer than allowed."},
		{"too large", `{"MaxResults": 21}`, &organizations.ListAccountsInput{}, "InvalidInputException: You provided a numeric parameter that has a larger value than allowed."},
		{"enum", `{"Filter": "NO_POLICY"}`, &organizations.ListPoliciesInput{}, "InvalidInputException: You specified an invalid value."},
		{"type", `{"MaxResults": "many"}`, &organizations.ListAccountsInput{}, `SerializationException: Invalid type for parameter MaxResults, value: "many", must be a whole number`},
		{"no object", `[1]`, &organizations.ListAccountsInput{}, `SerializationException: Invalid type for parameter , value: [1], must be an object`},
		{"cut off", `{"MaxResults": `, &organizations.ListAccountsInput{}, "SerializationException: unexpected EOF"},
		{"two values", `{} {}`, &organizations.ListAccountsInput{}, "SerializationException: The request body has more than one JSON value."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := NewAWSJSON(Organizations()).Decode(jsonRequest("", test.body), "", test.in)
			got := ""
			if err != nil {
				got = message(err)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestAWSJSONAnswers(t *testing.T) {
	codec, req := NewAWSJSON(Organizations()), &Request{ID: "id-1"}
	w := httptest.NewRecorder()
	err := codec.Encode(w, req, "DescribeAccount", &organizations.DescribeAccountOutput{Account: &types.Account{
		Id: aws.String("111122223333"), JoinedTimestamp: aws.Time(time.UnixMilli(1500000000250)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Body.String(), `{"Account":{"Id":"111122223333","JoinedTimestamp":1500000000.25}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if h := w.Header(); h.Get("Content-Type") != "application/x-amz-json-1.1" || map[string][]string(h)["x-amzn-RequestId"][0] != "id-1" {
		t.Errorf("header %v", h)
	}

	for _, test := range []struct {
		err    *awserr.Error
		status int
		want   map[string]string
	}{
		{InvalidInput("INVALID_PATTERN"), 400, map[string]string{"__type": "InvalidInputException",
			"Message": "You provided a value that does not match the required pattern.", "Reason": "INVALID_PATTERN"}},
		{awserr.AccessDenied.Errorf("User: a"), 400, map[string]string{"__type": "AccessDeniedException", "Message": "User: a"}},
		{awserr.InvalidClientTokenId.Errorf("bad"), 400, map[string]string{"__type": "UnrecognizedClientException", "Message": "bad"}},
		{awserr.InternalFailure.Errorf("bug"), 500, map[string]string{"__type": "InternalFailure", "Message": "bug"}},
	} {
		w := httptest.NewRecorder()
		codec.EncodeError(w, req, test.err)
		var got map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if w.Code != test.status || len(got) != len(test.want) {
			t.Errorf("%d %v, want %d %v", w.Code, got, test.status, test.want)
		}
		for k, v := range test.want {
			if got[k] != v {
				t.Errorf("%s is %q, want %q", k, got[k], v)
			}
		}
	}
}

// FuzzAWSJSON: no body panics, and what is decoded can be encoded.
func FuzzAWSJSON(f *testing.F) {
	for _, body := range []string{
		`{"Name": "a", "Content": "{}", "Tags": [{"Key": "a", "Value": null}]}`, `{"Tags": {"a": 1}}`, `[[[[`, `null`, `{"Name": 1e999}`, `{"Tags": [null]}`,
	} {
		f.Add(body)
	}
	codec := NewAWSJSON(Organizations()).(*awsJSON)
	f.Fuzz(func(t *testing.T, body string) {
		in := &organizations.CreatePolicyInput{}
		if codec.Decode(jsonRequest("", body), "", in) == nil && in.Name == nil {
			t.Errorf("%q lacks a name", body)
		}
		transfer := &organizations.UpdateResponsibilityTransferInput{}
		if codec.Decode(jsonRequest("", body), "", transfer) != nil {
			return
		}
		if _, err := EncodeJSON(transfer); err != nil {
			t.Errorf("%q: %v", body, err)
		}
	})
}
