package s3

//lint:file-ignore SA1019 Prefix is deprecated, and what rules of version 1 are made of

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// What a role needs for replication from reports to copies, by the statement that a test leaves out.
var replicationPermissions = []struct{ action, resource string }{
	{"s3:GetReplicationConfiguration", "arn:aws:s3:::reports"},
	{"s3:ListBucket", "arn:aws:s3:::reports"},
	{"s3:GetObjectVersionForReplication", "arn:aws:s3:::reports/*"},
	{"s3:GetObjectVersionAcl", "arn:aws:s3:::reports/*"},
	{"s3:GetObjectVersionTagging", "arn:aws:s3:::reports/*"},
	{"s3:ReplicateObject", "arn:aws:s3:::copies/*"},
	{"s3:ReplicateDelete", "arn:aws:s3:::copies/*"},
	{"s3:ReplicateTags", "arn:aws:s3:::copies/*"},
}

func replicationPolicies(without string) []string {
	var policies []string
	for _, p := range replicationPermissions {
		if p.action != without {
			policies = append(policies, allow(p.resource, p.action))
		}
	}
	return policies
}

// A pair is a bucket, reports, that replicates to another one, copies.
type pair struct {
	*world
	t     *testing.T
	c, to *s3.Client
	role  string
}

// beginPair makes the buckets: copies is account's.
func beginPair(t *testing.T, account string, policies ...string) *pair {
	t.Helper()
	w, c := begin(t)
	p := &pair{world: w, t: t, c: c, to: c}
	if account != accountA {
		p.to = w.person(account, "root").client()
	}
	p.role = w.role(accountA, "replicator", policies...)
	ok(p.to.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("copies")}))(t)
	for name, client := range map[string]*s3.Client{"reports": c, "copies": p.to} {
		ok(client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &name, VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled"}}))(t)
	}
	return p
}

// rule is a rule of version 2 for everything, changed by options.
func rule(options ...func(*types.ReplicationRule)) types.ReplicationRule {
	r := types.ReplicationRule{
		ID: aws.String("all"), Status: "Enabled", Priority: aws.Int32(1), Filter: &types.ReplicationRuleFilter{Prefix: aws.String("")},
		DeleteMarkerReplication: &types.DeleteMarkerReplication{Status: "Disabled"},
		Destination:             &types.Destination{Bucket: aws.String("arn:aws:s3:::copies")},
	}
	for _, o := range options {
		o(&r)
	}
	return r
}

func (p *pair) replicate(rules ...types.ReplicationRule) {
	p.t.Helper()
	ok(p.c.PutBucketReplication(p.t.Context(), &s3.PutBucketReplicationInput{Bucket: theBucket, ReplicationConfiguration: &types.ReplicationConfiguration{Role: &p.role, Rules: rules}}))(p.t)
}

// status does the work and returns the replication status of a version on both sides.
func (p *pair) status(key string, version *string) string {
	p.t.Helper()
	must(p.t, p.service.Work(p.t.Context()))
	side := func(c *s3.Client, bucket string) string {
		head, err := c.HeadObject(p.t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key, VersionId: version})
		if err != nil {
			return codeOf(err)
		}
		return string(head.ReplicationStatus)
	}
	return side(p.c, "reports") + " " + side(p.to, "copies")
}

