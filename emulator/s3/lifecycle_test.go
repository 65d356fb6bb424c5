//lint:file-ignore SA1019 clients still send a rule's own prefix

package s3

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/store"
)

func expireAfter(days int32) types.LifecycleRule {
	return types.LifecycleRule{
		ID: aws.String("expire"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
		Expiration: &types.LifecycleExpiration{Days: &days},
	}
}

func setLifecycle(c *s3.Client, t *testing.T, rules ...types.LifecycleRule) error {
	_, err := c.PutBucketLifecycleConfiguration(t.Context(), &s3.PutBucketLifecycleConfigurationInput{
		Bucket: theBucket, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules},
	})
	return err
}

// moveTo sets the clock and does what is due then.
func moveTo(t *testing.T, w *world, now time.Time) {
	t.Helper()
	w.at(now)
	must(t, w.service.Work(t.Context()))
}

func TestLifecycleConfiguration(t *testing.T) {
	_, c := begin(t)
	ctx := t.Context()
	get := func() (*s3.GetBucketLifecycleConfigurationOutput, error) {
		return c.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: theBucket})
	}
	_, err := get()
	wantCode(t, "none", err, "NoSuchLifecycleConfiguration")
	rules := []types.LifecycleRule{
		{ID: aws.String("all"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{}, Expiration: &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)},
			AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(7)}},
		{ID: aws.String("tag"), Status: "Disabled", Filter: &types.LifecycleRuleFilter{Tag: &types.Tag{Key: aws.String("a"), Value: aws.String("")}},
			Expiration: &types.LifecycleExpiration{Date: aws.Time(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))}},
		{ID: aws.String("and"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{And: &types.LifecycleRuleAndOperator{
			Prefix: aws.String("logs/"), ObjectSizeGreaterThan: aws.Int64(100), ObjectSizeLessThan: aws.Int64(10000)}},
			Transitions: []types.Transition{{Days: aws.Int32(30), StorageClass: "STANDARD_IA"}, {Days: aws.Int32(60), StorageClass: "GLACIER"}},
			NoncurrentVersionTransitions: []types.NoncurrentVersionTransition{
				{NoncurrentDays: aws.Int32(30), StorageClass: "GLACIER_IR", NewerNoncurrentVersions: aws.Int32(2)}},
			NoncurrentVersionExpiration: &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(90), NewerNoncurrentVersions: aws.Int32(3)}},
		{ID: aws.String("size"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{ObjectSizeLessThan: aws.Int64(1)}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)}},
	}
	put := ok(c.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: theBucket,
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules}}))(t)
	equal(t, "minimum size", put.TransitionDefaultMinimumObjectSize, types.TransitionDefaultMinimumObjectSizeAllStorageClasses128k)
	got := ok(get())(t)
	equal(t, "rules", describeAll(got.Rules), describeAll(rules))
	equal(t, "minimum size", got.TransitionDefaultMinimumObjectSize, types.TransitionDefaultMinimumObjectSizeAllStorageClasses128k)

	// Rules of the first version, without ids, and the other minimum size.
	ok(c.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: theBucket, TransitionDefaultMinimumObjectSize: "varies_by_storage_class",
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{
			{Prefix: aws.String("a/"), Status: "Enabled", Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)}},
			{Prefix: aws.String("b/"), Status: "Enabled", Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)}},
		}}}))(t)
	got = ok(get())(t)
	equal(t, "prefix", *got.Rules[1].Prefix, "b/")
	if a, b := aws.ToString(got.Rules[0].ID), aws.ToString(got.Rules[1].ID); len(a) != 48 || a == b {
		t.Errorf("generated ids %q, %q", a, b)
	}
	equal(t, "minimum size", got.TransitionDefaultMinimumObjectSize, types.TransitionDefaultMinimumObjectSizeVariesByStorageClass)
	ok(c.DeleteBucketLifecycle(ctx, &s3.DeleteBucketLifecycleInput{Bucket: theBucket}))(t)
	ok(c.DeleteBucketLifecycle(ctx, &s3.DeleteBucketLifecycleInput{Bucket: theBucket}))(t)
	_, err = get()
	wantCode(t, "deleted", err, "NoSuchLifecycleConfiguration")
}

