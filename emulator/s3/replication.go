package s3

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var bucketReplication = wire.Ops(
	wire.Op((*Service).GetBucketReplication, toBucket("s3:GetReplicationConfiguration")),
	wire.Op((*Service).PutBucketReplication, toPutBucketReplication),
	wire.Op((*Service).DeleteBucketReplication, toBucket("s3:PutReplicationConfiguration")),
)

var replication = newKind[types.ReplicationConfiguration]("replication")

var replicationRole = regexp.MustCompile(`^arn:aws:iam::([0-9]{12}):role/.+$`)

// toPutBucketReplication: whoever sets up replication passes a role to S3 ("PutBucketReplication", Permissions).
var toPutBucketReplication = wire.For(func(ctx context.Context, s *Service, in *s3.PutBucketReplicationInput) ([]wire.Need, error) {
	sub, err := s.onBucket(ctx, in)
	if err != nil {
		return nil, err
	}
	needs := []wire.Need{sub.need("s3:PutReplicationConfiguration")}
	if c := in.ReplicationConfiguration; c != nil {
		role := aws.ToString(c.Role)
		if parts := replicationRole.FindStringSubmatch(role); parts != nil {
			needs = append(needs, wire.Need{
				Action: "iam:PassRole", Resource: role, Account: parts[1],
				Keys: authz.Keys{"iam:passedtoservice": {s3Service}},
			})
		}
	}
	return needs, nil
})

// s3Service is the name that roles trust.
const s3Service = "s3.amazonaws.com"

// GetBucketReplication returns the replication configuration as it was put. Errors: ReplicationConfigurationNotFoundError.
func (s *Service) GetBucketReplication(ctx context.Context, _ *s3.GetBucketReplicationInput) (*s3.GetBucketReplicationOutput, error) {
	c := replication.of(subjectOf(ctx).bucket)
	if c == nil {
		return nil, none(ctx, awserr.ReplicationConfigurationNotFoundError, "The replication configuration was not found")
	}
	return &s3.GetBucketReplicationOutput{ReplicationConfiguration: c}, nil
}

// PutBucketReplication sets up replication. Objects that are there already are not replicated.
func (s *Service) PutBucketReplication(ctx context.Context, in *s3.PutBucketReplicationInput) (*s3.PutBucketReplicationOutput, error) {
	b := subjectOf(ctx).bucket
	c := in.ReplicationConfiguration
	if err := validReplication(c); err != nil {
		return nil, err
	}
	if b.Versioning != string(types.BucketVersioningStatusEnabled) {
		return nil, awserr.InvalidRequest.Errorf("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
	}
	for i := range c.Rules {
		if err := s.validDestination(ctx, b, &c.Rules[i]); err != nil {
			return nil, err
		}
		if aws.ToString(c.Rules[i].ID) == "" {
			c.Rules[i].ID = aws.String(newRuleID())
		}
	}
	return &s3.PutBucketReplicationOutput{}, replication.put(ctx, s, b, "", c)
}

// DeleteBucketReplication ends replication. What waits for it stays as it is.
func (s *Service) DeleteBucketReplication(ctx context.Context, _ *s3.DeleteBucketReplicationInput) (*s3.DeleteBucketReplicationOutput, error) {
	return &s3.DeleteBucketReplicationOutput{}, replication.remove(ctx, s, subjectOf(ctx).bucket, "")
}

// newRuleID returns an id in the form of those that S3 gives to rules without one.
func newRuleID() string { return strings.TrimRight(newUploadID(time.Now()), "-") }

// validDestination checks the bucket that a rule replicates to. Errors: InvalidRequest.
func (s *Service) validDestination(ctx context.Context, b *bucket, r *types.ReplicationRule) error {
	name := destinationOf(r)
	if name == b.Name {
		return awserr.InvalidRequest.Errorf("Destination bucket cannot be the same as the source bucket.")
	}
	var to Bucket
	var ok bool
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		to, ok, err = bucketTable.Get(tx, name)
		return err
	})
	switch {
	case err != nil:
		return err
	case !ok:
		return awserr.InvalidRequest.Errorf("Destination bucket must exist.")
	case to.Versioning != string(types.BucketVersioningStatusEnabled):
		return awserr.InvalidRequest.Errorf("Destination bucket must have versioning enabled.")
	}
	return nil
}

// destinationOf is the name of the bucket that a valid rule replicates to.
func destinationOf(r *types.ReplicationRule) string {
	return strings.TrimPrefix(aws.ToString(r.Destination.Bucket), "arn:aws:s3:::")
}