func TestReplication(t *testing.T) {
	p := beginPair(t, accountA, replicationPolicies("")...)
	put(t, p.c, "before", "x")
	p.replicate(rule())
	bodies := map[string]string{"small": "x", "large": string(randomBody(200 << 10)), "empty": ""}
	for key, body := range bodies {
		out := put(t, p.c, key, body, func(in *s3.PutObjectInput) {
			in.Metadata, in.Tagging, in.ContentType = map[string]string{"a": "1"}, aws.String("k=v"), aws.String("text/plain")
		})
		head := ok(p.c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: &key}))(t)
		equal(t, "at first", string(head.ReplicationStatus), "PENDING")
		equal(t, key, p.status(key, out.VersionId), "COMPLETED REPLICA")
		got := ok(p.to.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("copies"), Key: &key}))(t)
		equal(t, "the replica is the version", fmt.Sprint(*got.VersionId, *got.ETag, got.Metadata, *got.TagCount, *got.ContentType, *got.LastModified), fmt.Sprint(*out.VersionId, *out.ETag, map[string]string{"a": "1"}, 1, "text/plain", *head.LastModified))
	}
	u := beginUpload(t, p.c, "parts")
	u.part(1, randomBody(partSize))
	u.part(2, []byte("end"))
	done := ok(u.complete([]int32{1, 2}))(t)
	equal(t, "multipart", p.status("parts", done.VersionId), "COMPLETED REPLICA")
	ok(p.c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("parts"), VersionId: done.VersionId}))(t)
	must(t, p.service.Work(t.Context()))
	part := ok(p.to.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("copies"), Key: aws.String("parts"), PartNumber: aws.Int32(2)}))(t)
	equal(t, "a deleted version leaves its replica, part by part", *part.ContentLength, int64(3))

	equal(t, "what was there before", p.status("before", nil), " NotFound")
	equal(t, "changes that are left", p.rows(t, "s3/change"), 0)
}

func TestReplicationChanges(t *testing.T) {
	p := beginPair(t, accountA, replicationPolicies("")...)
	p.replicate(rule(func(r *types.ReplicationRule) { r.DeleteMarkerReplication.Status = "Enabled" }))
	first := put(t, p.c, "k", "1").VersionId
	second := put(t, p.c, "k", "2").VersionId
	ok(p.c.PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{Bucket: theBucket, Key: aws.String("k"), VersionId: first, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}}))(t)
	equal(t, "first", p.status("k", first), "COMPLETED REPLICA")
	equal(t, "second", p.status("k", second), "COMPLETED REPLICA")
	tags := func(version *string) int {
		return len(ok(p.to.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: aws.String("copies"), Key: aws.String("k"), VersionId: version}))(t).TagSet)
	}
	equal(t, "tags", fmt.Sprint(tags(first), tags(second)), "1 0")
	ok(p.c.PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{Bucket: theBucket, Key: aws.String("k"), Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}}))(t)
	head := ok(p.c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("k")}))(t)
	equal(t, "a change makes it wait again", string(head.ReplicationStatus), "PENDING")
	equal(t, "changed", p.status("k", second), "COMPLETED REPLICA")
	equal(t, "tags", fmt.Sprint(tags(first), tags(second)), "1 1")
	ok(p.c.DeleteObjectTagging(t.Context(), &s3.DeleteObjectTaggingInput{Bucket: theBucket, Key: aws.String("k"), VersionId: first}))(t)
	must(t, p.service.Work(t.Context()))
	equal(t, "tags", fmt.Sprint(tags(first), tags(second)), "0 1")

	marker := ok(p.c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k")}))(t)
	must(t, p.service.Work(t.Context()))
	list := func(c *s3.Client, bucket string) string {
		out := ok(c.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket}))(t)
		var all []string
		for _, v := range out.Versions {
			all = append(all, *v.VersionId)
		}
		for _, m := range out.DeleteMarkers {
			all = append(all, "marker "+*m.VersionId)
		}
		return strings.Join(all, ", ")
	}
	equal(t, "the versions and their order", list(p.to, "copies"), list(p.c, "reports"))
	ok(p.c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k"), VersionId: marker.VersionId}))(t)
	must(t, p.service.Work(t.Context()))
	_, err := p.to.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("copies"), Key: aws.String("k")})
	wantCode(t, "a marker that is deleted leaves its replica", err, "NotFound")
}

