package sigv4_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
)

// edit changes a request after it was signed.
type edit func(r *http.Request)

func header(name, value string) edit {
	return func(r *http.Request) {
		if value == "" {
			r.Header.Del(name)
			return
		}
		r.Header.Set(name, value)
	}
}

func added(name, value string) edit { return func(r *http.Request) { r.Header.Add(name, value) } }

// authorization replaces text in the Authorization header.
func authorization(old, new string) edit {
	return func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
	}
}

// target replaces text in the request's path and query.
func target(old, new string) edit {
	return func(r *http.Request) {
		changed := httptest.NewRequest(r.Method, strings.Replace(r.RequestURI, old, new, 1), nil)
		r.RequestURI, r.URL = changed.RequestURI, changed.URL
	}
}

func host(h string) edit   { return func(r *http.Request) { r.Host = h } }
func method(m string) edit { return func(r *http.Request) { r.Method = m } }

var (
	iamForm = calls["IAM form"]
	object  = call{method: "GET", url: "http://127.0.0.1:4566/bucket/key?versionId=1", service: "s3", header: map[string]string{"X-Amz-Acl": "private", "Range": "bytes=0-9"}}
	checked = call{method: "GET", url: "http://127.0.0.1:4566/bucket/key?versionId=1", service: "s3", header: map[string]string{"X-Amz-Checksum-Mode": "ENABLED"}}
)

func TestTampered(t *testing.T) {
	tests := []struct {
		name string
		call call
		edit edit
		want awserr.Kind
	}{
		{"method", object, method("DELETE"), awserr.SignatureDoesNotMatch},
		{"host", object, host("127.0.0.1:4567"), awserr.SignatureDoesNotMatch},
		{"host without the port", object, host("127.0.0.1"), awserr.SignatureDoesNotMatch},
		{"path", object, target("/key", "/other"), awserr.SignatureDoesNotMatch},
		{"slash at the end", object, target("/key", "/key/"), awserr.SignatureDoesNotMatch},
		{"slashes", object, target("/bucket/", "/bucket//"), awserr.SignatureDoesNotMatch},
		{"dots", object, target("/bucket/key", "/bucket/x/../key"), awserr.SignatureDoesNotMatch},
		{"encoded slash", object, target("bucket/key", "bucket%2Fkey"), awserr.SignatureDoesNotMatch},
		{"query value", object, target("versionId=1", "versionId=2"), awserr.SignatureDoesNotMatch},
		{"query left out", object, target("?versionId=1", ""), awserr.SignatureDoesNotMatch},
		{"query added", object, target("versionId=1", "versionId=1&acl"), awserr.SignatureDoesNotMatch},
		{"query twice", object, target("versionId=1", "versionId=1&versionId=1"), awserr.SignatureDoesNotMatch},
		{"signed header changed", object, header("X-Amz-Acl", "public-read"), awserr.SignatureDoesNotMatch},
		{"signed header added to", object, added("X-Amz-Acl", "private"), awserr.SignatureDoesNotMatch},
		{"signed header gone", object, header("X-Amz-Acl", ""), awserr.SignatureDoesNotMatch},
		{"signed range", object, header("Range", "bytes=0-8"), awserr.SignatureDoesNotMatch},
		{"unsigned x-amz header", object, header("X-Amz-Tagging", "a=b"), awserr.AccessDenied},
		{"unsigned x-amz header, odd case", object, func(r *http.Request) { r.Header["x-amz-tagging"] = []string{"a=b"} }, awserr.AccessDenied},
		{"token added", object, header("X-Amz-Security-Token", "session"), awserr.AccessDenied},
		{"token added to IAM", iamForm, header("X-Amz-Security-Token", "session"), awserr.SignatureDoesNotMatch},
		{"signature", object, authorization("Signature=", "Signature=0"), awserr.SignatureDoesNotMatch},
		{"signature in upper case", object, func(r *http.Request) {
			list, signature, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			r.Header.Set("Authorization", list+"Signature="+strings.ToUpper(signature))
		}, awserr.SignatureDoesNotMatch},
		{"region", object, authorization("us-east-1", "us-east-2"), awserr.SignatureDoesNotMatch},
		{"another S3", object, authorization("/s3/", "/s3express/"), awserr.SignatureDoesNotMatch},
		{"another service", iamForm, authorization("/iam/", "/sts/"), awserr.SignatureDoesNotMatch},
		{"access key", object, authorization(keyID, "AKIAOTHER"), awserr.InvalidClientTokenId},
		{"seconds of the date", object, header("X-Amz-Date", "20260304T050608Z"), awserr.SignatureDoesNotMatch},
		{"SignedHeaders without one", object, authorization("range;", ""), awserr.SignatureDoesNotMatch},
		{"SignedHeaders with one more", object, authorization("range;", "range;via;"), awserr.SignatureDoesNotMatch},
		{"SignedHeaders without host", object, authorization("host;", ""), awserr.AccessDenied},
		{"SignedHeaders without host, IAM", iamForm, authorization("host;", ""), awserr.SignatureDoesNotMatch},
		{"x-amz-content-sha256", object, header("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"), awserr.SignatureDoesNotMatch},
		{"body of a form", iamForm, withBody("Action=DeleteUser&UserName=admin"), awserr.SignatureDoesNotMatch},
		{"no body of a form", iamForm, withBody(""), awserr.SignatureDoesNotMatch},
		{"content type", iamForm, header("Content-Type", "text/plain"), awserr.SignatureDoesNotMatch},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := test.call.signed(t)
			test.edit(r)
			s, err := sigv4.Verify(r, options)
			if s != nil || !errors.Is(err, test.want) {
				t.Errorf("%+v, %v; want %s", s, err, test.want.Code)
			}
		})
	}
}

