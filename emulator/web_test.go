package emulator_test

import (
	"context"
	"fmt"
	"io"
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

// visit sends a request without a signature to a host of the emulator, with headers in pairs.
func visit(t *testing.T, x *xemutest.Emulator, method, host, path string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, x.URL+path, nil)
	must(t, err)
	r.Host = host
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return browse(t, r)
}

// letAnonymousRead makes keys of a bucket readable for everybody.
func letAnonymousRead(t *testing.T, c *s3.Client, bucket, keys string) {
	t.Helper()
	_, err := c.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: &bucket})
	must(t, err)
	_, err = c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::` + bucket + `/` + keys + `"}}`)})
	must(t, err)
}

func TestCORS(t *testing.T) {
	x, _, c := uploads(t)
	must(t, put(t, c, "uploads", "k", "content"))
	letAnonymousRead(t, c, "uploads", "k")
	preflight := func(path, origin, method, headers string) answer {
		t.Helper()
		var more []string
		for name, value := range map[string]string{"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers} {
			if value != "" {
				more = append(more, name, value)
			}
		}
		return visit(t, x, "OPTIONS", "", path, more...)
	}
	for _, test := range []struct {
		path, origin, method string
		status               int
		message              string
	}{
		{"/uploads/k", "", "GET", 400, "Insufficient information. Origin request header needed."},
		{"/uploads/k", "http://a.test", "", 400, "Invalid Access-Control-Request-Method: null"},
		{"/uploads/k", "http://a.test", "PATCH", 400, "Invalid Access-Control-Request-Method: PATCH"},
		{"/uploads/k", "http://a.test", "GET", 403, "CORSResponse: CORS is not enabled for this bucket."},
		{"/nowhere/k", "http://a.test", "GET", 403, "CORSResponse: Bucket not found"},
	} {
		a := preflight(test.path, test.origin, test.method, "")
		if a.status != test.status || a.err.Message != test.message {
			t.Errorf("%v: %d %s", test, a.status, a.body)
		}
	}
	_, err := c.PutBucketCors(ctx, &s3.PutBucketCorsInput{Bucket: aws.String("uploads"), CORSConfiguration: &types.CORSConfiguration{CORSRules: []types.CORSRule{
		{ID: aws.String("app"), AllowedMethods: []string{"PUT", "GET"}, AllowedOrigins: []string{"https://*.app.test"}, AllowedHeaders: []string{"X-Amz-*", "content-type"},
			ExposeHeaders: []string{"ETag", "x-amz-request-id"}, MaxAgeSeconds: aws.Int32(600)},
		{AllowedMethods: []string{"GET"}, AllowedOrigins: []string{"*"}},
	}}})
	must(t, err)
	a := preflight("/uploads/any/key", "https://www.app.test", "PUT", "Content-Type, x-amz-date")
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://www.app.test", "Access-Control-Allow-Methods": "PUT, GET",
		"Access-Control-Allow-Headers": "content-type, x-amz-date", "Access-Control-Expose-Headers": "ETag, x-amz-request-id",
		"Access-Control-Max-Age": "600", "Access-Control-Allow-Credentials": "true",
		"Vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method", "Content-Length": "0",
	} {
		if got := a.header.Get(name); a.status != 200 || got != want {
			t.Errorf("preflight: %d, %s is %q, want %q", a.status, name, got, want)
		}
	}
	const notAllowed = "CORSResponse: This CORS request is not allowed."
	for _, test := range [][3]string{
		{"https://www.app.test", "DELETE", ""}, {"http://www.app.test", "PUT", ""}, {"https://www.app.test", "PUT", "x-other"},
		{"https://app.test", "PUT", ""}, {"https://x", "GET", "x-amz-date"},
	} {
		if a := preflight("/uploads/k", test[0], test[1], test[2]); a.status != 403 || a.err.Code != "AccessForbidden" || !strings.HasPrefix(a.err.Message, notAllowed) {
			t.Errorf("preflight %v: %d %s", test, a.status, a.body)
		}
	}
	// Simple requests, on their errors too.
	for _, test := range []struct {
		path, origin string
		status       int
		allowed      string
	}{
		{"/uploads/k", "https://www.app.test", 200, "https://www.app.test"},
		{"/uploads/k", "https://elsewhere.test", 200, "*"},
		{"/uploads/secret", "https://elsewhere.test", 403, "*"},
		{"/uploads?foo=", "https://www.app.test", 403, "https://www.app.test"},
		{"/nowhere/k", "https://www.app.test", 404, ""},
		{"/uploads/k", "", 200, ""},
	} {
		a := visit(t, x, "GET", "", test.path, "Origin", test.origin)
		if a.status != test.status || a.header.Get("Access-Control-Allow-Origin") != test.allowed || (a.header.Get("Vary") != "") != (test.allowed != "") {
			t.Errorf("GET %v: %d %v", test, a.status, a.header)
		}
	}
	if a := visit(t, x, "HEAD", "", "/uploads/k", "Origin", "https://www.app.test"); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("HEAD is in no rule: %v", a.header)
	}
	if a := visit(t, x, "GET", "uploads.s3.localhost", "/k", "Origin", "https://www.app.test"); a.header.Get("Access-Control-Allow-Origin") != "https://www.app.test" {
		t.Errorf("virtual host: %v", a.header)
	}
	presigned, err := s3.NewPresignClient(c).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("uploads"), Key: aws.String("k")},
		func(o *s3.PresignOptions) { o.Presigner = atFormNow{} })
	must(t, err)
	r, err := http.NewRequest("GET", presigned.URL, nil)
	must(t, err)
	r.Header.Set("Origin", "https://www.app.test")
	if a := browse(t, r); a.status != 200 || a.header.Get("Access-Control-Expose-Headers") != "ETag, x-amz-request-id" {
		t.Errorf("presigned: %d %v", a.status, a.header)
	}
	_, err = c.DeleteBucketCors(ctx, &s3.DeleteBucketCorsInput{Bucket: aws.String("uploads")})
	must(t, err)
	_, err = c.GetBucketCors(ctx, &s3.GetBucketCorsInput{Bucket: aws.String("uploads")})
	wantError(t, err, "NoSuchCORSConfiguration", "The CORS configuration does not exist")
}

