package s3

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func inventory(id string) *types.InventoryConfiguration {
	return &types.InventoryConfiguration{
		Id: &id, IsEnabled: aws.Bool(true), IncludedObjectVersions: types.InventoryIncludedObjectVersionsAll,
		Schedule:       &types.InventorySchedule{Frequency: types.InventoryFrequencyDaily},
		Filter:         &types.InventoryFilter{Prefix: aws.String("p/")},
		OptionalFields: []types.InventoryOptionalField{types.InventoryOptionalFieldSize, types.InventoryOptionalFieldETag},
		Destination: &types.InventoryDestination{S3BucketDestination: &types.InventoryS3BucketDestination{
			Bucket: aws.String("arn:aws:s3:::lists"), Format: types.InventoryFormatCsv, Prefix: aws.String("inv"), AccountId: aws.String(accountA),
		}},
	}
}

func TestInventoryConfigurations(t *testing.T) {
	w, c := begin(t)
	ctx := t.Context()
	_, err := c.GetBucketInventoryConfiguration(ctx, &s3.GetBucketInventoryConfigurationInput{Bucket: theBucket, Id: aws.String("none")})
	wantCode(t, "none", err, "NoSuchConfiguration")
	_, err = c.PutBucketInventoryConfiguration(ctx, &s3.PutBucketInventoryConfigurationInput{Bucket: theBucket, Id: aws.String("other"), InventoryConfiguration: inventory("one")})
	wantCode(t, "two ids", err, "InvalidArgument")
	bad := inventory("one")
	bad.Destination.S3BucketDestination.Bucket = aws.String("lists")
	_, err = c.PutBucketInventoryConfiguration(ctx, &s3.PutBucketInventoryConfigurationInput{Bucket: theBucket, Id: aws.String("one"), InventoryConfiguration: bad})
	wantCode(t, "a destination that is no ARN", err, "InvalidS3DestinationBucket")

	for i := range 101 {
		id := fmt.Sprintf("id-%03d", i)
		ok(c.PutBucketInventoryConfiguration(ctx, &s3.PutBucketInventoryConfigurationInput{Bucket: theBucket, Id: &id, InventoryConfiguration: inventory(id)}))(t)
	}
	got := ok(c.GetBucketInventoryConfiguration(ctx, &s3.GetBucketInventoryConfigurationInput{Bucket: theBucket, Id: aws.String("id-007")}))(t)
	equal(t, "reads back as written", got.InventoryConfiguration, inventory("id-007"))
	page := ok(c.ListBucketInventoryConfigurations(ctx, &s3.ListBucketInventoryConfigurationsInput{Bucket: theBucket}))(t)
	equal(t, "the first page", []any{len(page.InventoryConfigurationList), *page.IsTruncated}, []any{100, true})
	page = ok(c.ListBucketInventoryConfigurations(ctx, &s3.ListBucketInventoryConfigurationsInput{Bucket: theBucket, ContinuationToken: page.NextContinuationToken}))(t)
	equal(t, "the last page", []any{len(page.InventoryConfigurationList), *page.IsTruncated, *page.InventoryConfigurationList[0].Id}, []any{1, false, "id-100"})
	ok(c.DeleteBucketInventoryConfiguration(ctx, &s3.DeleteBucketInventoryConfigurationInput{Bucket: theBucket, Id: aws.String("id-100")}))(t)
	_, err = c.DeleteBucketInventoryConfiguration(ctx, &s3.DeleteBucketInventoryConfigurationInput{Bucket: theBucket, Id: aws.String("id-100")})
	wantCode(t, "deleted twice", err, "NoSuchConfiguration")

	reader := w.person(accountA, "reader", allow("arn:aws:s3:::reports", "s3:GetInventoryConfiguration")).client()
	_, err = reader.ListBucketInventoryConfigurations(ctx, &s3.ListBucketInventoryConfigurationsInput{Bucket: theBucket})
	wantCode(t, "list with permission", err, "")
	_, err = reader.DeleteBucketInventoryConfiguration(ctx, &s3.DeleteBucketInventoryConfigurationInput{Bucket: theBucket, Id: aws.String("id-001")})
	wantCode(t, "delete without", err, "AccessDenied")
}

