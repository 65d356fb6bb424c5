package s3

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// lockWorld is begin with a bucket that Object Lock is enabled for, at a time that stands still.
func lockWorld(t *testing.T) (*world, *s3.Client, time.Time) {
	t.Helper()
	w, c := begin(t)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w.at(now)
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	ok(c.PutObjectLockConfiguration(t.Context(), &s3.PutObjectLockConfigurationInput{
		Bucket: theBucket, ObjectLockConfiguration: &types.ObjectLockConfiguration{ObjectLockEnabled: types.ObjectLockEnabledEnabled},
	}))(t)
	return w, c, now
}

func retain(t *testing.T, c *s3.Client, key string, mode types.ObjectLockRetentionMode, until time.Time, bypass ...bool) error {
	t.Helper()
	in := &s3.PutObjectRetentionInput{Bucket: theBucket, Key: &key, Retention: &types.ObjectLockRetention{Mode: mode}}
	if !until.IsZero() {
		in.Retention.RetainUntilDate = &until
	}
	for _, b := range bypass {
		in.BypassGovernanceRetention = &b
	}
	_, err := c.PutObjectRetention(t.Context(), in)
	return err
}

// lockedAs describes the lock that HeadObject tells of.
func lockedAs(t *testing.T, c *s3.Client, key string) string {
	t.Helper()
	out := ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: &key}))(t)
	s := string(out.ObjectLockMode)
	if out.ObjectLockRetainUntilDate != nil {
		s += " " + out.ObjectLockRetainUntilDate.Format(time.RFC3339)
	}
	return strings.TrimSpace(s + " " + string(out.ObjectLockLegalHoldStatus))
}

// summed adds the checksum that uploads which will be locked need.
func summed(in *s3.PutObjectInput) { in.ChecksumAlgorithm = types.ChecksumAlgorithmCrc32 }

func drop(t *testing.T, c *s3.Client, key string, version *string, bypass ...bool) error {
	t.Helper()
	in := &s3.DeleteObjectInput{Bucket: theBucket, Key: &key, VersionId: version}
	for _, b := range bypass {
		in.BypassGovernanceRetention = &b
	}
	_, err := c.DeleteObject(t.Context(), in)
	return err
}

