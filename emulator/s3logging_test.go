package emulator_test

import (
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/xemutest"
)

// TestAccessLog has the access log delivered, to who lets it in.
func TestAccessLog(t *testing.T) {
	dir := t.TempDir()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	ctx := t.Context()
	production := x.Account("production")
	c := pathsOf(production.Admin())
	for _, name := range []string{"app", "logs"} {
		_, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name})
		check(t, err)
	}
	logging := func(target string, format *types.TargetObjectKeyFormat) error {
		_, err := c.PutBucketLogging(ctx, &s3.PutBucketLoggingInput{Bucket: aws.String("app"), BucketLoggingStatus: &types.BucketLoggingStatus{
			LoggingEnabled: &types.LoggingEnabled{TargetBucket: &target, TargetPrefix: aws.String("access/"), TargetObjectKeyFormat: format},
		}})
		return err
	}
	wantCode(t, "no target", logging("nowhere", nil), "InvalidTargetBucketForLogging")
	_, err := pathsOf(x.Account("development").Admin()).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("foreign")})
	check(t, err)
	wantCode(t, "another owner's", logging("foreign", nil), "InvalidTargetBucketForLogging")
	check(t, logging("logs", nil))
	got, err := c.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: aws.String("app")})
	check(t, err)
	if e := got.LoggingEnabled; e == nil || *e.TargetBucket != "logs" || *e.TargetPrefix != "access/" {
		t.Errorf("reads back as %+v", got.LoggingEnabled)
	}

	client, err := admin.NewClient(dir)
	check(t, err)
	later := func() []types.Object {
		check(t, client.Call("POST", "/_xemu/clock", map[string]string{"advance": "2m"}, nil))
		list, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("logs")})
		check(t, err)
		return list.Contents
	}
	touch := func() {
		_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("app"), Key: aws.String("k 1"), Body: strings.NewReader("hello")})
		check(t, err)
		r, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("app"), Key: aws.String("k 1")})
		check(t, err)
		r.Body.Close()
		_, err = pathsOf(x.Account("development").Admin()).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("app"), Key: aws.String("k 1")})
		wantCode(t, "a stranger", err, "AccessDenied")
	}
	touch()
	if objects := later(); len(objects) != 0 {
		t.Fatalf("delivered without permission: %+v", objects)
	}
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject",
		"Resource":"arn:aws:s3:::logs/access/*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::app"},"StringEquals":{"aws:SourceAccount":"` + production.ID + `"}}}]}`
	_, err = c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("logs"), Policy: &policy})
	check(t, err)
	touch()
	objects := later()
	if len(objects) != 1 || !strings.HasPrefix(*objects[0].Key, "access/20") {
		t.Fatalf("delivered: %+v", objects)
	}
	r, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("logs"), Key: objects[0].Key})
	check(t, err)
	text, err := io.ReadAll(r.Body)
	check(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 3 {
		t.Fatalf("lines:\n%s", text)
	}
	for i, want := range []string{
		` app [`, ` REST.PUT.OBJECT k%201 "PUT /app/k%201?x-id=PutObject HTTP/1.1" 200 - - 5 `,
		` app [`, ` REST.GET.OBJECT k%201 "GET /app/k%201?x-id=GetObject HTTP/1.1" 200 - 5 5 `,
		` app [`, ` REST.GET.OBJECT k%201 "GET /app/k%201?x-id=GetObject HTTP/1.1" 403 AccessDenied `,
	} {
		if !strings.Contains(lines[i/2], want) {
			t.Errorf("line %d lacks %q: %s", i/2, want, lines[i/2])
		}
	}
	if !strings.Contains(lines[0], " arn:aws:iam::"+production.ID+":user/admin ") || !strings.Contains(lines[0], " SigV4 - AuthHeader ") {
		t.Errorf("who: %s", lines[0])
	}

	check(t, logging("logs", &types.TargetObjectKeyFormat{PartitionedPrefix: &types.PartitionedPrefix{PartitionDateSource: types.PartitionDateSourceEventTime}}))
	touch()
	objects = later()
	if len(objects) != 2 || !strings.HasPrefix(*objects[1].Key, "access/"+production.ID+"/us-east-1/app/20") && !strings.HasPrefix(*objects[0].Key, "access/"+production.ID+"/us-east-1/app/20") {
		t.Errorf("partitioned: %+v", objects)
	}
	_, err = c.PutBucketLogging(ctx, &s3.PutBucketLoggingInput{Bucket: aws.String("app"), BucketLoggingStatus: &types.BucketLoggingStatus{}})
	check(t, err)
	got, err = c.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: aws.String("app")})
	check(t, err)
	if got.LoggingEnabled != nil {
		t.Errorf("turned off, it reads %+v", got.LoggingEnabled)
	}
}