// Each permission of the role, and what goes wrong without it.
func TestReplicationPermissions(t *testing.T) {
	for _, permission := range replicationPermissions {
		t.Run(strings.TrimPrefix(permission.action, "s3:"), func(t *testing.T) {
			p := beginPair(t, accountA, replicationPolicies(permission.action)...)
			p.replicate(rule(func(r *types.ReplicationRule) { r.DeleteMarkerReplication.Status = "Enabled" }))
			put(t, p.c, "k", "x", func(in *s3.PutObjectInput) { in.Tagging = aws.String("a=b") })
			want := "FAILED NotFound"
			switch permission.action {
			case "s3:ReplicateDelete", "s3:ReplicateTags", "s3:GetObjectVersionTagging":
				want = "COMPLETED REPLICA"
			}
			equal(t, "object", p.status("k", nil), want)
			if want != "COMPLETED REPLICA" {
				return
			}
			tags := ok(p.to.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: aws.String("copies"), Key: aws.String("k")}))(t).TagSet
			equal(t, "tags", len(tags) > 0, permission.action == "s3:ReplicateDelete")
			ok(p.c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k")}))(t)
			must(t, p.service.Work(t.Context()))
			_, err := p.to.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("copies"), Key: aws.String("k")})
			equal(t, "deleted", err != nil, permission.action != "s3:ReplicateDelete")
		})
	}
	t.Run("no role", func(t *testing.T) {
		p := beginPair(t, accountA)
		p.role = "arn:aws:iam::" + accountA + ":role/none"
		p.replicate(rule())
		put(t, p.c, "k", "x")
		equal(t, "object", p.status("k", nil), "FAILED NotFound")
	})
	t.Run("PassRole", func(t *testing.T) {
		p := beginPair(t, accountA)
		in := &s3.PutBucketReplicationInput{Bucket: theBucket, ReplicationConfiguration: &types.ReplicationConfiguration{Role: &p.role, Rules: []types.ReplicationRule{rule()}}}
		setsUp := allow("arn:aws:s3:::reports", "s3:PutReplicationConfiguration")
		for i, test := range []struct {
			policies []string
			code     string
		}{
			{[]string{setsUp}, "AccessDenied"},
			{[]string{setsUp, allow(p.role+"x", "iam:PassRole")}, "AccessDenied"},
			{[]string{allow(p.role, "iam:PassRole")}, "AccessDenied"},
			{[]string{setsUp, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}}`}, "AccessDenied"},
			{[]string{setsUp, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"s3.amazonaws.com"}}}}`}, ""},
		} {
			_, err := p.person(accountA, fmt.Sprint("user", i), test.policies...).client().PutBucketReplication(t.Context(), in)
			wantCode(t, fmt.Sprint("caller ", i), err, test.code)
		}
	})
}

func TestReplicationAcrossAccounts(t *testing.T) {
	p := beginPair(t, accountB, replicationPolicies("")...)
	ok(p.to.PutBucketOwnershipControls(t.Context(), &s3.PutBucketOwnershipControlsInput{Bucket: aws.String("copies"),
		OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: "ObjectWriter"}}}}))(t)
	p.replicate(rule())
	put(t, p.c, "k", "x")
	equal(t, "without the bucket's policy", p.status("k", nil), "FAILED NotFound")
	letIn := func(actions string) {
		ok(p.to.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String("copies"), Policy: aws.String(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + accountA + `"},"Action":` + actions + `,"Resource":"arn:aws:s3:::copies/*"}}`)}))(t)
	}
	letIn(`["s3:ReplicateObject","s3:ReplicateTags","s3:ReplicateDelete"]`)
	put(t, p.c, "k", "x")
	must(t, p.service.Work(t.Context()))
	_, err := p.to.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("copies"), Key: aws.String("k")})
	wantCode(t, "the replica is the source's owner's", err, "Forbidden")

	override := rule(func(r *types.ReplicationRule) {
		r.Destination.Account, r.Destination.AccessControlTranslation = aws.String(accountB), &types.AccessControlTranslation{Owner: "Destination"}
	})
	p.replicate(override)
	put(t, p.c, "l", "x")
	equal(t, "the owner's override needs its permission", p.status("l", nil), "FAILED NotFound")
	p.role = p.world.role(accountA, "overrider", append(replicationPolicies(""), allow("arn:aws:s3:::copies/*", "s3:ObjectOwnerOverrideToBucketOwner"))...)
	p.replicate(override)
	put(t, p.c, "l", "x")
	equal(t, "on both sides", p.status("l", nil), "FAILED NotFound")
	letIn(`["s3:ReplicateObject","s3:ObjectOwnerOverrideToBucketOwner"]`)
	put(t, p.c, "l", "x")
	equal(t, "with both", p.status("l", nil), "COMPLETED REPLICA")
	p.replicate(rule(func(r *types.ReplicationRule) { r.Destination.Account = aws.String(accountA) }))
	put(t, p.c, "m", "x")
	equal(t, "a bucket of another account than the rule says", p.status("m", nil), "FAILED NotFound")
}

