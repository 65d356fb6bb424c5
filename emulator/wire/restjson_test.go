package wire

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

func TestRESTJSONRoute(t *testing.T) {
	tests := []struct{ method, path, want string }{
		{"POST", "/policy/validation", "ValidatePolicy"},
		{"POST", "/policy/validation/?nextToken=a", "ValidatePolicy"},
		{"GET", "/analyzer", "ListAnalyzers"},
		{"GET", "/analyzer/a%2Fb", "GetAnalyzer"},
		{"DELETE", "/analyzer/a/archive-rule/b", "DeleteArchiveRule"},
		{"GET", "/policy/validation", "MethodNotAllowed: The specified method is not allowed against this resource."},
		{"GET", "/", "UnknownOperationException: There is no operation GET /."},
		{"POST", "/policy/nothing", "UnknownOperationException: There is no operation POST /policy/nothing."},
	}
	for _, test := range tests {
		got, err := NewRESTJSON(AccessAnalyzer()).Route(httptest.NewRequest(test.method, test.path, nil))
		if err != nil {
			got = message(err)
		}
		if got != test.want {
			t.Errorf("%s %s: got %s, want %s", test.method, test.path, got, test.want)
		}
	}
}

func TestRESTJSONDecode(t *testing.T) {
	const body = `{"policyDocument": "{}", "policyType": "IDENTITY_POLICY"}`
	tests := []struct{ name, query, body, want string }{
		{"whole", "", body, ""},
		{"page", "?maxResults=5&nextToken=t", body, ""},
		{"unknown member", "", `{"policyDocument": "{}", "policyType": "IDENTITY_POLICY", "colour": 1}`, ""},
		{"required", "", `{"policyType": "IDENTITY_POLICY"}`, "ValidationException: 1 validation error detected: Value null at 'policyDocument' failed to satisfy constraint: Member must not be null"},
		{"empty body", "", ``, "ValidationException: 2 validation errors detected: Value null at 'policyDocument' failed to satisfy constraint: Member must not be null; Value null at 'policyType' failed to satisfy constraint: Member must not be null"},
		{"enum", "", `{"policyDocument": "{}", "policyType": "MY_POLICY"}`, "ValidationException: 1 validation error detected: Value 'MY_POLICY' at 'policyType' failed to satisfy constraint: Member must satisfy enum value set: [IDENTITY_POLICY, RESOURCE_POLICY, SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY]"},
		{"type", "", `{"policyDocument": {}, "policyType": "IDENTITY_POLICY"}`, "ValidationException: Invalid type for parameter policyDocument, value: {}, must be a string"},
		{"number", "?maxResults=many", body, "ValidationException: The value of maxResults is not valid."},
		{"cut off", "", `{"policyDocument": `, "ValidationException: unexpected EOF"},
		{"two values", "", `{} {}`, "ValidationException: The request body has more than one JSON value."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/policy/validation"+test.query, strings.NewReader(test.body))
			in := &accessanalyzer.ValidatePolicyInput{}
			got := ""
			if err := NewRESTJSON(AccessAnalyzer()).Decode(r, "ValidatePolicy", in); err != nil {
				got = message(err)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if test.name == "page" && (aws.ToInt32(in.MaxResults) != 5 || aws.ToString(in.NextToken) != "t") {
				t.Errorf("the query was not read: %+v", in)
			}
		})
	}
}

// TestRESTJSONBodyIsNotTheQuery: a parameter of the query is not taken from the body.
func TestRESTJSONBodyIsNotTheQuery(t *testing.T) {
	r := httptest.NewRequest("POST", "/policy/validation", strings.NewReader(`{"policyDocument": "{}", "policyType": "IDENTITY_POLICY", "maxResults": 5}`))
	in := &accessanalyzer.ValidatePolicyInput{}
	if err := NewRESTJSON(AccessAnalyzer()).Decode(r, "ValidatePolicy", in); err != nil || in.MaxResults != nil {
		t.Errorf("%+v, %v", in, err)
	}
}

func TestRESTJSONErrors(t *testing.T) {
	w := httptest.NewRecorder()
	req := &Request{ID: "id", Now: time.Unix(0, 0)}
	NewRESTJSON(AccessAnalyzer()).EncodeError(w, req, awserr.AccessDenied.Errorf("no").With("reason", "other"))
	if w.Code != http.StatusForbidden || map[string][]string(w.Header())["x-amzn-ErrorType"][0] != "AccessDeniedException" ||
		w.Body.String() != `{"message":"no","reason":"other"}` {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	w = httptest.NewRecorder()
	NewRESTJSON(AccessAnalyzer()).EncodeError(w, req, awserr.NotImplemented.Errorf("not"))
	if w.Code != http.StatusNotImplemented || map[string][]string(w.Header())["x-amzn-ErrorType"][0] != "NotImplementedException" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
