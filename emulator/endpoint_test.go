package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/xemutest"
)

const (
	onlyReports = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::reports","arn:aws:s3:::reports/*"]}]}`
	otherOnly   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::other","arn:aws:s3:::other/*"]}]}`
)

// via sends a client's requests through a VPC endpoint.
func via(endpoint string) func(*s3.Options) {
	return func(o *s3.Options) {
		o.UsePathStyle = true
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Build.Add(middleware.BuildMiddlewareFunc("endpoint", func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
				in.Request.(*smithyhttp.Request).Header.Set(emulator.EndpointHeader, endpoint)
				return next.HandleBuild(ctx, in)
			}), middleware.After)
		})
	}
}

func TestEndpointPolicyLimitsWhatComesThrough(t *testing.T) {
	dir := t.TempDir()
	world := emulator.DefaultWorld()
	world.Endpoints = []emulator.WorldEndpoint{
		{ID: "vpce-1", VPC: "vpc-1", Policy: onlyReports}, {ID: "vpce-2", VPC: "vpc-1", Policy: otherOnly}, {ID: "vpce-3", VPC: "vpc-2"},
	}
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir, c.World = dir, world }))
	production := x.Account("production")
	owner := s3.NewFromConfig(production.Admin().Config(), via(""))
	if _, err := owner.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("reports")}); err != nil {
		t.Fatal(err)
	}
	list := func(endpoint string) error {
		_, err := s3.NewFromConfig(production.Admin().Config(), via(endpoint)).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("reports")})
		return err
	}
	for endpoint, want := range map[string]string{
		"": "", "vpce-1": "", "vpce-3": "",
		"vpce-2": "because no VPC endpoint policy allows the s3:ListBucket action",
		"vpce-9": "No VPC endpoint vpce-9 is declared",
	} {
		if err := list(endpoint); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("through %q: %v, want %q", endpoint, err, want)
		}
	}
	// What S3 asks of KMS in the caller's name does not come through the endpoint, whose policy has nothing of it.
	encrypted := &s3.PutObjectInput{Bucket: aws.String("reports"), Key: aws.String("k"), Body: strings.NewReader("x"), ServerSideEncryption: "aws:kms",
		SSEKMSKeyId: aws.String("arn:aws:kms:us-east-1:" + production.ID + ":key/1234abcd-12ab-34cd-56ef-1234567890ab")}
	if _, err := s3.NewFromConfig(production.Admin().Config(), via("vpce-1")).PutObject(t.Context(), encrypted); err != nil {
		t.Error(err)
	}
	client, err := admin.NewClient(dir)
	if err != nil {
		t.Fatal(err)
	}
	var events []emulator.Event
	if err := client.Call("GET", "/_xemu/events?limit=50", nil, &events); err != nil {
		t.Fatal(err)
	}
	through := map[string]bool{}
	for _, e := range events {
		through[e.VPCEndpointID] = true
	}
	if !through["vpce-1"] || !through["vpce-2"] || through["vpce-9"] || !through[""] {
		t.Errorf("the events are of requests through %v", through)
	}

	// The bucket lets in only what comes through one endpoint, or from one VPC.
	for _, c := range []struct{ key, value, through, not string }{
		{"aws:SourceVpce", "vpce-1", "vpce-1", "vpce-3"}, {"aws:SourceVpc", "vpc-1", "vpce-1", "vpce-3"}, {"aws:SourceVpc", "vpc-1", "vpce-1", ""},
		{"aws:VpcSourceIp", "127.0.0.1", "vpce-1", ""}, {"aws:SourceIp", "127.0.0.1", "", "vpce-1"},
	} {
		operator := "StringNotEquals"
		if strings.HasSuffix(c.key, "Ip") {
			operator = "NotIpAddress"
		}
		policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::reports","Condition":{"` +
			operator + `":{"` + c.key + `":"` + c.value + `"}}}]}`
		if _, err := owner.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String("reports"), Policy: &policy}); err != nil {
			t.Fatal(err)
		}
		if err := list(c.through); err != nil {
			t.Errorf("only %s %s, through %q: %v", c.key, c.value, c.through, err)
		}
		if err := list(c.not); err == nil {
			t.Errorf("only %s %s: allowed through %q", c.key, c.value, c.not)
		}
	}
}

func TestEndpointsThroughTheAdminAPI(t *testing.T) {
	dir := t.TempDir()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	token, err := os.ReadFile(filepath.Join(dir, "admin-token"))
	if err != nil {
		t.Fatal(err)
	}
	call := func(method, path string, in any) (int, string) {
		body, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), method, x.URL+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	for _, c := range []struct {
		method, path string
		in           any
		status       int
		says         string
	}{
		{"POST", "/_xemu/endpoints", map[string]string{"id": "vpce-1", "vpc": "vpc-1", "policy": otherOnly}, 201, "vpce-1"},
		{"POST", "/_xemu/endpoints", map[string]string{"id": "vpce-1", "vpc": "vpc-7"}, 201, "vpc-7"},
		{"POST", "/_xemu/endpoints", map[string]string{"id": "1", "vpc": "vpc-7"}, 400, "does not have the form"},
		{"POST", "/_xemu/endpoints", map[string]string{"id": "vpce-2", "vpc": "7"}, 400, "does not have the form"},
		{"POST", "/_xemu/endpoints", map[string]string{"id": "vpce-2", "vpc": "vpc-7", "policy": "{"}, 400, "the policy: Syntax errors in policy."},
		{"POST", "/_xemu/endpoints", map[string]string{"id": "vpce-2", "vpc": "vpc-7", "region": "x"}, 400, "unknown field"},
		{"GET", "/_xemu/endpoints", nil, 200, `"vpc-7"`},
		{"POST", "/_xemu/accounts", map[string]string{"name": "staging"}, 201, "staging"},
		{"POST", "/_xemu/reset", nil, 200, ""},
		{"GET", "/_xemu/endpoints", nil, 200, `"vpce-1"`}, // neither a new account nor a reset takes it away
		{"DELETE", "/_xemu/endpoints/vpce-1", nil, 200, ""},
		{"DELETE", "/_xemu/endpoints/vpce-1", nil, 404, "no VPC endpoint"},
		{"GET", "/_xemu/endpoints", nil, 200, "[]"},
	} {
		if status, text := call(c.method, c.path, c.in); status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s %s %v: %d %s", c.method, c.path, c.in, status, text)
		}
	}
}
