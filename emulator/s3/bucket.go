package s3

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
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

// Bucket is a bucket with its configuration, as it is stored.
type Bucket struct {
	// ID is unique to this creation: rows of objects carry it, so those of a bucket that was deleted and made again
	// under the same name cannot mix.
	ID      string
	Name    string
	Account string // the owner, 12 digits
	Region  string
	Created time.Time

	Versioning string      // "" (never enabled), "Enabled" or "Suspended"
	MFADelete  string      `json:",omitempty"` // "" (never set), "Enabled" or "Disabled"
	ObjectLock *ObjectLock `json:",omitempty"` // nil when Object Lock is not enabled
	// Ownership is BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter, or "" when the ownership controls were
	// deleted, which acts as ObjectWriter.
	Ownership    string
	PublicAccess *PublicAccess // nil when the configuration was deleted
	Policy       string        // the text as it was put, "" for none
	Bound        map[string]string
	Canonical    map[string]string `json:",omitempty"` // the accounts of the canonical user ids that the policy names
	ACL          ACL
	Tags         []Tag
	ABAC         bool              `json:",omitempty"` // the tags count as condition keys
	Encryption   *BucketEncryption `json:",omitempty"` // nil: SSE-S3, with SSE-C blocked
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
	stored string // the row that it comes from
	arn    string
	// policies are what stands between a caller and the bucket: its policy and its ACL. denials is what of the policy counts
	// for objects that another account owns: its Deny statements. ownObjects lets those who may write delete what is theirs,
	// anonymousObjects lets the anonymous give an ACL to what they write, missingObjects lets those who may list hear that a
	// key is missing.
	policies, denials                            []authz.Attached
	ownObjects, anonymousObjects, missingObjects *authz.Attached
	configured                                   configured
	block                                        PublicAccess // in force, with that of the account
	point                                        *accessPoint // that the request comes through; nil: none
	public                                       bool         // the policy is public
	restricted                                   bool         // and RestrictPublicBuckets is on
}

type cached struct {
	generation, principals uint64
	bucket                 *bucket
}

var bucketTable = store.NewTable("s3/bucket", func(b *Bucket) string { return b.Name },
	store.Index[Bucket]{Name: "account", Keys: func(b *Bucket) []string { return []string{b.Account} }})

// names says whether policies of the bucket name principals, which may be renamed.
func (b *bucket) names() bool { return len(b.Bound) > 0 || b.point != nil && len(b.point.Bound) > 0 }

// bucketNamed returns the bucket from the cache or the store; name may be that of an access point. Errors: NoSuchBucket,
// NoSuchAccessPoint.
func (s *Service) bucketNamed(ctx context.Context, name string) (*bucket, error) {
	now := cached{generation: s.generation.Load(), principals: s.principals.Generation()}
	if c, ok := s.cache.Load(name); ok {
		if c := c.(cached); c.generation == now.generation && (!c.bucket.names() || c.principals == now.principals) {
			return c.bucket, nil
		}
	}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		row, ok, err := bucketTable.Get(tx, name)
		var point *accessPoint
		if err == nil && !ok {
			row, point, err = s.bucketOfPoint(ctx, tx, name)
		}
		if err != nil {
			return err
		}
		block, err := blockOf(tx, &row)
		if err != nil {
			return err
		}
		if point != nil {
			if block, err = point.block(tx); err != nil {
				return err
			}
		}
		policy, bound := s.principals.FollowPrincipals(ctx, tx, row.Policy, row.Bound)
		if now.bucket, err = compile(row, policy, bound, block, point); err != nil {
			return err
		}
		now.bucket.stored = string(bucketTable.Row(tx, row.Name))
		now.bucket.configured, err = configuredOf(tx, row.ID)
		return err
	})
	if err != nil {
		s.cache.Delete(name)
		return nil, err
	}
	s.cache.Store(name, now)
	return now.bucket, nil
}

