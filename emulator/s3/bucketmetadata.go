package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// Metadata configurations are kept and read back. Their tables would be S3 Tables', which is not here: a table's status says
// that it failed, and why ("Discovering your data with S3 Metadata tables", Amazon S3 User Guide).
var metadataConfigurations = wire.Ops(
	wire.Op((*Service).CreateBucketMetadataConfiguration, toBucket("s3:CreateBucketMetadataTableConfiguration")),
	wire.Op((*Service).GetBucketMetadataConfiguration, toBucket("s3:GetBucketMetadataTableConfiguration")),
	wire.Op((*Service).DeleteBucketMetadataConfiguration, toBucket("s3:DeleteBucketMetadataTableConfiguration")),
	wire.Op((*Service).UpdateBucketMetadataInventoryTableConfiguration, toBucket("s3:UpdateBucketMetadataInventoryTableConfiguration")),
	wire.Op((*Service).UpdateBucketMetadataJournalTableConfiguration, toBucket("s3:UpdateBucketMetadataJournalTableConfiguration")),
	wire.Op((*Service).CreateBucketMetadataTableConfiguration, toBucket("s3:CreateBucketMetadataTableConfiguration")),
	wire.Op((*Service).GetBucketMetadataTableConfiguration, toBucket("s3:GetBucketMetadataTableConfiguration")),
	wire.Op((*Service).DeleteBucketMetadataTableConfiguration, toBucket("s3:DeleteBucketMetadataTableConfiguration")),
)

var (
	metadataKind      = newKind[types.MetadataConfiguration]("metadata")
	metadataTableKind = newKind[types.MetadataTableConfiguration]("metadataTable") // of the first version of the API
)

var (
	errMetadataNotFound = awserr.Kind{Code: "MetadataConfigurationNotFound", Status: 404}
	errMetadataExists   = awserr.Kind{Code: "MetadataConfigurationAlreadyExists", Status: 409}
)

const tableFailed = "FAILED"

func noTables() *types.ErrorDetails {
	return &types.ErrorDetails{ErrorCode: aws.String("NotImplemented"), ErrorMessage: aws.String("xemu does not emulate S3 Tables.")}
}

func noMetadata() error {
	return errMetadataNotFound.Errorf("The metadata configuration was not found for this bucket.")
}

// hasMetadata refuses a second configuration, of either version.
func hasMetadata(b *bucket) error {
	if metadataKind.of(b) != nil || metadataTableKind.of(b) != nil {
		return errMetadataExists.Errorf("A metadata configuration already exists for this bucket.")
	}
	return nil
}

// CreateBucketMetadataConfiguration sets the configuration. Errors: MetadataConfigurationAlreadyExists, MalformedXML.
func (s *Service) CreateBucketMetadataConfiguration(ctx context.Context, in *s3.CreateBucketMetadataConfigurationInput) (*s3.CreateBucketMetadataConfigurationOutput, error) {
	c, b := in.MetadataConfiguration, subjectOf(ctx).bucket
	if c == nil || c.JournalTableConfiguration == nil || checkRecords(c.JournalTableConfiguration.RecordExpiration) != nil ||
		c.InventoryTableConfiguration != nil && !among(c.InventoryTableConfiguration.ConfigurationState) {
		return nil, malformedXML()
	}
	if err := hasMetadata(b); err != nil {
		return nil, err
	}
	return &s3.CreateBucketMetadataConfigurationOutput{}, metadataKind.put(ctx, s, b, "", c)
}

// checkRecords checks how long records of a journal are kept. Errors: MalformedXML.
func checkRecords(e *types.RecordExpiration) error {
	if e == nil || !among(e.Expiration) || (e.Expiration == types.ExpirationStateEnabled) != (e.Days != nil) || e.Days != nil && *e.Days < 7 {
		return malformedXML()
	}
	return nil
}

// GetBucketMetadataConfiguration returns the configuration. Errors: MetadataConfigurationNotFound.
func (s *Service) GetBucketMetadataConfiguration(ctx context.Context, _ *s3.GetBucketMetadataConfigurationInput) (*s3.GetBucketMetadataConfigurationOutput, error) {
	b := subjectOf(ctx).bucket
	c := metadataKind.of(b)
	if c == nil {
		return nil, noMetadata()
	}
	bucketARN := "arn:aws:s3tables:" + b.Region + ":" + b.Account + ":bucket/aws-s3"
	result := &types.MetadataConfigurationResult{
		DestinationResult: &types.DestinationResult{
			TableBucketType: types.S3TablesBucketTypeAws, TableBucketArn: aws.String(bucketARN), TableNamespace: aws.String("b_" + b.Name),
		},
		JournalTableConfigurationResult: &types.JournalTableConfigurationResult{
			TableName: aws.String("journal"), TableStatus: aws.String(tableFailed), Error: noTables(), RecordExpiration: c.JournalTableConfiguration.RecordExpiration,
		},
	}
	if i := c.InventoryTableConfiguration; i != nil {
		r := &types.InventoryTableConfigurationResult{ConfigurationState: i.ConfigurationState}
		if i.ConfigurationState == types.InventoryConfigurationStateEnabled {
			r.TableName, r.TableStatus, r.Error = aws.String("inventory"), aws.String(tableFailed), noTables()
		}
		result.InventoryTableConfigurationResult = r
	}
	return &s3.GetBucketMetadataConfigurationOutput{GetBucketMetadataConfigurationResult: &types.GetBucketMetadataConfigurationResult{
		MetadataConfigurationResult: result,
	}}, nil
}