func describeAll(rules []types.LifecycleRule) string {
	text, _ := json.Marshal(rules)
	return string(text)
}

func TestLifecycleFaults(t *testing.T) {
	_, c := begin(t)
	rule := func(change func(*types.LifecycleRule)) types.LifecycleRule {
		r := types.LifecycleRule{Status: "Enabled", Filter: &types.LifecycleRuleFilter{Prefix: aws.String("p/")}}
		change(&r)
		return r
	}
	days := func(n int32) *types.LifecycleExpiration { return &types.LifecycleExpiration{Days: &n} }
	moves := func(all ...types.Transition) types.LifecycleRule {
		return rule(func(r *types.LifecycleRule) { r.Transitions = all })
	}
	to := func(n int32, class types.TransitionStorageClass) types.Transition {
		return types.Transition{Days: &n, StorageClass: class}
	}
	named := func(id string) types.LifecycleRule {
		return rule(func(r *types.LifecycleRule) { r.ID, r.Expiration = &id, days(1) })
	}
	tagged := &types.LifecycleRuleFilter{Tag: &types.Tag{Key: aws.String("k"), Value: aws.String("v")}}
	larger := &types.LifecycleRuleFilter{ObjectSizeGreaterThan: aws.Int64(1)}
	first := func(prefix string) types.LifecycleRule {
		return types.LifecycleRule{Prefix: &prefix, Status: "Enabled", Expiration: days(1)}
	}
	for _, test := range []struct {
		name, code, message string
		rules               []types.LifecycleRule
	}{
		{"no rules", "MalformedXML", "", []types.LifecycleRule{}},
		{"too many", "InvalidRequest", "The number of lifecycle rules must not exceed the allowed limit of 1000 rules.", slices.Repeat([]types.LifecycleRule{expireAfter(1)}, 1001)},
		{"same id", "InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule", []types.LifecycleRule{named("a"), named("a")}},
		{"long id", "InvalidArgument", "ID length should not exceed allowed limit of 255", []types.LifecycleRule{named(strings.Repeat("a", 256))}},
		{"status", "MalformedXML", "", []types.LifecycleRule{rule(func(r *types.LifecycleRule) { r.Status, r.Expiration = "enabled", days(1) })}},
		{"no filter", "MalformedXML", "", []types.LifecycleRule{{Status: "Enabled", Expiration: days(1)}}},
		{"no action", "InvalidRequest", "At least one action needs to be specified in a rule", []types.LifecycleRule{rule(func(*types.LifecycleRule) {})}},
		{"days 0", "InvalidArgument", "'Days' for Expiration action must be a positive integer", []types.LifecycleRule{expireAfter(0)}},
		{"days and date", "MalformedXML", "", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Expiration = &types.LifecycleExpiration{Days: aws.Int32(1), Date: aws.Time(time.Unix(0, 0))}
		})}},
		{"days and marker", "MalformedXML", "", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Expiration = &types.LifecycleExpiration{Days: aws.Int32(1), ExpiredObjectDeleteMarker: aws.Bool(true)}
		})}},
		{"not at midnight", "InvalidArgument", "'Date' must be at midnight GMT", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Expiration = &types.LifecycleExpiration{Date: aws.Time(time.Date(2030, 1, 1, 1, 0, 0, 0, time.UTC))}
		})}},
		{"noncurrent days 0", "InvalidArgument", "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.NoncurrentVersionExpiration = &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(0)}
		})}},
		{"no noncurrent days", "MalformedXML", "", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.NoncurrentVersionExpiration = &types.NoncurrentVersionExpiration{NewerNoncurrentVersions: aws.Int32(1)}
		})}},
		{"newer versions 0", "InvalidArgument", "NewerNoncurrentVersions must be a positive integer", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.NoncurrentVersionExpiration = &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(1), NewerNoncurrentVersions: aws.Int32(0)}
		})}},
		{"abort days 0", "InvalidArgument", "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.AbortIncompleteMultipartUpload = &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(0)}
		})}},
		{"abort by tag", "InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Tags.", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Filter, r.AbortIncompleteMultipartUpload = tagged, &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(1)}
		})}},
		{"abort by size", "InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Object Size.", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Filter, r.AbortIncompleteMultipartUpload = larger, &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(1)}
		})}},
		{"marker by tag", "InvalidRequest", "ExpiredObjectDeleteMarker cannot be specified with Tags.", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Filter, r.Expiration = tagged, &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)}
		})}},
		{"two conditions", "MalformedXML", "", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Filter, r.Expiration = &types.LifecycleRuleFilter{Prefix: aws.String("a"), ObjectSizeLessThan: aws.Int64(1)}, days(1)
		})}},
		{"and of one", "MalformedXML", "", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Filter, r.Expiration = &types.LifecycleRuleFilter{And: &types.LifecycleRuleAndOperator{Prefix: aws.String("a")}}, days(1)
		})}},
		{"same tag twice", "InvalidRequest", "Duplicate Tag Keys are not allowed.", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Filter, r.Expiration = &types.LifecycleRuleFilter{And: &types.LifecycleRuleAndOperator{Tags: []types.Tag{*tagged.Tag, *tagged.Tag}}}, days(1)
		})}},
		{"sizes", "InvalidRequest", "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Filter, r.Expiration = &types.LifecycleRuleFilter{And: &types.LifecycleRuleAndOperator{ObjectSizeGreaterThan: aws.Int64(5), ObjectSizeLessThan: aws.Int64(5)}}, days(1)
		})}},
		{"size 0", "InvalidRequest", "'ObjectSizeLessThan' should be between 1 and 1099511627776000.", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Filter, r.Expiration = &types.LifecycleRuleFilter{ObjectSizeLessThan: aws.Int64(0)}, days(1)
		})}},
		{"long prefix", "InvalidRequest", "The maximum size of a prefix is 1024", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Filter, r.Expiration = &types.LifecycleRuleFilter{Prefix: aws.String(strings.Repeat("p", 1025))}, days(1)
		})}},
		{"soon to IA", "InvalidArgument", "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'", []types.LifecycleRule{moves(to(29, "STANDARD_IA"))}},
		{"negative days", "InvalidArgument", "'Days' in Transition action must be nonnegative", []types.LifecycleRule{moves(to(-1, "GLACIER"))}},
		{"no class", "MalformedXML", "", []types.LifecycleRule{moves(to(1, ""))}},
		{"STANDARD", "MalformedXML", "", []types.LifecycleRule{moves(to(1, "STANDARD"))}},
		{"same class", "InvalidRequest", "'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter '(prefix=p/)'", []types.LifecycleRule{moves(to(1, "GLACIER"), to(2, "GLACIER"))}},
		{"wrong order", "InvalidArgument", "'Days' in the Transition action for StorageClass 'DEEP_ARCHIVE' for filter '(prefix=p/)' must be greater than 'Days' in the Transition action for StorageClass 'GLACIER' for filter '(prefix=p/)'",
			[]types.LifecycleRule{moves(to(1, "DEEP_ARCHIVE"), to(1, "GLACIER"))}},
		{"soon from IA", "InvalidArgument", "'Days' in the Transition action for StorageClass 'GLACIER' for filter '(prefix=p/)' must be 30 days more than 'Days' in the Transition action for StorageClass 'STANDARD_IA'",
			[]types.LifecycleRule{moves(to(30, "STANDARD_IA"), to(59, "GLACIER"))}},
		{"expires first", "InvalidArgument", "'Days' in the Expiration action for filter '(prefix=p/)' must be greater than 'Days' in the Transition action", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Transitions, r.Expiration = []types.Transition{to(10, "GLACIER")}, days(10)
		})}},
		{"mixed", "InvalidRequest", "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter '(prefix=p/)'", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Transitions, r.Expiration = []types.Transition{to(10, "GLACIER")}, &types.LifecycleExpiration{Date: aws.Time(time.Unix(0, 0))}
		})}},
		{"noncurrent expires first", "InvalidArgument", "'NoncurrentDays' in the NoncurrentVersionExpiration action for filter '(tag={key=k, value=v})' must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action", []types.LifecycleRule{rule(func(r *types.LifecycleRule) {
			r.Filter = tagged
			r.NoncurrentVersionTransitions = []types.NoncurrentVersionTransition{{NoncurrentDays: aws.Int32(5), StorageClass: "GLACIER"}}
			r.NoncurrentVersionExpiration = &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(5)}
		})}},
		{"prefix beside filters", "InvalidRequest", "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.", []types.LifecycleRule{expireAfter(1), first("a")}},
		{"filter beside prefixes", "InvalidRequest", "Filter element can only be used in Lifecycle V2.", []types.LifecycleRule{first("a"), expireAfter(1)}},
		{"overlapping", "InvalidRequest", "Found overlapping prefixes 'a' and 'ab' for same action type 'Expiration'", []types.LifecycleRule{first("ab"), first("b"), first("a")}},
	} {
		err := setLifecycle(c, t, test.rules...)
		wantCode(t, test.name, err, test.code)
		if test.message != "" {
			equal(t, test.name, messageOf(err), test.message)
		}
	}
	_, err := c.GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: theBucket})
	wantCode(t, "after errors", err, "NoSuchLifecycleConfiguration")
}