func TestObjectLockConfiguration(t *testing.T) {
	w, c := begin(t)
	ctx := t.Context()
	get := func(bucket string) (*types.ObjectLockConfiguration, error) {
		out, err := c.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &bucket})
		if err != nil {
			return nil, err
		}
		return out.ObjectLockConfiguration, nil
	}
	set := func(o *types.ObjectLockConfiguration) error {
		_, err := c.PutObjectLockConfiguration(ctx, &s3.PutObjectLockConfigurationInput{Bucket: theBucket, ObjectLockConfiguration: o})
		return err
	}
	rule := func(mode types.ObjectLockRetentionMode, days, years *int32) *types.ObjectLockConfiguration {
		return &types.ObjectLockConfiguration{ObjectLockEnabled: types.ObjectLockEnabledEnabled, Rule: &types.ObjectLockRule{
			DefaultRetention: &types.DefaultRetention{Mode: mode, Days: days, Years: years},
		}}
	}
	one := aws.Int32(1)
	_, err := get("reports")
	wantCode(t, "none", err, "ObjectLockConfigurationNotFoundError")
	wantCode(t, "without versioning", set(rule("GOVERNANCE", one, nil)), "InvalidBucketState")
	setVersioning(t, c, types.BucketVersioningStatusSuspended)
	wantCode(t, "suspended versioning", set(rule("GOVERNANCE", one, nil)), "InvalidBucketState")
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	for name, bad := range map[string]*types.ObjectLockConfiguration{
		"not enabled":    {Rule: rule("GOVERNANCE", one, nil).Rule},
		"disabled":       {ObjectLockEnabled: "Disabled"},
		"empty rule":     {ObjectLockEnabled: "Enabled", Rule: &types.ObjectLockRule{}},
		"no period":      rule("GOVERNANCE", nil, nil),
		"both":           rule("GOVERNANCE", one, one),
		"no mode":        rule("", one, nil),
		"bad mode":       rule("abc", one, nil),
		"lower-case":     rule("governance", one, nil),
		"empty":          {},
		"only an period": rule("", nil, nil),
	} {
		wantCode(t, name, set(bad), "MalformedXML")
	}
	for name, bad := range map[string]*types.ObjectLockConfiguration{
		"Default retention period must be a positive integer value.":  rule("COMPLIANCE", aws.Int32(0), nil),
		"Default retention period must be a positive integer value. ": rule("COMPLIANCE", nil, aws.Int32(-1)),
		"Default retention period too large.":                         rule("COMPLIANCE", aws.Int32(36501), nil),
		"Default retention period too large. ":                        rule("COMPLIANCE", nil, aws.Int32(101)),
	} {
		err := set(bad)
		wantCode(t, name, err, "InvalidArgument")
		equal(t, "message", messageOf(err), strings.TrimSpace(name))
	}
	_, err = get("reports")
	wantCode(t, "after errors", err, "ObjectLockConfigurationNotFoundError")

	must(t, set(rule("GOVERNANCE", one, nil)))
	got := ok(get("reports"))(t)
	equal(t, "configuration", []any{got.ObjectLockEnabled, got.Rule.DefaultRetention.Mode, *got.Rule.DefaultRetention.Days, got.Rule.DefaultRetention.Years},
		[]any{types.ObjectLockEnabledEnabled, types.ObjectLockRetentionModeGovernance, int32(1), (*int32)(nil)})
	must(t, set(rule("COMPLIANCE", nil, aws.Int32(100))))
	equal(t, "years", *ok(get("reports"))(t).Rule.DefaultRetention.Years, int32(100))
	must(t, set(&types.ObjectLockConfiguration{ObjectLockEnabled: types.ObjectLockEnabledEnabled}))
	equal(t, "no default", ok(get("reports"))(t).Rule, (*types.ObjectLockRule)(nil))
	_, err = c.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: theBucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusSuspended},
	})
	wantCode(t, "suspension", err, "InvalidBucketState")
	setVersioning(t, c, types.BucketVersioningStatusEnabled)

	// A bucket that is made with Object Lock has versioning.
	vault := aws.String("vault")
	ok(c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: vault, ObjectLockEnabledForBucket: aws.Bool(true)}))(t)
	equal(t, "new bucket", ok(get("vault"))(t).ObjectLockEnabled, types.ObjectLockEnabledEnabled)
	equal(t, "versioning", ok(c.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: vault}))(t).Status, types.BucketVersioningStatusEnabled)
	ok(c.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: vault}))(t)

	_, err = w.person(accountA, "maker", allow("*", "s3:CreateBucket", "s3:PutBucketVersioning")).client().CreateBucket(ctx,
		&s3.CreateBucketInput{Bucket: aws.String("other"), ObjectLockEnabledForBucket: aws.Bool(true)})
	wantCode(t, "CreateBucket without the permission to lock", err, "AccessDenied")
}

