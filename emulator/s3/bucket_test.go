package s3

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// bucketOf creates a bucket as p.
func (p *person) bucketOf(name string, ownership types.ObjectOwnership) string {
	p.world.t.Helper()
	_, err := p.client().CreateBucket(p.world.t.Context(), &s3.CreateBucketInput{Bucket: &name, ObjectOwnership: ownership})
	must(p.world.t, err)
	return name
}

// open turns Block Public Access off.
func (p *person) open(bucket string) {
	p.world.t.Helper()
	_, err := p.client().DeletePublicAccessBlock(p.world.t.Context(), &s3.DeletePublicAccessBlockInput{Bucket: &bucket})
	must(p.world.t, err)
}

func (p *person) put(bucket, key string) {
	p.world.t.Helper()
	_, err := p.client().PutObject(p.world.t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("hello")})
	must(p.world.t, err)
}

func (p *person) setPolicy(bucket, policy string) error {
	_, err := p.client().PutBucketPolicy(p.world.t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &policy})
	return err
}

func TestCreateBucket(t *testing.T) {
	w := newWorld(t)
	alice, bob := w.person(accountA, "alice", everything), w.person(accountB, "bob", everything)
	alice.bucketOf("taken", "")
	_, err := alice.client("eu-west-1").CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("taken-in-ireland"), CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}})
	must(t, err)
	lock := func(in *s3.CreateBucketInput) { in.ObjectLockEnabledForBucket = aws.Bool(true) }
	constraint := func(region string) func(*s3.CreateBucketInput) {
		return func(in *s3.CreateBucketInput) {
			in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
		}
	}
	acl := func(acl types.BucketCannedACL, ownership types.ObjectOwnership) func(*s3.CreateBucketInput) {
		return func(in *s3.CreateBucketInput) { in.ACL, in.ObjectOwnership = acl, ownership }
	}
	grant := func(in *s3.CreateBucketInput) {
		in.GrantRead, in.ObjectOwnership = aws.String(`id="`+*ownerOf(accountB).ID+`"`), types.ObjectOwnershipObjectWriter
	}
	for _, c := range []struct {
		name, region  string
		change        func(*s3.CreateBucketInput)
		code, message string
		by            *person
	}{
		{name: "plain-1"},
		{name: "with.dots", region: "us-east-1"},
		{name: "taken"},
		{name: "taken", by: bob, code: "BucketAlreadyExists", message: "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again."},
		{name: "taken-in-ireland", code: "BucketAlreadyOwnedByYou", message: "Your previous request to create the named bucket succeeded and you already own it."},
		{name: "taken-in-ireland", region: "eu-west-1", change: constraint("eu-west-1"), code: "BucketAlreadyOwnedByYou"},
		{name: "taken", region: "eu-west-1", change: constraint("eu-west-1"), code: "BucketAlreadyOwnedByYou"},
		{name: "frankfurt", region: "eu-central-1", change: constraint("eu-central-1")},
		{name: "ireland", region: "eu-west-1", change: constraint("EU")},
		{name: "unspecified", region: "eu-central-1", code: "IllegalLocationConstraintException", message: "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."},
		{name: "mismatch", region: "eu-central-1", change: constraint("eu-west-1"), code: "IllegalLocationConstraintException", message: "The eu-west-1 location constraint is incompatible for the region specific endpoint this request was sent to."},
		{name: "mismatch", change: constraint("eu-west-1"), code: "IllegalLocationConstraintException"},
		{name: "virginia", change: constraint("us-east-1"), code: "InvalidLocationConstraint", message: "The specified location-constraint is not valid"},
		{name: "mars", region: "eu-west-1", change: constraint("mars-north-1"), code: "InvalidLocationConstraint"},
		{name: "locked", change: lock},
		{name: "acl-private", change: acl("private", "")},
		{name: "acl-without-acls", change: acl("public-read", ""), code: "InvalidBucketAclWithObjectOwnership", message: "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"},
		{name: "acl-public", change: acl("public-read", "ObjectWriter"), code: "InvalidBucketAclWithBlockPublicAccessError", message: "Bucket cannot have public ACLs set with BlockPublicAccess enabled"},
		{name: "acl-for-b", change: grant},
		{name: "ab", code: "InvalidBucketName", message: "The specified bucket is not valid."},
		{name: strings.Repeat("a", 64), code: "InvalidBucketName"},
		{name: strings.Repeat("a", 63)},
		{name: "Upper", code: "InvalidBucketName"},
		{name: "under_score", code: "InvalidBucketName"},
		{name: "-dash", code: "InvalidBucketName"},
		{name: "dash-", code: "InvalidBucketName"},
		{name: "two..dots", code: "InvalidBucketName"},
		{name: "dot.-dash", code: "InvalidBucketName"},
		{name: "dash-.dot", code: "InvalidBucketName"},
		{name: "192.168.5.4", code: "InvalidBucketName"},
		{name: "xn--punycode", code: "InvalidBucketName"},
		{name: "sthree-x", code: "InvalidBucketName"},
		{name: "amzn-s3-demo-bucket", code: "InvalidBucketName"},
		{name: "x-s3alias", code: "InvalidBucketName"},
		{name: "x--ol-s3", code: "InvalidBucketName"},
		{name: "x.mrap", code: "InvalidBucketName"},
	} {
		what := c.name + " in " + c.region
		if c.by == nil {
			c.by = alice
		}
		in := &s3.CreateBucketInput{Bucket: &c.name}
		if c.change != nil {
			c.change(in)
		}
		client := c.by.client()
		if c.region != "" {
			client = c.by.client(c.region)
		}
		_, err := client.CreateBucket(t.Context(), in)
		wantCode(t, what, err, c.code)
		if c.message != "" && messageOf(err) != c.message {
			t.Errorf("%s: %s", what, messageOf(err))
		}
	}
	_, err = w.anonymous().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("anonymous")})
	wantCode(t, "anonymous", err, "AccessDenied")
}

