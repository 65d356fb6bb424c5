package emulator_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/xemutest"
)

// formNow is when the forms of the tests are signed.
var formNow = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)

// A browserForm is an upload as a browser sends it: fields in order, then the file.
type browserForm struct {
	fields     [][2]string
	conditions []any // beside one for the bucket
	bucket     any   // the bucket's condition; nil: the right one
	expires    string
	policy     string // in place of the one made of conditions
	name, body string // the file's; no name: the part has none
	after      [][2]string
	unsigned   bool
	v2         bool
}

func (f browserForm) with(name, value string) browserForm {
	f.fields = append(f.fields[:len(f.fields):len(f.fields)], [2]string{name, value})
	return f
}

// on adds conditions.
func (f browserForm) on(conditions ...any) browserForm {
	f.conditions = append(f.conditions[:len(f.conditions):len(f.conditions)], conditions...)
	return f
}

// sign returns the form's fields with those that sign it.
func (f browserForm) sign(who *xemutest.Identity) [][2]string {
	if f.unsigned {
		return f.fields
	}
	signing := [][2]string{{"AWSAccessKeyId", who.AccessKeyID}}
	conditions := append([]any{map[string]string{"bucket": "uploads"}}, f.conditions...)
	if f.bucket != nil {
		conditions[0] = f.bucket
	}
	day := formNow.Format("20060102")
	if !f.v2 {
		signing = [][2]string{
			{"x-amz-algorithm", "AWS4-HMAC-SHA256"},
			{"X-Amz-Credential", who.AccessKeyID + "/" + day + "/us-east-1/s3/aws4_request"},
			{"x-amz-date", formNow.Format("20060102T150405Z")},
		}
	}
	if who.SessionToken != "" {
		signing = append(signing, [2]string{"x-amz-security-token", who.SessionToken})
	}
	for _, s := range signing {
		if s[0] != "AWSAccessKeyId" {
			conditions = append(conditions, []string{"eq", "$" + s[0], s[1]})
		}
	}
	expires := f.expires
	if expires == "" {
		expires = formNow.Add(time.Hour).Format("2006-01-02T15:04:05Z")
	}
	document, _ := json.Marshal(map[string]any{"expiration": expires, "conditions": conditions})
	if f.policy != "" {
		document = []byte(f.policy)
	}
	policy := base64.StdEncoding.EncodeToString(document)
	signing = append(signing, [2]string{"policy", policy})
	if f.v2 {
		mac := hmac.New(sha1.New, []byte(who.SecretKey))
		mac.Write([]byte(policy))
		signing = append(signing, [2]string{"signature", base64.StdEncoding.EncodeToString(mac.Sum(nil))})
	} else {
		key := []byte("AWS4" + who.SecretKey)
		for _, part := range []string{day, "us-east-1", "s3", "aws4_request", policy} {
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(part))
			key = mac.Sum(nil)
		}
		signing = append(signing, [2]string{"x-amz-signature", hex.EncodeToString(key)})
	}
	return append(f.fields[:len(f.fields):len(f.fields)], signing...)
}

// request makes the request that a browser would.
func (f browserForm) request(t *testing.T, url string, fields [][2]string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, field := range fields {
		must(t, w.WriteField(field[0], field[1]))
	}
	if f.name == "" {
		must(t, w.WriteField("file", f.body))
	} else {
		part, err := w.CreateFormFile("file", f.name)
		must(t, err)
		_, err = io.WriteString(part, f.body)
		must(t, err)
	}
	for _, field := range f.after {
		must(t, w.WriteField(field[0], field[1]))
	}
	must(t, w.Close())
	r, err := http.NewRequestWithContext(t.Context(), "POST", url, &body)
	must(t, err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

// An answer is a response as a browser sees it.
type answer struct {
	status int
	header http.Header
	body   string
	err    struct { // of an error document
		Code, Message, ArgumentName, ProposedSize, MinSizeAllowed, MaxSizeAllowed, Condition, Region, Endpoint, Bucket string
	}
}

// browse sends a request and follows no redirect.
func browse(t *testing.T, r *http.Request) answer {
	t.Helper()
	response, err := http.DefaultTransport.RoundTrip(r)
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	a := answer{status: response.StatusCode, header: response.Header, body: string(body)}
	if a.status >= 300 && strings.Contains(a.body, "<Error>") {
		must(t, xml.Unmarshal(body, &a.err))
	}
	if a.header.Get("x-amz-request-id") == "" || a.header.Get("x-amz-id-2") == "" {
		t.Errorf("%s %s: the answer lacks its ids: %v", r.Method, r.URL, a.header)
	}
	return a
}

// uploads starts an emulator with the bucket "uploads" of production, at formNow.
func uploads(t *testing.T, options ...xemutest.Option) (*xemutest.Emulator, *xemutest.Identity, *s3.Client) {
	t.Helper()
	x := xemutest.New(t, append(options, xemutest.Now(func() time.Time { return formNow }))...)
	admin := x.Account("production").Admin()
	c := s3Client(admin)
	_, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("uploads")})
	must(t, err)
	return x, admin, c
}