// theStart is when the tests of lifecycles begin: AWS's example of rounding, in which three days end on the 19th.
var theStart = time.Date(2014, 1, 15, 10, 30, 0, 0, time.UTC)

func date(days int) time.Time { return time.Date(2014, 1, days, 0, 0, 0, 0, time.UTC) }

func TestExpiration(t *testing.T) {
	w, c := begin(t)
	ctx := t.Context()
	w.at(theStart)
	put(t, c, "logs/a", "x")
	must(t, setLifecycle(c, t,
		types.LifecycleRule{ID: aws.String("three days"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{Prefix: aws.String("logs/")}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(3)}},
		types.LifecycleRule{ID: aws.String("temporary"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{Tag: &types.Tag{Key: aws.String("temp"), Value: aws.String("yes")}}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)}},
		types.LifecycleRule{ID: aws.String("large"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{ObjectSizeGreaterThan: aws.Int64(3)}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(5)}},
		types.LifecycleRule{ID: aws.String("off"), Status: "Disabled", Filter: &types.LifecycleRuleFilter{}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)}},
	))
	const third = `expiry-date="Sun, 19 Jan 2014 00:00:00 GMT", rule-id="three days"`
	equal(t, "PUT", aws.ToString(put(t, c, "logs/b", "x").Expiration), third)
	equal(t, "HEAD", aws.ToString(ok(c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("logs/a")}))(t).Expiration), third)
	equal(t, "GET", aws.ToString(ok(c.GetObject(ctx, &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("logs/a")}))(t).Expiration), third)
	equal(t, "copy", aws.ToString(ok(c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("logs/c"), CopySource: aws.String("reports/logs/a")}))(t).Expiration), third)
	equal(t, "tagged", aws.ToString(put(t, c, "logs/t", "x", func(in *s3.PutObjectInput) { in.Tagging = aws.String("temp=yes") }).Expiration),
		`expiry-date="Fri, 17 Jan 2014 00:00:00 GMT", rule-id="temporary"`)
	equal(t, "no rule", put(t, c, "keep", "xxx").Expiration, (*string)(nil))
	put(t, c, "large", "xxxx")
	keys := func() string {
		var all []string
		for _, o := range ok(c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: theBucket}))(t).Contents {
			all = append(all, *o.Key)
		}
		return strings.Join(all, " ")
	}
	moveTo(t, w, theStart)
	equal(t, "at once", keys(), "keep large logs/a logs/b logs/c logs/t")
	moveTo(t, w, date(17))
	equal(t, "on the 17th", keys(), "keep large logs/a logs/b logs/c")
	moveTo(t, w, date(19).Add(-time.Second))
	equal(t, "a second before the 19th", keys(), "keep large logs/a logs/b logs/c")
	put(t, c, "logs/new", "x")
	moveTo(t, w, date(19))
	equal(t, "on the 19th", keys(), "keep large logs/new")
	moveTo(t, w, date(40))
	equal(t, "much later", keys(), "keep")

	// A date that is over acts at once.
	put(t, c, "last", "x")
	must(t, setLifecycle(c, t, types.LifecycleRule{Status: "Enabled", Filter: &types.LifecycleRuleFilter{}, Expiration: &types.LifecycleExpiration{Date: aws.Time(date(1))}}))
	must(t, w.service.Work(ctx))
	equal(t, "after the date", keys(), "")
}