// bucketOfPoint returns the bucket of an access point. Errors: NoSuchBucket, NoSuchAccessPoint.
func (s *Service) bucketOfPoint(ctx context.Context, tx *store.Tx, name string) (b Bucket, p *accessPoint, err error) {
	row, ok, err := pointNamed(tx, name)
	if err != nil || !ok {
		return b, nil, cmp.Or(err, noSuchBucket(name))
	}
	b, ok, err = bucketTable.Get(tx, row.Bucket)
	if err == nil && (!ok || b.Account != row.BucketAccount) {
		err = noSuchBucket(row.Bucket)
	}
	if err != nil {
		return b, nil, err
	}
	p, err = s.compilePoint(ctx, tx, row)
	return b, p, err
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

// read returns the stored row of b as row does, for who only reads it: while it has not changed, it is the one that is kept.
func (b *bucket) read(tx *store.Tx) (*Bucket, error) {
	if b.stored != "" && string(bucketTable.Row(tx, b.Name)) == b.stored {
		return &b.Bucket, nil
	}
	row, err := b.row(tx)
	return &row, err
}

func (s *Service) putBucket(tx *store.Tx, b *Bucket) error {
	tx.OnCommit(s.forget)
	return bucketTable.Put(tx, b)
}

func noSuchBucket(name string) error {
	if !possibleName.MatchString(name) {
		return invalidBucketName(name)
	}
	return awserr.NoSuchBucket.Errorf("The specified bucket does not exist").With("BucketName", name)
}

// compile prepares a row for the requests that it will decide, given its policy with the names that its principals have now.
func compile(row Bucket, text string, bound map[string]string, block PublicAccess, point *accessPoint) (*bucket, error) {
	b := &bucket{Bucket: row, arn: row.ARN(), block: block, point: point}
	if text != "" {
		bound = withCanonical(bound, row.Canonical)
		policy, err := authz.Parse(text)
		if err != nil {
			return nil, err
		}
		denials, err := denialsOf(text)
		if err != nil {
			return nil, err
		}
		attached := authz.Attached{
			Policy: policy, Kind: authz.Resource, Name: "bucket policy", Account: row.Account, To: "bucket " + row.Name, Bound: bound,
		}
		b.policies = append(b.policies, attached)
		if denials != nil {
			attached.Policy = denials
			b.denials = append(b.denials, attached)
		}
		b.public = policy.IsPublic()
	}
	b.restricted = block.RestrictPublicBuckets && (b.public || point != nil && point.open)
	if acl := b.grantsOf(row.ACL, row.Account, bucketPermissions); acl != nil {
		b.policies = append(b.policies, *acl)
	}
	b.ownObjects = b.grantsOf(row.ACL, row.Account, ownObjectPermissions)
	b.missingObjects = b.grantsOf(row.ACL, row.Account, missingObjectPermissions)
	b.anonymousObjects = b.grantsOf(row.ACL, row.Account, anonymousObjectPermissions)
	return b, nil
}

// withCanonical adds the accounts of canonical user ids to what principals are bound to.
func withCanonical(bound, canonical map[string]string) map[string]string {
	if len(canonical) == 0 {
		return bound
	}
	all := maps.Clone(canonical)
	maps.Copy(all, bound)
	return all
}

// denialsOf returns the Deny statements of a policy as a policy, nil if there are none.
func denialsOf(text string) (*authz.Policy, error) {
	var document map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return nil, err
	}
	var statements []json.RawMessage
	if json.Unmarshal(document["Statement"], &statements) != nil {
		statements = []json.RawMessage{document["Statement"]}
	}
	statements = slices.DeleteFunc(statements, func(statement json.RawMessage) bool {
		var s struct{ Effect string }
		return json.Unmarshal(statement, &s) != nil || s.Effect != "Deny"
	})
	if len(statements) == 0 {
		return nil, nil
	}
	var err error
	if document["Statement"], err = json.Marshal(statements); err != nil {
		return nil, err
	}
	denials, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	return authz.Parse(string(denials))
}

var buckets = wire.Ops(
	wire.Op((*Service).CreateBucket, toCreateBucket),
	wire.Op((*Service).HeadBucket, toHeadBucket),
	wire.Op((*Service).DeleteBucket, toBucket("s3:DeleteBucket")),
	wire.Op((*Service).ListBuckets, toListBuckets),
	wire.Op((*Service).GetBucketLocation, toBucket("s3:GetBucketLocation")),
)

// HeadBucket says that the bucket is there, and where.
func (s *Service) HeadBucket(ctx context.Context, in *s3.HeadBucketInput) (*s3.HeadBucketOutput, error) {
	return &s3.HeadBucketOutput{
		BucketRegion:     aws.String(subjectOf(ctx).bucket.Region),
		AccessPointAlias: aws.Bool(strings.HasSuffix(*in.Bucket, "-s3alias")),
	}, nil
}