// atFormNow presigns at the time of the tests.
type atFormNow struct{}

func (atFormNow) PresignHTTP(ctx context.Context, credentials aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, options ...func(*v4.SignerOptions)) (string, http.Header, error) {
	return v4.NewSigner().PresignHTTP(ctx, credentials, r, hash, service, region, formNow, append(options, func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })...)
}

func TestWebsite(t *testing.T) {
	x, _, c := uploads(t)
	for key, text := range map[string]string{
		"index.html": "home", "docs/index.html": "the docs", "docs/a b.html": "a page", "error.html": "sorry", "secret/index.html": "secret", "old": "moved",
	} {
		in := &s3.PutObjectInput{Bucket: aws.String("uploads"), Key: &key, Body: strings.NewReader(text), ContentType: aws.String("text/html")}
		if key == "old" {
			in.WebsiteRedirectLocation = aws.String("/docs/")
		}
		_, err := c.PutObject(ctx, in)
		must(t, err)
	}
	const host = "uploads.s3-website-us-east-1.localhost:1234"
	if a := visit(t, x, "GET", host, "/"); a.status != 404 || !strings.Contains(a.body, "<li>Code: NoSuchWebsiteConfiguration</li>") {
		t.Errorf("no website: %d %s", a.status, a.body)
	}
	site := &types.WebsiteConfiguration{
		IndexDocument: &types.IndexDocument{Suffix: aws.String("index.html")},
		RoutingRules: []types.RoutingRule{
			{Condition: &types.Condition{KeyPrefixEquals: aws.String("blog/")}, Redirect: &types.Redirect{ReplaceKeyPrefixWith: aws.String("docs/")}},
			{Condition: &types.Condition{KeyPrefixEquals: aws.String("gone/"), HttpErrorCodeReturnedEquals: aws.String("403")},
				Redirect: &types.Redirect{HostName: aws.String("archive.test"), Protocol: types.ProtocolHttps, HttpRedirectCode: aws.String("307"), ReplaceKeyWith: aws.String("all.html")}},
		},
	}
	put := func() {
		t.Helper()
		_, err := c.PutBucketWebsite(ctx, &s3.PutBucketWebsiteInput{Bucket: aws.String("uploads"), WebsiteConfiguration: site})
		must(t, err)
	}
	put()
	// A website is public by its bucket policy and by nothing else.
	if a := visit(t, x, "GET", host, "/"); a.status != 403 || !strings.Contains(a.body, "<h1>403 Forbidden</h1>") || !strings.Contains(a.body, "<li>Code: AccessDenied</li>") {
		t.Errorf("private: %d %s", a.status, a.body)
	}
	letAnonymousRead(t, c, "uploads", "*")
	deny := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::uploads/*"},
		{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::uploads/secret/*"}]}`
	_, err := c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("uploads"), Policy: &deny})
	must(t, err)
	check := func(method, path string, status int, location, body string, headers ...string) answer {
		t.Helper()
		a := visit(t, x, method, host, path, headers...)
		if a.status != status || a.header.Get("Location") != location || body == "" && a.body != "" || !strings.Contains(a.body, body) {
			t.Errorf("%s %s: %d, Location %q, %s", method, path, a.status, a.header.Get("Location"), a.body)
		}
		return a
	}
	home := check("GET", "/", 200, "", "home")
	if home.header.Get("Content-Type") != "text/html" {
		t.Errorf("type %q", home.header.Get("Content-Type"))
	}
	check("GET", "/?versions&x=y", 200, "", "home")
	check("GET", "/docs/", 200, "", "the docs")
	check("GET", "/docs/a%20b.html", 200, "", "a page")
	check("GET", "/docs", 302, "/docs/", "<li>Message: Resource Found</li>")
	check("GET", "/secret/", 403, "", "AccessDenied")
	check("GET", "/secret", 403, "", "AccessDenied") // that the folder is there is not told
	check("GET", "/missing", 403, "", "AccessDenied")
	check("HEAD", "/", 200, "", "")
	check("HEAD", "/missing", 403, "", "")
	check("GET", "/old", 301, "/docs/", "")
	check("GET", "/", 304, "", "", "If-None-Match", home.header.Get("ETag"))
	check("GET", "/", 412, "", "<h1>412 Precondition Failed</h1>", "If-Match", `"x"`)
	if a := check("GET", "/", 206, "", "om", "Range", "bytes=1-2"); a.body != "om" {
		t.Errorf("range: %s", a.body)
	}
	for _, method := range []string{"PUT", "POST", "DELETE"} {
		check(method, "/x", 405, "", "<li>Code: MethodNotAllowed</li>")
	}
	check("GET", "/blog/a%20b.html", 301, "http://"+host+"/docs/a%20b.html", "")
	check("GET", "/gone/x", 307, "https://archive.test/all.html", "")
	if a := visit(t, x, "GET", "uploads.s3-website.localhost", "/"); a.body != "home" {
		t.Errorf("without the region: %s", a.body)
	}
	if a := visit(t, x, "GET", "uploads.s3-website.eu-west-1.localhost", "/"); a.status != 400 || !strings.Contains(a.body, "IncorrectEndpoint") {
		t.Errorf("another region: %d %s", a.status, a.body)
	}
	if a := visit(t, x, "GET", "nowhere.s3-website.localhost", "/"); a.status != 404 || !strings.Contains(a.body, "<li>Code: NoSuchBucket</li>") {
		t.Errorf("no bucket: %d %s", a.status, a.body)
	}

	site.ErrorDocument = &types.ErrorDocument{Key: aws.String("error.html")}
	put()
	if a := check("GET", "/missing", 403, "", "sorry"); a.body != "sorry" || a.header.Get("Content-Type") != "text/html" {
		t.Errorf("the error document: %s %v", a.body, a.header)
	}
	check("HEAD", "/missing", 403, "", "")
	if a := check("GET", "/missing", 403, "", "sorry", "Range", "bytes=0-0"); a.body != "sorry" {
		t.Errorf("a range of the error document: %s", a.body)
	}
	list := strings.Replace(deny, `{"Effect":"Deny"`, `{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::uploads"},{"Effect":"Deny"`, 1)
	_, err = c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("uploads"), Policy: &list})
	must(t, err)
	check("GET", "/missing", 404, "", "sorry")
	site.ErrorDocument.Key = aws.String("none.html")
	put()
	check("GET", "/missing", 404, "", "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n<li>Code: NoSuchKey</li>")

	site = &types.WebsiteConfiguration{RedirectAllRequestsTo: &types.RedirectAllRequestsTo{HostName: aws.String("www.example.test"), Protocol: types.ProtocolHttps}}
	put()
	check("GET", "/a/b?c", 301, "https://www.example.test/a/b", "")
}

func TestWebsiteConfigurations(t *testing.T) {
	_, _, c := uploads(t)
	index := &types.IndexDocument{Suffix: aws.String("i")}
	rule := func(r types.RoutingRule) types.WebsiteConfiguration {
		return types.WebsiteConfiguration{IndexDocument: index, RoutingRules: []types.RoutingRule{r}}
	}
	to := &types.Redirect{HostName: aws.String("x.test")}
	for name, test := range map[string]struct {
		site          types.WebsiteConfiguration
		code, message string
	}{
		"nothing":         {types.WebsiteConfiguration{}, "InvalidArgument", "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty"},
		"suffix":          {types.WebsiteConfiguration{IndexDocument: &types.IndexDocument{Suffix: aws.String("a/b")}}, "InvalidArgument", "The IndexDocument Suffix is not well formed"},
		"both":            {types.WebsiteConfiguration{IndexDocument: index, RedirectAllRequestsTo: &types.RedirectAllRequestsTo{HostName: aws.String("x")}}, "InvalidRequest", "RedirectAllRequestsTo cannot be provided"},
		"protocol":        {types.WebsiteConfiguration{RedirectAllRequestsTo: &types.RedirectAllRequestsTo{HostName: aws.String("x"), Protocol: "ftp"}}, "", ""},
		"error document":  {types.WebsiteConfiguration{IndexDocument: index, ErrorDocument: &types.ErrorDocument{Key: aws.String("")}}, "InvalidArgument", "The ErrorDocument Key is not well formed"},
		"empty condition": {rule(types.RoutingRule{Condition: &types.Condition{}, Redirect: to}), "InvalidRequest", "Condition cannot be empty"},
		"error code":      {rule(types.RoutingRule{Condition: &types.Condition{HttpErrorCodeReturnedEquals: aws.String("302")}, Redirect: to}), "InvalidRequest", "The provided HTTP error code (302) is not valid. Valid codes are 4XX or 5XX."},
		"redirect code":   {rule(types.RoutingRule{Redirect: &types.Redirect{HttpRedirectCode: aws.String("200")}}), "InvalidRequest", "The provided HTTP redirect code (200) is not valid. Valid codes are 3XX except 300."},
		"both keys":       {rule(types.RoutingRule{Redirect: &types.Redirect{ReplaceKeyWith: aws.String("a"), ReplaceKeyPrefixWith: aws.String("b")}}), "InvalidRequest", "You can only define ReplaceKeyPrefix or ReplaceKey but not both."},
		"empty redirect":  {rule(types.RoutingRule{Redirect: &types.Redirect{}}), "MalformedXML", ""},
		"51 rules":        {types.WebsiteConfiguration{IndexDocument: index, RoutingRules: make51(to)}, "InvalidRequest", "51 routing rules provided, the number of routing rules in a website configuration is limited to 50."},
	} {
		_, err := c.PutBucketWebsite(ctx, &s3.PutBucketWebsiteInput{Bucket: aws.String("uploads"), WebsiteConfiguration: &test.site})
		if test.code == "" {
			if err == nil {
				t.Errorf("%s is accepted", name)
			}
			continue
		}
		wantError(t, err, test.code, test.message)
	}
	_, err := c.GetBucketWebsite(ctx, &s3.GetBucketWebsiteInput{Bucket: aws.String("uploads")})
	wantError(t, err, "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration")
	rules := func(n int, change func(*types.CORSRule)) *types.CORSConfiguration {
		c := &types.CORSConfiguration{}
		for i := range n {
			r := types.CORSRule{ID: aws.String(fmt.Sprint(i)), AllowedMethods: []string{"GET"}, AllowedOrigins: []string{"*"}}
			change(&r)
			c.CORSRules = append(c.CORSRules, r)
		}
		return c
	}
	for name, test := range map[string]struct {
		cors          *types.CORSConfiguration
		code, message string
	}{
		"no rules":  {rules(0, nil), "MalformedXML", ""},
		"101 rules": {rules(101, func(*types.CORSRule) {}), "InvalidRequest", "The number of CORS rules should not exceed allowed limit of 100 rules."},
		"method":    {rules(1, func(r *types.CORSRule) { r.AllowedMethods = []string{"PATCH"} }), "InvalidRequest", "Found unsupported HTTP method in CORS config. Unsupported method is PATCH"},
		"origin":    {rules(1, func(r *types.CORSRule) { r.AllowedOrigins = []string{"http://*.*"} }), "InvalidRequest", `AllowedOrigin "http://*.*" can not have more than one wildcard.`},
		"header":    {rules(1, func(r *types.CORSRule) { r.AllowedHeaders = []string{"*-*"} }), "InvalidRequest", `AllowedHeader "*-*" can not have more than one wildcard.`},
		"expose":    {rules(1, func(r *types.CORSRule) { r.ExposeHeaders = []string{"x-*"} }), "InvalidRequest", `ExposeHeader "x-*" contains wildcard. We currently do not support wildcard for ExposeHeader.`},
	} {
		_, err := c.PutBucketCors(ctx, &s3.PutBucketCorsInput{Bucket: aws.String("uploads"), CORSConfiguration: test.cors})
		if test.cors.CORSRules == nil && err != nil {
			continue // the SDK leaves the list out
		}
		wantError(t, err, test.code, test.message)
		_ = name
	}
}

func make51(to *types.Redirect) []types.RoutingRule {
	rules := make([]types.RoutingRule, 51)
	for i := range rules {
		rules[i].Redirect = to
	}
	return rules
}

func TestRequesterPays(t *testing.T) {
	x, admin, c := uploads(t)
	must(t, put(t, c, "uploads", "k", "content"))
	development := x.Account("development")
	_, err := c.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: aws.String("uploads")})
	must(t, err)
	_, err = c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("uploads"), Policy: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::uploads","arn:aws:s3:::uploads/*"]}}`)})
	must(t, err)
	other := s3Client(development.Admin())
	if _, err := get(t, other, "uploads", "k"); err != nil {
		t.Fatal(err)
	}
	_, err = c.PutBucketRequestPayment(ctx, &s3.PutBucketRequestPaymentInput{Bucket: aws.String("uploads"),
		RequestPaymentConfiguration: &types.RequestPaymentConfiguration{Payer: types.PayerRequester}})
	must(t, err)
	payer, err := c.GetBucketRequestPayment(ctx, &s3.GetBucketRequestPaymentInput{Bucket: aws.String("uploads")})
	must(t, err)
	if payer.Payer != types.PayerRequester {
		t.Errorf("the payer is %s", payer.Payer)
	}
	if _, err := get(t, c, "uploads", "k"); err != nil {
		t.Errorf("the owner: %v", err)
	}
	_, err = get(t, other, "uploads", "k")
	wantError(t, err, "AccessDenied", "Access Denied")
	_, err = other.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("uploads")})
	wantError(t, err, "AccessDenied", "Access Denied")
	out, err := other.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("uploads"), Key: aws.String("k"), RequestPayer: types.RequestPayerRequester})
	must(t, err)
	if out.RequestCharged != types.RequestChargedRequester {
		t.Errorf("charged %q", out.RequestCharged)
	}
	if _, err := io.Copy(io.Discard, out.Body); err != nil {
		t.Error(err)
	}
	for _, headers := range [][]string{nil, {"x-amz-request-payer", "requester"}} {
		if a := visit(t, x, "GET", "", "/uploads/k", headers...); a.status != 403 {
			t.Errorf("anonymous with %v: %d", headers, a.status)
		}
	}
	_ = admin
}

func TestAccelerate(t *testing.T) {
	x, _, c := uploads(t)
	must(t, put(t, c, "uploads", "k", "content"))
	letAnonymousRead(t, c, "uploads", "*")
	get := func(status int, message string) {
		t.Helper()
		if a := visit(t, x, "GET", "uploads.s3-accelerate.localhost", "/k"); a.status != status || a.err.Message != message {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	set := func(status types.BucketAccelerateStatus) error {
		_, err := c.PutBucketAccelerateConfiguration(ctx, &s3.PutBucketAccelerateConfigurationInput{Bucket: aws.String("uploads"),
			AccelerateConfiguration: &types.AccelerateConfiguration{Status: status}})
		return err
	}
	get(400, "S3 Transfer Acceleration is not configured on this bucket")
	must(t, set("Enabled"))
	get(200, "")
	must(t, set("Suspended"))
	get(400, "S3 Transfer Acceleration is disabled on this bucket")
	wantError(t, set("On"), "MalformedXML", "")
	_, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("with.dots")})
	must(t, err)
	_, err = c.PutBucketAccelerateConfiguration(ctx, &s3.PutBucketAccelerateConfigurationInput{Bucket: aws.String("with.dots"),
		AccelerateConfiguration: &types.AccelerateConfiguration{Status: "Enabled"}})
	wantError(t, err, "InvalidRequest", "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
}

// TestRegions: a bucket is reached at its region's endpoint.
func TestRegions(t *testing.T) {
	x, admin, c := uploads(t)
	ireland := func(o *s3.Options) { o.Region = "eu-west-1" }
	_, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("dublin"),
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}}, ireland)
	must(t, err)
	_, err = c.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("dublin"), Key: aws.String("k"), Body: strings.NewReader("x")}, ireland)
	must(t, err)
	location, err := c.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: aws.String("dublin")})
	must(t, err)
	if location.LocationConstraint != "eu-west-1" {
		t.Errorf("location %q", location.LocationConstraint)
	}
	send := func(method, host, region string) answer {
		t.Helper()
		path := "/dublin/k"
		if strings.HasPrefix(host, "dublin.") {
			path = "/k"
		}
		r, err := http.NewRequest(method, x.URL+path, nil)
		must(t, err)
		if host != "" {
			r.Host = host
		}
		credentials, err := admin.Config().Credentials.Retrieve(ctx)
		must(t, err)
		r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
		must(t, v4.NewSigner().SignHTTP(ctx, credentials, r, "UNSIGNED-PAYLOAD", "s3", region, formNow))
		return browse(t, r)
	}
	own := strings.TrimPrefix(x.URL, "http://")
	for _, test := range []struct {
		method, host, region string
		status               int
		code, endpoint       string
	}{
		{"GET", "", "eu-west-1", 200, "", ""},
		{"GET", "", "us-east-1", 301, "PermanentRedirect", own},
		{"HEAD", "", "us-east-1", 301, "", ""},
		{"GET", "s3.eu-west-1.localhost", "eu-west-1", 200, "", ""},
		{"GET", "s3.us-east-1.localhost:99", "us-east-1", 301, "PermanentRedirect", "s3.eu-west-1.localhost:99"},
		{"GET", "s3.eu-west-1.localhost", "us-east-1", 400, "AuthorizationHeaderMalformed", ""},
		{"GET", "dublin.s3.localhost", "us-east-1", 400, "AuthorizationHeaderMalformed", ""},
		{"GET", "dublin.s3.localhost", "eu-west-1", 200, "", ""},
		{"GET", "dublin.s3.localhost", "EU", 400, "AuthorizationHeaderMalformed", ""},
		{"GET", "dublin.s3.us-east-1.localhost", "us-east-1", 301, "PermanentRedirect", "dublin.s3.eu-west-1.localhost"},
	} {
		a := send(test.method, test.host, test.region)
		if a.status != test.status || a.err.Code != test.code || a.err.Endpoint != test.endpoint {
			t.Errorf("%v: %d %s", test, a.status, a.body)
		}
		if a.status != 200 && a.header.Get("x-amz-bucket-region") != "eu-west-1" {
			t.Errorf("%v: no region in %v", test, a.header)
		}
		if test.code == "AuthorizationHeaderMalformed" && (a.err.Region != "eu-west-1" || a.err.Message != "The authorization header is malformed; the region '"+test.region+"' is wrong; expecting 'eu-west-1'") {
			t.Errorf("%v: %s", test, a.body)
		}
	}
	// A copy reads from any region.
	_, err = c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String("uploads"), Key: aws.String("k"), CopySource: aws.String("dublin/k")})
	must(t, err)
}

// TestRenameObject: it is for directory buckets only.
func TestRenameObject(t *testing.T) {
	_, _, c := uploads(t)
	_, err := c.RenameObject(ctx, &s3.RenameObjectInput{Bucket: aws.String("uploads"), Key: aws.String("b"), RenameSource: aws.String("/uploads/a")})
	wantError(t, err, "MethodNotAllowed", "The specified method is not allowed against this resource.")
}

// TestDiscontinued: what S3 has ended is authorized and refused.
func TestDiscontinued(t *testing.T) {
	x, _, c := uploads(t)
	must(t, put(t, c, "uploads", "k", "content"))
	nobody := s3Client(x.Account("production").User("nobody"))
	for code, c := range map[string]*s3.Client{"MethodNotAllowed": c, "AccessDenied": nobody} {
		_, err := c.GetObjectTorrent(ctx, &s3.GetObjectTorrentInput{Bucket: aws.String("uploads"), Key: aws.String("k")})
		wantError(t, err, code, "")
		_, err = c.SelectObjectContent(ctx, &s3.SelectObjectContentInput{Bucket: aws.String("uploads"), Key: aws.String("k"),
			Expression: aws.String("SELECT * FROM S3Object"), ExpressionType: types.ExpressionTypeSql,
			InputSerialization: &types.InputSerialization{CSV: &types.CSVInput{}}, OutputSerialization: &types.OutputSerialization{CSV: &types.CSVOutput{}}})
		wantError(t, err, code, "")
	}
}
