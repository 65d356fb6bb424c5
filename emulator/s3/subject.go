package s3

import (
	"context"
	"regexp"
	"strings"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// A subject is what a request is about. The rule of the operation fills it and the operation takes it from there, so that
// a row is read once, and the one that was authorized is the one that is served.
type subject struct {
	service *Service
	request *wire.Request
	in      any // the SDK's Input struct
	bucket  *bucket
	// object is the version that the rule read, nil when there is none. Rules of reads (get, head, attributes, ACL, tagging,
	// copy source) always read it, those of writes do not.
	object *Object

	point *AccessPoint // of S3 Control's operations on one

	// Of CopyObject and UploadPartCopy: where from.
	source *source

	encrypts *askedEncryption // of a request that makes an object; see encryption
	upload   *Upload          // that a part is for, or that is completed; nil when there is none
}

// A source is what x-amz-copy-source names.
type source struct {
	bucket       *bucket
	key, version string
	object       *Object // nil when there is none
}

// subjectOf returns what the rule of the request found.
func subjectOf(ctx context.Context) *subject { return wire.RequestFrom(ctx).Memo.(*subject) }

// on begins the subject of a request about a bucket. Errors: NoSuchBucket, InvalidBucketName, those of reached,
// AccessDenied when the bucket has another owner than the one that the request expects or the requester would have to pay.
func (s *Service) on(ctx context.Context, in any, name, expectedOwner *string) (*subject, error) {
	b, err := s.bucketOf(ctx, name, expectedOwner)
	if err != nil {
		return nil, err
	}
	if b.point != nil {
		if err := throughPoint(in); err != nil {
			return nil, err
		}
	}
	r := wire.RequestFrom(ctx)
	if err := b.reached(r, in); err != nil {
		return nil, err
	}
	sub := &subject{service: s, request: r, in: in, bucket: b}
	r.Memo = sub
	return sub, nil
}

func (s *Service) bucketOf(ctx context.Context, name, expectedOwner *string) (*bucket, error) {
	b, err := s.bucketNamed(ctx, *name)
	if err != nil {
		return nil, err
	}
	if expectedOwner == nil || *expectedOwner == b.Account {
		return b, b.paid(wire.RequestFrom(ctx))
	}
	if !accountForm.MatchString(*expectedOwner) {
		return nil, awserr.InvalidBucketOwnerAWSAccountID.Errorf("The value of the expected bucket owner parameter must be an AWS account ID.")
	}
	return nil, accessDenied() // "Verifying bucket ownership with bucket owner condition"
}

var accountForm = regexp.MustCompile(`^[0-9]{12}$`)

// find reads a version of a key, "" meaning the newest; nil when there is none. With ACLs disabled it is the bucket owner's,
// whoever wrote it before.
func (s *Service) find(ctx context.Context, b *bucket, key, version string) (*Object, error) {
	var found *Object
	err := s.store.View(ctx, func(tx *store.Tx) error {
		o, ok, err := lookUp(tx, &b.Bucket, key, version)
		if ok {
			found = &o
		}
		return err
	})
	if found != nil && b.ACLsDisabled() {
		found.Owner, found.ACL = b.Account, ACL{}
	}
	return found, err
}

// need is the permission for an action on the bucket itself.
func (sub *subject) need(action string) wire.Need {
	return sub.needOn(sub.bucket, action, sub.bucket.arn, sub.bucket.policies)
}

func (sub *subject) needOn(b *bucket, action, resource string, policies []authz.Attached) wire.Need {
	n := wire.Need{
		Action:   action,
		Resource: resource,
		Account:  b.Account,
		Policies: policies,
		Keys:     &keys{subject: sub, action: action, account: b.Account, bucket: &b.Bucket, point: b.point},
		Denied:   denial(b.Account, sub.request.Caller),
	}
	if b.restricted && sub.request.Caller.Account != b.Account && sub.request.Caller.Type != authz.Service {
		n.Veto = "The policy of bucket " + b.Name + " is public and its Block Public Access setting RestrictPublicBuckets is on: " +
			"only principals of account " + b.Account + " and AWS services are let in."
	}
	if b.point != nil {
		b.point.guard(sub, b, &n)
	}
	return n
}

// needFor is the permission for an action on a key that stands under the bucket owner's policies alone: every write, and
// what concerns tags.
func (sub *subject) needFor(b *bucket, action, key string) wire.Need {
	return sub.needOn(b, action, b.arn+"/"+key, b.policies)
}

// needOf is the permission for an action on an object that is there: its owner's account decides, its ACL counts, and
// its tags are condition keys. version is the one that the request names.
func (sub *subject) needOf(b *bucket, action string, o *Object, version string) wire.Need {
	n := sub.needFor(b, action, o.Key)
	k := n.Keys.(*keys)
	k.tags, k.version = o.Tags, version
	if o.Owner != b.Account && ownedByObject(action) && !b.ACLsDisabled() {
		// What the bucket policy allows does not count for objects of other accounts, what it denies does ("Bucket policies
		// and IAM policies" in "Troubleshoot access denied (403 Forbidden) errors in Amazon S3").
		n.Policies = b.denials
		n.Account = o.Owner
		if o.Owner == "" {
			n.Account = anonymousID // is no account's id, so that every caller comes from another one
		}
	}
	n.Policies = with(n.Policies, b.grantsOf(o.ACL, n.Account, objectPermissions))
	return n
}

// with returns policies, which are shared, and one more; nil is none.
func with(policies []authz.Attached, one *authz.Attached) []authz.Attached {
	if one == nil {
		return policies
	}
	return append(policies[:len(policies):len(policies)], *one)
}

// ownedByObject says whether an action is the object owner's to allow, not the bucket owner's.
func ownedByObject(action string) bool {
	return strings.HasPrefix(action, "s3:GetObject") && !strings.HasSuffix(action, "Tagging") || strings.HasSuffix(action, "Acl")
}