func TestReplicationOfEncrypted(t *testing.T) {
	p := beginPair(t, accountA, replicationPolicies("")...)
	allowCustomerKeys(t, p.c)
	p.replicate(rule())
	put(t, p.c, "kms", "x", sse(theSE, aKey))
	equal(t, "SSE-KMS needs to be selected", p.status("kms", nil), " NotFound")
	put(t, p.c, "customer", "secret", keyOne.put)
	must(t, p.service.Work(t.Context()))
	head := &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("customer"), SSECustomerAlgorithm: keyOne.algorithm, SSECustomerKey: keyOne.key, SSECustomerKeyMD5: keyOne.md5}
	equal(t, "the other bucket blocks SSE-C", string(ok(p.c.HeadObject(t.Context(), head))(t).ReplicationStatus), "FAILED")
	ok(p.c.PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{Bucket: aws.String("copies"), ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
		Rules: []types.ServerSideEncryptionRule{{BlockedEncryptionTypes: &types.BlockedEncryptionTypes{EncryptionType: []types.EncryptionType{"NONE"}}}}}}))(t)
	put(t, p.c, "customer", "secret", keyOne.put)
	must(t, p.service.Work(t.Context()))
	got := ok(p.c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("copies"), Key: aws.String("customer"), SSECustomerAlgorithm: keyOne.algorithm, SSECustomerKey: keyOne.key, SSECustomerKeyMD5: keyOne.md5}))(t)
	equal(t, "the replica has the same key", fmt.Sprint(*got.ContentLength, got.ReplicationStatus), "6REPLICA")

	otherKey := strings.Replace(aKey, "1234", "4321", 1)
	selects := rule(func(r *types.ReplicationRule) {
		r.SourceSelectionCriteria = &types.SourceSelectionCriteria{SseKmsEncryptedObjects: &types.SseKmsEncryptedObjects{Status: "Enabled"}}
		r.Destination.EncryptionConfiguration = &types.EncryptionConfiguration{ReplicaKmsKeyID: &otherKey}
	})
	for i, test := range []struct {
		policies []string
		want     string
	}{
		{nil, "FAILED NotFound"},
		{[]string{allow(aKey, "kms:Decrypt")}, "FAILED NotFound"},
		{[]string{allow(otherKey, "kms:Encrypt")}, "FAILED NotFound"},
		{[]string{allow(aKey, "kms:Decrypt"), allow(otherKey, "kms:Encrypt")}, "COMPLETED REPLICA"},
	} {
		p.role = p.world.role(accountA, fmt.Sprint("kms", i), append(replicationPolicies(""), test.policies...)...)
		p.replicate(selects)
		put(t, p.c, "kms", "x", sse(theSE, aKey))
		equal(t, fmt.Sprint("role ", i), p.status("kms", nil), test.want)
	}
	replica := ok(p.c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("copies"), Key: aws.String("kms")}))(t)
	equal(t, "the replica's key", *replica.SSEKMSKeyId, otherKey)
}

