package s3

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var lifecycleOps = wire.Ops(
	wire.Op((*Service).GetBucketLifecycleConfiguration, toBucket("s3:GetLifecycleConfiguration")),
	wire.Op((*Service).PutBucketLifecycleConfiguration, toBucket("s3:PutLifecycleConfiguration")),
	wire.Op((*Service).DeleteBucketLifecycle, toBucket("s3:PutLifecycleConfiguration")),
)

// Lifecycle is what S3 does to a bucket's objects as they age. The rules are kept as they were written.
type Lifecycle struct {
	Rules       []types.LifecycleRule
	MinimumSize types.TransitionDefaultMinimumObjectSize
}

var lifecycles = newKind[Lifecycle]("lifecycle")

// PutBucketLifecycleConfiguration replaces the lifecycle rules.
func (s *Service) PutBucketLifecycleConfiguration(ctx context.Context, in *s3.PutBucketLifecycleConfigurationInput) (*s3.PutBucketLifecycleConfigurationOutput, error) {
	if in.LifecycleConfiguration == nil {
		return nil, malformedXML()
	}
	b := subjectOf(ctx).bucket
	l := &Lifecycle{in.LifecycleConfiguration.Rules, in.TransitionDefaultMinimumObjectSize}
	if l.MinimumSize == "" {
		l.MinimumSize = types.TransitionDefaultMinimumObjectSizeAllStorageClasses128k
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	for i := range l.Rules {
		if aws.ToString(l.Rules[i].ID) == "" {
			l.Rules[i].ID = aws.String(base64.StdEncoding.EncodeToString([]byte(ids.NewRequestID())))
		}
	}
	document, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	err = s.configure(ctx, b, func(tx *store.Tx) error {
		row, err := b.row(tx)
		if err != nil {
			return err
		}
		if row.mfaDelete() { // "Configuring MFA delete"
			return awserr.InvalidBucketState.Errorf("Lifecycle configurations cannot be used with MFA delete.")
		}
		if err := sweeps.Put(tx, &Sweep{b.ID, b.Name, tx.Now.UTC().Truncate(day).Add(-day)}); err != nil {
			return err
		}
		return configurations.Put(tx, &Configuration{BucketID: b.ID, Kind: lifecycles.name, Document: document})
	})
	return &s3.PutBucketLifecycleConfigurationOutput{TransitionDefaultMinimumObjectSize: l.MinimumSize}, err
}

// GetBucketLifecycleConfiguration returns the rules. Errors: NoSuchLifecycleConfiguration.
func (s *Service) GetBucketLifecycleConfiguration(ctx context.Context, _ *s3.GetBucketLifecycleConfigurationInput) (*s3.GetBucketLifecycleConfigurationOutput, error) {
	l := lifecycles.of(subjectOf(ctx).bucket)
	if l == nil {
		return nil, none(ctx, awserr.NoSuchLifecycleConfiguration, "The lifecycle configuration does not exist")
	}
	return &s3.GetBucketLifecycleConfigurationOutput{Rules: l.Rules, TransitionDefaultMinimumObjectSize: l.MinimumSize}, nil
}

// DeleteBucketLifecycle removes all rules.
func (s *Service) DeleteBucketLifecycle(ctx context.Context, _ *s3.DeleteBucketLifecycleInput) (*s3.DeleteBucketLifecycleOutput, error) {
	return &s3.DeleteBucketLifecycleOutput{}, lifecycles.remove(ctx, s, subjectOf(ctx).bucket, "")
}

// expirationOf is x-amz-expiration of an object that is its key's newest version; nil when no rule lets it expire.
func expirationOf(b *bucket, o *Object) *string {
	l := lifecycles.of(b)
	if l == nil {
		return nil
	}
	at, rule, ok := l.expiry(o)
	if !ok {
		return nil
	}
	return aws.String(`expiry-date="` + httpTime(at) + `", rule-id="` + headerID(rule) + `"`)
}

// abortOf is x-amz-abort-date and x-amz-abort-rule-id of an upload; nil when no rule aborts it.
func abortOf(b *bucket, u *Upload) (*time.Time, *string) {
	l := lifecycles.of(b)
	if l == nil {
		return nil, nil
	}
	at, rule, ok := l.abortion(u)
	if !ok {
		return nil, nil
	}
	return &at, aws.String(headerID(rule))
}

// headerID is a rule's id in a header, encoded where it has to be.
func headerID(rule *types.LifecycleRule) string {
	id := aws.ToString(rule.ID)
	if strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r > '~' || r == '"' }) {
		return url.QueryEscape(id)
	}
	return id
}
