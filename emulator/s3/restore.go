package s3

import (
	"context"
	"encoding/binary"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var restores = wire.Ops(
	wire.Op((*Service).RestoreObject, toRestoreObject),
)

// Restore is a copy of an archived object that can be read for a time ("Restoring an archived object", Amazon S3 User Guide).
type Restore struct {
	Tier           types.Tier `json:",omitempty"`
	Ready, Expires time.Time
}

func (r *Restore) ongoing(now time.Time) bool { return r.Ready.After(now) }

func (r *Restore) available(now time.Time) bool { return !r.Ready.After(now) && r.Expires.After(now) }

// header is x-amz-restore, nil when there is no copy.
func (r *Restore) header(now time.Time) *string {
	switch {
	case r.ongoing(now):
		return aws.String(`ongoing-request="true"`)
	case r.available(now):
		return aws.String(`ongoing-request="false", expiry-date="` + httpTime(r.Expires) + `"`)
	}
	return nil
}

// status is header as listings have it.
func (r *Restore) status(now time.Time) *types.RestoreStatus {
	switch {
	case r.ongoing(now):
		return &types.RestoreStatus{IsRestoreInProgress: aws.Bool(true)}
	case r.available(now):
		return &types.RestoreStatus{IsRestoreInProgress: aws.Bool(false), RestoreExpiryDate: &r.Expires}
	}
	return nil
}

// asleep says that an object's bytes cannot be read now.
func (o *Object) asleep(now time.Time) bool { return o.archived() && !o.Restore.available(now) }

// retrievals are how long a restore takes at most, by class and tier ("Archive retrieval options").
var retrievals = map[types.StorageClass]map[types.Tier]time.Duration{
	types.StorageClassGlacier: {
		types.TierExpedited: 5 * time.Minute, types.TierStandard: 5 * time.Hour, types.TierBulk: 12 * time.Hour,
	},
	types.StorageClassDeepArchive: {types.TierStandard: 12 * time.Hour, types.TierBulk: 48 * time.Hour},
}

// RestoreObject begins to restore an archived object, gives a copy that is there another time to live, or makes a restore
// that is under way a faster one.
func (s *Service) RestoreObject(ctx context.Context, in *s3.RestoreObjectInput) (*s3.RestoreObjectOutput, error) {
	req, b, r := wire.RequestFrom(ctx), subjectOf(ctx).bucket, in.RestoreRequest
	switch {
	case r == nil:
		return nil, malformedXML()
	case r.Type != "" || r.SelectParameters != nil || r.OutputLocation != nil: // S3 Select is closed to new customers
		return nil, awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.")
	case r.Days == nil:
		return nil, malformedXML()
	case *r.Days < 1:
		return nil, awserr.InvalidArgument.Errorf("restoration days should be at least 1").With("ArgumentName", "Days")
	}
	tier := r.Tier
	if r.GlacierJobParameters != nil {
		tier = r.GlacierJobParameters.Tier
	}
	if tier == "" {
		tier = types.TierStandard
	}
	_, err := s.changeObject(ctx, *in.Key, in.VersionId, "", func(tx *store.Tx, _ *Bucket, o *Object) error {
		tiers, archive := retrievals[o.StorageClass]
		if !archive {
			return awserr.InvalidObjectState.Errorf("Restore is not allowed for the object's current storage class").
				With("StorageClass", string(o.listedClass()))
		}
		takes, ok := tiers[tier]
		if !ok {
			return invalidArgument("Tier", string(tier), "Retrieval option is not supported by this storage class")
		}
		now := tx.Now.UTC()
		switch {
		case o.Restore.available(now):
			o.Restore.Expires = after(now, *r.Days)
			req.Status = http.StatusOK
			return dueRestores.Put(tx, &DueRestore{o.Restore.Expires, b.Name, b.ID, o.Key, o.Order})
		case o.Restore.ongoing(now) && takes >= tiers[o.Restore.Tier]:
			return awserr.RestoreAlreadyInProgress.Errorf("Object restore is already in progress")
		}
		ready := now.Add(takes).Truncate(time.Second)
		if o.Restore.ongoing(now) && o.Restore.Ready.Before(ready) {
			ready = o.Restore.Ready
		}
		o.Restore = Restore{tier, ready, after(ready, *r.Days)}
		req.Status = http.StatusAccepted
		if err := dueRestores.Put(tx, &DueRestore{ready, b.Name, b.ID, o.Key, o.Order}); err != nil {
			return err
		}
		return s.happened(tx, b, o, "ObjectRestore:Post", req)
	})
	return &s3.RestoreObjectOutput{}, err
}

var toRestoreObject = wire.For(func(ctx context.Context, s *Service, in *s3.RestoreObjectInput) ([]wire.Need, error) {
	return s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, permission{"s3:RestoreObject", "s3:RestoreObject"})
})