// The rules' filters, priorities, classes, and what becomes of replicas.
func TestReplicationRules(t *testing.T) {
	p := beginPair(t, accountA, append(replicationPolicies(""), everything)...)
	for _, name := range []string{"third"} {
		ok(p.c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}))(t)
		ok(p.c.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &name, VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled"}}))(t)
	}
	tagged := func(r *types.ReplicationRule) {
		r.ID, r.Priority = aws.String("tagged"), aws.Int32(2)
		r.Filter = &types.ReplicationRuleFilter{And: &types.ReplicationRuleAndOperator{Prefix: aws.String("docs/"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}}
		r.Destination.StorageClass = "GLACIER_IR"
	}
	docs := func(r *types.ReplicationRule) { r.Filter.Prefix = aws.String("docs/") }
	third := func(r *types.ReplicationRule) {
		r.ID, r.Priority, r.Destination.Bucket = aws.String("third"), aws.Int32(3), aws.String("arn:aws:s3:::third")
	}
	p.replicate(rule(tagged), rule(docs), rule(third))
	for _, test := range []struct {
		key, tags, want string
		class           types.StorageClass
	}{
		{"docs/plain", "", "COMPLETED REPLICA", ""},
		{"docs/tagged", "a=b", "COMPLETED REPLICA", "GLACIER_IR"},
		{"other", "a=b", "COMPLETED NotFound", ""},
	} {
		put(t, p.c, test.key, "x", func(in *s3.PutObjectInput) { in.Tagging = text(test.tags) })
		equal(t, test.key, p.status(test.key, nil), test.want)
		if head, err := p.c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("copies"), Key: &test.key}); err == nil {
			equal(t, test.key, head.StorageClass, test.class)
		}
		head := ok(p.c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("third"), Key: &test.key}))(t)
		equal(t, test.key+" in the other bucket", string(head.ReplicationStatus), "REPLICA")
	}
	put(t, p.c, "archived", "x", func(in *s3.PutObjectInput) { in.StorageClass = "DEEP_ARCHIVE" })
	equal(t, "archived", p.status("archived", nil), " NotFound")
	ok(p.to.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: aws.String("copies"), VersioningConfiguration: &types.VersioningConfiguration{Status: "Suspended"}}))(t)
	put(t, p.c, "docs/late", "x")
	equal(t, "to a bucket whose versioning was suspended", p.status("docs/late", nil), "FAILED NotFound")
}

// Replicas are not replicated further; what changes of them goes back where the rule says so, and no further.
func TestReplicationBothWays(t *testing.T) {
	p := beginPair(t, accountA, everything)
	modifications := func(r *types.ReplicationRule) {
		r.SourceSelectionCriteria = &types.SourceSelectionCriteria{ReplicaModifications: &types.ReplicaModifications{Status: "Enabled"}}
	}
	back := func(r *types.ReplicationRule) { r.Destination.Bucket = aws.String("arn:aws:s3:::reports") }
	setBack := func(options ...func(*types.ReplicationRule)) {
		ok(p.c.PutBucketReplication(t.Context(), &s3.PutBucketReplicationInput{Bucket: aws.String("copies"),
			ReplicationConfiguration: &types.ReplicationConfiguration{Role: &p.role, Rules: []types.ReplicationRule{rule(append(options, back)...)}}}))(t)
	}
	p.replicate(rule())
	setBack()
	put(t, p.c, "k", "x")
	equal(t, "replicated", p.status("k", nil), "COMPLETED REPLICA")
	tag := func(value string) int {
		ok(p.c.PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{Bucket: aws.String("copies"), Key: aws.String("k"), Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: &value}}}}))(t)
		equal(t, "still", p.status("k", nil), "COMPLETED REPLICA")
		return len(ok(p.c.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: theBucket, Key: aws.String("k")}))(t).TagSet)
	}
	equal(t, "tags on the source", tag("1"), 0)
	setBack(modifications)
	equal(t, "tags on the source, with replica modification sync", tag("2"), 1)
	equal(t, "versions", p.rows(t, "s3/object")+p.rows(t, "s3/version"), 2)
	equal(t, "changes that are left", p.rows(t, "s3/change"), 0)
}

