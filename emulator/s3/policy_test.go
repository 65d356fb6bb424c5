package s3

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// statement returns a bucket policy of one statement; more is further elements.
func statement(effect, principal, action, resource, more string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":%q,"Principal":%s,"Action":%q,"Resource":%q%s}}`, effect, principal, action, resource, more)
}

func TestBucketPolicy(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	root := w.person(accountA, "root")
	b := aws.String(root.bucketOf("policies", ""))
	text := "{\n  \"Version\" : \"2012-10-17\",\n  \"Statement\": [ {\"Sid\":\"é\", \"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::444455556666:root\"},\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::policies/*\"}]}"
	must(t, root.setPolicy(*b, text))
	got, err := root.client().GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})
	must(t, err)
	if *got.Policy != text {
		t.Errorf("the policy comes back as %s", *got.Policy)
	}
	for _, c := range []struct{ what, policy, message string }{
		{"not JSON", `{`, ""},
		{"no principal", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::policies/*"}}`, ""},
		{"another bucket", statement("Allow", `{"AWS":"444455556666"}`, "s3:GetObject", "arn:aws:s3:::another/*", ""), "Policy has invalid resource"},
		{"action of another service", statement("Allow", `{"AWS":"444455556666"}`, "iam:CreateUser", "arn:aws:s3:::policies/*", ""), "Policy has invalid action"},
		{"object action on the bucket", statement("Allow", `{"AWS":"444455556666"}`, "s3:GetObject", "arn:aws:s3:::policies", ""), "Action does not apply to any resource(s) in statement"},
		{"unknown user", statement("Allow", `{"AWS":"arn:aws:iam::111122223333:user/nobody"}`, "s3:GetObject", "arn:aws:s3:::policies/*", ""), "Invalid principal in policy"},
		{"unknown account", statement("Allow", `{"AWS":"999999999999"}`, "s3:GetObject", "arn:aws:s3:::policies/*", ""), "Invalid principal in policy"},
		{"too long", statement("Allow", `{"AWS":"444455556666"}`, "s3:GetObject", "arn:aws:s3:::policies/"+strings.Repeat("x", 20<<10), ""), ""},
	} {
		err := root.setPolicy(*b, c.policy)
		wantCode(t, c.what, err, "MalformedPolicy")
		if c.message != "" && messageOf(err) != c.message {
			t.Errorf("%s: %s", c.what, messageOf(err))
		}
	}
	got, err = root.client().GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})
	must(t, err)
	if *got.Policy != text {
		t.Error("a refused policy has replaced the one that was there")
	}
	for range 2 { // nothing to delete is no error
		must(t, second(root.client().DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: b})))
	}
	_, err = root.client().GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})
	wantCode(t, "after DeleteBucketPolicy", err, "NoSuchBucketPolicy")
	if messageOf(err) != "The bucket policy does not exist" {
		t.Error(messageOf(err))
	}
}

func TestInvalidPrincipalDetail(t *testing.T) {
	w := newWorld(t)
	root := w.person(accountA, "root")
	b := root.bucketOf("detail", "")
	var body string
	_, err := root.client().PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &b,
		Policy: aws.String(statement("Allow", `{"AWS":"arn:aws:iam::111122223333:user/nobody"}`, "s3:GetObject", "arn:aws:s3:::detail/*", ""))},
		func(o *s3.Options) {
			o.HTTPClient = clientFunc(func(r *http.Request) (*http.Response, error) {
				response, err := http.DefaultClient.Do(r)
				if err == nil {
					all, _ := io.ReadAll(response.Body)
					body, response.Body = string(all), io.NopCloser(strings.NewReader(string(all)))
				}
				return response, err
			})
		})
	wantCode(t, "PutBucketPolicy", err, "MalformedPolicy")
	if !strings.Contains(body, `<Detail>`) || !strings.Contains(body, `arn:aws:iam::111122223333:user/nobody`) {
		t.Error(body)
	}
}

// TestPolicyOwners: nobody of another account gets at the policy, the owner's root always does.
func TestPolicyOwners(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	root, alice, bob := w.person(accountA, "root"), w.person(accountA, "alice", everything), w.person(accountB, "bob", everything)
	carol := w.person(accountA, "carol")
	b := aws.String(root.bucketOf("locked", ""))
	root.put(*b, "k")
	must(t, root.setPolicy(*b, statement("Allow", `{"AWS":["`+bob.caller.ARN+`","`+carol.caller.ARN+`"]}`, "s3:*BucketPolicy*", "arn:aws:s3:::locked", "")))
	_, err := bob.client().GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})
	wantCode(t, "GetBucketPolicy from B", err, "MethodNotAllowed")
	wantCode(t, "PutBucketPolicy from B", bob.setPolicy(*b, "{}"), "MethodNotAllowed")
	_, err = bob.client().DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: b})
	wantCode(t, "DeleteBucketPolicy from B", err, "MethodNotAllowed")
	_, err = carol.client().GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})
	wantCode(t, "GetBucketPolicy by a user whom the policy names", err, "")

	must(t, root.setPolicy(*b, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::locked","arn:aws:s3:::locked/*"]}}`))
	_, err = alice.client().GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})
	wantCode(t, "GetBucketPolicy, denied", err, "AccessDenied")
	if want := `User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:GetBucketPolicy on resource: "arn:aws:s3:::locked" with an explicit deny in a resource-based policy`; messageOf(err) != want {
		t.Error(messageOf(err))
	}
	_, err = root.client().GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("k")})
	wantCode(t, "GetObject by root, denied", err, "AccessDenied")
	_, err = root.client().GetBucketPolicyStatus(ctx, &s3.GetBucketPolicyStatusInput{Bucket: b})
	wantCode(t, "GetBucketPolicyStatus by root, denied", err, "AccessDenied")
	must(t, second(root.client().GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})))
	must(t, root.setPolicy(*b, statement("Deny", `"*"`, "s3:*", "arn:aws:s3:::locked", "")))
	must(t, second(root.client().DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: b})))
	must(t, second(root.client().GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("k")})))
}

// TestCrossAccount: both sides must allow, and only the owner's account is told why not.
func TestCrossAccount(t *testing.T) {
	w := newWorld(t)
	root := w.person(accountA, "root")
	b, k := aws.String(root.bucketOf("cross", "")), aws.String("k")
	root.put(*b, *k)
	bob := w.person(accountB, "bob", allow("arn:aws:s3:::cross/*", "s3:GetObject"))
	dave := w.person(accountB, "dave")
	rootB := w.person(accountB, "root")
	carol := w.person(accountA, "carol")
	get := func(p *person) error {
		return second(p.client().GetObject(t.Context(), &s3.GetObjectInput{Bucket: b, Key: k}))
	}
	for _, c := range []struct {
		what, principal          string
		bob, dave, rootB, carols string
	}{
		{"no policy", "", "AccessDenied", "AccessDenied", "AccessDenied", "AccessDenied"},
		{"the account", `{"AWS":"444455556666"}`, "", "AccessDenied", "", "AccessDenied"},
		{"the users", `{"AWS":["` + bob.caller.ARN + `","` + dave.caller.ARN + `"]}`, "", "AccessDenied", "AccessDenied", "AccessDenied"},
		{"own account", `{"AWS":"111122223333"}`, "AccessDenied", "AccessDenied", "AccessDenied", "AccessDenied"},
		{"own user", `{"AWS":"` + carol.caller.ARN + `"}`, "AccessDenied", "AccessDenied", "AccessDenied", ""},
	} {
		if c.principal != "" {
			must(t, root.setPolicy(*b, statement("Allow", c.principal, "s3:GetObject", "arn:aws:s3:::cross/*", "")))
		}
		wantCode(t, c.what+": bob", get(bob), c.bob)
		wantCode(t, c.what+": dave", get(dave), c.dave)
		wantCode(t, c.what+": root of B", get(rootB), c.rootB)
		wantCode(t, c.what+": carol", get(carol), c.carols)
		if err := get(dave); messageOf(err) != "Access Denied" {
			t.Errorf("%s: dave is told %q", c.what, messageOf(err))
		}
	}
	must(t, second(root.client().DeleteBucketPolicy(t.Context(), &s3.DeleteBucketPolicyInput{Bucket: b})))
	if want := `User: arn:aws:iam::111122223333:user/carol is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::cross/k" because no identity-based policy allows the s3:GetObject action`; messageOf(get(carol)) != want {
		t.Errorf("carol is told %q", messageOf(get(carol)))
	}
	_, err := w.anonymous().GetObject(t.Context(), &s3.GetObjectInput{Bucket: b, Key: k})
	wantCode(t, "anonymous", err, "AccessDenied")
	if messageOf(err) != "Access Denied" {
		t.Errorf("the anonymous is told %q", messageOf(err))
	}
}

func TestBlockPublicPolicy(t *testing.T) {
	w := newWorld(t)
	root, alice := w.person(accountA, "root"), w.person(accountA, "alice", everything)
	b := root.bucketOf("public", "")
	public := statement("Allow", `"*"`, "s3:GetObject", "arn:aws:s3:::public/*", "")
	err := alice.setPolicy(b, public)
	wantCode(t, "a public policy, blocked", err, "AccessDenied")
	if want := `User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::public" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`; messageOf(err) != want {
		t.Error(messageOf(err))
	}
	must(t, alice.setPolicy(b, statement("Allow", `"*"`, "s3:GetObject", "arn:aws:s3:::public/*", `,"Condition":{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}`)))
	must(t, alice.setPolicy(b, statement("Deny", `"*"`, "s3:GetObject", "arn:aws:s3:::public/*", "")))
	status := func() bool {
		out, err := alice.client().GetBucketPolicyStatus(t.Context(), &s3.GetBucketPolicyStatusInput{Bucket: &b})
		must(t, err)
		return *out.PolicyStatus.IsPublic
	}
	if status() {
		t.Error("a Deny for everybody is public")
	}
	root.open(b)
	_, err = alice.client().GetPublicAccessBlock(t.Context(), &s3.GetPublicAccessBlockInput{Bucket: &b})
	wantCode(t, "GetPublicAccessBlock after its deletion", err, "NoSuchPublicAccessBlockConfiguration")
	must(t, alice.setPolicy(b, public))
	if !status() {
		t.Error("a public policy is not public")
	}
}

// TestPublicAccessAtEvaluation: RestrictPublicBuckets shuts out foreign callers while the policy is public, the settings
// for writing do not count.
func TestPublicAccessAtEvaluation(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	root, guests := w.person(accountA, "root"), newGuests(w)
	b, k := aws.String(root.bucketOf("restricted", "")), aws.String("k")
	root.put(*b, *k)
	root.open(*b)
	for _, c := range []struct {
		what, policy string
		block        types.PublicAccessBlockConfiguration
		may          string
	}{
		{"public, open", statement("Allow", `"*"`, "s3:GetObject", "arn:aws:s3:::restricted/*", ""), types.PublicAccessBlockConfiguration{}, "carol-in-A bob-in-B anonymous"},
		{"public, restricted", statement("Allow", `"*"`, "s3:GetObject", "arn:aws:s3:::restricted/*", ""), types.PublicAccessBlockConfiguration{RestrictPublicBuckets: aws.Bool(true)}, "carol-in-A"},
		{"public, blocked for new policies", statement("Allow", `"*"`, "s3:GetObject", "arn:aws:s3:::restricted/*", ""),
			types.PublicAccessBlockConfiguration{BlockPublicPolicy: aws.Bool(true), BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true)}, "carol-in-A bob-in-B anonymous"},
		{"for B, restricted", statement("Allow", `{"AWS":"444455556666"}`, "s3:GetObject", "arn:aws:s3:::restricted/*", ""), types.PublicAccessBlockConfiguration{RestrictPublicBuckets: aws.Bool(true)}, "bob-in-B"},
	} {
		must(t, second(root.client().DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: b})))
		must(t, root.setPolicy(*b, c.policy))
		must(t, second(root.client().PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: b, PublicAccessBlockConfiguration: &c.block})))
		guests.let(t, c.what, c.may, func(client *s3.Client) error {
			err := second(client.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: k}))
			if err != nil && !strings.HasPrefix(c.what, "for B") && messageOf(err) != "Access Denied" {
				t.Errorf("%s: message %q", c.what, messageOf(err))
			}
			return err
		})
	}
}

// TestMissingKeys: without s3:ListBucket nobody learns that a key is not there ("GetObject", Permissions).
func TestMissingKeys(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	root := w.person(accountA, "root")
	b, gone := aws.String(root.bucketOf("keys", "")), aws.String("logs/gone")
	for _, c := range []struct {
		what, policy, get, head string
	}{
		{"with s3:ListBucket", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"*"}}`, "NoSuchKey", "NotFound"},
		{"without", allow("*", "s3:GetObject"), "AccessDenied", "Forbidden"},
		{"with s3:ListBucket alone", allow("*", "s3:ListBucket"), "AccessDenied", "Forbidden"},
		{"with s3:ListBucket under a prefix, which a GET does not have", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"},
			{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"StringLike":{"s3:prefix":"logs/*"}}}]}`, "AccessDenied", "Forbidden"},
	} {
		client := w.person(accountA, "eve", c.policy).client()
		_, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: gone})
		wantCode(t, "GetObject "+c.what, err, c.get)
		if c.what == "without" && !strings.Contains(messageOf(err), `s3:ListBucket on resource: "arn:aws:s3:::keys" because no identity-based policy allows the s3:ListBucket action`) {
			t.Error(messageOf(err))
		}
		_, err = client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: b, Key: gone})
		wantCode(t, "HeadObject "+c.what, err, c.head)
	}
}

// TestConditionKeys: for each case a policy with the condition lets the request with the key's value through, and not the
// one without.
func TestConditionKeys(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	root := w.person(accountA, "root")
	b := aws.String(root.bucketOf("conditions", types.ObjectOwnershipObjectWriter))
	for key, tagging := range map[string]*string{"red": aws.String("Team=red&x=y"), "blue": aws.String("Team=blue"), "bare": nil} {
		must(t, second(root.client().PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String(key), Tagging: tagging, Body: strings.NewReader("x")})))
	}
	put := func(change func(*s3.PutObjectInput)) func(*s3.Client) error {
		return func(c *s3.Client) error {
			in := &s3.PutObjectInput{Bucket: b, Key: aws.String("new"), Body: strings.NewReader("x")}
			change(in)
			return second(c.PutObject(ctx, in))
		}
	}
	get := func(key string) func(*s3.Client) error {
		return func(c *s3.Client) error { return second(c.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: &key})) }
	}
	list := func(change func(*s3.ListObjectsV2Input)) func(*s3.Client) error {
		return func(c *s3.Client) error {
			in := &s3.ListObjectsV2Input{Bucket: b}
			change(in)
			return second(c.ListObjectsV2(ctx, in))
		}
	}
	copyOf := func(change func(*s3.CopyObjectInput)) func(*s3.Client) error {
		return func(c *s3.Client) error {
			in := &s3.CopyObjectInput{Bucket: b, Key: aws.String("copy"), CopySource: aws.String("conditions/bare")}
			change(in)
			return second(c.CopyObject(ctx, in))
		}
	}
	nothing := func(*s3.PutObjectInput) {}
	for _, c := range []struct {
		condition string
		yes, no   func(*s3.Client) error
	}{
		{`"StringEquals":{"s3:ExistingObjectTag/team":"red"}`, get("red"), get("blue")},
		{`"StringNotEquals":{"s3:ExistingObjectTag/Team":"red"}`, get("bare"), get("red")},
		{`"StringLike":{"s3:prefix":["home/*",""]}`, list(func(in *s3.ListObjectsV2Input) { in.Prefix = aws.String("home/x") }), list(func(in *s3.ListObjectsV2Input) { in.Prefix = aws.String("other") })},
		{`"StringEquals":{"s3:prefix":""}`, list(func(in *s3.ListObjectsV2Input) { in.Prefix = aws.String("") }), list(func(*s3.ListObjectsV2Input) {})},
		{`"Null":{"s3:prefix":"false"}`, list(func(in *s3.ListObjectsV2Input) { in.Prefix = aws.String("a") }), list(func(*s3.ListObjectsV2Input) {})},
		{`"StringEquals":{"s3:delimiter":"/"}`, list(func(in *s3.ListObjectsV2Input) { in.Delimiter = aws.String("/") }), list(func(*s3.ListObjectsV2Input) {})},
		{`"NumericLessThanEquals":{"s3:max-keys":"10"}`, list(func(in *s3.ListObjectsV2Input) { in.MaxKeys = aws.Int32(10) }), list(func(in *s3.ListObjectsV2Input) { in.MaxKeys = aws.Int32(11) })},
		{`"StringEqualsIfExists":{"s3:x-amz-acl":"bucket-owner-full-control"}`, put(func(in *s3.PutObjectInput) { in.ACL = "bucket-owner-full-control" }), put(func(in *s3.PutObjectInput) { in.ACL = "private" })},
		{`"StringLike":{"s3:x-amz-grant-read":"id=*"}`, put(func(in *s3.PutObjectInput) { in.GrantRead = aws.String("id=" + *ownerOf(accountB).ID) }), put(func(in *s3.PutObjectInput) { in.GrantReadACP = aws.String("id=" + *ownerOf(accountB).ID) })},
		{`"StringEquals":{"s3:x-amz-storage-class":"STANDARD_IA"}`, put(func(in *s3.PutObjectInput) { in.StorageClass = "STANDARD_IA" }), put(nothing)},
		{`"StringEquals":{"s3:x-amz-server-side-encryption":"AES256"}`, put(func(in *s3.PutObjectInput) { in.ServerSideEncryption = "AES256" }), put(nothing)},
		{`"StringEquals":{"s3:RequestObjectTag/team":"red"}`, put(func(in *s3.PutObjectInput) { in.Tagging = aws.String("team=red") }), put(func(in *s3.PutObjectInput) { in.Tagging = aws.String("team=blue") })},
		{`"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["team","cost"]}`, put(func(in *s3.PutObjectInput) { in.Tagging = aws.String("team=a&cost=b") }), put(func(in *s3.PutObjectInput) { in.Tagging = aws.String("team=a&x=b") })},
		{`"Null":{"s3:if-none-match":"false"}`, put(func(in *s3.PutObjectInput) { in.IfNoneMatch, in.Key = aws.String("*"), aws.String("only-once") }), put(nothing)},
		{`"StringEquals":{"s3:x-amz-metadata-directive":"REPLACE"}`, copyOf(func(in *s3.CopyObjectInput) { in.MetadataDirective = "REPLACE" }), copyOf(func(in *s3.CopyObjectInput) {})},
		{`"StringLikeIfExists":{"s3:x-amz-copy-source":"conditions/b*"}`, copyOf(func(in *s3.CopyObjectInput) {}), copyOf(func(in *s3.CopyObjectInput) { in.CopySource = aws.String("conditions/red") })},
		{`"Bool":{"s3:ObjectCreationOperation":"false"}`, func(c *s3.Client) error {
			return second(c.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: b, Key: aws.String("parts")}))
		}, put(nothing)},
		{`"StringEquals":{"s3:ResourceAccount":"111122223333"}`, get("bare"), nil},
		{`"StringEquals":{"s3:signatureversion":"AWS4-HMAC-SHA256","s3:authType":"REST-HEADER"}`, get("bare"), nil},
		{`"Null":{"s3:signatureAge":"true","s3:TlsVersion":"true","s3:VersionId":"true"}`, get("bare"), func(c *s3.Client) error {
			return second(c.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("bare"), VersionId: aws.String("null")}))
		}},
		{`"StringEquals":{"s3:VersionId":"null"}`, func(c *s3.Client) error {
			return second(c.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("bare"), VersionId: aws.String("null")}))
		}, get("bare")},
	} {
		client := w.person(accountA, "eve", `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["s3:PutObjectAcl","s3:PutObjectTagging","s3:GetObjectTagging"],"Resource":"*"},
			{"Effect":"Allow","Action":["s3:GetObject*","s3:PutObject","s3:ListBucket"],"Resource":"*","Condition":{`+c.condition+`}}]}`).client()
		if strings.Contains(c.condition, "metadata-directive") || strings.Contains(c.condition, "copy-source") || strings.Contains(c.condition, "RequestObjectTag/") {
			client = w.person(accountA, "eve", `{"Version":"2012-10-17","Statement":[
				{"Effect":"Allow","Action":["s3:GetObject*","s3:PutObjectTagging","s3:PutObjectAcl"],"Resource":"*"},
				{"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{`+c.condition+`}}]}`).client()
		}
		wantCode(t, c.condition, c.yes(client), "")
		if c.no != nil {
			wantCode(t, "not "+c.condition, c.no(client), "AccessDenied")
		}
	}
}

// TestCreateBucketConditions: keys of requests whose bucket is not there yet.
func TestCreateBucketConditions(t *testing.T) {
	w := newWorld(t)
	eve := w.person(accountA, "eve", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"s3:CreateBucket","Resource":"arn:aws:s3:::eves-*","Condition":{"StringEquals":{"s3:LocationConstraint":"eu-west-1"}}},
		{"Effect":"Allow","Action":"s3:PutBucketOwnershipControls","Resource":"*"},
		{"Effect":"Deny","Action":"s3:CreateBucket","Resource":"*","Condition":{"StringEquals":{"s3:x-amz-object-ownership":"ObjectWriter"}}}]}`)
	for _, c := range []struct {
		name, region string
		ownership    types.ObjectOwnership
		want         string
	}{
		{"eves-1", "eu-west-1", "", ""},
		{"eves-2", "eu-west-1", "BucketOwnerPreferred", ""},
		{"eves-3", "eu-west-1", "ObjectWriter", "AccessDenied"},
		{"eves-4", "eu-west-2", "", "AccessDenied"},
		{"others", "eu-west-1", "", "AccessDenied"},
	} {
		_, err := eve.client(c.region).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &c.name, ObjectOwnership: c.ownership,
			CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(c.region)}})
		wantCode(t, c.name, err, c.want)
	}
	_, err := eve.client().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("eves-5")})
	wantCode(t, "without a location", err, "AccessDenied")
}

// TestRequestKeys: every field that a condition key is read from is one of an S3 request.
func TestRequestKeys(t *testing.T) {
	for action, fields := range requestKeys {
		for key, field := range fields {
			found := false
			for _, in := range []any{
				s3.PutObjectInput{}, s3.CopyObjectInput{}, s3.CreateBucketInput{}, s3.ListObjectsV2Input{}, s3.DeleteObjectInput{}, s3.PutBucketAclInput{},
			} {
				_, ok := reflect.TypeOf(in).FieldByName(field)
				found = found || ok
			}
			if !found || key != strings.ToLower(key) {
				t.Errorf("%s: s3:%s from %s", action, key, field)
			}
		}
	}
}

// TestCrossAccountCopy: a copy reads on one side and writes on the other.
func TestCrossAccountCopy(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	root, rootB := w.person(accountA, "root"), w.person(accountB, "root")
	from, to := root.bucketOf("from", ""), aws.String(rootB.bucketOf("target", ""))
	root.put(from, "k")
	reader, writer, both := w.person(accountB, "reader", allow("arn:aws:s3:::from/*", "s3:GetObject")),
		w.person(accountB, "writer", allow("arn:aws:s3:::target/*", "s3:PutObject")), w.person(accountB, "both", everything)
	upload, err := both.client().CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: to, Key: aws.String("parts")})
	must(t, err)
	try := func(p *person) [2]error {
		return [2]error{
			second(p.client().CopyObject(ctx, &s3.CopyObjectInput{Bucket: to, Key: aws.String("copy"), CopySource: aws.String("from/k")})),
			second(p.client().UploadPartCopy(ctx, &s3.UploadPartCopyInput{Bucket: to, Key: aws.String("parts"), UploadId: upload.UploadId, PartNumber: aws.Int32(1), CopySource: aws.String("from/k")})),
		}
	}
	for i, err := range try(both) {
		wantCode(t, fmt.Sprint(i, ": the source's side says nothing"), err, "AccessDenied")
	}
	must(t, root.setPolicy(from, statement("Allow", `{"AWS":"444455556666"}`, "s3:GetObject", "arn:aws:s3:::from/*", "")))
	for i := range 2 {
		wantCode(t, fmt.Sprint(i, ": both sides"), try(both)[i], "")
		wantCode(t, fmt.Sprint(i, ": only reading"), try(reader)[i], "AccessDenied")
		wantCode(t, fmt.Sprint(i, ": only writing"), try(writer)[i], "AccessDenied")
	}
	must(t, rootB.setPolicy(*to, statement("Deny", `{"AWS":"`+both.caller.ARN+`"}`, "s3:PutObject", "arn:aws:s3:::target/*", "")))
	for i, err := range try(both) {
		wantCode(t, fmt.Sprint(i, ": denied by the target"), err, "AccessDenied")
	}
	_, err = both.client().CopyObject(ctx, &s3.CopyObjectInput{Bucket: to, Key: aws.String("copy"), CopySource: aws.String("nowhere/k")})
	wantCode(t, "from no bucket", err, "NoSuchBucket")
}

// TestPresignedConditions: keys of the signature itself.
func TestPresignedConditions(t *testing.T) {
	w := newWorld(t)
	root := w.person(accountA, "root")
	b := root.bucketOf("presigned", "")
	root.put(b, "k")
	for policy, want := range map[string]int{
		`"StringEquals":{"s3:authType":"REST-QUERY-STRING"}`: 200,
		`"StringEquals":{"s3:authType":"REST-HEADER"}`:       403,
		`"NumericLessThan":{"s3:signatureAge":"600000"}`:     200,
		`"NumericGreaterThan":{"s3:signatureAge":"600000"}`:  403,
	} {
		eve := w.person(accountA, "eve", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{`+policy+`}}}`)
		signed, err := s3.NewPresignClient(eve.client()).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &b, Key: aws.String("k")})
		must(t, err)
		response, err := http.Get(signed.URL)
		must(t, err)
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", policy, response.StatusCode, want)
		}
	}
}

// TestDeleteObjectsByKey: DeleteObjects is decided key by key.
func TestDeleteObjectsByKey(t *testing.T) {
	w := newWorld(t)
	root := w.person(accountA, "root")
	b := root.bucketOf("multi", "")
	root.put(b, "mine/1")
	root.put(b, "yours/1")
	eve := w.person(accountA, "eve", allow("arn:aws:s3:::multi/mine/*", "s3:DeleteObject"))
	out, err := eve.client().DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: &b, Delete: &types.Delete{Objects: []types.ObjectIdentifier{
		{Key: aws.String("mine/1")}, {Key: aws.String("yours/1")}, {Key: aws.String("mine/1"), VersionId: aws.String("null")},
	}}})
	must(t, err)
	if len(out.Deleted) != 1 || *out.Deleted[0].Key != "mine/1" {
		t.Errorf("deleted %+v", out.Deleted)
	}
	if len(out.Errors) != 2 || *out.Errors[0].Code != "AccessDenied" || !strings.Contains(*out.Errors[0].Message, "s3:DeleteObject") ||
		!strings.Contains(*out.Errors[1].Message, "s3:DeleteObjectVersion") {
		t.Errorf("errors %+v", out.Errors)
	}
	must(t, second(root.client().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &b, Key: aws.String("yours/1")})))
}

// TestCacheOfBuckets: what a write changes, the next request sees; a re-created bucket is another one.
func TestCacheOfBuckets(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	root := w.person(accountA, "root")
	dave := w.person(accountB, "dave", everything)
	b := aws.String(root.bucketOf("cached", ""))
	for i := range 3 {
		root.put(*b, "k")
		get := func() error {
			return second(dave.client().GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("k")}))
		}
		wantCode(t, fmt.Sprint(i, " before the policy"), get(), "AccessDenied")
		must(t, root.setPolicy(*b, statement("Allow", `{"AWS":"444455556666"}`, "s3:GetObject", "arn:aws:s3:::cached/*", "")))
		wantCode(t, fmt.Sprint(i, " with the policy"), get(), "")
		must(t, second(root.client().DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b, Key: aws.String("k")})))
		must(t, second(root.client().DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: b})))
		wantCode(t, fmt.Sprint(i, " without the bucket"), get(), "NoSuchBucket")
		root.bucketOf(*b, "")
	}
}

// TestDenialsOf: of a policy that allows and denies, the denials are left, under the policy's own version.
func TestDenialsOf(t *testing.T) {
	allow := `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}`
	deny := `{"Sid":"no","Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}`
	for statements, want := range map[string]string{
		allow:                             "",
		`[` + allow + `]`:                 "",
		deny:                              `[` + deny + `]`,
		`[` + allow + `,` + deny + `]`:    `[` + deny + `]`,
		`[` + deny + `, ` + deny + `]`:    `[` + deny + `,` + deny + `]`,
		"[" + allow + ",\n" + allow + "]": "",
	} {
		got, err := denialsOf(`{"Version":"2012-10-17","Statement":` + statements + `}`)
		must(t, err)
		switch {
		case want == "" && got != nil:
			t.Errorf("%s leaves %s", statements, got.Text)
		case want != "" && (got == nil || got.Text != `{"Statement":`+want+`,"Version":"2012-10-17"}`):
			t.Errorf("%s leaves %v", statements, got)
		}
	}
}

// FuzzRequestedACL: whatever stands in the grant headers and tags, it is an answer and never a panic, and what is accepted
// can be shown.
func FuzzRequestedACL(f *testing.F) {
	w := newWorld(f)
	f.Add(`id="`+*ownerOf(accountB).ID+`", uri=`+allUsers, "a=b&c=d")
	f.Add(`emailAddress=x`, "a=%zz")
	f.Add(`,,=`, "&&=&aws:x=y")
	b := &Bucket{Name: "b", Account: accountA, Ownership: objectWriter}
	f.Fuzz(func(t *testing.T, grant, tagging string) {
		must(t, w.store.View(t.Context(), func(tx *store.Tx) error {
			acl, err := newACL(tx, b, accountA, wire.Caller{}, aclRequest{read: &grant})
			if err == nil {
				_, grants := acl.show(accountA)
				if len(grants) != len(acl.Grants) || len(grants) == 0 {
					t.Errorf("%q: %v", grant, grants)
				}
			} else if awserr.From(err).Status >= 500 {
				t.Error(err)
			}
			return nil
		}))
		if tags, err := headerTags(tagging); err == nil && len(showTags(tags)) > maxObjectTags {
			t.Errorf("%q: %d tags", tagging, len(tags))
		}
	})
}