func TestBucketLifeCycle(t *testing.T) {
	w := newWorld(t)
	alice := w.person(accountA, "alice", everything)
	c, ctx := alice.client("eu-west-1"), t.Context()
	in := &s3.CreateBucketInput{Bucket: aws.String("ireland"), CreateBucketConfiguration: &types.CreateBucketConfiguration{
		LocationConstraint: "eu-west-1", Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}}}}
	created, err := c.CreateBucket(ctx, in)
	must(t, err)
	if got := aws.ToString(created.Location); got != "http://ireland.s3.amazonaws.com/" {
		t.Errorf("Location %q", got)
	}
	name := in.Bucket
	head, err := c.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: name})
	must(t, err)
	if aws.ToString(head.BucketRegion) != "eu-west-1" || head.AccessPointAlias == nil || *head.AccessPointAlias {
		t.Errorf("HeadBucket: %q %v", aws.ToString(head.BucketRegion), head.AccessPointAlias)
	}
	region, err := manager.GetBucketRegion(ctx, w.anonymous(), *name)
	must(t, err)
	if region != "eu-west-1" {
		t.Errorf("the anonymous are told the region %q", region)
	}
	location, err := alice.client().GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: name})
	must(t, err)
	if location.LocationConstraint != "eu-west-1" {
		t.Errorf("GetBucketLocation: %q", location.LocationConstraint)
	}
	tags, err := c.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: name})
	must(t, err)
	if len(tags.TagSet) != 1 || *tags.TagSet[0].Value != "red" {
		t.Errorf("tags: %v", tags.TagSet)
	}

	_, err = c.PutObject(ctx, &s3.PutObjectInput{Bucket: name, Key: aws.String("k")})
	must(t, err)
	_, err = c.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: name})
	wantCode(t, "DeleteBucket with an object", err, "BucketNotEmpty")
	if messageOf(err) != "The bucket you tried to delete is not empty" {
		t.Error(messageOf(err))
	}
	_, err = c.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: name, VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled"}})
	must(t, err)
	_, err = c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: name, Key: aws.String("k")})
	must(t, err)
	_, err = c.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: name})
	wantCode(t, "DeleteBucket with a delete marker", err, "BucketNotEmpty")
	if messageOf(err) != "The bucket you tried to delete is not empty. You must delete all versions in the bucket." {
		t.Error(messageOf(err))
	}
	versions, err := c.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: name})
	must(t, err)
	for _, v := range versions.Versions {
		_, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: name, Key: v.Key, VersionId: v.VersionId})
		must(t, err)
	}
	for _, v := range versions.DeleteMarkers {
		_, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: name, Key: v.Key, VersionId: v.VersionId})
		must(t, err)
	}
	_, err = c.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: name, Key: aws.String("k")})
	must(t, err)
	_, err = c.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: name})
	wantCode(t, "DeleteBucket with an upload under way", err, "")
	_, err = c.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: name})
	wantCode(t, "DeleteBucket again", err, "NoSuchBucket")
	_, err = c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: name})
	wantCode(t, "ListObjectsV2 of what is gone", err, "NoSuchBucket")

	alice.bucketOf("ireland", "") // a new one, elsewhere
	uploads, err := alice.client().ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: name})
	must(t, err)
	if len(uploads.Uploads) != 0 {
		t.Error("the new bucket has the old one's uploads")
	}
	location, err = alice.client().GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: name})
	must(t, err)
	if location.LocationConstraint != "" {
		t.Errorf("in us-east-1: %q", location.LocationConstraint)
	}
}