// Locks go with the versions, and need their permissions and a bucket that has Object Lock.
func TestReplicationOfLocks(t *testing.T) {
	p := beginPair(t, accountA, append(replicationPolicies(""), allow("arn:aws:s3:::reports/*", "s3:GetObjectRetention"))...)
	enable := func(bucket string) {
		ok(p.c.PutObjectLockConfiguration(t.Context(), &s3.PutObjectLockConfigurationInput{Bucket: &bucket, ObjectLockConfiguration: &types.ObjectLockConfiguration{ObjectLockEnabled: "Enabled"}}))(t)
	}
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	retained := func(in *s3.PutObjectInput) {
		in.ObjectLockMode, in.ObjectLockRetainUntilDate, in.ChecksumAlgorithm = "GOVERNANCE", &until, "CRC32"
	}
	enable("reports")
	p.replicate(rule())
	put(t, p.c, "k", "x", retained)
	equal(t, "to a bucket without", p.status("k", nil), "FAILED NotFound")
	enable("copies")
	version := put(t, p.c, "k", "x", retained).VersionId
	equal(t, "to a bucket with Object Lock", p.status("k", nil), "COMPLETED REPLICA")
	lock := func() string {
		head := ok(p.c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("copies"), Key: aws.String("k")}))(t)
		return fmt.Sprint(head.ObjectLockMode, head.ObjectLockRetainUntilDate.Sub(until), head.ObjectLockLegalHoldStatus)
	}
	equal(t, "the replica's lock", lock(), "GOVERNANCE0s")
	ok(p.c.PutObjectRetention(t.Context(), &s3.PutObjectRetentionInput{Bucket: theBucket, Key: aws.String("k"), Retention: &types.ObjectLockRetention{Mode: "GOVERNANCE", RetainUntilDate: aws.Time(until.Add(time.Hour))}}))(t)
	equal(t, "a longer one", p.status("k", nil), "COMPLETED REPLICA")
	equal(t, "the replica's lock", lock(), "GOVERNANCE1h0m0s")
	ok(p.c.PutObjectLegalHold(t.Context(), &s3.PutObjectLegalHoldInput{Bucket: theBucket, Key: aws.String("k"), LegalHold: &types.ObjectLockLegalHold{Status: "ON"}}))(t)
	equal(t, "a legal hold needs its permission", p.status("k", version), "FAILED REPLICA")
	p.role = p.world.role(accountA, "holder", append(replicationPolicies(""), allow("arn:aws:s3:::reports/*", "s3:GetObjectRetention", "s3:GetObjectLegalHold"))...)
	p.replicate(rule())
	ok(p.c.PutObjectLegalHold(t.Context(), &s3.PutObjectLegalHoldInput{Bucket: theBucket, Key: aws.String("k"), LegalHold: &types.ObjectLockLegalHold{Status: "ON"}}))(t)
	equal(t, "with it", p.status("k", version), "COMPLETED REPLICA")
	equal(t, "the replica's lock", lock(), "GOVERNANCE1h0m0sON")
}

// A change that is handled twice, as after a kill, does no harm.
func TestReplicationAgain(t *testing.T) {
	p := beginPair(t, accountA, replicationPolicies("")...)
	p.replicate(rule())
	out := put(t, p.c, "k", string(randomBody(100<<10)))
	equal(t, "replicated", p.status("k", nil), "COMPLETED REPLICA")
	before := p.rows(t, "s3/object") + p.rows(t, "s3/version")
	b := ok(p.service.bucketNamed(t.Context(), "reports"))(t)
	must(t, replicate(t.Context(), p.service, &Change{Event: "ObjectCreated:Put", BucketID: b.ID, Bucket: b.Name, Key: "k", VersionID: *out.VersionId, RequestID: "r"}))
	equal(t, "rows", p.rows(t, "s3/object")+p.rows(t, "s3/version"), before)
	ok(p.c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k"), VersionId: out.VersionId}))(t)
	equal(t, "the blob lives with its replica", p.blobs(t), 1)
	ok(p.to.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("copies"), Key: aws.String("k"), VersionId: out.VersionId}))(t)
	equal(t, "and goes with it", p.blobs(t), 0)
}

