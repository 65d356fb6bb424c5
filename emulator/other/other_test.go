package other

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

func post(form string) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return r
}

func target(name string) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader("{}"))
	r.Header.Set("X-Amz-Target", name)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	return r
}

func cbor(path string) *http.Request {
	r := httptest.NewRequest("POST", path, nil)
	r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
	return r
}

func TestDescribe(t *testing.T) {
	rest := func(method, target string) *http.Request { return httptest.NewRequest(method, target, nil) }
	for _, test := range []struct {
		name    string
		request *http.Request
		service string
		want    string // "" for not ok
	}{
		{"query", post("Action=DescribeInstances&Version=2016-11-15"), "ec2", "ec2:DescribeInstances"},
		{"query in the URL", rest("GET", "/?Action=ListTopics&Version=2010-03-31"), "sns", "sns:ListTopics"},
		{"two actions", rest("POST", "/?Action=ListTopics&Action=Publish"), "sns", ""},
		{"a wildcard", post("Action=Describe*"), "ec2", ""},
		{"an action with a colon", post("Action=s3:GetObject"), "ec2", ""},
		{"a batch", post("Action=PublishBatch"), "sns", "sns:Publish"},
		{"json", target("DynamoDB_20120810.ListTables"), "dynamodb", "dynamodb:ListTables"},
		{"json 1.1", target("TrentService.ListKeys"), "kms", "kms:ListKeys"},
		{"json without a dot", target("ListKeys"), "kms", "kms:ListKeys"},
		{"json with nothing after the dot", target("TrentService."), "kms", ""},
		{"json with a prefix of its own", target("ResourceGroupsTaggingAPI_20170126.GetResources"), "tagging", "tag:GetResources"},
		{"cbor", cbor("/service/GraniteServiceVersion20100801/operation/ListMetrics"), "monitoring", "cloudwatch:ListMetrics"},
		{"rest", rest("GET", "/2015-03-31/functions"), "lambda", "lambda:ListFunctions"},
		{"rest with a slash at the end", rest("GET", "/2015-03-31/functions/"), "lambda", "lambda:ListFunctions"},
		{"rest with a name", rest("GET", "/2015-03-31/functions/f"), "lambda", "lambda:GetFunction"},
		{"rest with another method", rest("DELETE", "/2015-03-31/functions/f"), "lambda", "lambda:DeleteFunction"},
		{"an operation under another action", rest("POST", "/2015-03-31/functions/f/invocations"), "lambda", "lambda:InvokeFunction"},
		{"a constant query parameter", rest("GET", "/2018-10-31/layers?find=LayerVersion&Arn=a"), "lambda", "lambda:GetLayerVersionByArn"},
		{"without it", rest("GET", "/2018-10-31/layers"), "lambda", "lambda:ListLayers"},
		{"a path of more than one segment", rest("DELETE", "/actionTargets/arn:aws:securityhub:us-east-1:111122223333:action/custom/x"), "securityhub", "securityhub:DeleteActionTarget"},
		{"an escaped slash", rest("GET", "/clusters/a%2Fb"), "eks", "eks:DescribeCluster"},
		{"an empty name", rest("GET", "/clusters//updates"), "eks", "eks:[GET /clusters//updates]"},
		{"a name with a date", rest("GET", "/2020-05-31/distribution"), "cloudfront", "cloudfront:ListDistributions"},
		{"rest xml", rest("GET", "/2013-04-01/hostedzone"), "route53", "route53:ListHostedZones"},
		{"efs", rest("GET", "/2015-02-01/file-systems"), "elasticfilesystem", "elasticfilesystem:DescribeFileSystems"},
		{"api gateway", rest("GET", "/restapis"), "apigateway", "apigateway:GET"},
		{"a path that is not in the table", rest("GET", "/v9/unheard/of"), "lambda", "lambda:[GET /v9/unheard/of]"},
		{"a service that is not in the table", rest("POST", "/things"), "novel", "novel:[POST /things]"},
		{"no service", rest("POST", "/"), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := Describe(test.request, test.service)
			if got != test.want || ok != (test.want != "") {
				t.Errorf("Describe = %q, %v, want %q", got, ok, test.want)
			}
		})
	}
}