func TestNoncurrentVersions(t *testing.T) {
	w, c := begin(t)
	w.at(theStart)
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	must(t, setLifecycle(c, t,
		types.LifecycleRule{ID: aws.String("current"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{Prefix: aws.String("old")}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(2)}},
		types.LifecycleRule{ID: aws.String("noncurrent"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{}, NoncurrentVersionExpiration: &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(3), NewerNoncurrentVersions: aws.Int32(1)}},
		types.LifecycleRule{ID: aws.String("markers"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{}, Expiration: &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)}},
	))
	for i := range 4 {
		put(t, c, "k", fmt.Sprint(i))
	}
	put(t, c, "old", "x")
	ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("alone")}))(t)
	moveTo(t, w, date(16))
	equal(t, "a marker alone goes first", versionsOf(t, c), "k=3* k=2 k=1 k=0 old=x*")
	moveTo(t, w, date(18))
	equal(t, "the current version expires", versionsOf(t, c), "k=3* k=2 k=1 k=0 old=x old=marker*")
	moveTo(t, w, date(19))
	equal(t, "one noncurrent version stays", versionsOf(t, c), "k=3* k=2 old=x old=marker*")

	must(t, setLifecycle(c, t,
		types.LifecycleRule{ID: aws.String("noncurrent"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{}, NoncurrentVersionExpiration: &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(30)}},
		types.LifecycleRule{ID: aws.String("all"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(100)}},
	))
	must(t, w.service.Work(t.Context()))
	equal(t, "after a change", versionsOf(t, c), "k=3* k=2 old=x old=marker*")
	// Months at once: k=3 expires on day 100, its marker hides it for thirty days more, and goes with the days of its own.
	moveTo(t, w, theStart.Add(240*day))
	equal(t, "after 240 days", versionsOf(t, c), "")
}