func TestRetention(t *testing.T) {
	w, c, now := lockWorld(t)
	ctx := t.Context()
	days := func(n int) time.Time { return now.Add(time.Duration(n) * day) }
	version := put(t, c, "k", "x").VersionId
	_, err := c.GetObjectRetention(ctx, &s3.GetObjectRetentionInput{Bucket: theBucket, Key: aws.String("k")})
	wantCode(t, "no retention", err, "NoSuchObjectLockConfiguration")
	equal(t, "message", messageOf(err), "The specified object does not have a ObjectLock configuration")
	wantCode(t, "the past", retain(t, c, "k", "GOVERNANCE", now.Add(-time.Second)), "InvalidArgument")
	wantCode(t, "only a mode", retain(t, c, "k", "GOVERNANCE", time.Time{}), "MalformedXML")
	wantCode(t, "only a date", retain(t, c, "k", "", days(1)), "MalformedXML")
	wantCode(t, "a bad mode", retain(t, c, "k", "abc", days(1)), "MalformedXML")
	wantCode(t, "a missing key", retain(t, c, "none", "GOVERNANCE", days(1)), "NoSuchKey")

	must(t, retain(t, c, "k", "GOVERNANCE", days(10)))
	equal(t, "lock", lockedAs(t, c, "k"), "GOVERNANCE 2026-03-11T12:00:00Z")
	must(t, retain(t, c, "k", "GOVERNANCE", days(20))) // longer
	const refused = "Access Denied because object protected by object lock."
	for name, err := range map[string]error{
		"shorter":           retain(t, c, "k", "GOVERNANCE", days(10)),
		"shorter, no":       retain(t, c, "k", "GOVERNANCE", days(10), false),
		"to compliance":     retain(t, c, "k", "COMPLIANCE", days(30)),
		"removal":           retain(t, c, "k", "", time.Time{}),
		"deletion":          drop(t, c, "k", version),
		"deletion, no":      drop(t, c, "k", version, false),
		"by another client": drop(t, w.person(accountA, "all", everything).client(), "k", version),
	} {
		wantCode(t, name, err, "AccessDenied")
		equal(t, name, messageOf(err), refused)
	}
	most := w.person(accountA, "most", everything, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:BypassGovernanceRetention","Resource":"*"}}`).client()
	wantCode(t, "bypass without the permission", retain(t, most, "k", "GOVERNANCE", days(10), true), "AccessDenied")
	wantCode(t, "bypassing deletion without the permission", drop(t, most, "k", version, true), "AccessDenied")
	must(t, retain(t, c, "k", "GOVERNANCE", days(10), true))
	must(t, retain(t, c, "k", "", time.Time{}, true))
	equal(t, "no lock", lockedAs(t, c, "k"), "")
	must(t, retain(t, c, "k", "GOVERNANCE", days(10)))
	must(t, drop(t, c, "k", nil)) // a delete marker hides the version
	equal(t, "versions", versionsOf(t, c), "k=x k=marker*")
	must(t, drop(t, c, "k", version, true))

	// Compliance holds against everybody, until it ends.
	version = put(t, c, "c", "x").VersionId
	must(t, retain(t, c, "c", "COMPLIANCE", days(10)))
	for name, err := range map[string]error{
		"shorter":       retain(t, c, "c", "COMPLIANCE", days(5), true),
		"to governance": retain(t, c, "c", "GOVERNANCE", days(20), true),
		"removal":       retain(t, c, "c", "", time.Time{}, true),
		"deletion":      drop(t, c, "c", version, true),
	} {
		wantCode(t, "compliance: "+name, err, "AccessDenied")
	}
	must(t, retain(t, c, "c", "COMPLIANCE", days(12)))
	w.at(days(12).Add(-time.Second))
	wantCode(t, "a second before the end", drop(t, c, "c", version), "AccessDenied")
	w.at(days(12))
	equal(t, "after the end", lockedAs(t, c, "c"), "COMPLIANCE 2026-03-13T12:00:00Z")
	must(t, drop(t, c, "c", version))
}

func TestLegalHold(t *testing.T) {
	_, c, _ := lockWorld(t)
	ctx, k := t.Context(), aws.String("k")
	version := put(t, c, "k", "x").VersionId
	hold := func(status types.ObjectLockLegalHoldStatus) error {
		_, err := c.PutObjectLegalHold(ctx, &s3.PutObjectLegalHoldInput{Bucket: theBucket, Key: k, LegalHold: &types.ObjectLockLegalHold{Status: status}})
		return err
	}
	_, err := c.GetObjectLegalHold(ctx, &s3.GetObjectLegalHoldInput{Bucket: theBucket, Key: k})
	wantCode(t, "never held", err, "NoSuchObjectLockConfiguration")
	wantCode(t, "bad status", hold("abc"), "MalformedXML")
	wantCode(t, "no status", hold(""), "MalformedXML")
	must(t, hold("ON"))
	equal(t, "lock", lockedAs(t, c, "k"), "ON")
	wantCode(t, "deletion", drop(t, c, "k", version, true), "AccessDenied")
	both := ok(c.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: theBucket, Delete: &types.Delete{Objects: []types.ObjectIdentifier{
		{Key: k, VersionId: version}, {Key: aws.String("other")},
	}}}))(t)
	equal(t, "DeleteObjects", []any{len(both.Deleted), *both.Errors[0].Code, *both.Errors[0].Message, *both.Errors[0].VersionId},
		[]any{1, "AccessDenied", "Access Denied because object protected by object lock.", *version})
	must(t, hold("OFF"))
	equal(t, "lock", lockedAs(t, c, "k"), "OFF")
	equal(t, "hold", ok(c.GetObjectLegalHold(ctx, &s3.GetObjectLegalHoldInput{Bucket: theBucket, Key: k}))(t).LegalHold.Status, types.ObjectLockLegalHoldStatusOff)
	must(t, drop(t, c, "k", version))
}