// simple is a form that is accepted.
var simple = browserForm{name: "a.txt", body: "content"}.with("key", "k").on([]string{"starts-with", "$key", ""})

func TestFormStoresTheFile(t *testing.T) {
	x, admin, c := uploads(t)
	for _, v2 := range []bool{false, true} {
		f := browserForm{name: `C:\pictures\a/b.png`, body: strings.Repeat("0123456789", 40_000), v2: v2}.
			with("Key", "in/${filename}").on([]any{"starts-with", "$key", "in/"}).
			with("Content-Type", "image/png").on([]any{"starts-with", "$Content-Type", "image/"}).
			with("x-amz-meta-origin", "form").on(map[string]string{"x-amz-meta-origin": "form"}).
			with("Cache-Control", "max-age=60").on([]any{"eq", "$CACHE-CONTROL", "max-age=60"}).
			with("x-amz-storage-class", "STANDARD_IA").on(map[string]string{"X-Amz-Storage-Class": "STANDARD_IA"}).
			with("tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>1 2</Value></Tag></TagSet></Tagging>").on([]any{"starts-with", "$tagging", ""}).
			with("x-ignore-me", "anything").on([]any{"content-length-range", 1, "400000"})
		f.after = [][2]string{{"acl", "public-read"}, {"submit", "Upload"}}
		a := browse(t, f.request(t, x.URL+"/uploads", f.sign(admin)))
		if a.status != 204 || a.body != "" {
			t.Fatalf("v2 %v: %d %s", v2, a.status, a.body)
		}
		if got, want := a.header.Get("Location"), x.URL+"/uploads/in%2Fb.png"; got != want {
			t.Errorf("Location %q, want %q", got, want)
		}
		if got, want := a.header.Get("ETag"), fmt.Sprintf(`"%x"`, md5.Sum([]byte(f.body))); got != want {
			t.Errorf("ETag %q, want %q", got, want)
		}
		out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("uploads"), Key: aws.String("in/b.png")})
		must(t, err)
		text, err := io.ReadAll(out.Body)
		must(t, err)
		if string(text) != f.body || *out.ContentType != "image/png" || out.Metadata["origin"] != "form" ||
			*out.CacheControl != "max-age=60" || out.StorageClass != types.StorageClassStandardIa || aws.ToInt32(out.TagCount) != 1 {
			t.Errorf("the object became %d bytes, %+v", len(text), out)
		}
	}
}