// What is signed is the path and query that were meant: another way to write them is the same request.
func TestSentOtherwise(t *testing.T) {
	odd := call{method: "GET", url: "http://127.0.0.1:4566/bucket/%C3%BC%28%29~?prefix=a%20b&x=&y=1", service: "s3"}
	for name, change := range map[string]edit{
		"hex in lower case":       target("%C3%BC", "%c3%bc"),
		"reserved characters":     target("%28%29", "()"),
		"unreserved ones encoded": target("~", "%7E"),
		"plus in the query":       target("a%20b", "a+b"),
		"another order":           target("prefix=a%20b&x=&y=1", "y=1&prefix=a%20b&x="),
		"no equals sign":          target("x=&", "x&"),
		"empty parameters":        target("x=&", "&&x=&"),
	} {
		t.Run(name, func(t *testing.T) {
			r := odd.signed(t)
			before := r.RequestURI
			if change(r); r.RequestURI == before {
				t.Fatal("nothing is changed")
			}
			if _, err := sigv4.Verify(r, options); err != nil {
				t.Error(err)
			}
		})
	}
	r := odd.signed(t)
	if target("prefix=a%20b", "prefix=a%2Bb")(r); !errors.Is(verify(r), awserr.SignatureDoesNotMatch) {
		t.Error("an encoded plus is taken for a space")
	}
}

func verify(r *http.Request) error {
	_, err := sigv4.Verify(r, options)
	return err
}

// A list of signed headers that names one many times does not make the canonical request any longer.
func TestSignedHeadersRepeated(t *testing.T) {
	r := object.signed(t)
	header("Range", strings.Repeat("x", 10000))(r)
	authorization("range;", strings.Repeat("range;", 10000))(r)
	err := verify(r)
	if e := awserr.From(err); e.Code != "SignatureDoesNotMatch" || len(e.Fields[4].Value) > 11000 {
		t.Errorf("%s with a canonical request of %d bytes", e.Code, len(e.Fields[4].Value))
	}
}