// DeleteBucketMetadataConfiguration removes the configuration, if there is one.
func (s *Service) DeleteBucketMetadataConfiguration(ctx context.Context, _ *s3.DeleteBucketMetadataConfigurationInput) (*s3.DeleteBucketMetadataConfigurationOutput, error) {
	return &s3.DeleteBucketMetadataConfigurationOutput{}, metadataKind.remove(ctx, s, subjectOf(ctx).bucket, "")
}

// UpdateBucketMetadataInventoryTableConfiguration turns the inventory table on or off.
func (s *Service) UpdateBucketMetadataInventoryTableConfiguration(ctx context.Context, in *s3.UpdateBucketMetadataInventoryTableConfigurationInput) (*s3.UpdateBucketMetadataInventoryTableConfigurationOutput, error) {
	if in.InventoryTableConfiguration == nil || !among(in.InventoryTableConfiguration.ConfigurationState) {
		return nil, malformedXML()
	}
	return &s3.UpdateBucketMetadataInventoryTableConfigurationOutput{}, s.changeMetadata(ctx, func(c *types.MetadataConfiguration) {
		c.InventoryTableConfiguration = &types.InventoryTableConfiguration{
			ConfigurationState: in.InventoryTableConfiguration.ConfigurationState, EncryptionConfiguration: in.InventoryTableConfiguration.EncryptionConfiguration,
		}
	})
}

// UpdateBucketMetadataJournalTableConfiguration says how long records of the journal are kept.
func (s *Service) UpdateBucketMetadataJournalTableConfiguration(ctx context.Context, in *s3.UpdateBucketMetadataJournalTableConfigurationInput) (*s3.UpdateBucketMetadataJournalTableConfigurationOutput, error) {
	if in.JournalTableConfiguration == nil || checkRecords(in.JournalTableConfiguration.RecordExpiration) != nil {
		return nil, malformedXML()
	}
	return &s3.UpdateBucketMetadataJournalTableConfigurationOutput{}, s.changeMetadata(ctx, func(c *types.MetadataConfiguration) {
		journal := *c.JournalTableConfiguration
		journal.RecordExpiration = in.JournalTableConfiguration.RecordExpiration
		c.JournalTableConfiguration = &journal
	})
}

func (s *Service) changeMetadata(ctx context.Context, change func(*types.MetadataConfiguration)) error {
	b := subjectOf(ctx).bucket
	c := metadataKind.of(b)
	if c == nil {
		return noMetadata()
	}
	changed := *c
	change(&changed)
	return metadataKind.put(ctx, s, b, "", &changed)
}

// CreateBucketMetadataTableConfiguration sets the configuration of the first version. Errors:
// MetadataConfigurationAlreadyExists, MalformedXML.
func (s *Service) CreateBucketMetadataTableConfiguration(ctx context.Context, in *s3.CreateBucketMetadataTableConfigurationInput) (*s3.CreateBucketMetadataTableConfigurationOutput, error) {
	c, b := in.MetadataTableConfiguration, subjectOf(ctx).bucket
	if c == nil || c.S3TablesDestination == nil {
		return nil, malformedXML()
	}
	if err := hasMetadata(b); err != nil {
		return nil, err
	}
	return &s3.CreateBucketMetadataTableConfigurationOutput{}, metadataTableKind.put(ctx, s, b, "", c)
}

// GetBucketMetadataTableConfiguration returns the configuration of the first version. Errors: MetadataConfigurationNotFound.
func (s *Service) GetBucketMetadataTableConfiguration(ctx context.Context, _ *s3.GetBucketMetadataTableConfigurationInput) (*s3.GetBucketMetadataTableConfigurationOutput, error) {
	c := metadataTableKind.of(subjectOf(ctx).bucket)
	if c == nil {
		return nil, noMetadata()
	}
	d := c.S3TablesDestination
	return &s3.GetBucketMetadataTableConfigurationOutput{GetBucketMetadataTableConfigurationResult: &types.GetBucketMetadataTableConfigurationResult{
		Status: aws.String(tableFailed), Error: noTables(),
		MetadataTableConfigurationResult: &types.MetadataTableConfigurationResult{S3TablesDestinationResult: &types.S3TablesDestinationResult{
			TableBucketArn: d.TableBucketArn, TableName: d.TableName, TableNamespace: aws.String("aws_s3_metadata"),
			TableArn: aws.String(aws.ToString(d.TableBucketArn) + "/table/" + aws.ToString(d.TableName)),
		}},
	}}, nil
}

// DeleteBucketMetadataTableConfiguration removes the configuration of the first version, if there is one.
func (s *Service) DeleteBucketMetadataTableConfiguration(ctx context.Context, _ *s3.DeleteBucketMetadataTableConfigurationInput) (*s3.DeleteBucketMetadataTableConfigurationOutput, error) {
	return &s3.DeleteBucketMetadataTableConfigurationOutput{}, metadataTableKind.remove(ctx, s, subjectOf(ctx).bucket, "")
}