func TestFormAnswers(t *testing.T) {
	x, admin, _ := uploads(t)
	etag := fmt.Sprintf("%x", md5.Sum([]byte("content")))
	for _, c := range []struct {
		name, value string
		status      int
		location    string
	}{
		{"success_action_status", "200", 200, x.URL + "/uploads/a%2Fb%20c"},
		{"success_action_status", "201", 201, x.URL + "/uploads/a%2Fb%20c"},
		{"success_action_status", "204", 204, x.URL + "/uploads/a%2Fb%20c"},
		{"success_action_status", "404", 204, x.URL + "/uploads/a%2Fb%20c"},
		{"success_action_redirect", "http://example.test/done", 303, "http://example.test/done?bucket=uploads&key=a%2Fb%20c&etag=%22" + etag + "%22"},
		{"success_action_redirect", "https://example.test/?x=1", 303, "https://example.test/?x=1&bucket=uploads&key=a%2Fb%20c&etag=%22" + etag + "%22"},
		{"redirect", "http://example.test/", 303, "http://example.test/?bucket=uploads&key=a%2Fb%20c&etag=%22" + etag + "%22"},
		{"success_action_redirect", "nowhere", 204, x.URL + "/uploads/a%2Fb%20c"},
	} {
		f := browserForm{name: "f", body: "content"}.with("key", "a/b c").with(c.name, c.value).
			on([]string{"starts-with", "$key", "a/"}, []string{"starts-with", "$" + c.name, ""})
		a := browse(t, f.request(t, x.URL+"/uploads", f.sign(admin)))
		if a.status != c.status || a.header.Get("Location") != c.location {
			t.Errorf("%s=%s: %d, Location %q", c.name, c.value, a.status, a.header.Get("Location"))
		}
		want := ""
		if c.status == 201 {
			want = xml.Header + "<PostResponse><Location>" + c.location + "</Location><Bucket>uploads</Bucket><Key>a/b c</Key><ETag>&#34;" + etag + "&#34;</ETag></PostResponse>"
		}
		if a.body != want {
			t.Errorf("%s=%s: body %s", c.name, c.value, a.body)
		}
	}
	f := simple
	r := f.request(t, x.URL+"/", f.sign(admin))
	r.Host = "uploads.s3.localhost"
	if a := browse(t, r); a.status != 204 || a.header.Get("Location") != "http://uploads.s3.localhost/k" {
		t.Errorf("virtual host: %d %v", a.status, a.header)
	}
}

