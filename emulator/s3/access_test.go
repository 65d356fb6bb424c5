package s3

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// guests are the callers that an ACL may let in: of the owner's account without policies, of another account with and
// without, and nobody.
type guests struct {
	names   []string
	clients []*s3.Client
}

func newGuests(w *world) guests {
	return guests{
		[]string{"carol-in-A", "bob-in-B", "dave-in-B", "anonymous"},
		[]*s3.Client{
			w.person(accountA, "carol").client(),
			w.person(accountB, "bob", everything).client(),
			w.person(accountB, "dave").client(),
			w.anonymous(),
		},
	}
}

// let checks who may do a thing; may is a list of names.
func (g guests) let(t *testing.T, what, may string, try func(*s3.Client) error) {
	t.Helper()
	for i, name := range g.names {
		want := "AccessDenied"
		if slices.Contains(strings.Fields(may), name) {
			want = ""
		}
		wantCode(t, what+" by "+name, try(g.clients[i]), want)
	}
}

// TestObjectACLs: who reads an object under each ACL, Object Ownership and IgnorePublicAcls. Accounts that are granted
// something still need policies of their own, except principals of the owner's account under a grant to everybody.
func TestObjectACLs(t *testing.T) {
	w := newWorld(t)
	root := w.person(accountA, "root")
	guests := newGuests(w)
	toB := aws.String("id=" + *ownerOf(accountB).ID)
	for _, c := range []struct {
		acl       types.ObjectCannedACL // "" is READ for B
		ownership types.ObjectOwnership // while reading; the ACL was put before
		ignore    bool
		may       string
	}{
		{acl: "private", ownership: "ObjectWriter"},
		{acl: "public-read", ownership: "ObjectWriter", may: "carol-in-A bob-in-B anonymous"},
		{acl: "public-read", ownership: "BucketOwnerPreferred", may: "carol-in-A bob-in-B anonymous"},
		{acl: "public-read", may: "carol-in-A bob-in-B anonymous"}, // without ownership controls
		{acl: "public-read-write", ownership: "ObjectWriter", may: "carol-in-A bob-in-B anonymous"},
		{acl: "authenticated-read", ownership: "ObjectWriter", may: "carol-in-A bob-in-B"},
		{ownership: "ObjectWriter", may: "bob-in-B"},
		{acl: "public-read", ownership: "ObjectWriter", ignore: true},
		{acl: "authenticated-read", ownership: "ObjectWriter", ignore: true},
		{ownership: "ObjectWriter", ignore: true, may: "bob-in-B"},
		{acl: "public-read", ownership: "BucketOwnerEnforced"},
		{acl: "authenticated-read", ownership: "BucketOwnerEnforced"},
		{ownership: "BucketOwnerEnforced"},
		{acl: "bucket-owner-full-control", ownership: "ObjectWriter"},
	} {
		name := strings.ToLower(strings.Trim("o-"+string(c.acl)+"-"+string(c.ownership), "-"))
		if c.ignore {
			name += "-ignored"
		}
		t.Run(name, func(t *testing.T) {
			ctx, owner := t.Context(), root.client()
			b := aws.String(root.bucketOf(name, types.ObjectOwnershipObjectWriter))
			root.open(name)
			put := &s3.PutObjectInput{Bucket: b, Key: aws.String("k"), ACL: c.acl, Body: strings.NewReader("x")}
			if c.acl == "" {
				put.GrantRead = toB
			}
			must(t, second(owner.PutObject(ctx, put)))
			root.own(name, c.ownership)
			must(t, second(owner.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: b,
				PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{IgnorePublicAcls: &c.ignore}})))
			guests.let(t, "GetObject", c.may, func(client *s3.Client) error {
				return second(client.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: put.Key}))
			})
			guests.let(t, "GetObject of the null version", c.may, func(client *s3.Client) error {
				return second(client.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: put.Key, VersionId: aws.String("null")}))
			})
			guests.let(t, "GetObjectAcl", "", func(client *s3.Client) error {
				return second(client.GetObjectAcl(ctx, &s3.GetObjectAclInput{Bucket: b, Key: put.Key}))
			})
			guests.let(t, "DeleteObject", "", func(client *s3.Client) error {
				return second(client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b, Key: put.Key}))
			})
			guests.let(t, "ListObjectsV2", "", func(client *s3.Client) error {
				return second(client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: b}))
			})
			must(t, second(owner.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: put.Key})))
		})
	}
}