func TestTamperedPresigned(t *testing.T) {
	tests := []struct {
		name     string
		old, new string
		want     awserr.Kind
	}{
		{"path", "/key", "/other", awserr.SignatureDoesNotMatch},
		{"date", "050607Z", "050608Z", awserr.SignatureDoesNotMatch},
		{"expiry", "X-Amz-Expires=600", "X-Amz-Expires=6000", awserr.SignatureDoesNotMatch},
		{"signed headers", "X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host%3Bvia", awserr.SignatureDoesNotMatch},
		{"parameter added", "?", "?acl&", awserr.SignatureDoesNotMatch},
		{"header in the query", "Mode=ENABLED", "Mode=DISABLED", awserr.SignatureDoesNotMatch},
		{"signature", "X-Amz-Signature=", "X-Amz-Signature=0", awserr.SignatureDoesNotMatch},
		{"two signatures", "?", "?X-Amz-Signature=0&", awserr.AuthorizationQueryParametersError},
		{"two credentials", "?", "?X-Amz-Credential=0&", awserr.AuthorizationQueryParametersError},
		{"two expiries", "?", "?X-Amz-Expires=604800&", awserr.AuthorizationQueryParametersError},
		{"token", "?", "?X-Amz-Security-Token=session&", awserr.SignatureDoesNotMatch},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := checked.presigned(t)
			before := r.RequestURI
			if target(test.old, test.new)(r); r.RequestURI == before {
				t.Fatal("nothing is tampered with")
			}
			s, err := sigv4.Verify(r, options)
			if s != nil || !errors.Is(err, test.want) {
				t.Errorf("%+v, %v; want %s", s, err, test.want.Code)
			}
		})
	}
}

// errorCase is a request that is refused, with all that the client is told.
type errorCase struct {
	name    string
	call    call
	presign bool
	edit    edit
	options func(*sigv4.Options)
	code    string
	status  int
	message string // with … where it varies
	fields  string // "Name=value, Name=value"
}

func at(d time.Duration) func(*sigv4.Options) {
	return func(o *sigv4.Options) { o.Now = now.Add(d) }
}

func region(name string) func(*sigv4.Options) {
	return func(o *sigv4.Options) { o.Region = name }
}