func TestReplicationConfiguration(t *testing.T) {
	p := beginPair(t, accountA)
	ok(p.c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("unversioned")}))(t)
	_, err := p.c.GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: theBucket})
	wantCode(t, "none", err, "ReplicationConfigurationNotFoundError")
	const schema = "this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information."
	to := func(bucket string) func(*types.ReplicationRule) {
		return func(r *types.ReplicationRule) { r.Destination.Bucket = &bucket }
	}
	with := func(change func(*types.ReplicationRule)) []types.ReplicationRule {
		return []types.ReplicationRule{rule(change)}
	}
	for _, test := range []struct {
		name          string
		rules         []types.ReplicationRule
		code, message string
	}{
		{"no rules", []types.ReplicationRule{}, "MalformedXML", ""},
		{"itself", with(to("arn:aws:s3:::reports")), "InvalidRequest", "Destination bucket cannot be the same as the source bucket."},
		{"unversioned", with(to("arn:aws:s3:::unversioned")), "InvalidRequest", "Destination bucket must have versioning enabled."},
		{"missing", with(to("arn:aws:s3:::no-such-bucket")), "InvalidRequest", "Destination bucket must exist."},
		{"no ARN", with(to("copies")), "InvalidArgument", "Invalid bucket ARN"},
		{"status", with(func(r *types.ReplicationRule) { r.Status = "On" }), "MalformedXML", ""},
		{"neither filter nor prefix", with(func(r *types.ReplicationRule) { r.Filter = nil }), "MalformedXML", ""},
		{"both", with(func(r *types.ReplicationRule) { r.Prefix = aws.String("") }), "MalformedXML", ""},
		{"no priority", with(func(r *types.ReplicationRule) { r.Priority = nil }), "InvalidRequest", "Priority must be specified for " + schema},
		{"no delete markers", with(func(r *types.ReplicationRule) { r.DeleteMarkerReplication = nil }), "InvalidRequest", "DeleteMarkerReplication must be specified for " + schema},
		{"delete markers in version 1", with(func(r *types.ReplicationRule) { r.Filter, r.Prefix, r.Priority = nil, aws.String(""), nil }), "InvalidRequest", "DeleteMarkerReplication cannot be used for " + schema},
		{"delete markers by tag", with(func(r *types.ReplicationRule) {
			r.Filter, r.DeleteMarkerReplication.Status = &types.ReplicationRuleFilter{Tag: &types.Tag{Key: aws.String("a"), Value: aws.String("b")}}, "Enabled"
		}), "InvalidRequest", "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information."},
		{"ids", []types.ReplicationRule{rule(), rule(func(r *types.ReplicationRule) { r.Priority = aws.Int32(2) })}, "InvalidArgument", "Rule Id must be unique. Found same ID for more than one rule"},
		{"priorities", []types.ReplicationRule{rule(), rule(func(r *types.ReplicationRule) { r.ID = aws.String("b") })}, "InvalidRequest", "Found duplicate priority 1. Priority must be unique."},
		{"translation without account", with(func(r *types.ReplicationRule) {
			r.Destination.AccessControlTranslation = &types.AccessControlTranslation{Owner: "Destination"}
		}), "InvalidRequest", "Account must be specified if AccessControlTranslation is specified."},
		{"time without metrics", with(func(r *types.ReplicationRule) {
			r.Destination.ReplicationTime = &types.ReplicationTime{Status: "Enabled", Time: &types.ReplicationTimeValue{Minutes: aws.Int32(15)}}
		}), "InvalidRequest", "Replication destination must contain both ReplicationTime and Metrics or neither."},
		{"a key for nothing", with(func(r *types.ReplicationRule) {
			r.Destination.EncryptionConfiguration = &types.EncryptionConfiguration{ReplicaKmsKeyID: aws.String(aKey)}
		}), "InvalidRequest", "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present."},
		{"no key", with(func(r *types.ReplicationRule) {
			r.SourceSelectionCriteria = &types.SourceSelectionCriteria{SseKmsEncryptedObjects: &types.SseKmsEncryptedObjects{Status: "Enabled"}}
		}), "InvalidRequest", "EncryptionConfiguration must be specified if SseKmsEncryptedObjects tag is present."},
		{"storage class", with(func(r *types.ReplicationRule) { r.Destination.StorageClass = "COLD" }), "MalformedXML", ""},
	} {
		_, err := p.c.PutBucketReplication(t.Context(), &s3.PutBucketReplicationInput{Bucket: theBucket, ReplicationConfiguration: &types.ReplicationConfiguration{Role: &p.role, Rules: test.rules}})
		wantCode(t, test.name, err, test.code)
		if test.message != "" {
			equal(t, test.name, messageOf(err), test.message)
		}
	}
	_, err = p.c.PutBucketReplication(t.Context(), &s3.PutBucketReplicationInput{Bucket: aws.String("unversioned"), ReplicationConfiguration: &types.ReplicationConfiguration{Role: &p.role, Rules: []types.ReplicationRule{rule()}}})
	equal(t, "an unversioned source", codeOf(err)+": "+messageOf(err), "InvalidRequest: Versioning must be 'Enabled' on the bucket to apply a replication configuration")

	full := rule(func(r *types.ReplicationRule) {
		r.Filter = &types.ReplicationRuleFilter{And: &types.ReplicationRuleAndOperator{Prefix: aws.String("a"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("")}, {Key: aws.String("l"), Value: aws.String("m")}}}}
		r.SourceSelectionCriteria = &types.SourceSelectionCriteria{
			SseKmsEncryptedObjects: &types.SseKmsEncryptedObjects{Status: "Enabled"}, ReplicaModifications: &types.ReplicaModifications{Status: "Enabled"}}
		r.ExistingObjectReplication = &types.ExistingObjectReplication{Status: "Disabled"}
		r.Destination.Account, r.Destination.AccessControlTranslation = aws.String(accountA), &types.AccessControlTranslation{Owner: "Destination"}
		r.Destination.EncryptionConfiguration, r.Destination.StorageClass = &types.EncryptionConfiguration{ReplicaKmsKeyID: aws.String(aKey)}, "STANDARD_IA"
		r.Destination.ReplicationTime = &types.ReplicationTime{Status: "Enabled", Time: &types.ReplicationTimeValue{Minutes: aws.Int32(15)}}
		r.Destination.Metrics = &types.Metrics{Status: "Enabled", EventThreshold: &types.ReplicationTimeValue{Minutes: aws.Int32(15)}}
	})
	for _, rules := range [][]types.ReplicationRule{
		{full}, {rule(func(r *types.ReplicationRule) { r.Filter = &types.ReplicationRuleFilter{} })},
		{rule(func(r *types.ReplicationRule) {
			r.Filter, r.Prefix, r.Priority, r.DeleteMarkerReplication = nil, aws.String(""), nil, nil
		})},
	} {
		p.replicate(rules...)
		got := ok(p.c.GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: theBucket}))(t).ReplicationConfiguration
		equal(t, "read back", got.Rules, rules)
		equal(t, "role", *got.Role, p.role)
	}
	p.replicate(rule(func(r *types.ReplicationRule) { r.ID = nil }))
	if id := ok(p.c.GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: theBucket}))(t).ReplicationConfiguration.Rules[0].ID; aws.ToString(id) == "" {
		t.Error("a rule without an id gets none")
	}
	_, err = p.c.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: theBucket, VersioningConfiguration: &types.VersioningConfiguration{Status: "Suspended"}})
	wantCode(t, "versioning cannot be suspended", err, "InvalidBucketState")
	ok(p.c.DeleteBucketReplication(t.Context(), &s3.DeleteBucketReplicationInput{Bucket: theBucket}))(t)
	_, err = p.c.GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: theBucket})
	wantCode(t, "deleted", err, "ReplicationConfigurationNotFoundError")
	put(t, p.c, "k", "x")
	equal(t, "and nothing is replicated", p.status("k", nil), " NotFound")
}