func TestAnalyticsConfigurations(t *testing.T) {
	w, c := begin(t)
	ctx, id := t.Context(), aws.String("a")
	tag := types.Tag{Key: aws.String("k"), Value: aws.String("v")}
	for _, filter := range []types.AnalyticsFilter{
		nil, &types.AnalyticsFilterMemberPrefix{Value: "p/"}, &types.AnalyticsFilterMemberTag{Value: tag},
		&types.AnalyticsFilterMemberAnd{Value: types.AnalyticsAndOperator{Prefix: aws.String("p/"), Tags: []types.Tag{tag, {Key: aws.String("k2"), Value: aws.String("")}}}},
	} {
		want := &types.AnalyticsConfiguration{Id: id, Filter: filter, StorageClassAnalysis: &types.StorageClassAnalysis{DataExport: &types.StorageClassAnalysisDataExport{
			OutputSchemaVersion: types.StorageClassAnalysisSchemaVersionV1,
			Destination: &types.AnalyticsExportDestination{S3BucketDestination: &types.AnalyticsS3BucketDestination{
				Bucket: aws.String("arn:aws:s3:::lists"), Format: types.AnalyticsS3ExportFileFormatCsv,
			}},
		}}}
		ok(c.PutBucketAnalyticsConfiguration(ctx, &s3.PutBucketAnalyticsConfigurationInput{Bucket: theBucket, Id: id, AnalyticsConfiguration: want}))(t)
		got := ok(c.GetBucketAnalyticsConfiguration(ctx, &s3.GetBucketAnalyticsConfigurationInput{Bucket: theBucket, Id: id}))(t)
		equal(t, "reads back as written", got.AnalyticsConfiguration, want)
	}
	list := ok(c.ListBucketAnalyticsConfigurations(ctx, &s3.ListBucketAnalyticsConfigurationsInput{Bucket: theBucket}))(t)
	equal(t, "list", len(list.AnalyticsConfigurationList), 1)
	writer := w.person(accountA, "writer", allow("arn:aws:s3:::reports", "s3:PutAnalyticsConfiguration")).client()
	_, err := writer.GetBucketAnalyticsConfiguration(ctx, &s3.GetBucketAnalyticsConfigurationInput{Bucket: theBucket, Id: id})
	wantCode(t, "get without permission", err, "AccessDenied")
	_, err = writer.DeleteBucketAnalyticsConfiguration(ctx, &s3.DeleteBucketAnalyticsConfigurationInput{Bucket: theBucket, Id: id})
	wantCode(t, "delete with permission", err, "")
	_, err = c.GetBucketAnalyticsConfiguration(ctx, &s3.GetBucketAnalyticsConfigurationInput{Bucket: theBucket, Id: id})
	wantCode(t, "deleted", err, "NoSuchConfiguration")
}

