package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	control "github.com/aws/aws-sdk-go-v2/service/s3control/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/xemutest"
)

// onHosts makes a client find every host name at the emulator, as it does where *.localhost resolves.
func onHosts(x *xemutest.Emulator, c *aws.Config) {
	addr := strings.TrimPrefix(x.URL, "http://")
	_, port, _ := net.SplitHostPort(addr)
	c.BaseEndpoint = aws.String("http://localhost:" + port)
	c.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}}
	c.RetryMaxAttempts = 1
}

func controlOf(x *xemutest.Emulator, who *xemutest.Identity) *s3control.Client {
	config := who.Config()
	onHosts(x, &config)
	return s3control.NewFromConfig(config)
}

// hostsOf is S3 with virtual hosts, which access points' ARNs need; pathsOf with paths.
func hostsOf(x *xemutest.Emulator, who *xemutest.Identity) *s3.Client {
	config := who.Config()
	onHosts(x, &config)
	return s3.NewFromConfig(config)
}

func pathsOf(who *xemutest.Identity) *s3.Client {
	return s3.NewFromConfig(who.Config(), func(o *s3.Options) {
		o.UsePathStyle, o.RetryMaxAttempts, o.DisableS3ExpressSessionAuth = true, 1, aws.Bool(true)
	})
}