func TestListBuckets(t *testing.T) {
	w := newWorld(t)
	alice, bob := w.person(accountA, "alice", everything), w.person(accountB, "bob", everything)
	bob.bucketOf("bobs", "")
	for i := range 5 {
		alice.bucketOf(fmt.Sprintf("log-%d", i), "")
	}
	alice.bucketOf("data", "")
	_, err := alice.client("eu-west-1").CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("log-eu"), CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}})
	must(t, err)
	names := func(out *s3.ListBucketsOutput) (names []string) {
		for _, b := range out.Buckets {
			names = append(names, *b.Name)
		}
		return names
	}
	all, err := alice.client().ListBuckets(t.Context(), nil)
	must(t, err)
	if want := []string{"data", "log-0", "log-1", "log-2", "log-3", "log-4", "log-eu"}; !slices.Equal(names(all), want) {
		t.Errorf("all: %v", names(all))
	}
	if *all.Owner.ID != *ownerOf(accountA).ID || all.Buckets[0].BucketRegion != nil || all.Buckets[0].CreationDate == nil {
		t.Errorf("owner %v, first %v", *all.Owner.ID, all.Buckets[0])
	}
	var paged []string
	pages := s3.NewListBucketsPaginator(alice.client(), &s3.ListBucketsInput{MaxBuckets: aws.Int32(2), Prefix: aws.String("log-")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		must(t, err)
		if len(page.Buckets) > 2 || *page.Prefix != "log-" || aws.ToString(page.Buckets[0].BucketRegion) == "" {
			t.Errorf("page %+v", page)
		}
		paged = append(paged, names(page)...)
	}
	if want := []string{"log-0", "log-1", "log-2", "log-3", "log-4", "log-eu"}; !slices.Equal(paged, want) {
		t.Errorf("paged: %v", paged)
	}
	ireland, err := alice.client().ListBuckets(t.Context(), &s3.ListBucketsInput{BucketRegion: aws.String("eu-west-1")})
	must(t, err)
	if got := names(ireland); !slices.Equal(got, []string{"log-eu"}) {
		t.Errorf("in eu-west-1: %v", got)
	}
	_, err = alice.client().ListBuckets(t.Context(), &s3.ListBucketsInput{ContinuationToken: aws.String("!!")})
	wantCode(t, "bad token", err, "InvalidArgument")

	_, err = w.person(accountA, "nobody").client().ListBuckets(t.Context(), nil)
	wantCode(t, "without permission", err, "AccessDenied")
	if want := "User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action"; messageOf(err) != want {
		t.Errorf("message %q", messageOf(err))
	}
	_, err = w.person(accountA, "somebody", allow("arn:aws:s3:::*", "s3:ListAllMyBuckets")).client().ListBuckets(t.Context(), nil)
	wantCode(t, "with the permission on arn:aws:s3:::*", err, "")
	_, err = w.anonymous().ListBuckets(t.Context(), nil)
	wantCode(t, "anonymous", err, "AccessDenied")
}