// own sets Object Ownership, "" deletes it.
func (p *person) own(bucket string, ownership types.ObjectOwnership) {
	p.world.t.Helper()
	ctx := p.world.t.Context()
	if ownership == "" {
		must(p.world.t, second(p.client().DeleteBucketOwnershipControls(ctx, &s3.DeleteBucketOwnershipControlsInput{Bucket: &bucket})))
		return
	}
	must(p.world.t, second(p.client().PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{Bucket: &bucket,
		OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: ownership}}}})))
}

// TestBucketACLs: what each ACL of a bucket lets whom do.
func TestBucketACLs(t *testing.T) {
	w := newWorld(t)
	root := w.person(accountA, "root")
	guests := newGuests(w)
	toB := aws.String("id=" + *ownerOf(accountB).ID)
	for _, c := range []struct {
		name                           string
		put                            s3.PutBucketAclInput
		ignore                         bool
		list, write, readACL, writeACL string
	}{
		{name: "private", put: s3.PutBucketAclInput{ACL: "private"}},
		{name: "public-read", put: s3.PutBucketAclInput{ACL: "public-read"}, list: "carol-in-A bob-in-B anonymous"},
		{name: "public-read-write", put: s3.PutBucketAclInput{ACL: "public-read-write"},
			list: "carol-in-A bob-in-B anonymous", write: "carol-in-A bob-in-B anonymous"},
		{name: "authenticated-read", put: s3.PutBucketAclInput{ACL: "authenticated-read"}, list: "carol-in-A bob-in-B"},
		{name: "read-b", put: s3.PutBucketAclInput{GrantRead: toB}, list: "bob-in-B"},
		{name: "write-b", put: s3.PutBucketAclInput{GrantWrite: toB}, write: "bob-in-B"},
		{name: "acp-b", put: s3.PutBucketAclInput{GrantReadACP: toB, GrantWriteACP: toB}, readACL: "bob-in-B", writeACL: "bob-in-B"},
		{name: "full-b", put: s3.PutBucketAclInput{GrantFullControl: toB}, list: "bob-in-B", write: "bob-in-B", readACL: "bob-in-B", writeACL: "bob-in-B"},
		{name: "full-b-ignored", put: s3.PutBucketAclInput{GrantFullControl: toB}, ignore: true, list: "bob-in-B", write: "bob-in-B", readACL: "bob-in-B", writeACL: "bob-in-B"},
		{name: "public-ignored", put: s3.PutBucketAclInput{ACL: "public-read-write"}, ignore: true},
		{name: "log-delivery-canned", put: s3.PutBucketAclInput{ACL: "log-delivery-write"}},
		{name: "log-delivery", put: s3.PutBucketAclInput{GrantWrite: aws.String("uri=" + logDelivery)}},
		{name: "by-body", put: s3.PutBucketAclInput{AccessControlPolicy: &types.AccessControlPolicy{Owner: ownerOf(accountA), Grants: []types.Grant{
			{Grantee: &types.Grantee{Type: types.TypeCanonicalUser, ID: ownerOf(accountB).ID}, Permission: types.PermissionRead},
			{Grantee: &types.Grantee{Type: types.TypeGroup, URI: aws.String(allUsers)}, Permission: types.PermissionReadAcp},
		}}}, list: "bob-in-B", readACL: "carol-in-A bob-in-B anonymous"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, owner := t.Context(), root.client()
			b := aws.String(root.bucketOf(c.name, types.ObjectOwnershipObjectWriter))
			root.open(*b)
			root.put(*b, "k")
			c.put.Bucket = b
			must(t, second(owner.PutBucketAcl(ctx, &c.put)))
			must(t, second(owner.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: b,
				PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{IgnorePublicAcls: &c.ignore}})))
			guests.let(t, "ListObjectsV2", c.list, func(client *s3.Client) error {
				return second(client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: b}))
			})
			guests.let(t, "ListObjectVersions", c.list, func(client *s3.Client) error {
				return second(client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: b}))
			})
			guests.let(t, "GetBucketAcl", c.readACL, func(client *s3.Client) error {
				return second(client.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: b}))
			})
			guests.let(t, "GetObject", "", func(client *s3.Client) error { // a bucket's ACL says nothing of objects
				return second(client.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("k")}))
			})
			guests.let(t, "PutObject", c.write, func(client *s3.Client) error {
				return second(client.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String("theirs"), Body: strings.NewReader("x")}))
			})
			guests.let(t, "DeleteObject of the owner's", "", func(client *s3.Client) error {
				return second(client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b, Key: aws.String("k")}))
			})
			guests.let(t, "GetBucketPolicyStatus", "", func(client *s3.Client) error {
				return second(client.GetBucketPolicyStatus(ctx, &s3.GetBucketPolicyStatusInput{Bucket: b}))
			})
			guests.let(t, "PutBucketAcl", c.writeACL, func(client *s3.Client) error {
				return second(client.PutBucketAcl(ctx, &s3.PutBucketAclInput{Bucket: b, GrantFullControl: toB}))
			})
		})
	}
}