// FuzzReplicationConfiguration: what is taken can be followed.
func FuzzReplicationConfiguration(f *testing.F) {
	for _, c := range []types.ReplicationConfiguration{
		{Rules: []types.ReplicationRule{rule()}},
		{Rules: []types.ReplicationRule{rule(func(r *types.ReplicationRule) { r.Filter, r.Prefix = nil, aws.String("a") })}},
		{Rules: []types.ReplicationRule{rule(func(r *types.ReplicationRule) { r.Filter = &types.ReplicationRuleFilter{Tag: &types.Tag{}} })}},
		{Rules: []types.ReplicationRule{{Status: "Enabled", Prefix: aws.String(""), Destination: &types.Destination{Bucket: aws.String("arn:aws:s3:::copies")}}}},
	} {
		c.Role = aws.String("arn:aws:iam::" + accountA + ":role/r")
		text, _ := json.Marshal(c)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var c types.ReplicationConfiguration
		if json.Unmarshal(text, &c) != nil || validReplication(&c) != nil {
			return
		}
		for _, o := range []Object{{Key: "a"}, {Key: "a", DeleteMarker: true}, {Key: "a", Encryption: Encryption{Algorithm: theSE}}} {
			for _, r := range replicatedBy(&c, &o) {
				if destinationOf(r) == "" || o.Encryption.kms() && aws.ToString(replicaKey(r)) == "" {
					t.Errorf("%s: %+v", text, r)
				}
			}
		}
	})
}