// TestUnknownIsAllowedToNoOne but to those who may do anything.
func TestUnknownIsAllowedToNoOne(t *testing.T) {
	action, _ := Describe(httptest.NewRequest("GET", "/v9/unheard/of", nil), "lambda")
	for pattern, want := range map[string]bool{"*": true, "lambda:*": true, "lambda:Get*": false, "lambda:*Function": false, "s3:*": false} {
		p, err := authz.Parse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + pattern + `","Resource":"*"}]}`)
		if err != nil {
			t.Fatal(err)
		}
		d := authz.Evaluate(authz.Request{Principal: request.Caller.Principal, Action: action, Resource: "*"},
			authz.Policies{Identity: []authz.Attached{{Policy: p, Kind: authz.Identity}}})
		if d.Allowed() != want {
			t.Errorf("%s allows %s: %v", pattern, action, d.Allowed())
		}
	}
}

func TestDescribeReadsNoEndlessForm(t *testing.T) {
	if action, ok := Describe(post("Action=A&X="+strings.Repeat("x", maxForm)), "ec2"); ok {
		t.Errorf("a form of more than %d bytes is %q, want not ok", maxForm, action)
	}
}

// TestTable finds every line of the table by a request that is made of it.
func TestTable(t *testing.T) {
	count := 0
	for line := range strings.Lines(rest) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 5 {
			t.Fatalf("bad line %q", line)
		}
		path, query, _ := strings.Cut(f[3], "?")
		var segments []string
		for _, s := range strings.Split(path, "/") {
			if strings.HasPrefix(s, "{") {
				s = "zzz"
			}
			segments = append(segments, s)
		}
		u := &url.URL{Path: strings.Join(segments, "/"), RawQuery: query}
		found, ok := findRoute(f[0], &http.Request{Method: f[2], URL: u})
		if !ok || found.operation != f[4] && found.path+found.query != path+query {
			t.Errorf("%s %s of %s is %s, want %s", f[2], u, f[0], found.operation, f[4])
		}
		count++
	}
	if count < 1000 {
		t.Errorf("the table has %d operations", count)
	}
}

var request = &wire.Request{
	ID: "11111111-2222-4333-8444-555555555555", Service: "ec2", Region: "us-east-1",
	Caller: wire.Caller{Principal: authz.Principal{Type: authz.User, Account: "444455556666", ARN: "arn:aws:iam::444455556666:user/eve"}},
}

