package s3

import (
	"context"
	"encoding/base64"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var inventories = wire.Ops(
	wire.Op((*Service).GetBucketInventoryConfiguration, toBucket("s3:GetInventoryConfiguration")),
	wire.Op((*Service).PutBucketInventoryConfiguration, toBucket("s3:PutInventoryConfiguration")),
	wire.Op((*Service).DeleteBucketInventoryConfiguration, toBucket("s3:PutInventoryConfiguration")),
	wire.Op((*Service).ListBucketInventoryConfigurations, toBucket("s3:GetInventoryConfiguration")),
)

var inventoryKind = newKind[types.InventoryConfiguration]("inventory")

// Of configurations that a bucket has several of: how many, and how many a page of their list has.
const (
	maxConfigurations  = 1000
	configurationsPage = 100
)

var configurationID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// putNamed stores a configuration that a bucket may have several of. The id in the query is that of the document. Errors:
// InvalidArgument, TooManyConfigurations.
func putNamed[T any](ctx context.Context, s *Service, k kind[T], query, id *string, document *T) error {
	b := subjectOf(ctx).bucket
	switch {
	case aws.ToString(query) != aws.ToString(id):
		return invalidArgument("Id", aws.ToString(id), "Configuration id in the request does not match the id in the query parameter")
	case !configurationID.MatchString(aws.ToString(id)):
		return awserr.Kind{Code: "InvalidConfigurationId", Status: 400}.Errorf("The specified configuration id is invalid.")
	case k.named(b, *id) == nil && len(k.all(b)) >= maxConfigurations:
		return awserr.Kind{Code: "TooManyConfigurations", Status: 400}.Errorf("You are attempting to create a new configuration but have already reached the %d-configuration limit.", maxConfigurations)
	}
	return k.put(ctx, s, b, *id, document)
}

// getNamed returns a configuration by its id. Errors: NoSuchConfiguration.
func getNamed[T any](ctx context.Context, k kind[T], id *string) (*T, error) {
	found := k.named(subjectOf(ctx).bucket, aws.ToString(id))
	if found == nil {
		return nil, noSuchConfiguration()
	}
	return found, nil
}

func noSuchConfiguration() error {
	return awserr.NoSuchConfiguration.Errorf("The specified configuration does not exist.")
}

// deleteNamed removes a configuration. Errors: NoSuchConfiguration.
func deleteNamed[T any](ctx context.Context, s *Service, k kind[T], id *string) error {
	if _, err := getNamed(ctx, k, id); err != nil {
		return err
	}
	return k.remove(ctx, s, subjectOf(ctx).bucket, aws.ToString(id))
}

// listNamed returns a page of the configurations by id, and the token of the next one, nil after the last.
func listNamed[T any](ctx context.Context, k kind[T], token *string) (page []T, next *string, err error) {
	after, err := base64.RawURLEncoding.DecodeString(aws.ToString(token))
	if err != nil {
		return nil, nil, invalidArgument("continuation-token", *token, "The continuation token provided is incorrect")
	}
	for _, c := range subjectOf(ctx).bucket.configured[k.name] {
		if c.id <= string(after) {
			continue
		}
		if len(page) == configurationsPage {
			last := base64.RawURLEncoding.EncodeToString([]byte(*idOf(page[len(page)-1])))
			return page, &last, nil
		}
		page = append(page, *c.document.(*T))
	}
	return page, nil, nil
}

func idOf(document any) *string {
	return reflect.ValueOf(document).FieldByName("Id").Interface().(*string)
}

// destinationBucket checks the ARN of a bucket that reports go to. Errors: InvalidS3DestinationBucket.
func destinationBucket(arn *string) error {
	name, ok := strings.CutPrefix(aws.ToString(arn), "arn:aws:s3:::")
	if !ok || !validName(name) {
		return awserr.Kind{Code: "InvalidS3DestinationBucket", Status: 400}.Errorf("Invalid bucket ARN.")
	}
	return nil
}

// among says whether value is one of its type's.
func among[E interface {
	~string
	Values() []E
}](value E) bool {
	return slices.Contains(value.Values(), value)
}

// PutBucketInventoryConfiguration sets one of the bucket's inventories, which are delivered as they are due.
func (s *Service) PutBucketInventoryConfiguration(ctx context.Context, in *s3.PutBucketInventoryConfigurationInput) (*s3.PutBucketInventoryConfigurationOutput, error) {
	c := in.InventoryConfiguration
	if c == nil || c.Destination == nil || c.Destination.S3BucketDestination == nil || c.Schedule == nil || !among(c.Schedule.Frequency) ||
		!among(c.IncludedObjectVersions) || !among(c.Destination.S3BucketDestination.Format) {
		return nil, malformedXML()
	}
	if err := destinationBucket(c.Destination.S3BucketDestination.Bucket); err != nil {
		return nil, err
	}
	return &s3.PutBucketInventoryConfigurationOutput{}, putNamed(ctx, s, inventoryKind, in.Id, c.Id, c)
}

// GetBucketInventoryConfiguration returns one of the bucket's inventories.
func (s *Service) GetBucketInventoryConfiguration(ctx context.Context, in *s3.GetBucketInventoryConfigurationInput) (*s3.GetBucketInventoryConfigurationOutput, error) {
	c, err := getNamed(ctx, inventoryKind, in.Id)
	if err != nil {
		return nil, err
	}
	return &s3.GetBucketInventoryConfigurationOutput{InventoryConfiguration: c}, nil
}

// DeleteBucketInventoryConfiguration removes one of the bucket's inventories.
func (s *Service) DeleteBucketInventoryConfiguration(ctx context.Context, in *s3.DeleteBucketInventoryConfigurationInput) (*s3.DeleteBucketInventoryConfigurationOutput, error) {
	if err := deleteNamed(ctx, s, inventoryKind, in.Id); err != nil {
		return nil, err
	}
	return &s3.DeleteBucketInventoryConfigurationOutput{}, s.store.Update(ctx, func(tx *store.Tx) error {
		return forgetReports(tx, subjectOf(ctx).bucket.ID, *in.Id)
	})
}

// ListBucketInventoryConfigurations lists the bucket's inventories by id.
func (s *Service) ListBucketInventoryConfigurations(ctx context.Context, in *s3.ListBucketInventoryConfigurationsInput) (*s3.ListBucketInventoryConfigurationsOutput, error) {
	page, next, err := listNamed(ctx, inventoryKind, in.ContinuationToken)
	return &s3.ListBucketInventoryConfigurationsOutput{
		InventoryConfigurationList: page, ContinuationToken: in.ContinuationToken, NextContinuationToken: next, IsTruncated: aws.Bool(next != nil),
	}, err
}
