package s3

import (
	"context"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var objectLocks = wire.Ops(
	wire.Op((*Service).GetObjectLockConfiguration, toBucket("s3:GetBucketObjectLockConfiguration")),
	wire.Op((*Service).PutObjectLockConfiguration, toBucket("s3:PutBucketObjectLockConfiguration")),
	wire.Op((*Service).GetObjectRetention, toGetObjectRetention),
	wire.Op((*Service).PutObjectRetention, toPutObjectRetention),
	wire.Op((*Service).GetObjectLegalHold, toGetObjectLegalHold),
	wire.Op((*Service).PutObjectLegalHold, toPutObjectLegalHold),
)

// ObjectLock says that the versions in a bucket can be locked, and how new ones are: Mode is "" without default retention.
type ObjectLock struct {
	Mode        types.ObjectLockRetentionMode `json:",omitempty"`
	Days, Years int32                         `json:",omitempty"` // one of them
}

// Lock protects a version from being deleted ("Locking objects with Object Lock", Amazon S3 User Guide).
type Lock struct {
	Mode  string    // GOVERNANCE or COMPLIANCE, "" without retention
	Until time.Time // when the retention ends
	Hold  string    // the legal hold: ON or OFF, "" if there never was one
}

const (
	governance = string(types.ObjectLockModeGovernance)
	compliance = string(types.ObjectLockModeCompliance)
	holdOn     = string(types.ObjectLockLegalHoldStatusOn)
)

// maxRetention is the longest default retention in years.
const maxRetention = 100

// retained says whether the retention still lasts.
func (l *Lock) retained(now time.Time) bool { return l.Mode != "" && l.Until.After(now) }

// check refuses the deletion of a version while it is locked. bypass is for those who may go round governance mode.
func (l *Lock) check(now time.Time, bypass bool) error {
	if l.Hold == holdOn || l.retained(now) && !(bypass && l.Mode == governance) {
		return protected()
	}
	return nil
}

func protected() error {
	return awserr.AccessDenied.Errorf("Access Denied because object protected by object lock.")
}

// retain gives a version that is made now the default retention, unless the request gave it one.
func (b *ObjectLock) retain(o *Object, now time.Time) {
	if b != nil && b.Mode != "" && o.Lock.Mode == "" {
		o.Lock.Mode, o.Lock.Until = string(b.Mode), now.UTC().AddDate(0, 0, int(b.Days+365*b.Years))
	}
}

// lockOf reads the lock that in, the input of PutObject, CopyObject or CreateMultipartUpload, asks for. Errors:
// InvalidArgument, InvalidRequest (the bucket has no Object Lock), NotImplemented (event holds).
func lockOf(req *wire.Request, b *Bucket, in any) (l Lock, err error) {
	fields := reflect.ValueOf(in).Elem()
	l.Mode = fields.FieldByName("ObjectLockMode").String()
	l.Hold = fields.FieldByName("ObjectLockLegalHoldStatus").String()
	until := fields.FieldByName("ObjectLockRetainUntilDate").Interface().(*time.Time)
	for _, name := range []string{"ObjectLockEventHold", "ObjectLockEventHoldDurationDays", "ObjectLockEventHoldDurationYears"} {
		if !fields.FieldByName(name).IsZero() {
			return l, errNoEventHold()
		}
	}
	const modeHeader, untilHeader = "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"
	const both = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
	switch {
	case l.Mode == "" && l.Hold == "" && until == nil:
		return l, nil
	case req.Caller.SignatureVersion != "AWS4-HMAC-SHA256":
		return l, awserr.InvalidArgument.Errorf("Put Object requests with Object Lock parameters require AWS Signature Version 4").
			With("ArgumentName", "Authorization")
	case l.Mode != "" && until == nil:
		return l, awserr.InvalidArgument.Errorf(both).With("ArgumentName", untilHeader)
	case l.Mode == "" && until != nil:
		return l, awserr.InvalidArgument.Errorf(both).With("ArgumentName", modeHeader)
	case until != nil && !until.After(req.Now):
		return l, invalidArgument(untilHeader, until.Format(time.RFC3339), pastRetention)
	case b.ObjectLock == nil:
		return l, awserr.InvalidRequest.Errorf("Bucket is missing ObjectLockConfiguration")
	}
	if until != nil {
		l.Until = until.UTC()
	}
	return l, nil
}

const pastRetention = "The retain until date must be in the future!"

func errNoEventHold() error {
	return awserr.NotImplemented.Errorf("xemu does not implement event holds of S3 Object Lock.")
}

// lockIntegrity demands of an upload that will be locked what proves that it arrived whole ("PutObject", Amazon S3 API
// Reference, Content-MD5). Errors: InvalidRequest.
func lockIntegrity(req *wire.Request, locked bool) error {
	if locked && req.HTTP.Method == http.MethodPut && !hasIntegrityHeader(req) {
		return awserr.InvalidRequest.Errorf("Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters")
	}
	return nil
}

// checkBypass refuses x-amz-bypass-governance-retention where nothing can be locked.
func (b *Bucket) checkBypass(header *bool) error {
	if header == nil || b.ObjectLock != nil {
		return nil
	}
	return awserr.InvalidArgument.Errorf("x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.").
		With("ArgumentName", "x-amz-bypass-governance-retention").With("ArgumentValue", strconv.FormatBool(*header))
}

// GetObjectLockConfiguration returns that Object Lock is enabled, and the default retention.
func (s *Service) GetObjectLockConfiguration(ctx context.Context, _ *s3.GetObjectLockConfigurationInput) (*s3.GetObjectLockConfigurationOutput, error) {
	lock := subjectOf(ctx).bucket.ObjectLock
	if lock == nil {
		return nil, none(ctx, awserr.ObjectLockConfigurationNotFoundError, "Object Lock configuration does not exist for this bucket")
	}
	c := &types.ObjectLockConfiguration{ObjectLockEnabled: types.ObjectLockEnabledEnabled}
	if lock.Mode != "" {
		r := &types.DefaultRetention{Mode: lock.Mode}
		if lock.Days > 0 {
			r.Days = &lock.Days
		} else {
			r.Years = &lock.Years
		}
		c.Rule = &types.ObjectLockRule{DefaultRetention: r}
	}
	return &s3.GetObjectLockConfigurationOutput{ObjectLockConfiguration: c}, nil
}

// PutObjectLockConfiguration enables Object Lock for good, and sets the default retention or removes it.
func (s *Service) PutObjectLockConfiguration(ctx context.Context, in *s3.PutObjectLockConfigurationInput) (*s3.PutObjectLockConfigurationOutput, error) {
	lock, err := newObjectLock(in.ObjectLockConfiguration)
	if err != nil {
		return nil, err
	}
	return &s3.PutObjectLockConfigurationOutput{}, s.changeBucket(ctx, subjectOf(ctx).bucket, func(_ *store.Tx, b *Bucket) error {
		if b.Versioning != "Enabled" {
			return awserr.InvalidBucketState.Errorf("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
		}
		b.ObjectLock = lock
		return nil
	})
}

// newObjectLock checks a configuration. Errors: MalformedXML, InvalidArgument (the period), NotImplemented.
func newObjectLock(c *types.ObjectLockConfiguration) (*ObjectLock, error) {
	if c == nil || c.ObjectLockEnabled != types.ObjectLockEnabledEnabled {
		return nil, malformedXML()
	}
	if c.Rule == nil {
		return &ObjectLock{}, nil
	}
	r := c.Rule.DefaultRetention
	switch {
	case r == nil:
		return nil, malformedXML()
	case r.DefaultEventHold != nil:
		return nil, errNoEventHold()
	case r.Mode == "" || (r.Days == nil) == (r.Years == nil):
		return nil, malformedXML()
	}
	name, period, most := "Days", r.Days, int32(maxRetention*365)
	if r.Years != nil {
		name, period, most = "Years", r.Years, maxRetention
	}
	switch {
	case *period <= 0:
		return nil, invalidArgument(name, strconv.Itoa(int(*period)), "Default retention period must be a positive integer value.")
	case *period > most:
		return nil, invalidArgument(name, strconv.Itoa(int(*period)), "Default retention period too large.")
	}
	return &ObjectLock{Mode: r.Mode, Days: aws.ToInt32(r.Days), Years: aws.ToInt32(r.Years)}, nil
}

// lockable returns the version that the rule found. Errors: InvalidRequest where nothing can be locked, those of a read,
// NoSuchObjectLockConfiguration when has says so.
func lockable(ctx context.Context, key string, version *string, has func(*Lock) bool) (*Object, error) {
	sub := subjectOf(ctx)
	if sub.bucket.ObjectLock == nil {
		return nil, errNoObjectLock()
	}
	o, err := readable(sub.object, key, version, sub.request.HTTP.Method)
	if err != nil {
		return nil, err
	}
	if !has(&o.Lock) {
		return nil, awserr.NoSuchObjectLockConfiguration.Errorf("The specified object does not have a ObjectLock configuration").With("Key", key)
	}
	return o, nil
}

func errNoObjectLock() error {
	return awserr.InvalidRequest.Errorf("Bucket is missing Object Lock Configuration")
}

// GetObjectRetention returns the retention of a version, also after its end.
func (s *Service) GetObjectRetention(ctx context.Context, in *s3.GetObjectRetentionInput) (*s3.GetObjectRetentionOutput, error) {
	o, err := lockable(ctx, *in.Key, in.VersionId, func(l *Lock) bool { return l.Mode != "" })
	if err != nil {
		return nil, err
	}
	return &s3.GetObjectRetentionOutput{Retention: &types.ObjectLockRetention{
		Mode: types.ObjectLockRetentionMode(o.Lock.Mode), RetainUntilDate: &o.Lock.Until,
	}}, nil
}

// PutObjectRetention sets the retention of a version, or removes it. What lasts can only be made stronger, except in
// governance mode by those who may bypass it.
func (s *Service) PutObjectRetention(ctx context.Context, in *s3.PutObjectRetentionInput) (*s3.PutObjectRetentionOutput, error) {
	r := in.Retention
	switch {
	case r == nil:
		return nil, malformedXML()
	case r.EventHold != "" || r.EventHoldDuration != nil:
		return nil, errNoEventHold()
	case (r.Mode == "") != (r.RetainUntilDate == nil):
		return nil, malformedXML()
	case r.RetainUntilDate != nil && !r.RetainUntilDate.After(wire.RequestFrom(ctx).Now):
		return nil, invalidArgument("RetainUntilDate", r.RetainUntilDate.Format(time.RFC3339), pastRetention)
	}
	_, err := s.changeObject(ctx, *in.Key, in.VersionId, "ObjectRetention:Put", func(tx *store.Tx, b *Bucket, o *Object) error {
		if b.ObjectLock == nil {
			return errNoObjectLock()
		}
		next := Lock{Mode: string(r.Mode), Hold: o.Lock.Hold}
		if r.RetainUntilDate != nil {
			next.Until = r.RetainUntilDate.UTC()
		}
		if weaker := next.Mode != o.Lock.Mode || next.Until.Before(o.Lock.Until); weaker && o.Lock.retained(tx.Now) &&
			!(o.Lock.Mode == governance && aws.ToBool(in.BypassGovernanceRetention)) {
			return protected()
		}
		o.Lock = next
		return nil
	})
	return &s3.PutObjectRetentionOutput{}, err
}

// GetObjectLegalHold returns the legal hold of a version that ever had one.
func (s *Service) GetObjectLegalHold(ctx context.Context, in *s3.GetObjectLegalHoldInput) (*s3.GetObjectLegalHoldOutput, error) {
	o, err := lockable(ctx, *in.Key, in.VersionId, func(l *Lock) bool { return l.Hold != "" })
	if err != nil {
		return nil, err
	}
	return &s3.GetObjectLegalHoldOutput{LegalHold: &types.ObjectLockLegalHold{Status: types.ObjectLockLegalHoldStatus(o.Lock.Hold)}}, nil
}

// PutObjectLegalHold places a legal hold on a version, or removes it.
func (s *Service) PutObjectLegalHold(ctx context.Context, in *s3.PutObjectLegalHoldInput) (*s3.PutObjectLegalHoldOutput, error) {
	if in.LegalHold == nil || in.LegalHold.Status == "" {
		return nil, malformedXML()
	}
	_, err := s.changeObject(ctx, *in.Key, in.VersionId, "ObjectLegalHold:Put", func(_ *store.Tx, b *Bucket, o *Object) error {
		if b.ObjectLock == nil {
			return errNoObjectLock()
		}
		o.Lock.Hold = string(in.LegalHold.Status)
		return nil
	})
	return &s3.PutObjectLegalHoldOutput{}, err
}

// showLock tells of the lock of an object that is read what the caller may know ("GetObject", Response elements).
func (sub *subject) showLock(ctx context.Context, out *s3.GetObjectOutput, o *Object, version string) error {
	if o.Lock.Mode != "" {
		allowed, err := sub.may(ctx, "s3:GetObjectRetention", o, version)
		if err != nil {
			return err
		}
		if allowed {
			out.ObjectLockMode, out.ObjectLockRetainUntilDate = types.ObjectLockMode(o.Lock.Mode), &o.Lock.Until
		}
	}
	if o.Lock.Hold != "" {
		allowed, err := sub.may(ctx, "s3:GetObjectLegalHold", o, version)
		if err != nil {
			return err
		}
		if allowed {
			out.ObjectLockLegalHoldStatus = types.ObjectLockLegalHoldStatus(o.Lock.Hold)
		}
	}
	return nil
}

// may says whether the caller may also do an action on the object, without which something is left out of the answer.
func (sub *subject) may(ctx context.Context, action string, o *Object, version string) (bool, error) {
	n := sub.needOf(sub.bucket, action, o, version)
	n.Optional = true
	n.Denied = nil
	err := sub.request.Authorize(ctx, n)
	if err != nil && awserr.From(err).Status >= 500 {
		return false, err
	}
	return err == nil, nil
}

// lockKeys are the condition keys of what a request would lock an object with ("Limiting retention periods with a bucket
// policy"): s3:object-lock-remaining-retention-days counts the days from now, one that has begun as a whole.
func (k *keys) lockKeys(name string) ([]string, bool) {
	var mode, hold string
	var until *time.Time
	switch in := k.subject.in.(type) {
	case *s3.PutObjectRetentionInput:
		if in.Retention != nil {
			mode, until = string(in.Retention.Mode), in.Retention.RetainUntilDate
		}
	case *s3.PutObjectLegalHoldInput:
		if in.LegalHold != nil {
			hold = string(in.LegalHold.Status)
		}
	case *s3.PutObjectInput:
		mode, until, hold = string(in.ObjectLockMode), in.ObjectLockRetainUntilDate, string(in.ObjectLockLegalHoldStatus)
	case *s3.CopyObjectInput:
		mode, until, hold = string(in.ObjectLockMode), in.ObjectLockRetainUntilDate, string(in.ObjectLockLegalHoldStatus)
	case *s3.CreateMultipartUploadInput:
		mode, until, hold = string(in.ObjectLockMode), in.ObjectLockRetainUntilDate, string(in.ObjectLockLegalHoldStatus)
	}
	switch {
	case !lockActions[k.action]:
	case name == "object-lock-mode":
		return one(mode)
	case name == "object-lock-legal-hold":
		return one(hold)
	case until == nil:
	case name == "object-lock-retain-until-date":
		return one(until.UTC().Format(time.RFC3339))
	case name == "object-lock-remaining-retention-days":
		return one(strconv.Itoa(int(math.Ceil(until.Sub(k.subject.request.Now).Hours() / 24))))
	}
	return nil, false
}

// lockActions are the actions with these condition keys.
var lockActions = map[string]bool{
	"s3:PutObject": true, "s3:PutObjectRetention": true, "s3:PutObjectLegalHold": true, "s3:BypassGovernanceRetention": true,
}