func TestExpirationOfLocked(t *testing.T) {
	w, c, now := lockWorld(t)
	put(t, c, "k", "locked", func(in *s3.PutObjectInput) {
		in.ObjectLockMode, in.ObjectLockRetainUntilDate = "COMPLIANCE", aws.Time(now.Add(50*day))
		summed(in)
	})
	put(t, c, "k", "held", func(in *s3.PutObjectInput) { in.ObjectLockLegalHoldStatus = "ON"; summed(in) })
	put(t, c, "k", "free")
	r := expireAfter(1)
	r.NoncurrentVersionExpiration = &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(1)}
	must(t, setLifecycle(c, t, r))
	moveTo(t, w, now.Add(10*day))
	equal(t, "versions", versionsOf(t, c), "k=held k=locked k=marker*")
	moveTo(t, w, now.Add(100*day))
	equal(t, "after the retention", versionsOf(t, c), "k=held k=marker*")
}

func TestTransitions(t *testing.T) {
	w, c := begin(t)
	ctx := t.Context()
	w.at(theStart)
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	big := string(randomBody(minimumSize))
	put(t, c, "k", "noncurrent")
	put(t, c, "k", big)
	put(t, c, "small", "x")
	put(t, c, "sized", "x")
	put(t, c, "cold", big, func(in *s3.PutObjectInput) { in.StorageClass = "DEEP_ARCHIVE" })
	prefix := func(p string) *types.LifecycleRuleFilter { return &types.LifecycleRuleFilter{Prefix: &p} }
	rules := []types.LifecycleRule{
		{ID: aws.String("a"), Status: "Enabled", Filter: prefix(""), Transitions: []types.Transition{{Days: aws.Int32(30), StorageClass: "STANDARD_IA"}, {Days: aws.Int32(60), StorageClass: "GLACIER"}}},
		{ID: aws.String("b"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{And: &types.LifecycleRuleAndOperator{Prefix: aws.String("sized"), ObjectSizeGreaterThan: aws.Int64(0)}},
			Transitions: []types.Transition{{Days: aws.Int32(0), StorageClass: "INTELLIGENT_TIERING"}}},
		{ID: aws.String("c"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{ObjectSizeLessThan: aws.Int64(100)},
			NoncurrentVersionTransitions: []types.NoncurrentVersionTransition{{NoncurrentDays: aws.Int32(1), StorageClass: "GLACIER_IR"}}},
	}
	must(t, setLifecycle(c, t, rules...))
	classes := func() string {
		var all []string
		for _, v := range ok(c.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: theBucket}))(t).Versions {
			all = append(all, *v.Key+"="+string(v.StorageClass))
		}
		return strings.Join(all, " ")
	}
	for _, step := range []struct {
		days int
		want string
	}{
		{0, "cold=DEEP_ARCHIVE k=STANDARD k=STANDARD sized=STANDARD small=STANDARD"},
		{1, "cold=DEEP_ARCHIVE k=STANDARD k=STANDARD sized=INTELLIGENT_TIERING small=STANDARD"},
		{2, "cold=DEEP_ARCHIVE k=STANDARD k=GLACIER_IR sized=INTELLIGENT_TIERING small=STANDARD"},
		{31, "cold=DEEP_ARCHIVE k=STANDARD_IA k=GLACIER_IR sized=INTELLIGENT_TIERING small=STANDARD"},
		{61, "cold=DEEP_ARCHIVE k=GLACIER k=GLACIER_IR sized=INTELLIGENT_TIERING small=STANDARD"},
	} {
		moveTo(t, w, theStart.Add(time.Duration(step.days)*day))
		equal(t, fmt.Sprintf("day %d", step.days), classes(), step.want)
	}
	ok(c.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: theBucket, TransitionDefaultMinimumObjectSize: "varies_by_storage_class",
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules}}))(t)
	must(t, w.service.Work(ctx))
	equal(t, "small ones too", classes(), "cold=DEEP_ARCHIVE k=GLACIER k=GLACIER_IR sized=GLACIER small=GLACIER")
}