func TestObjectLockElsewhere(t *testing.T) {
	_, c := begin(t)
	put(t, c, "k", "x")
	wantCode(t, "retention", retain(t, c, "k", "GOVERNANCE", time.Now().Add(day)), "InvalidRequest")
	_, err := c.GetObjectLegalHold(t.Context(), &s3.GetObjectLegalHoldInput{Bucket: theBucket, Key: aws.String("k")})
	wantCode(t, "legal hold", err, "InvalidRequest")
	equal(t, "message", messageOf(err), "Bucket is missing Object Lock Configuration")
	err = drop(t, c, "k", nil, true)
	wantCode(t, "bypass", err, "InvalidArgument")
	equal(t, "message", messageOf(err), "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.")
}

func TestLockHeaders(t *testing.T) {
	w, c, now := lockWorld(t)
	ctx := t.Context()
	until := now.Add(30 * day)
	locked := func(in *s3.PutObjectInput) {
		in.ObjectLockMode, in.ObjectLockRetainUntilDate, in.ObjectLockLegalHoldStatus = "COMPLIANCE", &until, "ON"
		summed(in)
	}
	put(t, c, "put", "x", locked)
	ok(c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("copy"), CopySource: aws.String("reports/put")}))(t)
	ok(c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("lockedcopy"), CopySource: aws.String("reports/put"),
		ObjectLockMode: "GOVERNANCE", ObjectLockRetainUntilDate: &until}))(t)
	multipart := func(key string, options ...func(*s3.CreateMultipartUploadInput)) {
		t.Helper()
		in := &s3.CreateMultipartUploadInput{Bucket: theBucket, Key: &key, ChecksumAlgorithm: "CRC32"}
		for _, o := range options {
			o(in)
		}
		u := ok(c.CreateMultipartUpload(ctx, in))(t)
		p := ok(c.UploadPart(ctx, &s3.UploadPartInput{Bucket: theBucket, Key: &key, UploadId: u.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("x"), ChecksumAlgorithm: "CRC32"}))(t)
		ok(c.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: theBucket, Key: &key, UploadId: u.UploadId, MultipartUpload: &types.CompletedMultipartUpload{
			Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: p.ETag, ChecksumCRC32: p.ChecksumCRC32}}}}))(t)
	}
	multipart("parts", func(in *s3.CreateMultipartUploadInput) {
		in.ObjectLockMode, in.ObjectLockRetainUntilDate = "GOVERNANCE", &until
	})
	for key, want := range map[string]string{
		"put": "COMPLIANCE 2026-03-31T12:00:00Z ON", "copy": "", "lockedcopy": "GOVERNANCE 2026-03-31T12:00:00Z", "parts": "GOVERNANCE 2026-03-31T12:00:00Z",
	} {
		equal(t, key, lockedAs(t, c, key), want)
	}

	// The default retention is for what brings none of its own.
	ok(c.PutObjectLockConfiguration(ctx, &s3.PutObjectLockConfigurationInput{Bucket: theBucket, ObjectLockConfiguration: &types.ObjectLockConfiguration{
		ObjectLockEnabled: "Enabled", Rule: &types.ObjectLockRule{DefaultRetention: &types.DefaultRetention{Mode: "GOVERNANCE", Years: aws.Int32(1)}},
	}}))(t)
	equal(t, "from before", lockedAs(t, c, "copy"), "")
	put(t, c, "put", "x", locked)
	put(t, c, "plain", "x", summed)
	ok(c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("copy"), CopySource: aws.String("reports/plain")}))(t)
	multipart("parts")
	for key, want := range map[string]string{
		"put": "COMPLIANCE 2026-03-31T12:00:00Z ON", "plain": "GOVERNANCE 2027-03-01T12:00:00Z", "copy": "GOVERNANCE 2027-03-01T12:00:00Z", "parts": "GOVERNANCE 2027-03-01T12:00:00Z",
	} {
		equal(t, "with a default: "+key, lockedAs(t, c, key), want)
	}

	// What GET and HEAD tell depends on who asks.
	reader := w.person(accountA, "reader", allow("*", "s3:GetObject")).client()
	equal(t, "to a reader", lockedAs(t, reader, "put"), "")
	reader = w.person(accountA, "auditor", allow("*", "s3:GetObject", "s3:GetObjectRetention")).client()
	equal(t, "to an auditor", lockedAs(t, reader, "put"), "COMPLIANCE 2026-03-31T12:00:00Z")
	writer := w.person(accountA, "writer", allow("*", "s3:PutObject")).client()
	in := &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("w"), Body: strings.NewReader("x")}
	locked(in)
	_, err := writer.PutObject(ctx, in)
	wantCode(t, "a lock without the permission", err, "AccessDenied")

	date := until.Format(time.RFC3339)
	const md5 = "content-md5 ndTkYSaMgDT1yFZOFVxnpg==" // of "x"
	for _, test := range []struct {
		headers string
		message string
	}{
		{"x-amz-object-lock-mode GOVERNANCE", "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"},
		{"x-amz-object-lock-retain-until-date " + date, "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"},
		{"x-amz-object-lock-mode abc x-amz-object-lock-retain-until-date " + date, "Unknown wormMode directive."},
		{"x-amz-object-lock-mode GOVERNANCE x-amz-object-lock-retain-until-date abc", "The retain until date must be provided in ISO 8601 format"},
		{"x-amz-object-lock-mode GOVERNANCE x-amz-object-lock-retain-until-date 2020-01-01T00:00:00Z", "The retain until date must be in the future!"},
		{"x-amz-object-lock-legal-hold wrong", "Legal Hold must be either of 'ON' or 'OFF'"},
		{"x-amz-object-lock-event-hold ON", "xemu does not implement event holds of S3 Object Lock."},
		{"x-amz-object-lock-legal-hold ON", "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters"},
		{"x-amz-storage-class STANDARD", "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters"},
		{"x-amz-object-lock-legal-hold ON " + md5, ""},
	} {
		got := w.raw(t, "PUT", "/reports/raw", strings.NewReader("x"), strings.Fields(test.headers)...)
		equal(t, test.headers, got.err.Message, test.message)
	}
}

