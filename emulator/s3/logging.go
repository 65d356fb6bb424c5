package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var bucketLogging = wire.Ops(
	wire.Op((*Service).GetBucketLogging, toBucket("s3:GetBucketLogging")),
	wire.Op((*Service).PutBucketLogging, toBucket("s3:PutBucketLogging")),
)

// Logging says where the access log of a bucket goes.
type Logging struct {
	Enabled *types.LoggingEnabled // as it was put, to read back so
	Grants  []Grant               `json:",omitempty"` // of TargetGrants
}

var loggingKind = newKind[Logging]("logging")

// GetBucketLogging returns where the access log goes; at first nowhere.
func (s *Service) GetBucketLogging(ctx context.Context, _ *s3.GetBucketLoggingInput) (*s3.GetBucketLoggingOutput, error) {
	out := &s3.GetBucketLoggingOutput{}
	if l := loggingKind.of(subjectOf(ctx).bucket); l != nil {
		out.LoggingEnabled = l.Enabled
	}
	return out, nil
}

// PutBucketLogging turns the access log on, or off when nothing is enabled ("Enabling Amazon S3 server access logging").
// Errors: InvalidTargetBucketForLogging, MalformedXML, those of ACLs.
func (s *Service) PutBucketLogging(ctx context.Context, in *s3.PutBucketLoggingInput) (*s3.PutBucketLoggingOutput, error) {
	b := subjectOf(ctx).bucket
	if in.BucketLoggingStatus == nil {
		return nil, malformedXML()
	}
	e := in.BucketLoggingStatus.LoggingEnabled
	if e == nil {
		return &s3.PutBucketLoggingOutput{}, loggingKind.remove(ctx, s, b, "")
	}
	if f := e.TargetObjectKeyFormat; f != nil && (f.SimplePrefix != nil) == (f.PartitionedPrefix != nil) {
		return nil, malformedXML()
	}
	target, err := s.bucketNamed(ctx, aws.ToString(e.TargetBucket))
	switch {
	case err != nil || target.point != nil:
		return nil, badLogTarget(e, "The target bucket for logging does not exist")
	case target.Account != b.Account:
		return nil, badLogTarget(e, "The owner for the bucket to be logged and the target bucket must be the same.")
	case target.Region != b.Region:
		return nil, awserr.Kind{Code: "CrossLocationLoggingProhibited", Status: 403}.Errorf("Cross S3 location logging not allowed. ").
			With("TargetBucketLocation", target.Region)
	case len(e.TargetGrants) > 0 && target.ACLsDisabled():
		return nil, awserr.AccessControlListNotSupported.Errorf("The bucket does not allow ACLs")
	case !target.ACLsDisabled() && !mayDeliver(target, logService, b, target.arn+"/"+aws.ToString(e.TargetPrefix)+"log"):
		return nil, badLogTarget(e, "You must give the log-delivery group WRITE and READ_ACP permissions to the target bucket")
	}
	l := &Logging{Enabled: e}
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		l.Grants, err = targetGrants(tx, e.TargetGrants)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &s3.PutBucketLoggingOutput{}, loggingKind.put(ctx, s, b, "", l)
}

func badLogTarget(e *types.LoggingEnabled, message string) error {
	return awserr.InvalidTargetBucketForLogging.Errorf("%s", message).With("TargetBucket", aws.ToString(e.TargetBucket))
}

// targetGrants are the grants on log objects.
func targetGrants(tx *store.Tx, in []types.TargetGrant) ([]Grant, error) {
	var grants []Grant
	for _, g := range in {
		if g.Grantee == nil || !among(g.Permission) {
			return nil, malformedXML()
		}
		kind, value := "id", g.Grantee.ID
		switch g.Grantee.Type {
		case types.TypeGroup:
			kind, value = "uri", g.Grantee.URI
		case types.TypeAmazonCustomerByEmail:
			kind, value = "emailaddress", g.Grantee.EmailAddress
		}
		grant, err := newGrant(tx, kind, aws.ToString(value), "CanonicalUser/ID")
		if err != nil {
			return nil, err
		}
		grant.Permission = string(g.Permission)
		grants = append(grants, grant)
	}
	return grants, nil
}

// grantTo asks for the grants, beside the owner's own, in an input of PutObject.
func (l *Logging) grantTo(in *s3.PutObjectInput, owner string) {
	add := func(to **string, grantee string) {
		if *to != nil {
			grantee = **to + "," + grantee
		}
		*to = &grantee
	}
	if len(l.Grants) > 0 {
		add(&in.GrantFullControl, "id="+*ownerOf(owner).ID)
	}
	for _, g := range l.Grants {
		grantee := "uri=" + g.Group
		if g.Group == "" {
			grantee = "id=" + *ownerOf(g.Account).ID
		}
		switch g.Permission {
		case "FULL_CONTROL":
			add(&in.GrantFullControl, grantee)
		case "READ":
			add(&in.GrantRead, grantee)
		}
	}
}