// wantCode checks the code of an error; "" is for none.
func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	got := ""
	var api smithy.APIError
	if errors.As(err, &api) {
		got = api.ErrorCode()
	} else if err != nil {
		got = err.Error()
	}
	if got != code {
		t.Errorf("%s: %q, want %q (%v)", what, got, code, err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// publicRead lets everybody read a bucket.
func publicRead(bucket string) *string {
	return aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::` + bucket + `/*"}]}`)
}

func TestAccountPublicAccessBlock(t *testing.T) {
	x := xemutest.New(t)
	ctx := t.Context()
	production := x.Account("production")
	admin, id := production.Admin(), aws.String(production.ID)
	c, objects := controlOf(x, admin), pathsOf(admin)

	_, err := c.GetPublicAccessBlock(ctx, &s3control.GetPublicAccessBlockInput{AccountId: id})
	wantCode(t, "none at first", err, "NoSuchPublicAccessBlockConfiguration")

	// A bucket of its own blocks nothing, and is public.
	_, err = objects.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("open"), ObjectOwnership: types.ObjectOwnershipBucketOwnerPreferred})
	check(t, err)
	_, err = objects.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: aws.String("open")})
	check(t, err)
	_, err = objects.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("open"), Policy: publicRead("open")})
	check(t, err)
	_, err = objects.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("open"), Key: aws.String("k"), Body: strings.NewReader("x")})
	check(t, err)
	read := func() int {
		r, err := http.Get(x.URL + "/open/k")
		check(t, err)
		r.Body.Close()
		return r.StatusCode
	}
	if got := read(); got != 200 {
		t.Fatalf("a public object: %d", got)
	}

	all := &control.PublicAccessBlockConfiguration{
		BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
	}
	nobody := controlOf(x, production.User("nobody"))
	_, err = nobody.PutPublicAccessBlock(ctx, &s3control.PutPublicAccessBlockInput{AccountId: id, PublicAccessBlockConfiguration: all})
	wantCode(t, "without permission", err, "AccessDenied")
	_, err = controlOf(x, x.Account("development").Root()).PutPublicAccessBlock(ctx, &s3control.PutPublicAccessBlockInput{AccountId: id, PublicAccessBlockConfiguration: all})
	wantCode(t, "another account's", err, "AccessDenied")
	setter := controlOf(x, production.User("setter", xemutest.Allow("s3:PutAccountPublicAccessBlock", "*")))
	_, err = setter.PutPublicAccessBlock(ctx, &s3control.PutPublicAccessBlockInput{AccountId: id, PublicAccessBlockConfiguration: all})
	wantCode(t, "with the permission", err, "")
	_, err = setter.GetPublicAccessBlock(ctx, &s3control.GetPublicAccessBlockInput{AccountId: id})
	wantCode(t, "reading needs another", err, "AccessDenied")

	got, err := c.GetPublicAccessBlock(ctx, &s3control.GetPublicAccessBlockInput{AccountId: id})
	check(t, err)
	if p := got.PublicAccessBlockConfiguration; !*p.BlockPublicAcls || !*p.IgnorePublicAcls || !*p.BlockPublicPolicy || !*p.RestrictPublicBuckets {
		t.Errorf("reads back as %+v", p)
	}
	if got := read(); got != 403 {
		t.Errorf("under RestrictPublicBuckets of the account: %d", got)
	}
	_, err = objects.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("open"), Policy: publicRead("open")})
	wantCode(t, "under BlockPublicPolicy of the account", err, "AccessDenied")
	_, err = objects.PutObjectAcl(ctx, &s3.PutObjectAclInput{Bucket: aws.String("open"), Key: aws.String("k"), ACL: types.ObjectCannedACLPublicRead})
	wantCode(t, "under BlockPublicAcls of the account", err, "AccessDenied")

	_, err = setter.DeletePublicAccessBlock(ctx, &s3control.DeletePublicAccessBlockInput{AccountId: id})
	check(t, err)
	if got := read(); got != 200 {
		t.Errorf("after the configuration is gone: %d", got)
	}
	_, err = c.ListJobs(ctx, &s3control.ListJobsInput{AccountId: id})
	wantCode(t, "jobs", err, "NotImplemented")
}

func TestAccessPoints(t *testing.T) {
	dir := t.TempDir()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	ctx := t.Context()
	production, development := x.Account("production"), x.Account("development")
	id := aws.String(production.ID)
	c, owner := controlOf(x, production.Admin()), pathsOf(production.Admin())
	bucket := aws.String("data")
	_, err := owner.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
	check(t, err)
	_, err = owner.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("a/1"), Body: strings.NewReader("one")})
	check(t, err)

	_, err = c.CreateAccessPoint(ctx, &s3control.CreateAccessPointInput{AccountId: id, Name: aws.String("Bad_Name"), Bucket: bucket})
	wantCode(t, "a bad name", err, "InvalidAccessPoint")
	_, err = c.CreateAccessPoint(ctx, &s3control.CreateAccessPointInput{AccountId: id, Name: aws.String("point"), Bucket: aws.String("nowhere")})
	wantCode(t, "no bucket", err, "NoSuchBucket")
	made, err := c.CreateAccessPoint(ctx, &s3control.CreateAccessPointInput{AccountId: id, Name: aws.String("point"), Bucket: bucket})
	check(t, err)
	_, err = c.CreateAccessPoint(ctx, &s3control.CreateAccessPointInput{AccountId: id, Name: aws.String("point"), Bucket: bucket})
	wantCode(t, "again", err, "AccessPointAlreadyOwnedByYou")
	got, err := c.GetAccessPoint(ctx, &s3control.GetAccessPointInput{AccountId: id, Name: aws.String("point")})
	check(t, err)
	if *got.Bucket != "data" || *got.Alias != *made.Alias || got.NetworkOrigin != control.NetworkOriginInternet || *got.AccessPointArn != *made.AccessPointArn ||
		!*got.PublicAccessBlockConfiguration.BlockPublicPolicy || *got.BucketAccountId != *id {
		t.Errorf("GetAccessPoint: %+v", got)
	}
	list, err := c.ListAccessPoints(ctx, &s3control.ListAccessPointsInput{AccountId: id, Bucket: bucket})
	check(t, err)
	if len(list.AccessPointList) != 1 || *list.AccessPointList[0].Name != "point" {
		t.Errorf("ListAccessPoints: %+v", list.AccessPointList)
	}
	_, err = owner.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket})
	wantCode(t, "the bucket is not empty", err, "BucketNotEmpty")

	// By ARN, which SDKs make a host of, and by alias.
	for _, name := range []*string{made.AccessPointArn, made.Alias} {
		_, err = hostsOf(x, production.Admin()).GetObject(ctx, &s3.GetObjectInput{Bucket: name, Key: aws.String("a/1")})
		wantCode(t, "GetObject by "+*name, err, "")
		_, err = hostsOf(x, production.Admin()).PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
			Bucket: name, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
		})
		if err == nil {
			t.Errorf("PutBucketVersioning through an access point is let pass")
		}
	}

	// A client that takes the emulator for its proxy need not resolve the host name.
	viaProxy := production.Admin().Config()
	onHosts(x, &viaProxy)
	proxy, err := url.Parse(x.URL)
	check(t, err)
	viaProxy.HTTPClient = &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	_, err = s3.NewFromConfig(viaProxy).GetObject(ctx, &s3.GetObjectInput{Bucket: made.AccessPointArn, Key: aws.String("a/1")})
	wantCode(t, "through the emulator as a proxy", err, "")

	// A user of another account needs all three: the own policy, the access point's, and the bucket's, which delegates.
	arn := *made.AccessPointArn
	alice := hostsOf(x, development.User("alice", xemutest.Allow("s3:GetObject", arn+"/object/*")))
	read := func() error {
		_, err := alice.GetObject(ctx, &s3.GetObjectInput{Bucket: &arn, Key: aws.String("a/1")})
		return err
	}
	wantCode(t, "with the own policy alone", read(), "AccessDenied")
	aliceARN := "arn:aws:iam::" + development.ID + ":user/alice"
	pointPolicy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":%q},"Action":"s3:GetObject","Resource":%q}]}`, aliceARN, arn+"/object/a/*")
	_, err = c.GetAccessPointPolicy(ctx, &s3control.GetAccessPointPolicyInput{AccountId: id, Name: aws.String("point")})
	wantCode(t, "no policy yet", err, "NoSuchAccessPointPolicy")
	_, err = c.PutAccessPointPolicy(ctx, &s3control.PutAccessPointPolicyInput{AccountId: id, Name: aws.String("point"), Policy: publicRead("data")})
	wantCode(t, "a policy of the bucket", err, "MalformedPolicy")
	open := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":%q}]}`, arn+"/object/*")
	_, err = c.PutAccessPointPolicy(ctx, &s3control.PutAccessPointPolicyInput{AccountId: id, Name: aws.String("point"), Policy: &open})
	wantCode(t, "a public policy", err, "AccessDenied")
	_, err = c.PutAccessPointPolicy(ctx, &s3control.PutAccessPointPolicyInput{AccountId: id, Name: aws.String("point"), Policy: &pointPolicy})
	check(t, err)
	text, err := c.GetAccessPointPolicy(ctx, &s3control.GetAccessPointPolicyInput{AccountId: id, Name: aws.String("point")})
	check(t, err)
	if *text.Policy != pointPolicy {
		t.Errorf("reads back as %s", *text.Policy)
	}
	status, err := c.GetAccessPointPolicyStatus(ctx, &s3control.GetAccessPointPolicyStatusInput{AccountId: id, Name: aws.String("point")})
	check(t, err)
	if status.PolicyStatus.IsPublic {
		t.Error("a policy for one user is public")
	}
	wantCode(t, "without the bucket's policy", read(), "AccessDenied")
	delegate := func(account string) {
		policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*",
			"Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"],"Condition":{"StringEquals":{"s3:DataAccessPointAccount":%q}}}]}`, account)
		_, err := owner.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: bucket, Policy: &policy})
		check(t, err)
	}
	delegate("999999999999")
	wantCode(t, "delegated to access points of another account", read(), "AccessDenied")
	delegate(*id)
	wantCode(t, "delegated", read(), "")
	_, err = alice.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("a/1")})
	wantCode(t, "the bucket itself", err, "AccessDenied")
	bob := hostsOf(x, development.User("bob", xemutest.Allow("s3:GetObject", "arn:aws:s3:::data/*")))
	_, err = bob.GetObject(ctx, &s3.GetObjectInput{Bucket: &arn, Key: aws.String("a/1")})
	wantCode(t, "without a policy for the access point", err, "AccessDenied")

	_, err = c.DeleteAccessPointPolicy(ctx, &s3control.DeleteAccessPointPolicyInput{AccountId: id, Name: aws.String("point")})
	check(t, err)
	wantCode(t, "after the access point's policy is gone", read(), "AccessDenied")

	// One in a VPC is closed to the internet, its owner included.
	inside, err := c.CreateAccessPoint(ctx, &s3control.CreateAccessPointInput{
		AccountId: id, Name: aws.String("inside"), Bucket: bucket, VpcConfiguration: &control.VpcConfiguration{VpcId: aws.String("vpc-0a1b2c3d")},
	})
	check(t, err)
	_, err = owner.GetObject(ctx, &s3.GetObjectInput{Bucket: inside.Alias, Key: aws.String("a/1")})
	wantCode(t, "from the internet", err, "AccessDenied")

	client, err := admin.NewClient(dir)
	check(t, err)
	check(t, client.Call("POST", "/_xemu/endpoints", admin.Endpoint{ID: "vpce-1", VPC: "vpc-0a1b2c3d"}, nil))
	check(t, client.Call("POST", "/_xemu/endpoints", admin.Endpoint{ID: "vpce-2", VPC: "vpc-0ffffff0"}, nil))
	for endpoint, code := range map[string]string{"vpce-1": "", "vpce-2": "AccessDenied"} {
		from := s3.NewFromConfig(production.Admin().Config(), func(o *s3.Options) {
			o.UsePathStyle, o.RetryMaxAttempts = true, 1
			o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue(emulator.EndpointHeader, endpoint))
		})
		_, err = from.GetObject(ctx, &s3.GetObjectInput{Bucket: inside.Alias, Key: aws.String("a/1")})
		wantCode(t, "from "+endpoint, err, code)
	}

	// As the source of a copy, too.
	source := aws.String(arn + "/object/a/1")
	copyTo := func(c *s3.Client) error {
		_, err := c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("copy"), CopySource: source})
		return err
	}
	wantCode(t, "copy", copyTo(owner), "")
	writer := pathsOf(production.User("writer", xemutest.Allow("s3:PutObject", "arn:aws:s3:::data/*"), xemutest.Allow("s3:GetObject", "arn:aws:s3:::data/*")))
	wantCode(t, "copy without permission on the access point", copyTo(writer), "AccessDenied")

	for _, name := range []string{"point", "inside"} {
		_, err = c.DeleteAccessPoint(ctx, &s3control.DeleteAccessPointInput{AccountId: id, Name: &name})
		check(t, err)
	}
	_, err = c.GetAccessPoint(ctx, &s3control.GetAccessPointInput{AccountId: id, Name: aws.String("point")})
	wantCode(t, "deleted", err, "NoSuchAccessPoint")
	_, err = owner.GetObject(ctx, &s3.GetObjectInput{Bucket: made.Alias, Key: aws.String("a/1")})
	wantCode(t, "its alias", err, "NoSuchBucket")
}

func TestTagResource(t *testing.T) {
	x := xemutest.New(t)
	ctx := t.Context()
	production := x.Account("production")
	id, arn := aws.String(production.ID), aws.String("arn:aws:s3:::tagged")
	c, owner := controlOf(x, production.Admin()), pathsOf(production.Admin())
	_, err := owner.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("tagged")})
	check(t, err)
	tag := func(c *s3control.Client, key, value string) error {
		_, err := c.TagResource(ctx, &s3control.TagResourceInput{AccountId: id, ResourceArn: arn, Tags: []control.Tag{{Key: &key, Value: &value}}})
		return err
	}
	wantCode(t, "tag", tag(c, "team", "blue"), "")
	wantCode(t, "tag again", tag(c, "team", "red"), "")
	wantCode(t, "tag more", tag(c, "env", ""), "")
	only := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:TagResource","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"green"}}}}`
	user := controlOf(x, production.User("tagger", only))
	wantCode(t, "under a condition, other tag", tag(user, "team", "blue"), "AccessDenied")
	wantCode(t, "under a condition", tag(user, "team", "green"), "")
	_, err = c.UntagResource(ctx, &s3control.UntagResourceInput{AccountId: id, ResourceArn: arn, TagKeys: []string{"env", "none"}})
	check(t, err)
	got, err := c.ListTagsForResource(ctx, &s3control.ListTagsForResourceInput{AccountId: id, ResourceArn: arn})
	check(t, err)
	if len(got.Tags) != 1 || *got.Tags[0].Key != "team" || *got.Tags[0].Value != "green" {
		t.Errorf("tags: %+v", got.Tags)
	}
	_, err = c.ListTagsForResource(ctx, &s3control.ListTagsForResourceInput{AccountId: id, ResourceArn: aws.String("arn:aws:s3:::nowhere")})
	wantCode(t, "no bucket", err, "NoSuchBucket")
}

// TestDirectoryBuckets says that there are none.
func TestDirectoryBuckets(t *testing.T) {
	x := xemutest.New(t)
	ctx := t.Context()
	c := pathsOf(x.Account("production").Admin())
	got, err := c.ListDirectoryBuckets(ctx, &s3.ListDirectoryBucketsInput{})
	check(t, err)
	if len(got.Buckets) != 0 {
		t.Errorf("directory buckets: %+v", got.Buckets)
	}
	_, err = pathsOf(x.Account("production").User("nobody")).ListDirectoryBuckets(ctx, &s3.ListDirectoryBucketsInput{})
	wantCode(t, "without permission", err, "AccessDenied")
	_, err = c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("plain")})
	check(t, err)
	_, err = c.CreateSession(ctx, &s3.CreateSessionInput{Bucket: aws.String("plain")})
	wantCode(t, "a session with a general purpose bucket", err, "MethodNotAllowed")
}

// TestControlPermissions does everything with just the permission for it, and without.
func TestControlPermissions(t *testing.T) {
	x := xemutest.New(t)
	ctx := t.Context()
	production := x.Account("production")
	id, point := aws.String(production.ID), aws.String("point")
	arn := "arn:aws:s3:us-east-1:" + production.ID + ":accesspoint/point"
	_, err := pathsOf(production.Admin()).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("data")})
	check(t, err)
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":%q},"Action":"s3:GetObject","Resource":%q}]}`, production.ID, arn+"/object/*")
	tag := control.Tag{Key: aws.String("k"), Value: aws.String("v")}
	nobody := controlOf(x, production.User("nobody"))
	for i, test := range []struct {
		action, resource string
		call             func(*s3control.Client) error
	}{
		{"s3:CreateAccessPoint", arn, func(c *s3control.Client) error {
			_, err := c.CreateAccessPoint(ctx, &s3control.CreateAccessPointInput{AccountId: id, Name: point, Bucket: aws.String("data")})
			return err
		}},
		{"s3:GetAccessPoint", arn, func(c *s3control.Client) error {
			_, err := c.GetAccessPoint(ctx, &s3control.GetAccessPointInput{AccountId: id, Name: point})
			return err
		}},
		{"s3:ListAccessPoints", "*", func(c *s3control.Client) error {
			_, err := c.ListAccessPoints(ctx, &s3control.ListAccessPointsInput{AccountId: id})
			return err
		}},
		{"s3:PutAccessPointPolicy", arn, func(c *s3control.Client) error {
			_, err := c.PutAccessPointPolicy(ctx, &s3control.PutAccessPointPolicyInput{AccountId: id, Name: point, Policy: &policy})
			return err
		}},
		{"s3:GetAccessPointPolicy", arn, func(c *s3control.Client) error {
			_, err := c.GetAccessPointPolicy(ctx, &s3control.GetAccessPointPolicyInput{AccountId: id, Name: point})
			return err
		}},
		{"s3:GetAccessPointPolicyStatus", arn, func(c *s3control.Client) error {
			_, err := c.GetAccessPointPolicyStatus(ctx, &s3control.GetAccessPointPolicyStatusInput{AccountId: id, Name: point})
			return err
		}},
		{"s3:TagResource", arn, func(c *s3control.Client) error {
			_, err := c.TagResource(ctx, &s3control.TagResourceInput{AccountId: id, ResourceArn: &arn, Tags: []control.Tag{tag}})
			return err
		}},
		{"s3:ListTagsForResource", arn, func(c *s3control.Client) error {
			_, err := c.ListTagsForResource(ctx, &s3control.ListTagsForResourceInput{AccountId: id, ResourceArn: &arn})
			return err
		}},
		{"s3:UntagResource", arn, func(c *s3control.Client) error {
			_, err := c.UntagResource(ctx, &s3control.UntagResourceInput{AccountId: id, ResourceArn: &arn, TagKeys: []string{"k"}})
			return err
		}},
		{"s3:DeleteAccessPointPolicy", arn, func(c *s3control.Client) error {
			_, err := c.DeleteAccessPointPolicy(ctx, &s3control.DeleteAccessPointPolicyInput{AccountId: id, Name: point})
			return err
		}},
		{"s3:DeleteAccessPoint", arn, func(c *s3control.Client) error {
			_, err := c.DeleteAccessPoint(ctx, &s3control.DeleteAccessPointInput{AccountId: id, Name: point})
			return err
		}},
	} {
		wantCode(t, "without "+test.action, test.call(nobody), "AccessDenied")
		wantCode(t, "with "+test.action, test.call(controlOf(x, production.User(fmt.Sprint("user", i), xemutest.Allow(test.action, test.resource)))), "")
	}
}