func TestMetricsConfigurations(t *testing.T) {
	w, c := begin(t)
	ctx, id := t.Context(), aws.String("EntireBucket")
	for _, filter := range []types.MetricsFilter{
		nil, &types.MetricsFilterMemberPrefix{Value: "p/"}, &types.MetricsFilterMemberAccessPointArn{Value: "arn:aws:s3:us-east-1:111122223333:accesspoint/p"},
		&types.MetricsFilterMemberAnd{Value: types.MetricsAndOperator{Prefix: aws.String("p/"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}},
	} {
		want := &types.MetricsConfiguration{Id: id, Filter: filter}
		ok(c.PutBucketMetricsConfiguration(ctx, &s3.PutBucketMetricsConfigurationInput{Bucket: theBucket, Id: id, MetricsConfiguration: want}))(t)
		got := ok(c.GetBucketMetricsConfiguration(ctx, &s3.GetBucketMetricsConfigurationInput{Bucket: theBucket, Id: id}))(t)
		equal(t, "reads back as written", got.MetricsConfiguration, want)
	}
	list := ok(c.ListBucketMetricsConfigurations(ctx, &s3.ListBucketMetricsConfigurationsInput{Bucket: theBucket}))(t)
	equal(t, "list", len(list.MetricsConfigurationList), 1)
	reader := w.person(accountA, "reader", allow("arn:aws:s3:::reports", "s3:GetMetricsConfiguration")).client()
	_, err := reader.DeleteBucketMetricsConfiguration(ctx, &s3.DeleteBucketMetricsConfigurationInput{Bucket: theBucket, Id: id})
	wantCode(t, "delete without permission", err, "AccessDenied")
	ok(c.DeleteBucketMetricsConfiguration(ctx, &s3.DeleteBucketMetricsConfigurationInput{Bucket: theBucket, Id: id}))(t)
	_, err = reader.GetBucketMetricsConfiguration(ctx, &s3.GetBucketMetricsConfigurationInput{Bucket: theBucket, Id: id})
	wantCode(t, "deleted", err, "NoSuchConfiguration")
}

func TestIntelligentTieringConfigurations(t *testing.T) {
	w, c := begin(t)
	ctx, id := t.Context(), aws.String("archive")
	tiers := func(days ...int32) *types.IntelligentTieringConfiguration {
		return &types.IntelligentTieringConfiguration{
			Id: id, Status: types.IntelligentTieringStatusEnabled, Filter: &types.IntelligentTieringFilter{Prefix: aws.String("old/")},
			Tierings: []types.Tiering{
				{AccessTier: types.IntelligentTieringAccessTierArchiveAccess, Days: &days[0]},
				{AccessTier: types.IntelligentTieringAccessTierDeepArchiveAccess, Days: &days[1]},
			},
		}
	}
	_, err := c.PutBucketIntelligentTieringConfiguration(ctx, &s3.PutBucketIntelligentTieringConfigurationInput{Bucket: theBucket, Id: id, IntelligentTieringConfiguration: tiers(30, 180)})
	wantCode(t, "too few days", err, "InvalidArgument")
	ok(c.PutBucketIntelligentTieringConfiguration(ctx, &s3.PutBucketIntelligentTieringConfigurationInput{Bucket: theBucket, Id: id, IntelligentTieringConfiguration: tiers(90, 180)}))(t)
	got := ok(c.GetBucketIntelligentTieringConfiguration(ctx, &s3.GetBucketIntelligentTieringConfigurationInput{Bucket: theBucket, Id: id}))(t)
	equal(t, "reads back as written", got.IntelligentTieringConfiguration, tiers(90, 180))
	list := ok(c.ListBucketIntelligentTieringConfigurations(ctx, &s3.ListBucketIntelligentTieringConfigurationsInput{Bucket: theBucket}))(t)
	equal(t, "list", len(list.IntelligentTieringConfigurationList), 1)
	reader := w.person(accountA, "reader", allow("arn:aws:s3:::reports", "s3:GetIntelligentTieringConfiguration")).client()
	_, err = reader.DeleteBucketIntelligentTieringConfiguration(ctx, &s3.DeleteBucketIntelligentTieringConfigurationInput{Bucket: theBucket, Id: id})
	wantCode(t, "delete without permission", err, "AccessDenied")
	ok(c.DeleteBucketIntelligentTieringConfiguration(ctx, &s3.DeleteBucketIntelligentTieringConfigurationInput{Bucket: theBucket, Id: id}))(t)
	_, err = c.GetBucketIntelligentTieringConfiguration(ctx, &s3.GetBucketIntelligentTieringConfigurationInput{Bucket: theBucket, Id: id})
	wantCode(t, "deleted", err, "NoSuchConfiguration")
}

// TestInventory has an inventory delivered by the clock, to who lets it in.
func TestInventory(t *testing.T) {
	w, c := begin(t)
	ctx := t.Context()
	start := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	w.service.now = w.clock
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	old := put(t, c, "p/a b", "old")
	put(t, c, "p/a b", "newer")
	put(t, c, "q", "of another prefix")
	ok(c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("lists")}))(t)
	ok(c.PutBucketInventoryConfiguration(ctx, &s3.PutBucketInventoryConfigurationInput{Bucket: theBucket, Id: aws.String("all"), InventoryConfiguration: inventory("all")}))(t)
	reports := func(at time.Duration) []types.Object {
		w.at(start.Add(at))
		must(t, w.service.Work(ctx))
		return ok(w.person(accountA, "root").client().ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("lists")}))(t).Contents
	}
	equal(t, "at once", len(reports(0)), 0)
	equal(t, "without permission", len(reports(25*time.Hour)), 0)
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::lists/*",
		"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::reports"},"StringEquals":{"aws:SourceAccount":"` + accountA + `","s3:x-amz-acl":"bucket-owner-full-control"}}}]}`
	c = w.person(accountA, "root").client()
	ok(c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("lists"), Policy: &policy}))(t)
	equal(t, "not yet again", len(reports(26*time.Hour)), 0)
	found := reports(50 * time.Hour)
	if len(found) != 3 || *found[0].Key != "inv/reports/all/2026-03-06T07-06Z/manifest.checksum" || *found[1].Key != "inv/reports/all/2026-03-06T07-06Z/manifest.json" {
		t.Fatalf("reports: %+v", found)
	}
	get := func(key *string) []byte {
		c := w.person(accountA, "root").client()
		body := ok(c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("lists"), Key: key}))(t).Body
		return ok(io.ReadAll(body))(t)
	}
	var manifest struct {
		FileSchema string
		Files      []struct{ Key string }
	}
	must(t, json.Unmarshal(get(found[1].Key), &manifest))
	equal(t, "schema", manifest.FileSchema, "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, ETag")
	list := ok(gzip.NewReader(bytes.NewReader(get(&manifest.Files[0].Key))))(t)
	lines := strings.Split(string(ok(io.ReadAll(list))(t)), "\n")
	equal(t, "lines", len(lines), 3)
	equal(t, "the newest", strings.Contains(lines[0], `"reports","p%2Fa+b",`) && strings.Contains(lines[0], `"true","false","5",`), true)
	equal(t, "an older one", lines[1], `"reports","p%2Fa+b","`+*old.VersionId+`","false","false","3","`+strings.Trim(*old.ETag, `"`)+`"`)
	equal(t, "a day later", len(reports(75*time.Hour)), 6)
}