func TestAbortedUploads(t *testing.T) {
	w, c := begin(t)
	ctx := t.Context()
	w.at(theStart)
	must(t, setLifecycle(c, t, types.LifecycleRule{ID: aws.String("abort"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{Prefix: aws.String("a")},
		AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(3)}}))
	u := ok(c.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: theBucket, Key: aws.String("a")}))(t)
	equal(t, "abort", []any{u.AbortDate.UTC(), *u.AbortRuleId}, []any{date(19), "abort"})
	ok(c.UploadPart(ctx, &s3.UploadPartInput{Bucket: theBucket, Key: aws.String("a"), UploadId: u.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("x")}))(t)
	list := ok(c.ListParts(ctx, &s3.ListPartsInput{Bucket: theBucket, Key: aws.String("a"), UploadId: u.UploadId}))(t)
	equal(t, "abort", []any{list.AbortDate.UTC(), *list.AbortRuleId}, []any{date(19), "abort"})
	other := ok(c.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: theBucket, Key: aws.String("b")}))(t)
	equal(t, "no abort", other.AbortDate, (*time.Time)(nil))
	left := func() (n int) {
		return len(ok(c.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: theBucket}))(t).Uploads)
	}
	moveTo(t, w, date(18))
	equal(t, "uploads", left(), 2)
	moveTo(t, w, date(19))
	equal(t, "uploads", left(), 1)
}