// TestGolden compares whole answers with testdata/NAME.txt; XEMU_UPDATE=1 writes them.
func TestGolden(t *testing.T) {
	denied := awserr.AccessDenied.Errorf("User: arn:aws:iam::444455556666:user/eve is not authorized to perform: x:Y because no identity-based policy allows the x:Y action")
	deny := func(r *http.Request, service string, err *awserr.Error) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		Deny(w, r, request, service, err)
		return w
	}
	respond := func(r *http.Request, service string) *httptest.ResponseRecorder {
		action, ok := Describe(r, service)
		if !ok {
			t.Fatalf("no action in the request to %s", service)
		}
		own := *request
		own.Service = service
		w := httptest.NewRecorder()
		if err := Respond(w, r, &own, action); err != nil {
			Deny(w, r, &own, service, awserr.From(err))
		}
		return w
	}
	get := func(target string) *http.Request { return httptest.NewRequest("GET", target, nil) }
	for name, w := range map[string]*httptest.ResponseRecorder{
		"deny-ec2":           deny(post("Action=DescribeInstances"), "ec2", denied),
		"deny-query":         deny(post("Action=ListTopics"), "sns", denied),
		"deny-json":          deny(target("DynamoDB_20120810.ListTables"), "dynamodb", denied),
		"deny-cbor":          deny(cbor("/service/S/operation/O"), "monitoring", denied),
		"deny-rest-json":     deny(get("/2015-03-31/functions"), "lambda", denied),
		"deny-rest-xml":      deny(get("/2013-04-01/hostedzone"), "route53", denied),
		"bad-key-ec2":        deny(post("Action=A"), "ec2", awserr.InvalidClientTokenId.Errorf("The security token included in the request is invalid.")),
		"bad-signature-json": deny(target("A.B"), "kms", awserr.SignatureDoesNotMatch.Errorf("no match")),
		"expired-ec2":        deny(post("Action=A"), "ec2", awserr.ExpiredToken.Errorf("The security token included in the request is expired")),
		"lambda":             respond(get("/2015-03-31/functions"), "lambda"),
		"list-topics":        respond(post("Action=ListTopics"), "sns"),
		"run-instances":      respond(post("Action=RunInstances"), "ec2"),
		"dry-run":            respond(post("Action=RunInstances&DryRun=true"), "ec2"),
		"instances":          respond(post("Action=DescribeInstances"), "ec2"),
		"no-such-instance":   respond(post("Action=DescribeInstances&InstanceId.1=i-0123456789abcdef0"), "ec2"),
		"regions":            respond(post("Action=DescribeRegions&Filter.1.Name=region-name&Filter.1.Value.1=us-*"), "ec2"),
		"vpcs":               respond(post("Action=DescribeVpcs"), "ec2"),
		"vpcs-filtered-out":  respond(post("Action=DescribeVpcs&Filter.1.Name=is-default&Filter.1.Value.1=false"), "ec2"),
		"vpcs-unknown":       respond(post("Action=DescribeVpcs&Filter.1.Name=colour&Filter.1.Value.1=red"), "ec2"),
		"subnets":            respond(post("Action=DescribeSubnets&Filter.1.Name=availability-zone&Filter.1.Value.1=us-east-1b"), "ec2"),
		"security-groups":    respond(post("Action=DescribeSecurityGroups"), "ec2"),
		"zones":              respond(post("Action=DescribeAvailabilityZones&ZoneName.1=us-east-1f"), "ec2"),
		"unknown-parameter":  respond(post("Action=DescribeVpcs&Colour=red"), "ec2"),
	} {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			if err := w.Result().Write(&got); err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(got.String(), "\r\n", "\n") + "\n"
			file := filepath.Join("testdata", name+".txt")
			if os.Getenv("XEMU_UPDATE") != "" {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("got\n%s\nwant\n%s", text, want)
			}
		})
	}
}

// TestReads: every read gives well-formed XML of its operation.
func TestReads(t *testing.T) {
	for operation := range reads {
		w := httptest.NewRecorder()
		if err := Respond(w, post("Action="+operation), request, "ec2:"+operation); err != nil {
			t.Errorf("%s: %v", operation, err)
			continue
		}
		var root struct {
			XMLName   xml.Name
			RequestID string `xml:"requestId"`
		}
		if err := xml.Unmarshal(w.Body.Bytes(), &root); err != nil || w.Code != 200 {
			t.Errorf("%s: %d %v", operation, w.Code, err)
		}
		if root.XMLName != (xml.Name{Space: ec2Namespace, Local: operation + "Response"}) || root.RequestID != request.ID {
			t.Errorf("%s: the root is %v, request %q", operation, root.XMLName, root.RequestID)
		}
	}
}

func TestLike(t *testing.T) {
	for _, test := range []struct {
		pattern, s string
		want       bool
	}{
		{"us-*", "us-east-1", true}, {"*-1", "us-east-1", true}, {"us-?ast-1", "us-east-1", true}, {"us-*", "eu-west-1", false},
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"a*b*c", "aXbXbXc", true}, {"a*b*c", "aXbX", false}, {"?", "", false},
		{strings.Repeat("*a", 30), strings.Repeat("a", 60) + "b", false}, // quickly
	} {
		if got := like(test.pattern, test.s); got != test.want {
			t.Errorf("like(%q, %q) = %v", test.pattern, test.s, got)
		}
	}
}