// TestNewBucket reads everything of a new bucket, as Terraform's aws_s3_bucket does.
func TestNewBucket(t *testing.T) {
	w := newWorld(t)
	alice := w.person(accountA, "alice", everything)
	c, ctx := alice.client(), t.Context()
	b := aws.String(alice.bucketOf("new", ""))
	fails := func(want string, read func() error) {
		t.Helper()
		wantCode(t, want, read(), want)
	}
	fails("NoSuchBucketPolicy", func() error { _, err := c.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b}); return err })
	fails("NoSuchBucketPolicy", func() error {
		_, err := c.GetBucketPolicyStatus(ctx, &s3.GetBucketPolicyStatusInput{Bucket: b})
		return err
	})
	fails("NoSuchTagSet", func() error { _, err := c.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: b}); return err })
	fails("NoSuchCORSConfiguration", func() error { _, err := c.GetBucketCors(ctx, &s3.GetBucketCorsInput{Bucket: b}); return err })
	fails("NoSuchWebsiteConfiguration", func() error { _, err := c.GetBucketWebsite(ctx, &s3.GetBucketWebsiteInput{Bucket: b}); return err })
	fails("NoSuchLifecycleConfiguration", func() error {
		_, err := c.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: b})
		return err
	})
	fails("ReplicationConfigurationNotFoundError", func() error {
		_, err := c.GetBucketReplication(ctx, &s3.GetBucketReplicationInput{Bucket: b})
		return err
	})
	fails("ObjectLockConfigurationNotFoundError", func() error {
		_, err := c.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: b})
		return err
	})

	versioning, err := c.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: b})
	must(t, err)
	logging, err := c.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: b})
	must(t, err)
	acceleration, err := c.GetBucketAccelerateConfiguration(ctx, &s3.GetBucketAccelerateConfigurationInput{Bucket: b})
	must(t, err)
	if versioning.Status != "" || logging.LoggingEnabled != nil || acceleration.Status != "" {
		t.Errorf("versioning %q, logging %v, acceleration %q", versioning.Status, logging.LoggingEnabled, acceleration.Status)
	}
	_, err = c.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: b})
	must(t, err)
	payment, err := c.GetBucketRequestPayment(ctx, &s3.GetBucketRequestPaymentInput{Bucket: b})
	must(t, err)
	if payment.Payer != types.PayerBucketOwner {
		t.Errorf("payer %q", payment.Payer)
	}
	encryption, err := c.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: b})
	must(t, err)
	rule := encryption.ServerSideEncryptionConfiguration.Rules[0]
	if rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm != types.ServerSideEncryptionAes256 ||
		!slices.Equal(rule.BlockedEncryptionTypes.EncryptionType, []types.EncryptionType{types.EncryptionTypeSseC}) {
		t.Errorf("encryption %+v", rule)
	}
	ownership, err := c.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: b})
	must(t, err)
	if ownership.OwnershipControls.Rules[0].ObjectOwnership != types.ObjectOwnershipBucketOwnerEnforced {
		t.Errorf("ownership %v", ownership.OwnershipControls.Rules)
	}
	access, err := c.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: b})
	must(t, err)
	p := access.PublicAccessBlockConfiguration
	if !*p.BlockPublicAcls || !*p.BlockPublicPolicy || !*p.IgnorePublicAcls || !*p.RestrictPublicBuckets {
		t.Errorf("public access %+v", p)
	}
	acl, err := c.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: b})
	must(t, err)
	if len(acl.Grants) != 1 || *acl.Grants[0].Grantee.ID != *ownerOf(accountA).ID || acl.Grants[0].Permission != "FULL_CONTROL" || *acl.Owner.ID != *ownerOf(accountA).ID {
		t.Errorf("ACL %+v", acl)
	}
}