// TestForeignObjects: an object that another account wrote is that account's, unless Object Ownership says otherwise.
func TestForeignObjects(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	root, alice := w.person(accountA, "root"), w.person(accountA, "alice", everything)
	bob, dave := w.person(accountB, "bob", everything), w.person(accountB, "dave")
	for _, c := range []struct {
		ownership types.ObjectOwnership
		acl       types.ObjectCannedACL
		owner     string
		readable  bool // by the bucket's owner
	}{
		{"ObjectWriter", "", accountB, false},
		{"ObjectWriter", "bucket-owner-read", accountB, true},
		{"ObjectWriter", "bucket-owner-full-control", accountB, true},
		{"BucketOwnerPreferred", "", accountB, false},
		{"BucketOwnerPreferred", "bucket-owner-full-control", accountA, true},
		{"BucketOwnerEnforced", "", accountA, true},
		{"BucketOwnerEnforced", "bucket-owner-full-control", accountA, true},
	} {
		name := strings.ToLower(strings.TrimSuffix("f-"+string(c.ownership)+"-"+string(c.acl), "-"))
		t.Run(name, func(t *testing.T) {
			b, k := aws.String(root.bucketOf(name, c.ownership)), aws.String("k")
			must(t, root.setPolicy(name, `{"Version":"2012-10-17","Statement":[
				{"Effect":"Allow","Principal":{"AWS":"`+accountB+`"},"Action":["s3:PutObject","s3:PutObjectAcl"],"Resource":"arn:aws:s3:::`+name+`/*"},
				{"Effect":"Allow","Principal":{"AWS":"`+alice.caller.ARN+`"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::`+name+`/*"}]}`))
			must(t, second(bob.client().PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: k, ACL: c.acl, Body: strings.NewReader("x")})))
			get := func(p *person) error {
				return second(p.client().GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: k}))
			}
			want, bobs := "AccessDenied", ""
			if c.readable {
				want = ""
			}
			if c.owner == accountA {
				bobs = "AccessDenied" // the bucket policy gives B no s3:GetObject
			}
			wantCode(t, "the bucket owner's root", get(root), want)
			wantCode(t, "the bucket owner's user", get(alice), want)
			wantCode(t, "the writer", get(bob), bobs)
			wantCode(t, "another user of the writer's account, without policies", get(dave), "AccessDenied")
			if err := get(dave); messageOf(err) != "Access Denied" { // the bucket is not of his account
				t.Errorf("who is told %q", messageOf(err))
			}
			list, err := root.client().ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: b})
			must(t, err)
			if len(list.Versions) != 1 || *list.Versions[0].Owner.ID != *ownerOf(c.owner).ID {
				t.Errorf("listed as %+v", list.Versions)
			}

			// Its tags are the bucket owner's affair all the same, its ACL is not.
			tags := func(p *person) error {
				return second(p.client().GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: b, Key: k}))
			}
			wantCode(t, "tags by the bucket owner's root", tags(root), "")
			wantCode(t, "tags by the writer", tags(bob), "AccessDenied")
			acl := ""
			if c.owner == accountB && c.acl != "bucket-owner-full-control" {
				acl = "AccessDenied"
			}
			wantCode(t, "ACL by the bucket owner's root", second(root.client().GetObjectAcl(ctx, &s3.GetObjectAclInput{Bucket: b, Key: k})), acl)

			// With ACLs disabled everything becomes the bucket owner's.
			root.own(name, types.ObjectOwnershipBucketOwnerEnforced)
			wantCode(t, "the bucket owner's user, ACLs disabled", get(alice), "")
			wantCode(t, "the writer, ACLs disabled", get(bob), "AccessDenied")
			shown, err := root.client().GetObjectAcl(ctx, &s3.GetObjectAclInput{Bucket: b, Key: k})
			must(t, err)
			if *shown.Owner.ID != *ownerOf(accountA).ID || len(shown.Grants) != 1 || *shown.Grants[0].Grantee.ID != *ownerOf(accountA).ID {
				t.Errorf("the ACL with ACLs disabled is %+v", shown.Grants)
			}
			root.own(name, c.ownership)

			// What a bucket policy denies counts for everybody's objects.
			must(t, root.setPolicy(name, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::`+name+`/*"}}`))
			wantCode(t, "the writer, denied", get(bob), "AccessDenied")
			wantCode(t, "the bucket owner's user, denied", get(alice), "AccessDenied")
			// The bucket's owner may delete whatever is in it.
			must(t, second(root.client().DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b, Key: k})))
		})
	}
}

// TestWritersDeleteTheirOwn: WRITE on a bucket lets an account delete its own objects there, and only those.
func TestWritersDeleteTheirOwn(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	root, bob := w.person(accountA, "root"), w.person(accountB, "bob", everything)
	b := aws.String(root.bucketOf("shared", types.ObjectOwnershipObjectWriter))
	must(t, second(root.client().PutBucketAcl(ctx, &s3.PutBucketAclInput{Bucket: b, GrantWrite: aws.String("id=" + *ownerOf(accountB).ID)})))
	root.put("shared", "roots")
	bob.put("shared", "bobs")
	for key, want := range map[string]string{"bobs": "", "roots": "AccessDenied", "gone": "AccessDenied"} {
		_, err := bob.client().DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b, Key: &key})
		wantCode(t, "DeleteObject "+key, err, want)
	}
}

// TestMissingKeysUnderACLs: who may list by the bucket's ACL gets 404 for a key that is missing, others 403.
func TestMissingKeysUnderACLs(t *testing.T) {
	w := newWorld(t)
	ctx, root, guests := t.Context(), w.person(accountA, "root"), newGuests(w)
	b := aws.String(root.bucketOf("listed", types.ObjectOwnershipObjectWriter))
	root.open(*b)
	root.put(*b, "private")
	for acl, may := range map[types.BucketCannedACL]string{
		"public-read": "carol-in-A bob-in-B anonymous", "authenticated-read": "carol-in-A bob-in-B", "private": "",
	} {
		must(t, second(root.client().PutBucketAcl(ctx, &s3.PutBucketAclInput{Bucket: b, ACL: acl})))
		for i, c := range guests.clients {
			want := "AccessDenied"
			if slices.Contains(strings.Fields(may), guests.names[i]) {
				want = "NoSuchKey"
			}
			_, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("missing")})
			wantCode(t, string(acl)+" by "+guests.names[i], err, want)
			_, err = c.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("private")})
			wantCode(t, string(acl)+", an object that is there, by "+guests.names[i], err, "AccessDenied")
		}
	}
}

// TestAnonymousACLs: the anonymous give an ACL to what the bucket's ACL lets them write; a Deny counts.
func TestAnonymousACLs(t *testing.T) {
	w := newWorld(t)
	ctx, root, nobody := t.Context(), w.person(accountA, "root"), w.anonymous()
	b := aws.String(root.bucketOf("drop", types.ObjectOwnershipObjectWriter))
	root.open(*b)
	write := func(acl types.ObjectCannedACL) error {
		return second(nobody.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String("k"), Body: strings.NewReader("x"), ACL: acl}))
	}
	wantCode(t, "a private bucket", write("public-read"), "AccessDenied")
	must(t, second(root.client().PutBucketAcl(ctx, &s3.PutBucketAclInput{Bucket: b, ACL: "public-read-write"})))
	must(t, write("public-read"))
	must(t, second(root.client().GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("k")})))
	must(t, second(root.client().PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: b, Policy: aws.String(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Deny","Principal":"*","Action":"s3:PutObjectAcl","Resource":"arn:aws:s3:::drop/*"}]}`)})))
	wantCode(t, "an ACL under a Deny", write("public-read"), "AccessDenied")
	must(t, write(""))
}

// TestACLRequests: what is no ACL, or not one for this bucket.
func TestACLRequests(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	root := w.person(accountA, "root")
	alice := w.person(accountA, "alice", everything)
	enforced, writer := root.bucketOf("enforced", ""), root.bucketOf("writer", types.ObjectOwnershipObjectWriter)
	open := root.bucketOf("open", types.ObjectOwnershipObjectWriter)
	root.open(open)
	full := types.Grant{Grantee: &types.Grantee{Type: types.TypeCanonicalUser, ID: ownerOf(accountA).ID}, Permission: types.PermissionFullControl}
	for _, c := range []struct {
		what, bucket, code, message string
		in                          s3.PutBucketAclInput
	}{
		{"canned, ACLs disabled", enforced, "AccessControlListNotSupported", "The bucket does not allow ACLs", s3.PutBucketAclInput{ACL: "public-read"}},
		{"private, ACLs disabled", enforced, "AccessControlListNotSupported", "", s3.PutBucketAclInput{ACL: "private"}},
		{"full control for the owner, ACLs disabled", enforced, "", "", s3.PutBucketAclInput{AccessControlPolicy: &types.AccessControlPolicy{Owner: ownerOf(accountA), Grants: []types.Grant{full}}}},
		{"public, blocked", writer, "AccessDenied", `User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:PutBucketAcl on resource: "arn:aws:s3:::writer" because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.`,
			s3.PutBucketAclInput{ACL: "public-read"}},
		{"authenticated, blocked", writer, "AccessDenied", "", s3.PutBucketAclInput{ACL: "authenticated-read"}},
		{"group by header, blocked", writer, "AccessDenied", "", s3.PutBucketAclInput{GrantWriteACP: aws.String(`uri="` + allUsers + `"`)}},
		{"public, open", open, "", "", s3.PutBucketAclInput{ACL: "public-read"}},
		{"nothing", open, "MissingSecurityHeader", "", s3.PutBucketAclInput{}},
		{"canned and headers", open, "InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed", s3.PutBucketAclInput{ACL: "private", GrantRead: aws.String("uri=" + allUsers)}},
		{"headers and body", open, "UnexpectedContent", "", s3.PutBucketAclInput{GrantRead: aws.String("uri=" + allUsers), AccessControlPolicy: &types.AccessControlPolicy{Owner: ownerOf(accountA)}}},
		{"unknown id", open, "InvalidArgument", "Invalid id", s3.PutBucketAclInput{GrantRead: aws.String("id=1234")}},
		{"unknown group", open, "InvalidArgument", "Invalid group uri", s3.PutBucketAclInput{GrantRead: aws.String("uri=http://example.com")}},
		{"email", open, "MethodNotAllowed", "", s3.PutBucketAclInput{GrantRead: aws.String("emailAddress=a@example.com")}},
		{"no form", open, "InvalidArgument", "Argument format not recognized", s3.PutBucketAclInput{GrantRead: aws.String("everybody")}},
		{"another owner", open, "AccessDenied", "", s3.PutBucketAclInput{AccessControlPolicy: &types.AccessControlPolicy{Owner: ownerOf(accountB), Grants: []types.Grant{full}}}},
		{"no owner", open, "MalformedACLError", "", s3.PutBucketAclInput{AccessControlPolicy: &types.AccessControlPolicy{Grants: []types.Grant{full}}}},
		{"unknown permission", open, "MalformedACLError", "The XML you provided was not well-formed or did not validate against our published schema", s3.PutBucketAclInput{AccessControlPolicy: &types.AccessControlPolicy{Owner: ownerOf(accountA), Grants: []types.Grant{{Grantee: full.Grantee, Permission: "FOO"}}}}},
		{"101 grants", open, "MalformedACLError", "", s3.PutBucketAclInput{AccessControlPolicy: &types.AccessControlPolicy{Owner: ownerOf(accountA), Grants: slices.Repeat([]types.Grant{full}, 101)}}},
	} {
		c.in.Bucket = &c.bucket
		_, err := alice.client().PutBucketAcl(ctx, &c.in)
		wantCode(t, c.what, err, c.code)
		if c.message != "" && messageOf(err) != c.message {
			t.Errorf("%s: %s", c.what, messageOf(err))
		}
	}
	// The ACL that was put last stands, and bars BucketOwnerEnforced.
	_, err := root.client().PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{Bucket: &open, OwnershipControls: &types.OwnershipControls{
		Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}}}})
	wantCode(t, "disabling ACLs", err, "InvalidBucketAclWithObjectOwnership")

	for acl, want := range map[types.ObjectCannedACL]string{
		"private": "AccessControlListNotSupported", "public-read": "AccessControlListNotSupported", "bucket-owner-full-control": "", "": "",
	} {
		_, err := root.client().PutObject(ctx, &s3.PutObjectInput{Bucket: &enforced, Key: aws.String("k"), ACL: acl, Body: strings.NewReader("x")})
		wantCode(t, "PutObject with "+string(acl), err, want)
	}
	_, err = alice.client().PutObject(ctx, &s3.PutObjectInput{Bucket: &writer, Key: aws.String("k"), ACL: "public-read", Body: strings.NewReader("x")})
	wantCode(t, "PutObject with public-read, blocked", err, "AccessDenied")
	if !strings.HasSuffix(messageOf(err), `on resource: "arn:aws:s3:::writer/k" because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.`) {
		t.Error(messageOf(err))
	}
	// An owner who takes everything from itself keeps an empty list, and may write another.
	must(t, second(root.client().PutBucketAcl(ctx, &s3.PutBucketAclInput{Bucket: &writer, AccessControlPolicy: &types.AccessControlPolicy{Owner: ownerOf(accountA)}})))
	acl, err := root.client().GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: &writer})
	must(t, err)
	if len(acl.Grants) != 0 {
		t.Errorf("grants %v", acl.Grants)
	}
	must(t, second(root.client().PutBucketAcl(ctx, &s3.PutBucketAclInput{Bucket: &writer, ACL: "private"})))
}