// TestFormPolicy: what the policy does not allow is refused and stores nothing.
func TestFormPolicy(t *testing.T) {
	x, admin, c := uploads(t)
	condition := func(c ...any) browserForm { return simple.on(c) }
	plain := func(policy string) browserForm { return browserForm{policy: policy}.with("key", "k") }
	sized := func(size int) browserForm {
		f := simple.on([]any{"content-length-range", 5, 10})
		f.body = strings.Repeat("x", size)
		return f
	}
	expired := simple
	expired.expires = "2024-05-06T07:08:09Z"
	other := simple
	other.bucket = map[string]string{"bucket": "others"}
	none := simple
	none.bucket = []string{"starts-with", "$x-ignore-a", ""}
	for name, test := range map[string]struct {
		form          browserForm
		status        int
		code, message string
	}{
		"expired":            {expired, 403, "AccessDenied", "Invalid according to Policy: Policy expired."},
		"other bucket":       {other, 403, "AccessDenied", `Invalid according to Policy: Policy Condition failed: ["eq", "$bucket", "others"]`},
		"bucket not covered": {none, 403, "AccessDenied", "Invalid according to Policy: Extra input fields: bucket"},
		"key not covered":    {browserForm{}.with("key", "k"), 403, "AccessDenied", "Invalid according to Policy: Extra input fields: key"},
		"field not covered":  {simple.with("Acl", "private"), 403, "AccessDenied", "Invalid according to Policy: Extra input fields: acl"},
		"eq":                 {condition("eq", "$key", "K"), 403, "AccessDenied", `Invalid according to Policy: Policy Condition failed: ["eq", "$key", "K"]`},
		"eq without dollar":  {condition("eq", "key", "k"), 403, "AccessDenied", `Invalid according to Policy: Policy Condition failed: ["eq", "key", "k"]`},
		"absent field":       {condition("eq", "$acl", "private"), 403, "AccessDenied", `Invalid according to Policy: Policy Condition failed: ["eq", "$acl", "private"]`},
		"starts-with":        {condition("starts-with", "$key", "<x>"), 403, "AccessDenied", `Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "<x>"]`},
		"one of the types": {simple.with("Content-Type", "image/png,text/html").on([]any{"starts-with", "$Content-Type", "image/"}),
			403, "AccessDenied", `Invalid according to Policy: Policy Condition failed: ["starts-with", "$Content-Type", "image/"]`},
		"too small":              {sized(4), 400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"},
		"too large":              {sized(11), 400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"},
		"no JSON":                {plain("x"), 400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON."},
		"a list":                 {plain("[]"), 400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON."},
		"no expiration":          {plain(`{"conditions":[{"bucket":"uploads"}]}`), 400, "InvalidPolicyDocument", ""},
		"no conditions":          {plain(`{"expiration":"2999-01-01T00:00:00Z"}`), 400, "InvalidPolicyDocument", ""},
		"empty conditions":       {plain(`{"expiration":"2999-01-01T00:00:00Z","conditions":[]}`), 400, "InvalidPolicyDocument", ""},
		"CONDITIONS":             {plain(`{"expiration":"2999-01-01T00:00:00Z","CONDITIONS":[]}`), 400, "InvalidPolicyDocument", ""},
		"bad date":               {plain(`{"expiration":"tomorrow","conditions":[["eq","$key","k"]]}`), 400, "InvalidPolicyDocument", "Invalid Policy: Invalid 'expiration' value: 'tomorrow'"},
		"two properties":         {simple.on(map[string]string{"acl": "a", "key": "k"}), 400, "InvalidPolicyDocument", "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."},
		"no property":            {simple.on(map[string]string{}), 400, "InvalidPolicyDocument", "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."},
		"unknown operator":       {condition("ends-with", "$key", "k"), 400, "InvalidPolicyDocument", ""},
		"two arguments":          {condition("eq", "$key"), 400, "InvalidPolicyDocument", ""},
		"a number":               {condition("eq", "$key", 1), 400, "InvalidPolicyDocument", ""},
		"null":                   {condition("eq", "$key", nil), 400, "InvalidPolicyDocument", ""},
		"a range of words":       {condition("content-length-range", 0, "x"), 400, "InvalidPolicyDocument", ""},
		"a negative range":       {condition("content-length-range", -1, 0), 400, "InvalidPolicyDocument", ""},
		"a range with one limit": {condition("content-length-range", 0), 400, "InvalidPolicyDocument", ""},
	} {
		a := browse(t, test.form.request(t, x.URL+"/uploads", test.form.sign(admin)))
		if a.status != test.status || a.err.Code != test.code || test.message != "" && a.err.Message != test.message {
			t.Errorf("%s: %d %s: %s", name, a.status, a.err.Code, a.err.Message)
		}
		if name == "too large" && (a.err.ProposedSize != "11" || a.err.MaxSizeAllowed != "10") {
			t.Errorf("too large: %s", a.body)
		}
		if name == "too small" && (a.err.ProposedSize != "4" || a.err.MinSizeAllowed != "5") {
			t.Errorf("too small: %s", a.body)
		}
	}
	if keys := keysOf(t, c, "uploads"); len(keys) > 0 {
		t.Errorf("refused forms stored %q", keys)
	}
	// And what it allows is not refused.
	for name, f := range map[string]browserForm{
		"least": sized(5), "most": sized(10), "another case": simple.with("ACL", "bucket-owner-full-control").on(map[string]string{"aCl": "bucket-owner-full-control"}, []any{"StArTs-WiTh", "$KEY", "k"}),
		"a field that may be absent": simple.on([]any{"starts-with", "$acl", ""}),
		"escapes":                    {policy: `{"expiration":"2999-01-01T00:00:00Z","conditions":[{"bucket":"uploads"},["starts-with","$key","\$f"],["starts-with","$x-amz-date",""],["starts-with","$x-amz-credential",""],["starts-with","$x-amz-algorithm",""]]}`, fields: [][2]string{{"key", "$foo"}}},
	} {
		if a := browse(t, f.request(t, x.URL+"/uploads/", f.sign(admin))); a.status != 204 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

// letAnonymousPut makes the bucket "uploads" one that everybody may write to.
func letAnonymousPut(t *testing.T, c *s3.Client) {
	t.Helper()
	_, err := c.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: aws.String("uploads")})
	must(t, err)
	_, err = c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("uploads"), Policy: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::uploads/*"}}`)})
	must(t, err)
}

// keysOf lists the keys of a bucket.
func keysOf(t *testing.T, c *s3.Client, bucket string) []string {
	t.Helper()
	out, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
	must(t, err)
	var keys []string
	for _, o := range out.Contents {
		keys = append(keys, *o.Key)
	}
	return keys
}

// TestFormSignature: a form is nobody's but the signer's.
func TestFormSignature(t *testing.T) {
	x, admin, c := uploads(t)
	change := func(name, value string) func([][2]string) [][2]string {
		return func(fields [][2]string) [][2]string {
			var changed [][2]string
			for _, f := range fields {
				if strings.EqualFold(f[0], name) {
					f[1] = value
				}
				if f[1] != "" {
					changed = append(changed, f)
				}
			}
			return changed
		}
	}
	for name, test := range map[string]struct {
		v2      bool
		change  func([][2]string) [][2]string
		status  int
		code    string
		message string
	}{
		"signature":         {false, change("x-amz-signature", strings.Repeat("0", 64)), 403, "SignatureDoesNotMatch", ""},
		"signature, v2":     {true, change("signature", "AAAA"), 403, "SignatureDoesNotMatch", ""},
		"policy":            {false, change("policy", base64.StdEncoding.EncodeToString([]byte("{}"))), 403, "SignatureDoesNotMatch", ""},
		"policy, v2":        {true, change("policy", "e30="), 403, "SignatureDoesNotMatch", ""},
		"unknown key":       {true, change("AWSAccessKeyId", "AKIAUNKNOWNUNKNOWN00"), 403, "InvalidAccessKeyId", ""},
		"no key id, v2":     {true, change("AWSAccessKeyId", ""), 400, "InvalidArgument", "Bucket POST must contain a field named 'AWSAccessKeyId'.  If it is specified, please check the order of the fields."},
		"no policy":         {false, change("policy", ""), 400, "InvalidArgument", "Bucket POST must contain a field named 'policy'.  If it is specified, please check the order of the fields."},
		"no date":           {false, change("x-amz-date", ""), 400, "InvalidArgument", "Bucket POST must contain a field named 'X-Amz-Date'.  If it is specified, please check the order of the fields."},
		"no signature":      {false, change("x-amz-signature", ""), 400, "InvalidArgument", "Bucket POST must contain a field named 'X-Amz-Signature'.  If it is specified, please check the order of the fields."},
		"no signature, v2":  {true, change("signature", ""), 400, "InvalidArgument", "Bucket POST must contain a field named 'Signature'.  If it is specified, please check the order of the fields."},
		"algorithm":         {false, change("x-amz-algorithm", "AWS4-HMAC-SHA1"), 400, "AuthorizationQueryParametersError", ""},
		"credential":        {false, change("x-amz-credential", "x"), 400, "AuthorizationQueryParametersError", ""},
		"credential of ec2": {false, change("x-amz-credential", "AKIA/20240506/us-east-1/ec2/aws4_request"), 400, "AuthorizationQueryParametersError", ""},
		"date":              {false, change("x-amz-date", "20240507T000000Z"), 400, "AuthorizationQueryParametersError", ""},
		"key missing":       {false, change("key", ""), 400, "InvalidArgument", "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields."},
	} {
		f := simple
		f.v2 = test.v2
		a := browse(t, f.request(t, x.URL+"/uploads", test.change(f.sign(admin))))
		if a.status != test.status || a.err.Code != test.code || test.message != "" && a.err.Message != test.message {
			t.Errorf("%s: %d %s: %s", name, a.status, a.err.Code, a.err.Message)
		}
	}
	only := browserForm{name: "f", unsigned: true}.with("key", "k").with("policy", "e30=")
	if a := browse(t, only.request(t, x.URL+"/uploads", only.sign(nil))); a.status != 403 || a.err.Message != "Access Denied" {
		t.Errorf("a policy without a signature: %d %s", a.status, a.body)
	}
	if keys := keysOf(t, c, "uploads"); len(keys) > 0 {
		t.Errorf("refused forms stored %q", keys)
	}
}

// TestFormBodies: bodies that are no forms.
func TestFormBodies(t *testing.T) {
	x, _, c := uploads(t)
	letAnonymousPut(t, c)
	part := func(name, value string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	const end = "--b--\r\n"
	for name, test := range map[string]struct {
		kind, body string
		status     int
		code       string
	}{
		"a urlencoded form":  {"application/x-www-form-urlencoded", "key=k", 412, "PreconditionFailed"},
		"no type":            {"", "", 412, "PreconditionFailed"},
		"mixed":              {"multipart/mixed; boundary=b", part("key", "k"), 412, "PreconditionFailed"},
		"no boundary":        {"multipart/form-data", part("key", "k") + end, 400, "MalformedPOSTRequest"},
		"no parts":           {"multipart/form-data; boundary=b", "key=k", 400, "MalformedPOSTRequest"},
		"empty":              {"multipart/form-data; boundary=b", "", 400, "MalformedPOSTRequest"},
		"no end":             {"multipart/form-data; boundary=b", part("key", "k") + part("file", "x"), 400, "MalformedPOSTRequest"},
		"no file":            {"multipart/form-data; boundary=b", part("key", "k") + end, 400, "InvalidArgument"},
		"empty key":          {"multipart/form-data; boundary=b", part("key", "") + part("file", "x") + end, 400, "InvalidArgument"},
		"key after file":     {"multipart/form-data; boundary=b", part("file", "x") + part("key", "k") + end, 400, "InvalidArgument"},
		"long key":           {"multipart/form-data; boundary=b", part("key", strings.Repeat("k", 1025)) + part("file", "x") + end, 400, "KeyTooLongError"},
		"long field":         {"multipart/form-data; boundary=b", part("key", "k") + part("x-ignore", strings.Repeat("k", 20<<10)) + part("file", "x") + end, 400, "MaxPostPreDataLengthExceededError"},
		"long header":        {"multipart/form-data; boundary=b", "--b\r\nX: " + strings.Repeat("k", 200<<10) + "\r\n\r\n\r\n" + end, 400, "MaxPostPreDataLengthExceededError"},
		"control characters": {"multipart/form-data; boundary=b", part("key", "k") + part("x-amz-meta-a", "b\r\nc: d") + part("file", "x") + end, 400, "InvalidArgument"},
		"tagging":            {"multipart/form-data; boundary=b", part("key", "k") + part("tagging", "a=b") + part("file", "x") + end, 400, "MalformedXML"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", x.URL+"/uploads", strings.NewReader(test.body))
		must(t, err)
		r.Header.Set("Content-Type", test.kind)
		if a := browse(t, r); a.status != test.status || a.err.Code != test.code {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", x.URL+"/uploads", io.MultiReader(strings.NewReader(part("key", "k"))))
	must(t, err)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	if a := browse(t, r); a.status != 411 || a.err.Code != "MissingContentLength" {
		t.Errorf("chunked: %d %s", a.status, a.body)
	}
	if keys := keysOf(t, c, "uploads"); len(keys) > 0 {
		t.Errorf("refused forms stored %q", keys)
	}
}

// TestFormPermission: a form is a s3:PutObject of who signed it, and s3:authType is POST.
func TestFormPermission(t *testing.T) {
	x, admin, c := uploads(t)
	production := x.Account("production")
	send := func(who *xemutest.Identity, f browserForm) answer {
		t.Helper()
		return browse(t, f.request(t, x.URL+"/uploads", f.sign(who)))
	}
	nobody := production.User("nobody")
	if a := send(nobody, simple); a.status != 403 || !strings.Contains(a.err.Message, "user/nobody is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::uploads/k\"") {
		t.Errorf("nobody: %d %s", a.status, a.err.Message)
	}
	only := func(keys, authType string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::uploads/` + keys +
			`","Condition":{"StringEquals":{"s3:authType":"` + authType + `"}}}}`
	}
	poster := production.User("poster", only("k", "POST"))
	if a := send(poster, simple); a.status != 204 {
		t.Errorf("poster: %d %s", a.status, a.body)
	}
	wantError(t, put(t, s3Client(poster), "uploads", "k", "x"), "AccessDenied", "s3:PutObject")
	if a := send(poster, browserForm{body: "x"}.with("key", "other").on([]string{"starts-with", "$key", ""})); a.status != 403 {
		t.Errorf("poster, another key: %d", a.status)
	}
	if a := send(poster, simple.with("acl", "bucket-owner-full-control").on([]string{"starts-with", "$acl", ""})); a.status != 403 || !strings.Contains(a.err.Message, "s3:PutObjectAcl") {
		t.Errorf("poster with an ACL: %d %s", a.status, a.body)
	}
	if a := send(production.User("putter", only("k", "REST-HEADER")), simple); a.status != 403 {
		t.Errorf("putter: %d", a.status)
	}
	role := production.Role("uploader", xemutest.Trust(production.ID), xemutest.Allow("s3:PutObject", "arn:aws:s3:::uploads/*"))
	session, err := admin.Assume(role, "session")
	must(t, err)
	for _, v2 := range []bool{false, true} {
		f := simple
		f.v2 = v2
		if a := send(session, f); a.status != 204 {
			t.Errorf("session, v2 %v: %d %s", v2, a.status, a.body)
		}
	}
	stolen := *session
	stolen.SessionToken = ""
	if a := send(&stolen, simple); a.status != 403 || a.err.Code != "InvalidAccessKeyId" {
		t.Errorf("a session without its token: %d %s", a.status, a.body)
	}
	// A form without signature is anonymous; the request's own headers say nothing of the object.
	anonymous := browserForm{body: "x", unsigned: true}.with("key", "public/k").with("anything", "goes")
	if a := send(nil, anonymous); a.status != 403 {
		t.Errorf("anonymous: %d", a.status)
	}
	letAnonymousPut(t, c)
	r := anonymous.request(t, x.URL+"/uploads", anonymous.sign(nil))
	r.Header.Set("x-amz-meta-sneaked", "in")
	if a := browse(t, r); a.status != 204 {
		t.Errorf("anonymous, allowed: %d %s", a.status, a.body)
	}
	head, err := c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String("uploads"), Key: aws.String("public/k")})
	must(t, err)
	if len(head.Metadata) > 0 || *head.ContentType != "binary/octet-stream" {
		t.Errorf("the request's headers became the object's: %v %s", head.Metadata, *head.ContentType)
	}
	if a := browse(t, anonymous.request(t, x.URL+"/nowhere", anonymous.fields)); a.status != 404 || a.err.Code != "NoSuchBucket" {
		t.Errorf("no bucket: %d %s", a.status, a.body)
	}
}

// A request that is signed in its header may bring a form without a policy; what the signature covers is verified to the end.
func TestFormSignedInHeader(t *testing.T) {
	x, admin, c := uploads(t)
	f := browserForm{name: "f", body: "content", unsigned: true}.with("key", "k").with("x-amz-server-side-encryption", "AES256")
	for body, status := range map[string]int{"": 204, "changed": 400} {
		r := f.request(t, x.URL+"/uploads", f.fields)
		text, err := io.ReadAll(r.Body)
		must(t, err)
		sum := sha256.Sum256(append(text, body...))
		hash := hex.EncodeToString(sum[:])
		r.Body = io.NopCloser(bytes.NewReader(text))
		r.Header.Set("X-Amz-Content-Sha256", hash)
		credentials, err := admin.Config().Credentials.Retrieve(ctx)
		must(t, err)
		must(t, v4.NewSigner().SignHTTP(ctx, credentials, r, hash, "s3", "us-east-1", formNow))
		if a := browse(t, r); a.status != status || status == 400 && a.err.Code != "XAmzContentSHA256Mismatch" {
			t.Errorf("%q: %d %s", body, a.status, a.body)
		}
		if status == 400 && len(keysOf(t, c, "uploads")) > 0 {
			t.Error("it is stored")
		}
		_, err = c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("uploads"), Key: aws.String("k")})
		must(t, err)
	}
}

// The sum that a form brings along is compared with the file.
func TestFormChecksum(t *testing.T) {
	x, admin, c := uploads(t)
	sum := sha256.Sum256([]byte("content"))
	for value, status := range map[string]int{base64.StdEncoding.EncodeToString(sum[:]): 204, base64.StdEncoding.EncodeToString(make([]byte, 32)): 400} {
		f := simple.with("x-amz-checksum-sha256", value).on([]string{"starts-with", "$x-amz-checksum-sha256", ""})
		a := browse(t, f.request(t, x.URL+"/uploads", f.sign(admin)))
		if a.status != status || status == 400 && a.err.Code != "BadDigest" {
			t.Errorf("%s: %d %s", value, a.status, a.body)
		}
	}
	head, err := c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String("uploads"), Key: aws.String("k"), ChecksumMode: types.ChecksumModeEnabled})
	must(t, err)
	if aws.ToString(head.ChecksumSHA256) != base64.StdEncoding.EncodeToString(sum[:]) {
		t.Errorf("the sum is %v", head.ChecksumSHA256)
	}
}