// TestLifecycleBatches has more to do than fits into one transaction, in keys and in the versions of one key.
func TestLifecycleBatches(t *testing.T) {
	w, c := begin(t)
	w.at(theStart)
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	row, err := w.service.bucketNamed(t.Context(), *theBucket)
	must(t, err)
	must(t, w.store.Update(t.Context(), func(tx *store.Tx) error {
		for i := range 3 * passDeeds {
			if err := insert(tx, &row.Bucket, &Object{Key: fmt.Sprintf("k%06d", i), Owner: accountA, Modified: theStart}); err != nil {
				return err
			}
			if err := insert(tx, &row.Bucket, &Object{Key: "many", Owner: accountA, Modified: theStart}); err != nil {
				return err
			}
		}
		return nil
	}))
	r := expireAfter(1)
	r.NoncurrentVersionExpiration = &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(1)}
	must(t, setLifecycle(c, t, r))
	moveTo(t, w, theStart.Add(30*day))
	equal(t, "left", versionsOf(t, c), "")
	commits := w.store.Stats().Commits
	for range 10 {
		must(t, w.service.Work(t.Context()))
	}
	equal(t, "writes of the idle", w.store.Stats().Commits-commits, uint64(0))
}

// TestLifecycleEvents looks at the changes that others are told of.
func TestLifecycleEvents(t *testing.T) {
	w, c := begin(t)
	w.at(theStart)
	var got []string
	before := consumers
	consumers = []consumer{{name: "test", wants: func(*bucket, *Change) bool { return true }, handle: record(&got)}}
	defer func() { consumers = before }()
	put(t, c, "a", "x")
	w.at(theStart.Add(time.Second))
	put(t, c, "v", "x")
	must(t, setLifecycle(c, t, expireAfter(1)))
	moveTo(t, w, theStart.Add(2*day))
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	put(t, c, "b", string(randomBody(minimumSize)))
	r := expireAfter(2)
	r.Transitions = []types.Transition{{Days: aws.Int32(1), StorageClass: "GLACIER"}}
	must(t, setLifecycle(c, t, r))
	moveTo(t, w, theStart.Add(4*day))
	moveTo(t, w, theStart.Add(5*day))
	equal(t, "events", strings.Join(got, " "),
		"ObjectCreated:Put=a ObjectCreated:Put=v LifecycleExpiration:Delete=a LifecycleExpiration:Delete=v "+
			"ObjectCreated:Put=b LifecycleTransition=b LifecycleExpiration:DeleteMarkerCreated=b")
}

func TestLifecycleLeavesDeletedBuckets(t *testing.T) {
	w, c := begin(t)
	w.at(theStart)
	must(t, setLifecycle(c, t, expireAfter(1)))
	ok(c.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: theBucket}))(t)
	ok(c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: theBucket}))(t)
	put(t, c, "k", "x")
	moveTo(t, w, theStart.Add(5*day))
	equal(t, "body", read(t, c, "k", ""), "x")
	must(t, w.store.View(t.Context(), func(tx *store.Tx) error {
		_, some, err := first(sweeps.Scan(tx, "", ""))
		equal(t, "a sweep is left", some, false)
		return err
	}))
}