func TestErrors(t *testing.T) {
	const missing = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
	const week = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"
	tests := []errorCase{
		{name: "skewed, too old", call: object, options: at(15*time.Minute + time.Second), code: "RequestTimeTooSkewed", status: 403,
			message: "The difference between the request time and the current time is too large.",
			fields:  "RequestTime=20260304T050607Z, ServerTime=2026-03-04T05:21:08Z, MaxAllowedSkewMilliseconds=900000"},
		{name: "skewed, too new", call: object, options: at(-15*time.Minute - time.Second), code: "RequestTimeTooSkewed", status: 403,
			message: "The difference between the request time and the current time is too large.",
			fields:  "RequestTime=20260304T050607Z, ServerTime=2026-03-04T04:51:06Z, MaxAllowedSkewMilliseconds=900000"},
		{name: "IAM skewed, too old", call: iamForm, options: at(16 * time.Minute), code: "SignatureDoesNotMatch", status: 403,
			message: "Signature expired: 20260304T050607Z is now earlier than 20260304T050707Z (20260304T052207Z - 15 min.)"},
		{name: "IAM skewed, too new", call: iamForm, options: at(-16 * time.Minute), code: "SignatureDoesNotMatch", status: 403,
			message: "Signature not yet current: 20260304T050607Z is still later than 20260304T050507Z (20260304T045007Z + 15 min.)"},
		{name: "presigned, expired", call: object, presign: true, options: at(10 * time.Minute), code: "AccessDenied", status: 403,
			message: "Request has expired", fields: "Expires=2026-03-04T05:16:07Z, ServerTime=2026-03-04T05:16:07Z, X-Amz-Expires=600"},
		{name: "presigned, not yet", call: object, presign: true, options: at(-16 * time.Minute), code: "AccessDenied", status: 403,
			message: "Request is not valid yet", fields: "X-Amz-Date=20260304T050607Z, ServerTime=2026-03-04T04:50:07Z"},
		{name: "STS presigned, expired", call: calls["STS in the query"], presign: true, options: at(time.Hour), code: "SignatureDoesNotMatch", status: 403,
			message: "Signature expired: 20260304T050607Z is now earlier than 20260304T055607Z (20260304T060607Z - 10 min.)"},
		{name: "expires 0", call: object, presign: true, edit: target("Expires=600", "Expires=0"), code: "AccessDenied", status: 403,
			message: "Request has expired", fields: "Expires=2026-03-04T05:06:07Z, ServerTime=2026-03-04T05:06:07Z, X-Amz-Expires=0"},
		{name: "expires negative", call: object, presign: true, edit: target("Expires=600", "Expires=-1"), code: "AuthorizationQueryParametersError", status: 400, message: "X-Amz-Expires must be non-negative"},
		{name: "expires a word", call: object, presign: true, edit: target("Expires=600", "Expires=soon"), code: "AuthorizationQueryParametersError", status: 400, message: "X-Amz-Expires should be a number"},
		{name: "expires over a week", call: object, presign: true, edit: target("Expires=600", "Expires=604801"), code: "AuthorizationQueryParametersError", status: 400, message: week},
		{name: "expires over 63 bits", call: object, presign: true, edit: target("Expires=600", "Expires=99999999999999999999"), code: "AuthorizationQueryParametersError", status: 400, message: week},
		{name: "expires missing", call: object, presign: true, edit: target("X-Amz-Expires=600", ""), code: "AuthorizationQueryParametersError", status: 400, message: missing},
		{name: "credential missing", call: object, presign: true, edit: target("X-Amz-Credential=", "X="), code: "AuthorizationQueryParametersError", status: 400, message: missing},
		{name: "STS algorithm missing", call: calls["STS in the query"], presign: true, edit: target("X-Amz-Algorithm=", "X="), code: "IncompleteSignature",
			message: "AWS query-string parameters must include 'X-Amz-Algorithm'. Re-examine the query-string parameters."},
		{name: "presigned algorithm", call: object, presign: true, edit: target("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), code: "AuthorizationQueryParametersError", status: 400,
			message: `X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"`},
		{name: "presigned by SigV4A", call: object, presign: true, edit: target("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), code: "NotImplemented", status: 501,
			message: "xemu does not verify Signature Version 4A (AWS4-ECDSA-P256-SHA256). Please use AWS4-HMAC-SHA256."},
		{name: "presigned date", call: object, presign: true, edit: target("20260304T050607Z", "2026-03-04"), code: "AuthorizationQueryParametersError", status: 400,
			message: `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`},
		{name: "presigned day", call: object, presign: true, edit: target("%2F20260304%2F", "%2F20260303%2F"), code: "AuthorizationQueryParametersError", status: 400,
			message: `Invalid credential date "20260303". This date is not the same as X-Amz-Date: "20260304".`},
		{name: "presigned credential", call: object, presign: true, edit: target("%2Faws4_request", ""), code: "AuthorizationQueryParametersError", status: 400,
			message: `Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`},

		{name: "credential", call: object, edit: authorization("/aws4_request", ""), code: "AuthorizationHeaderMalformed", status: 400,
			message: `The authorization header is malformed; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`},
		{name: "IAM credential", call: iamForm, edit: authorization("/aws4_request", ""), code: "IncompleteSignature",
			message: "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIAIOSFODNN7EXAMPLE/20260304/us-east-1/iam'"},
		{name: "terminator", call: object, edit: authorization("aws4_request", "aws5_request"), code: "AuthorizationHeaderMalformed", status: 400,
			message: `The authorization header is malformed; incorrect terminal "aws5_request". This endpoint uses "aws4_request".`},
		{name: "IAM terminator", call: iamForm, edit: authorization("aws4_request", "aws5_request"), code: "SignatureDoesNotMatch", status: 403,
			message: "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'."},
		{name: "day", call: object, edit: authorization("/20260304/", "/20260305/"), code: "AuthorizationHeaderMalformed", status: 400,
			message: "The authorization header is malformed; Invalid credential date. Date is not the same as X-Amz-Date."},
		{name: "day of another time", call: object, edit: header("X-Amz-Date", "20100707T215304Z"), code: "RequestTimeTooSkewed", status: 403,
			message: "The difference between the request time and the current time is too large.",
			fields:  "RequestTime=20100707T215304Z, ServerTime=2026-03-04T05:06:07Z, MaxAllowedSkewMilliseconds=900000"},
		{name: "before the epoch", call: object, edit: header("X-Amz-Date", "19500707T215304Z"), code: "AccessDenied", status: 403,
			message: "AWS authentication requires a valid Date or x-amz-date header"},
		{name: "day's form", call: object, edit: authorization("/20260304/", "/2026-03-04/"), code: "AuthorizationHeaderMalformed", status: 400,
			message: `The authorization header is malformed; incorrect date format "2026-03-04". This date in the credential must be in the format "yyyyMMdd".`},
		{name: "IAM day", call: iamForm, edit: authorization("/20260304/", "/20260305/"), code: "SignatureDoesNotMatch", status: 403,
			message: "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260305' != '20260304', from '20260304T050607Z'."},
		{name: "region", call: object, options: region("eu-west-1"), code: "AuthorizationHeaderMalformed", status: 400,
			message: "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'", fields: "Region=eu-west-1"},
		{name: "presigned region", call: object, presign: true, options: region("eu-west-1"), code: "AuthorizationQueryParametersError", status: 400,
			message: "Error parsing the X-Amz-Credential parameter; the region 'us-east-1' is wrong; expecting 'eu-west-1'", fields: "Region=eu-west-1"},
		{name: "IAM region", call: iamForm, options: region("eu-west-1"), code: "SignatureDoesNotMatch", status: 403,
			message: "Credential should be scoped to a valid region, not 'us-east-1'."},
		{name: "no signature in the header", call: object, edit: authorization(", Signature=", ", Signatur="), code: "AuthorizationHeaderMalformed", status: 400,
			message: `The authorization header is malformed; the authorization component "Signatur=…" is malformed.`},
		{name: "nothing in the header", call: object, edit: header("Authorization", "AWS4-HMAC-SHA256 "), code: "AuthorizationHeaderMalformed", status: 400,
			message: "The authorization header is malformed; missing Credential."},
		{name: "IAM nothing in the header", call: iamForm, edit: header("Authorization", "AWS4-HMAC-SHA256 "), code: "IncompleteSignature",
			message: "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 "},
		{name: "IAM no date", call: iamForm, edit: header("X-Amz-Date", ""), code: "IncompleteSignature",
			message: "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256 …"},
		{name: "IAM component", call: iamForm, edit: header("Authorization", "AWS4-HMAC-SHA256 Credential"), code: "IncompleteSignature",
			message: "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential'."},
		{name: "IAM date", call: iamForm, edit: header("X-Amz-Date", "yesterday"), code: "IncompleteSignature",
			message: "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{name: "no date", call: object, edit: header("X-Amz-Date", ""), code: "AccessDenied", status: 403,
			message: "AWS authentication requires a valid Date or x-amz-date header"},
		{name: "two dates", call: object, edit: added("X-Amz-Date", "20260304T050607Z"), code: "InvalidArgument", status: 400, message: "X-Amz-Date must be given only once.", fields: "ArgumentName=X-Amz-Date, ArgumentValue=…"},
		{name: "scheme", call: object, edit: header("Authorization", "Basic eDp5"), code: "InvalidArgument", status: 400,
			message: "Unsupported Authorization Type", fields: "ArgumentName=Authorization, ArgumentValue=Basic eDp5"},
		{name: "IAM scheme", call: iamForm, edit: header("Authorization", "Bearer abc"), code: "IncompleteSignature", message: "Unsupported AWS 'algorithm': 'Bearer'."},
		{name: "version 2 in the header", call: object, edit: header("Authorization", "AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg="), code: "InvalidRequest", status: 400,
			message: "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."},
		{name: "SigV4A", call: object, edit: authorization("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), code: "NotImplemented", status: 501,
			message: "xemu does not verify Signature Version 4A (AWS4-ECDSA-P256-SHA256). Please use AWS4-HMAC-SHA256."},
		{name: "header and query", call: object, edit: target("?", "?X-Amz-Signature=0&"), code: "InvalidArgument", status: 400,
			message: "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
			fields:  "ArgumentName=Authorization, ArgumentValue=AWS4-HMAC-SHA256 …"},
		{name: "two headers", call: object, edit: added("Authorization", "Basic eDp5"), code: "InvalidArgument", status: 400,
			message: "Only one auth mechanism allowed; …", fields: "ArgumentName=Authorization, ArgumentValue=AWS4-HMAC-SHA256 …"},
		{name: "unsigned headers", call: object, edit: func(r *http.Request) {
			header("X-Amz-Tagging", "a=b")(r)
			header("X-Amz-Meta-A", "b")(r)
		}, code: "AccessDenied", status: 403, message: "There were headers present in the request which were not signed", fields: "HeadersNotSigned=x-amz-meta-a, x-amz-tagging"},
		{name: "IAM host unsigned", call: iamForm, edit: authorization("host;", ""), code: "SignatureDoesNotMatch", status: 403,
			message: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{name: "IAM token unsigned", call: iamForm, edit: header("X-Amz-Security-Token", "session"), code: "SignatureDoesNotMatch", status: 403,
			message: "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization."},
		{name: "payload hash missing", call: object, edit: func(r *http.Request) {
			header("X-Amz-Content-Sha256", "")(r)
			authorization("x-amz-content-sha256;", "")(r)
		}, code: "InvalidRequest", status: 400, message: "Missing required header for this request: x-amz-content-sha256"},
		{name: "payload hash a word", call: object, edit: header("X-Amz-Content-Sha256", "none"), code: "InvalidArgument", status: 400,
			message: "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
			fields:  "ArgumentName=x-amz-content-sha256, ArgumentValue=none"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := test.call.signed(t)
			if test.presign {
				r = test.call.presigned(t)
			}
			if test.edit != nil {
				test.edit(r)
			}
			o := options
			if test.options != nil {
				test.options(&o)
			}
			s, err := sigv4.Verify(r, o)
			if s != nil || err == nil {
				t.Fatalf("%+v, %v", s, err)
			}
			e := awserr.From(err)
			var fields []string
			for _, f := range e.Fields {
				fields = append(fields, f.Name+"="+f.Value)
			}
			if e.Code != test.code || test.status != 0 && e.Status != test.status {
				t.Errorf("%s (%d), want %s (%d): %s", e.Code, e.Status, test.code, test.status, e.Message)
			}
			if !like(e.Message, test.message) {
				t.Errorf("message\n%s, want\n%s", e.Message, test.message)
			}
			if got := strings.Join(fields, ", "); !like(got, test.fields) {
				t.Errorf("fields\n%s, want\n%s", got, test.fields)
			}
		})
	}
}

// like compares with a pattern in which an ellipsis stands for anything.
func like(s, pattern string) bool {
	before, after, ok := strings.Cut(pattern, "…")
	if !ok {
		return s == pattern
	}
	return strings.HasPrefix(s, before) && strings.HasSuffix(s, after)
}

// The words of a signature that does not match hold what should have been signed.
func TestSignatureMismatch(t *testing.T) {
	const canonical = "GET\n/bucket/key\nversionId=1\nhost:127.0.0.1:4566\nrange:bytes=0-9\nx-amz-acl:private\n" +
		"x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-amz-date:20260304T050607Z\n\n" +
		"host;range;x-amz-acl;x-amz-content-sha256;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	text := "AWS4-HMAC-SHA256\n20260304T050607Z\n20260304/us-east-1/s3/aws4_request\n" + hexSHA256(canonical)
	r := object.signed(t)
	authorization("Signature=", "Signature=0")(r)
	_, _, signature := cutLast(r.Header.Get("Authorization"), "Signature=")
	_, err := sigv4.Verify(r, options)
	e := awserr.From(err)
	want := []awserr.Field{
		{Name: "AWSAccessKeyId", Value: keyID},
		{Name: "StringToSign", Value: text},
		{Name: "SignatureProvided", Value: signature},
		{Name: "StringToSignBytes", Value: spaced(text)},
		{Name: "CanonicalRequest", Value: canonical},
		{Name: "CanonicalRequestBytes", Value: spaced(canonical)},
	}
	if e.Message != "The request signature we calculated does not match the signature you provided. Check your key and signing method." {
		t.Errorf("message %q", e.Message)
	}
	if len(e.Fields) != len(want) {
		t.Fatalf("fields %v", e.Fields)
	}
	for i, f := range e.Fields {
		if f != want[i] {
			t.Errorf("%s %q, want %s %q", f.Name, f.Value, want[i].Name, want[i].Value)
		}
	}

	r = iamForm.signed(t)
	authorization("Signature=", "Signature=0")(r)
	_, err = sigv4.Verify(r, options)
	if e := awserr.From(err); len(e.Fields) != 0 || !like(e.Message, "The request signature we calculated does not match the signature you provided. "+
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n"+
		"The Canonical String for this request should have been\n'POST\n/\n\ncontent-length:35\ncontent-type:application/x-www-form-urlencoded; charset=utf-8\nhost:127.0.0.1:4566\n…'\n") ||
		!strings.Contains(e.Message, "'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20260304T050607Z\n20260304/us-east-1/iam/aws4_request\n") {
		t.Errorf("IAM: %v, %q", e.Fields, e.Message)
	}
}

func cutLast(s, sep string) (before, separator, after string) {
	i := strings.LastIndex(s, sep)
	return s[:i], sep, s[i+len(sep):]
}

func spaced(s string) string {
	var parts []string
	for _, b := range []byte(s) {
		parts = append(parts, hex.EncodeToString([]byte{b}))
	}
	return strings.Join(parts, " ")
}

// Clocks may differ by 15 minutes either way, and a URL is good to the last second.
func TestTimeBounds(t *testing.T) {
	for _, d := range []time.Duration{-15 * time.Minute, 0, 15 * time.Minute} {
		for _, c := range []call{object, iamForm} {
			o := options
			o.Now = now.Add(d)
			if _, err := sigv4.Verify(c.signed(t), o); err != nil {
				t.Errorf("%s at %v: %v", c.service, d, err)
			}
		}
	}
	for _, d := range []time.Duration{-15 * time.Minute, 0, 10*time.Minute - time.Second} {
		o := options
		o.Now = now.Add(d)
		if _, err := sigv4.Verify(object.presigned(t), o); err != nil {
			t.Errorf("presigned at %v: %v", d, err)
		}
	}
}

// What Keys says is the answer, whatever the signature.
func TestKeysError(t *testing.T) {
	r := call{method: "GET", url: "http://127.0.0.1/", service: "s3", token: "forged"}.signed(t)
	if _, err := sigv4.Verify(r, options); !errors.Is(err, awserr.InvalidToken) {
		t.Errorf("forged token: %v", err)
	}
}

// Signing keys are remembered, but only for the secret that they came from.
func TestOtherSecrets(t *testing.T) {
	r := object.signed(t)
	for i := range 3000 { // more than are remembered, so that they come to share places
		if err := verify(r); err != nil {
			t.Fatal(err)
		}
		o := options
		o.Keys = func(context.Context, string, string) (string, error) { return fmt.Sprint(secret, i), nil }
		if _, err := sigv4.Verify(r, o); !errors.Is(err, awserr.SignatureDoesNotMatch) {
			t.Fatalf("with secret %d: %v", i, err)
		}
	}
}

func TestAnonymous(t *testing.T) {
	for _, target := range []string{"/", "/bucket/key", "/bucket/key?X-Amz-Date=20260304T050607Z", "/?Action=AssumeRoleWithWebIdentity"} {
		r := httptest.NewRequest("GET", target, nil)
		if s, err := sigv4.Verify(r, options); s != nil || err != nil {
			t.Errorf("%s: %+v, %v", target, s, err)
		}
		r.Header.Set("Authorization", "")
		if s, err := sigv4.Verify(r, options); s != nil || err != nil {
			t.Errorf("%s with an empty Authorization: %+v, %v", target, s, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260304/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=00", "/b/k?a=b", "20260304T050607Z", "UNSIGNED-PAYLOAD")
	f.Add("", "/b?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260304%2Fr%2Fs3%2Faws4_request&X-Amz-Date=20260304T050607Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=1", "", "")
	f.Add("", "/b?AWSAccessKeyId=a&Signature=b&Expires=1", "", "")
	f.Add("AWS4-HMAC-SHA256 Credential=/////", "/%zz?%=&=", "x", "x")
	f.Fuzz(func(t *testing.T, auth, target, date, hash string) {
		r := httptest.NewRequest("PUT", "/", strings.NewReader("body"))
		path, query, _ := strings.Cut(target, "?")
		r.RequestURI, r.URL.Path, r.URL.RawQuery = target, path, query
		for name, value := range map[string]string{"Authorization": auth, "X-Amz-Date": date, "X-Amz-Content-Sha256": hash} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		sigv4.Scope(r)
		s, err := sigv4.Verify(r, options)
		if s != nil {
			t.Errorf("accepted %q %q %q %q", auth, target, date, hash)
		}
		if err != nil && awserr.From(err).Status == 500 {
			t.Errorf("%v", err)
		}
	})
}
