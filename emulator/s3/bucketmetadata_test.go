package s3

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestBucketMetadataConfiguration(t *testing.T) {
	_, c := begin(t)
	ctx := t.Context()
	get := func() (*types.MetadataConfigurationResult, error) {
		out, err := c.GetBucketMetadataConfiguration(ctx, &s3.GetBucketMetadataConfigurationInput{Bucket: theBucket})
		if err != nil {
			return nil, err
		}
		return out.GetBucketMetadataConfigurationResult.MetadataConfigurationResult, nil
	}
	_, err := get()
	wantCode(t, "none", err, "MetadataConfigurationNotFound")
	create := func(days int32) error {
		_, err := c.CreateBucketMetadataConfiguration(ctx, &s3.CreateBucketMetadataConfigurationInput{Bucket: theBucket, MetadataConfiguration: &types.MetadataConfiguration{
			JournalTableConfiguration: &types.JournalTableConfiguration{RecordExpiration: &types.RecordExpiration{Expiration: types.ExpirationStateEnabled, Days: &days}},
		}})
		return err
	}
	wantCode(t, "too few days", create(1), "MalformedXML")
	wantCode(t, "create", create(30), "")
	wantCode(t, "create again", create(30), "MetadataConfigurationAlreadyExists")
	ok(c.UpdateBucketMetadataInventoryTableConfiguration(ctx, &s3.UpdateBucketMetadataInventoryTableConfigurationInput{Bucket: theBucket,
		InventoryTableConfiguration: &types.InventoryTableConfigurationUpdates{ConfigurationState: types.InventoryConfigurationStateEnabled}}))(t)
	ok(c.UpdateBucketMetadataJournalTableConfiguration(ctx, &s3.UpdateBucketMetadataJournalTableConfigurationInput{Bucket: theBucket,
		JournalTableConfiguration: &types.JournalTableConfigurationUpdates{RecordExpiration: &types.RecordExpiration{Expiration: types.ExpirationStateDisabled}}}))(t)
	got, err := get()
	must(t, err)
	equal(t, "the journal", got.JournalTableConfigurationResult.RecordExpiration.Expiration, types.ExpirationStateDisabled)
	equal(t, "no table is there", *got.InventoryTableConfigurationResult.TableStatus, "FAILED")
	ok(c.DeleteBucketMetadataConfiguration(ctx, &s3.DeleteBucketMetadataConfigurationInput{Bucket: theBucket}))(t)
	_, err = get()
	wantCode(t, "deleted", err, "MetadataConfigurationNotFound")

	ok(c.CreateBucketMetadataTableConfiguration(ctx, &s3.CreateBucketMetadataTableConfigurationInput{Bucket: theBucket, MetadataTableConfiguration: &types.MetadataTableConfiguration{
		S3TablesDestination: &types.S3TablesDestination{TableBucketArn: aws.String("arn:aws:s3tables:us-east-1:111122223333:bucket/tables"), TableName: aws.String("t")},
	}}))(t)
	table := ok(c.GetBucketMetadataTableConfiguration(ctx, &s3.GetBucketMetadataTableConfigurationInput{Bucket: theBucket}))(t)
	equal(t, "the table's name", *table.GetBucketMetadataTableConfigurationResult.MetadataTableConfigurationResult.S3TablesDestinationResult.TableName, "t")
	ok(c.DeleteBucketMetadataTableConfiguration(ctx, &s3.DeleteBucketMetadataTableConfigurationInput{Bucket: theBucket}))(t)
	_, err = c.GetBucketMetadataTableConfiguration(ctx, &s3.GetBucketMetadataTableConfigurationInput{Bucket: theBucket})
	wantCode(t, "the first version, deleted", err, "MetadataConfigurationNotFound")
}
