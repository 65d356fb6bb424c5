package s3

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// record handles changes by noting them.
func record(all *[]string) func(context.Context, *Service, *Change) error {
	return func(_ context.Context, _ *Service, c *Change) error {
		*all = append(*all, c.Event+"="+c.Key)
		return nil
	}
}

func TestRestore(t *testing.T) {
	w, c := begin(t)
	ctx := t.Context()
	now := time.Date(2012, 10, 15, 5, 30, 0, 0, time.UTC)
	w.at(now)
	var events []string
	before := consumers
	consumers = []consumer{{name: "test", handle: record(&events), wants: func(_ *bucket, c *Change) bool { return strings.HasPrefix(c.Event, "ObjectRestore") }}}
	defer func() { consumers = before }()
	class := func(class types.StorageClass) func(*s3.PutObjectInput) {
		return func(in *s3.PutObjectInput) { in.StorageClass = class }
	}
	put(t, c, "g", "glacier", class("GLACIER"))
	put(t, c, "d", "deep", class("DEEP_ARCHIVE"))
	put(t, c, "i", "instant", class("GLACIER_IR"))
	put(t, c, "t", "tiering", class("INTELLIGENT_TIERING"))
	put(t, c, "s", "standard")
	restore := func(key string, days int32, tier types.Tier) error {
		_, err := c.RestoreObject(ctx, &s3.RestoreObjectInput{Bucket: theBucket, Key: &key, RestoreRequest: &types.RestoreRequest{
			Days: &days, GlacierJobParameters: &types.GlacierJobParameters{Tier: tier}}})
		return err
	}
	shown := func(key string) string {
		return aws.ToString(ok(c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: theBucket, Key: &key}))(t).Restore)
	}
	for _, key := range []string{"s", "t", "i"} {
		err := restore(key, 1, "Standard")
		wantCode(t, key, err, "InvalidObjectState")
		equal(t, key, messageOf(err), "Restore is not allowed for the object's current storage class")
	}
	equal(t, "reads", []string{read(t, c, "g", ""), read(t, c, "d", ""), read(t, c, "i", ""), read(t, c, "t", "")}, []string{"InvalidObjectState", "InvalidObjectState", "instant", "tiering"})
	_, err := c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("copy"), CopySource: aws.String("reports/g")})
	wantCode(t, "copy", err, "ObjectNotInActiveTierError")
	wantCode(t, "expedited from the deep", restore("d", 1, "Expedited"), "InvalidArgument")
	wantCode(t, "no days", restore("g", 0, "Bulk"), "InvalidArgument")
	wantCode(t, "missing", restore("none", 1, "Bulk"), "NoSuchKey")
	_, err = c.RestoreObject(ctx, &s3.RestoreObjectInput{Bucket: theBucket, Key: aws.String("g"), RestoreRequest: &types.RestoreRequest{Type: "SELECT"}})
	wantCode(t, "select", err, "MethodNotAllowed")
	wantCode(t, "without the permission", func() error {
		_, err := w.person(accountA, "reader", allow("*", "s3:GetObject")).client().RestoreObject(ctx,
			&s3.RestoreObjectInput{Bucket: theBucket, Key: aws.String("g"), RestoreRequest: &types.RestoreRequest{Days: aws.Int32(1)}})
		return err
	}(), "AccessDenied")

	const body = `<RestoreRequest><Days>3</Days><GlacierJobParameters><Tier>Standard</Tier></GlacierJobParameters></RestoreRequest>`
	equal(t, "status", w.raw(t, "POST", "/reports/g?restore", strings.NewReader(body)).status, 202)
	equal(t, "status", w.raw(t, "POST", "/reports/g?restore", strings.NewReader(body)).status, 409)
	w.at(now.Add(time.Second))
	must(t, restore("d", 2, "Bulk"))
	equal(t, "under way", shown("g"), `ongoing-request="true"`)
	equal(t, "read", read(t, c, "g", ""), "InvalidObjectState")
	wantCode(t, "again", restore("g", 1, "Standard"), "RestoreAlreadyInProgress")
	moveTo(t, w, now.Add(5*time.Hour)) // 10:30: AWS's example of rounding
	equal(t, "restored", shown("g"), `ongoing-request="false", expiry-date="Fri, 19 Oct 2012 00:00:00 GMT"`)
	equal(t, "reads", []string{read(t, c, "g", ""), read(t, c, "d", "")}, []string{"glacier", "InvalidObjectState"})
	ok(c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("copy"), CopySource: aws.String("reports/g")}))(t)
	equal(t, "copy", read(t, c, "copy", ""), "glacier")
	statuses := ""
	for _, o := range ok(c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: theBucket, OptionalObjectAttributes: []types.OptionalObjectAttributes{"RestoreStatus"}}))(t).Contents {
		if r := o.RestoreStatus; r != nil {
			statuses += *o.Key + "=" + map[bool]string{true: "ongoing", false: "restored"}[*r.IsRestoreInProgress] + " "
		}
	}
	equal(t, "listing", statuses, "d=ongoing g=restored ")
	equal(t, "without being asked", ok(c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: theBucket}))(t).Contents[1].RestoreStatus, (*types.RestoreStatus)(nil))

	equal(t, "status", w.raw(t, "POST", "/reports/g?restore", strings.NewReader(strings.ReplaceAll(body, "3", "10"))).status, 200)
	equal(t, "extended", shown("g"), `ongoing-request="false", expiry-date="Fri, 26 Oct 2012 00:00:00 GMT"`)
	must(t, restore("d", 2, "Standard")) // a faster one
	moveTo(t, w, now.Add(17*time.Hour))
	equal(t, "read", read(t, c, "d", ""), "deep")
	moveTo(t, w, time.Date(2012, 10, 19, 0, 0, 0, 0, time.UTC))
	equal(t, "reads", []string{read(t, c, "g", ""), read(t, c, "d", "")}, []string{"glacier", "InvalidObjectState"})
	equal(t, "expired", shown("d"), "")
	moveTo(t, w, time.Date(2012, 10, 26, 0, 0, 0, 0, time.UTC))
	equal(t, "read", read(t, c, "g", ""), "InvalidObjectState")
	must(t, restore("g", 1, "Expedited"))
	moveTo(t, w, w.clock().Add(5*time.Minute))
	equal(t, "read", read(t, c, "g", ""), "glacier")
	equal(t, "events", strings.Join(events, " "), "ObjectRestore:Post=g ObjectRestore:Post=d ObjectRestore:Completed=g ObjectRestore:Post=d ObjectRestore:Completed=d "+
		"ObjectRestore:Delete=d ObjectRestore:Delete=g ObjectRestore:Post=g ObjectRestore:Completed=g")
}
