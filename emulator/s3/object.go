package s3

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var objects = wire.Ops(
	wire.Op((*Service).PutObject, toPutObject),
	wire.Op((*Service).GetObject, toGetObject),
	wire.Op((*Service).HeadObject, toHeadObject),
	wire.Op((*Service).GetObjectAttributes, toGetObjectAttributes),
)

// PutObject stores an object: a small one with one commit, whose row and body it holds; a larger one's body is durable
// before the commit names it.
func (s *Service) PutObject(ctx context.Context, in *s3.PutObjectInput) (*s3.PutObjectOutput, error) {
	req, b := wire.RequestFrom(ctx), subjectOf(ctx).bucket
	w, err := newWrite(req, b, in, *in.Key, conditions{match: in.IfMatch, noneMatch: in.IfNoneMatch})
	if err != nil {
		return nil, err
	}
	w.event = "ObjectCreated:Put"
	if req.HTTP.Method == http.MethodPost {
		w.event = "ObjectCreated:Post"
	}
	if err := lockIntegrity(req, w.object.Lock != Lock{} || b.ObjectLock != nil && b.ObjectLock.Mode != ""); err != nil {
		return nil, err
	}
	claimed, err := claimOf(req.HTTP, in)
	if err != nil {
		return nil, err
	}
	if w.object.Tags, err = headerTags(aws.ToString(in.Tagging)); err != nil {
		return nil, err
	}
	w.acl = aclRequest{
		action: "s3:PutObject", resource: b.arn + "/" + *in.Key,
		canned: string(in.ACL), fullControl: in.GrantFullControl, read: in.GrantRead, readACP: in.GrantReadACP, writeACP: in.GrantWriteACP,
	}
	if err := s.precheck(ctx, w); err != nil {
		return nil, err
	}

	algorithm := claimed.algorithm
	if algorithm == "" {
		algorithm = types.ChecksumAlgorithmCrc64nvme // what S3 adds by itself
	}
	received, err := s.receive(ctx, req.HTTP, in.Body, claimed, true, w.object.seal(), algorithm)
	if err != nil {
		return nil, err
	}
	w.object.ETag, w.object.Checksum = w.object.Encryption.etag(received.md5), received.sum(algorithm)
	if err := s.commit(ctx, w, received); err != nil {
		return nil, err
	}
	out := &s3.PutObjectOutput{ETag: aws.String(entityTag(w.object.ETag)), VersionId: w.shownVersion(), Expiration: expirationOf(b, &w.object)}
	w.object.Encryption.show(out, w.object.key)
	setChecksum(out, w.object.Checksum)
	return out, nil
}

// A write is an object on its way into a bucket.
type write struct {
	bucket     *bucket
	object     Object
	acl        aclRequest
	conditions conditions
	checked    bool   // the conditions held before the body was read
	versioning string // of the bucket at the commit
	locking    *ObjectLock
	event      string // as happened wants it
}

// newWrite checks what in, the input of PutObject, CopyObject or CreateMultipartUpload, says of the object under key.
func newWrite(req *wire.Request, b *bucket, in any, key string, c conditions) (*write, error) {
	if err := wellFormedKey(key); err != nil {
		return nil, err
	}
	if err := c.wellFormed(); err != nil {
		return nil, err
	}
	if err := unsupported(in); err != nil {
		return nil, err
	}
	m, err := metadataOf(req.HTTP, in)
	if err != nil {
		return nil, err
	}
	e, k, err := req.Memo.(*subject).encryption(key)
	if err != nil {
		return nil, err
	}
	lock, err := lockOf(req, &b.Bucket, in)
	if err != nil {
		return nil, err
	}
	return &write{bucket: b, object: Object{Key: key, Metadata: m, Lock: lock, Encryption: e, key: k}, conditions: c}, nil
}

// precheck refuses a write that cannot succeed before its body is read, changing nothing.
func (s *Service) precheck(ctx context.Context, w *write) error {
	if !w.conditions.given() && w.acl.empty() {
		return nil
	}
	err := s.store.View(ctx, func(tx *store.Tx) error { return w.prepare(tx, wire.RequestFrom(ctx).Caller) })
	w.checked = true
	return err
}

// commit makes the object the newest version of its key, with the received body, which it keeps or discards; nil when the
// object's body is stored already.
func (s *Service) commit(ctx context.Context, w *write, received *body) error {
	caller := wire.RequestFrom(ctx).Caller
	if received != nil {
		w.object.Size, w.object.Blob, w.object.inline = received.size, received.blob, received.inline
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if err := w.prepare(tx, caller); err != nil {
			return err
		}
		if received != nil && received.blob != "" {
			if err := tx.KeepBlob(received.blob); err != nil {
				return err
			}
		}
		return w.insert(ctx, s, tx)
	})
	if received == nil {
		return err
	}
	if err != nil {
		s.discard(received)
	}
	received.release()
	w.object.inline = nil
	return err
}

// prepare checks the write against the state that it is committed on, before anything is written: the bucket is still
// there, the conditions hold, the ACL is one that the bucket's settings allow.
func (w *write) prepare(tx *store.Tx, caller wire.Caller) error {
	row, err := w.bucket.read(tx)
	if err != nil {
		return err
	}
	if err := w.hold(tx, row); err != nil {
		return err
	}
	w.object.Owner = objectOwner(row, caller, w.acl.canned)
	if w.object.ACL, err = newACL(tx, row, w.object.Owner, caller, w.acl); err != nil {
		return err
	}
	return nil
}

// hold checks the conditions, and notes when and with what versioning the write happens.
func (w *write) hold(tx *store.Tx, row *Bucket) error {
	w.object.Modified, w.versioning, w.locking = tx.Now.UTC().Truncate(time.Second), row.Versioning, row.ObjectLock
	if !w.conditions.given() {
		return nil
	}
	newest, ok, err := lookUp(tx, row, w.object.Key, "")
	if err != nil {
		return err
	}
	err = w.conditions.write(w.object.Key, &newest, ok)
	if w.checked && errors.Is(err, awserr.NoSuchKey) { // deleted meanwhile
		return awserr.ConditionalRequestConflict.Errorf("The conditional request cannot succeed due to a conflicting operation against this resource.").
			With("Condition", "If-Match").With("Key", w.object.Key)
	}
	return err
}

// insert stores the object in a transaction that prepare has passed.
func (w *write) insert(ctx context.Context, s *Service, tx *store.Tx) error {
	b := w.bucket.Bucket
	b.Versioning = w.versioning
	w.object.pending(w.bucket, w.versioning)
	w.locking.retain(&w.object, tx.Now)
	if err := insert(tx, &b, &w.object); err != nil {
		return err
	}
	return s.happened(tx, w.bucket, &w.object, w.event, wire.RequestFrom(ctx))
}

// shownVersion is x-amz-version-id of a write: there is none for a null version ("PutObject", examples).
func (w *write) shownVersion() *string {
	if w.object.VersionID == nullVersion {
		return nil
	}
	return &w.object.VersionID
}

// shownVersion is x-amz-version-id of a read, which buckets have that versioning was ever enabled on.
func shownVersion(versioning, id string) *string {
	if versioning == "" {
		return nil
	}
	return &id
}