// TestLockKeys is AWS's example of a limit for retention periods, and one that demands a legal hold.
func TestLockKeys(t *testing.T) {
	w, c, now := lockWorld(t)
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:PutObjectRetention","s3:PutObject"],
		"Resource":"arn:aws:s3:::reports/*","Condition":{"NumericGreaterThan":{"s3:object-lock-remaining-retention-days":"10"}}},
		{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::reports/*","Condition":{"StringEquals":{"s3:object-lock-mode":"COMPLIANCE"}}},
		{"Effect":"Deny","Principal":"*","Action":"s3:PutObjectLegalHold","Resource":"arn:aws:s3:::reports/*","Condition":{"StringEquals":{"s3:object-lock-legal-hold":"OFF"}}},
		{"Effect":"Deny","Principal":"*","Action":"s3:PutObjectRetention","Resource":"arn:aws:s3:::reports/*","Condition":{"DateLessThan":{"s3:object-lock-retain-until-date":"2026-03-03T00:00:00Z"}}}]}`
	ok(c.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: theBucket, Policy: &policy}))(t)
	who := w.person(accountA, "carol", everything).client()
	put(t, who, "k", "x")
	wantCode(t, "ten days and a second", retain(t, who, "k", "GOVERNANCE", now.Add(10*day+time.Second)), "AccessDenied")
	wantCode(t, "ten days", retain(t, who, "k", "GOVERNANCE", now.Add(10*day)), "")
	wantCode(t, "before a date", retain(t, who, "k", "GOVERNANCE", now.Add(day), true), "AccessDenied")
	for mode, code := range map[types.ObjectLockMode]string{"COMPLIANCE": "AccessDenied", "GOVERNANCE": ""} {
		_, err := who.PutObject(t.Context(), &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("p"), Body: strings.NewReader("x"),
			ObjectLockMode: mode, ObjectLockRetainUntilDate: aws.Time(now.Add(5 * day)), ChecksumAlgorithm: "CRC32"})
		wantCode(t, fmt.Sprint("mode ", mode), err, code)
	}
	for status, code := range map[types.ObjectLockLegalHoldStatus]string{"OFF": "AccessDenied", "ON": ""} {
		_, err := who.PutObjectLegalHold(t.Context(), &s3.PutObjectLegalHoldInput{Bucket: theBucket, Key: aws.String("k"), LegalHold: &types.ObjectLockLegalHold{Status: status}})
		wantCode(t, fmt.Sprint("legal hold ", status), err, code)
	}
}

func TestMFADelete(t *testing.T) {
	w, c := begin(t)
	ctx, k := t.Context(), aws.String("k")
	user := w.person(accountA, "all", everything).client()
	const good, bad = "arn:aws:iam::111122223333:mfa/root 123456", "arn:aws:iam::111122223333:mfa/root 654321"
	set := func(c *s3.Client, status types.BucketVersioningStatus, mfaDelete types.MFADelete, mfa string) error {
		_, err := c.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
			Bucket: theBucket, VersioningConfiguration: &types.VersioningConfiguration{Status: status, MFADelete: mfaDelete}, MFA: text(mfa),
		})
		return err
	}
	const missing, owner = "Mfa Authentication must be used for this request", "This operation may only be performed by the bucket owner"
	refused := func(what string, err error, message string) {
		t.Helper()
		wantCode(t, what, err, "AccessDenied")
		equal(t, what, messageOf(err), message)
	}
	must(t, set(c, "Enabled", "Disabled", "")) // as it is
	refused("no code", set(c, "Enabled", "Enabled", ""), missing)
	refused("a wrong code", set(c, "Enabled", "Enabled", bad), missing)
	refused("a user", set(user, "Enabled", "Enabled", good), owner)
	wantCode(t, "a bad header", set(c, "Enabled", "Enabled", "123456"), "InvalidArgument")
	must(t, set(c, "Enabled", "Enabled", good))
	equal(t, "MFA delete", ok(c.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: theBucket}))(t).MFADelete, types.MFADeleteStatusEnabled)

	version := put(t, c, "k", "x").VersionId
	remove := func(c *s3.Client, version *string, mfa string) error {
		_, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: theBucket, Key: k, VersionId: version, MFA: text(mfa)})
		return err
	}
	removeAll := func(version *string, mfa string) error {
		_, err := c.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: theBucket, MFA: text(mfa), Delete: &types.Delete{Objects: []types.ObjectIdentifier{
			{Key: aws.String("other")}, {Key: k, VersionId: version}}}})
		return err
	}
	refused("a version without a code", remove(c, version, ""), missing)
	refused("a version by a user", remove(user, version, good), owner)
	refused("several without a code", removeAll(version, ""), missing)
	refused("several with a wrong code", removeAll(nil, bad), missing)
	refused("suspension without a code", set(c, "Suspended", "", ""), missing)
	_, err := c.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: theBucket,
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{expireAfter(1)}}})
	wantCode(t, "a lifecycle", err, "InvalidBucketState")
	must(t, remove(user, nil, "")) // a delete marker needs none
	equal(t, "versions", versionsOf(t, c), "k=x k=marker*")
	must(t, removeAll(version, good))
	must(t, set(c, "Suspended", "Disabled", good))
	equal(t, "MFA delete", ok(c.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: theBucket}))(t).MFADelete, types.MFADeleteStatusDisabled)
}