func TestVersioning(t *testing.T) {
	w := newWorld(t)
	alice := w.person(accountA, "alice", everything)
	c, b := alice.client(), aws.String(alice.bucketOf("versions", ""))
	set := func(v *types.VersioningConfiguration) error {
		_, err := c.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: b, VersioningConfiguration: v})
		return err
	}
	status := func() types.BucketVersioningStatus {
		out, err := c.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: b})
		must(t, err)
		return out.Status
	}
	wantCode(t, "empty", set(&types.VersioningConfiguration{}), "IllegalVersioningConfigurationException")
	wantCode(t, "MFA delete", set(&types.VersioningConfiguration{Status: "Enabled", MFADelete: "Enabled"}), "AccessDenied")
	wantCode(t, "bad status", set(&types.VersioningConfiguration{Status: "On"}), "MalformedXML")
	if got := status(); got != "" {
		t.Errorf("after errors: %q", got)
	}
	for _, want := range []types.BucketVersioningStatus{"Enabled", "Suspended", "Enabled"} {
		must(t, set(&types.VersioningConfiguration{Status: want}))
		if got := status(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestBucketTags(t *testing.T) {
	w := newWorld(t)
	alice := w.person(accountA, "alice", everything)
	c, b := alice.client(), aws.String(alice.bucketOf("tags", ""))
	set := func(tags ...types.Tag) error {
		_, err := c.PutBucketTagging(t.Context(), &s3.PutBucketTaggingInput{Bucket: b, Tagging: &types.Tagging{TagSet: tags}})
		return err
	}
	tag := func(k, v string) types.Tag { return types.Tag{Key: &k, Value: &v} }
	many := func(n int) (tags []types.Tag) {
		for i := range n {
			tags = append(tags, tag(fmt.Sprint("k", i), "v"))
		}
		return tags
	}
	must(t, set(tag("team", "red"), tag("empty", "")))
	for _, c := range []struct {
		what, code string
		tags       []types.Tag
	}{
		{"aws:", "InvalidTag", []types.Tag{tag("aws:x", "v")}},
		{"twice", "InvalidTag", []types.Tag{tag("a", "1"), tag("a", "2")}},
		{"long key", "InvalidTag", []types.Tag{tag(strings.Repeat("k", 129), "v")}},
		{"long value", "InvalidTag", []types.Tag{tag("k", strings.Repeat("v", 257))}},
		{"characters", "InvalidTag", []types.Tag{tag("k", "a*b")}},
		{"51", "BadRequest", many(51)},
	} {
		wantCode(t, c.what, set(c.tags...), c.code)
	}
	out, err := c.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: b})
	must(t, err)
	if len(out.TagSet) != 2 || *out.TagSet[1].Key != "empty" || out.TagSet[1].Value == nil || *out.TagSet[1].Value != "" {
		t.Errorf("tags %v", out.TagSet)
	}
	must(t, set(many(50)...))
	_, err = c.DeleteBucketTagging(t.Context(), &s3.DeleteBucketTaggingInput{Bucket: b})
	must(t, err)
	_, err = c.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: b})
	wantCode(t, "after DeleteBucketTagging", err, "NoSuchTagSet")
}