// GetBucketLocation returns the bucket's region, which for us-east-1 is written as nothing.
func (s *Service) GetBucketLocation(ctx context.Context, _ *s3.GetBucketLocationInput) (*s3.GetBucketLocationOutput, error) {
	out := &s3.GetBucketLocationOutput{}
	if region := subjectOf(ctx).bucket.Region; region != usEast1 {
		out.LocationConstraint = types.BucketLocationConstraint(region)
	}
	return out, nil
}

// DeleteBucket deletes a bucket that holds nothing: no object, no version, no delete marker. Uploads under way go with it.
func (s *Service) DeleteBucket(ctx context.Context, _ *s3.DeleteBucketInput) (*s3.DeleteBucketOutput, error) {
	b := subjectOf(ctx).bucket
	return &s3.DeleteBucketOutput{}, s.store.Update(ctx, func(tx *store.Tx) error {
		row, err := b.row(tx)
		if err != nil {
			return err
		}
		switch none, err := empty(tx, &row); {
		case err != nil:
			return err
		case !none && row.Versioning != "":
			return awserr.BucketNotEmpty.Errorf("The bucket you tried to delete is not empty. You must delete all versions in the bucket.").
				With("BucketName", row.Name)
		case !none:
			return awserr.BucketNotEmpty.Errorf("The bucket you tried to delete is not empty").With("BucketName", row.Name)
		}
		if attached, err := hasPoints(tx, &row); err != nil || attached {
			return cmp.Or(err, error(awserr.BucketHasAccessPointsAttached.Errorf("The bucket you tried to delete has access points attached. Delete your access points before deleting your bucket.").
				With("BucketName", row.Name)))
		}
		if err := errors.Join(forgetUploads(tx, &row), forgetConfigurations(tx, row.ID), forgetReports(tx, row.ID, "")); err != nil {
			return err
		}
		tx.OnCommit(func() {
			s.forget()
			s.cache.Delete(row.Name)
		})
		return bucketTable.Delete(tx, row.Name)
	})
}

// maxBuckets is the largest page of ListBuckets.
const maxBuckets = 10000

// ListBuckets lists the buckets of the caller's account by name.
func (s *Service) ListBuckets(ctx context.Context, in *s3.ListBucketsInput) (*s3.ListBucketsOutput, error) {
	owner := wire.RequestFrom(ctx).Caller.Account
	most := int(aws.ToInt32(in.MaxBuckets))
	if in.MaxBuckets == nil {
		most = maxBuckets
	}
	if most < 1 || most > maxBuckets {
		return nil, invalidArgument("max-buckets", strconv.Itoa(most), "Argument max-buckets must be an integer between 1 and 10000")
	}
	after, err := base64.RawURLEncoding.DecodeString(aws.ToString(in.ContinuationToken))
	if err != nil {
		return nil, invalidArgument("continuation-token", *in.ContinuationToken, "The continuation token provided is incorrect")
	}
	// The region is told to those who ask for a page, a prefix or a region.
	regions := in.MaxBuckets != nil || in.Prefix != nil || in.BucketRegion != nil || in.ContinuationToken != nil
	out := &s3.ListBucketsOutput{Owner: ownerOf(owner), Prefix: in.Prefix, Buckets: []types.Bucket{}}
	return out, s.store.View(ctx, func(tx *store.Tx) error {
		for b, err := range bucketTable.ByIndex(tx, "account", owner) {
			switch {
			case err != nil:
				return err
			case b.Name <= string(after), !strings.HasPrefix(b.Name, aws.ToString(in.Prefix)),
				in.BucketRegion != nil && b.Region != *in.BucketRegion:
				continue
			case len(out.Buckets) == most:
				last := *out.Buckets[most-1].Name
				out.ContinuationToken = aws.String(base64.RawURLEncoding.EncodeToString([]byte(last)))
				return nil
			}
			item := types.Bucket{Name: aws.String(b.Name), CreationDate: aws.Time(b.Created)}
			if regions {
				item.BucketRegion = aws.String(b.Region)
			}
			out.Buckets = append(out.Buckets, item)
		}
		return nil
	})
}