// showsRestores says whether a listing is to have the state of restores.
func showsRestores(attributes []types.OptionalObjectAttributes) bool {
	return slices.Contains(attributes, types.OptionalObjectAttributesRestoreStatus)
}

// Whoever reads compares a restore with the clock; the job is for what others are told of it.
func init() { jobs = append(jobs, job{"restore", followRestores}) }

// DueRestore notes that the restore of a version is done, or its copy expires, at a time.
type DueRestore struct {
	At                           time.Time
	Bucket, BucketID, Key, Order string
}

var dueRestores = store.NewTable("s3/restore", (*DueRestore).key)

func (d *DueRestore) key() string {
	return store.Key(string(binary.BigEndian.AppendUint64(nil, uint64(d.At.UnixMilli()))), d.BucketID, d.Key, d.Order)
}

// followRestores tells of the restores that are done and of the copies that have expired, one after the other.
func followRestores(ctx context.Context, s *Service, now time.Time) error {
	for ctx.Err() == nil {
		var next DueRestore
		var some bool
		err := s.store.View(ctx, func(tx *store.Tx) (err error) {
			next, some, err = first(dueRestores.Scan(tx, "", ""))
			return err
		})
		if err != nil || !some || next.At.After(now) {
			return err
		}
		b, err := s.bucketNamed(ctx, next.Bucket)
		if err != nil && !errors.Is(err, awserr.NoSuchBucket) {
			return err
		}
		if err := s.store.Update(ctx, func(tx *store.Tx) error { return s.followRestore(tx, b, next) }); err != nil {
			return err
		}
	}
	return nil
}

// followRestore tells of one; b is nil when the bucket is gone.
func (s *Service) followRestore(tx *store.Tx, b *bucket, d DueRestore) error {
	if err := dueRestores.Delete(tx, d.key()); err != nil || b == nil || b.ID != d.BucketID {
		return err
	}
	o, ok, err := versionAt(tx, d.BucketID, d.Key, d.Order)
	if err != nil || !ok {
		return err
	}
	event := "ObjectRestore:Completed"
	switch {
	case d.At.Equal(o.Restore.Ready):
		d.At = o.Restore.Expires
		err = dueRestores.Put(tx, &d)
	case d.At.Equal(o.Restore.Expires):
		event = "ObjectRestore:Delete"
		o.Restore = Restore{}
		err = replace(tx, &o)
	default: // it was changed meanwhile, and is noted anew
		return nil
	}
	if err != nil {
		return err
	}
	return s.happened(tx, b, &o, event, nil)
}

// versionAt returns the version of a key with an order.
func versionAt(tx *store.Tx, bucketID, key, order string) (Object, bool, error) {
	o, ok, err := current.Get(tx, store.Key(bucketID, key))
	if err != nil || !ok || o.Order == order {
		return o, ok, err
	}
	return older.Get(tx, store.Key(bucketID, key, order))
}