// TestStatusOfPuts: PutBucketPolicy and PutBucketTagging answer 204, an unknown subresource changes nothing.
func TestStatusOfPuts(t *testing.T) {
	w := newWorld(t)
	root := w.person(accountA, "root")
	b := root.bucketOf("status", "")
	root.put(b, "k")
	policy := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::status/*"}}`
	var status int
	watch := func(o *s3.Options) {
		o.HTTPClient = clientFunc(func(r *http.Request) (*http.Response, error) {
			response, err := http.DefaultClient.Do(r)
			if err == nil {
				status = response.StatusCode
			}
			return response, err
		})
	}
	_, err := root.client().PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &b, Policy: &policy}, watch)
	must(t, err)
	if status != 204 {
		t.Errorf("PutBucketPolicy: %d", status)
	}
	_, err = root.client().PutBucketTagging(t.Context(), &s3.PutBucketTaggingInput{Bucket: &b, Tagging: &types.Tagging{TagSet: []types.Tag{}}}, watch)
	must(t, err)
	if status != 204 {
		t.Errorf("PutBucketTagging: %d", status)
	}
	for _, method := range []string{"PUT", "DELETE"} {
		r, err := http.NewRequest(method, w.url+"/"+b+"?unheardof", nil)
		must(t, err)
		response, err := http.DefaultClient.Do(r)
		must(t, err)
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.StatusCode < 400 {
			t.Errorf("%s ?unheardof: %d", method, response.StatusCode)
		}
	}
	_, err = root.client().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &b, Key: aws.String("k")})
	wantCode(t, "the object is still there", err, "")
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestExpectedOwner(t *testing.T) {
	w := newWorld(t)
	root := w.person(accountA, "root")
	b := aws.String(root.bucketOf("mine", ""))
	root.put(*b, "k")
	c, ctx := root.client(), t.Context()
	for owner, want := range map[string]string{accountA: "", accountB: "AccessDenied"} {
		o := aws.String(owner)
		for what, err := range map[string]error{
			"HeadBucket":    second(c.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: b, ExpectedBucketOwner: o})),
			"ListObjectsV2": second(c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: b, ExpectedBucketOwner: o})),
			"GetObject":     second(c.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("k"), ExpectedBucketOwner: o})),
			"GetBucketAcl":  second(c.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: b, ExpectedBucketOwner: o})),
			"PutObject":     second(c.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String("k2"), ExpectedBucketOwner: o})),
			"CopyObject":    second(c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: b, Key: aws.String("k3"), CopySource: aws.String("mine/k"), ExpectedSourceBucketOwner: o})),
		} {
			if want != "" && what == "HeadBucket" {
				want := "Forbidden" // HEAD has no body: the SDK makes the code of the status
				wantCode(t, what+" expecting "+owner, err, want)
				continue
			}
			wantCode(t, what+" expecting "+owner, err, want)
		}
	}
}

func TestExpectedOwnerForm(t *testing.T) {
	w := newWorld(t)
	root := w.person(accountA, "root")
	b := aws.String(root.bucketOf("mine", ""))
	_, err := root.client().GetBucketAcl(t.Context(), &s3.GetBucketAclInput{Bucket: b, ExpectedBucketOwner: aws.String("me")})
	wantCode(t, "GetBucketAcl", err, "InvalidBucketOwnerAWSAccountID")
}

func second[T any](_ T, err error) error { return err }

func TestErrorsNameTheirBucket(t *testing.T) {
	w := newWorld(t)
	response, err := http.Get(w.url + "/nowhere?location")
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	if response.StatusCode != 404 || !strings.Contains(string(body), "<Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message><BucketName>nowhere</BucketName>") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	var gone *types.NoSuchBucket
	_, err = w.anonymous().ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("nowhere")})
	if !errors.As(err, &gone) {
		t.Errorf("ListObjectsV2: %v", err)
	}
}
