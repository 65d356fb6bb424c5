package s3

import (
	"context"
	"time"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Bucket is a bucket with its configuration, as it is stored.
type Bucket struct {
	// ID is unique to this creation: rows of objects carry it, so those of a bucket that was deleted and made again
	// under the same name cannot mix.
	ID      string
	Name    string
	Account string // the owner, 12 digits
	Region  string
	Created time.Time

	Versioning string // "" (never enabled), "Enabled" or "Suspended"
	// Ownership is BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter, or "" when the ownership controls were
	// deleted, which acts as ObjectWriter.
	Ownership    string
	PublicAccess *PublicAccess // nil when the configuration was deleted
	Policy       string        // the text as it was put, "" for none
	Bound        map[string]string
	ACL          ACL
	Tags         []Tag
}

// Ownership settings.
const (
	ownerEnforced  = "BucketOwnerEnforced"
	ownerPreferred = "BucketOwnerPreferred"
	objectWriter   = "ObjectWriter"
)

// ACLsDisabled says that Object Ownership is BucketOwnerEnforced: the owner of the bucket owns every object, and ACLs
// count for nothing.
func (b *Bucket) ACLsDisabled() bool { return b.Ownership == ownerEnforced }

// ARN returns the bucket's ARN.
func (b *Bucket) ARN() string { return "arn:aws:s3:::" + b.Name }

// A bucket is a Bucket from the cache, with its policies compiled. It is shared: never write to it.
type bucket struct {
	Bucket
	arn string
	// policies are the bucket policy (if any); denials is what of it counts for objects that another account owns: its
	// Deny statements.
	policies, denials []authz.Attached
	public            bool             // the policy is public
	grants            []authz.Attached // the ACL, when it counts and grants anything to others
}

type cached struct {
	generation uint64
	bucket     *bucket
}

var bucketTable = store.NewTable("s3/bucket", func(b *Bucket) string { return b.Name },
	store.Index[Bucket]{Name: "account", Keys: func(b *Bucket) []string { return []string{b.Account} }})

// bucketNamed returns the bucket from the cache or the store. Errors: NoSuchBucket.
func (s *Service) bucketNamed(ctx context.Context, name string) (*bucket, error) {
	generation := s.generation.Load()
	if c, ok := s.cache.Load(name); ok && c.(cached).generation == generation {
		return c.(cached).bucket, nil
	}
	var b *bucket
	err := s.store.View(ctx, func(tx *store.Tx) error {
		row, ok, err := bucketTable.Get(tx, name)
		if err == nil && !ok {
			err = noSuchBucket(name)
		}
		if err != nil {
			return err
		}
		b, err = compile(row)
		return err
	})
	if err != nil {
		s.cache.Delete(name)
		return nil, err
	}
	s.cache.Store(name, cached{generation, b})
	return b, nil
}

// changeBucket runs change on the stored row of b in a write transaction, and puts the row. Errors: NoSuchBucket when the
// bucket has been deleted meanwhile.
func (s *Service) changeBucket(ctx context.Context, b *bucket, change func(*store.Tx, *Bucket) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		row, err := b.row(tx)
		if err != nil {
			return err
		}
		if err := change(tx, &row); err != nil {
			return err
		}
		return s.putBucket(tx, &row)
	})
}

// row returns the stored row of b, for a transaction that must not act on a bucket that is gone. Errors: NoSuchBucket.
func (b *bucket) row(tx *store.Tx) (Bucket, error) {
	row, ok, err := bucketTable.Get(tx, b.Name)
	if err == nil && (!ok || row.ID != b.ID) {
		err = noSuchBucket(b.Name)
	}
	return row, err
}

func (s *Service) putBucket(tx *store.Tx, b *Bucket) error {
	tx.OnCommit(s.Forget)
	return bucketTable.Put(tx, b)
}

func noSuchBucket(name string) error {
	return awserr.NoSuchBucket.Errorf("The specified bucket does not exist").With("BucketName", name)
}

func compile(row Bucket) (*bucket, error) { panic("being written") }

var (
	buckets        = wire.Ops[Service]()
	bucketPolicies = wire.Ops[Service]()
	publicAccess   = wire.Ops[Service]()
	ownership      = wire.Ops[Service]()
	bucketACLs     = wire.Ops[Service]()
	versioning     = wire.Ops[Service]()
	bucketTags     = wire.Ops[Service]()
	absent         = wire.Ops[Service]()
)
