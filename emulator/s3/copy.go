package s3

import (
	"context"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var copies = wire.Ops(
	wire.Op((*Service).CopyObject, toCopyObject),
)

// CopyObject makes an object of another one. The bytes are shared, not copied; they are read only if the source does not
// have the ETag or the checksum that the copy needs.
func (s *Service) CopyObject(ctx context.Context, in *s3.CopyObjectInput) (*s3.CopyObjectOutput, error) {
	req, sub := wire.RequestFrom(ctx), subjectOf(ctx)
	from := sub.source
	src, err := from.readable(ctx, in, conditions{
		match: in.CopySourceIfMatch, noneMatch: in.CopySourceIfNoneMatch,
		modifiedSince: in.CopySourceIfModifiedSince, unmodifiedSince: in.CopySourceIfUnmodifiedSince,
	})
	if err != nil {
		return nil, err
	}
	if src.Size > maxBody {
		return nil, copyTooLarge()
	}
	w, err := newWrite(req, sub.bucket, in, *in.Key, conditions{match: in.IfMatch, noneMatch: in.IfNoneMatch})
	if err != nil {
		return nil, err
	}
	w.event = "ObjectCreated:Copy"
	if err := directed(w, src, in); err != nil {
		return nil, err
	}
	if sameWithoutChange(sub, in) {
		return nil, awserr.InvalidRequest.Errorf("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	w.acl = aclRequest{
		action: "s3:PutObject", resource: sub.bucket.arn + "/" + *in.Key,
		canned: string(in.ACL), fullControl: in.GrantFullControl, read: in.GrantRead, readACP: in.GrantReadACP, writeACP: in.GrantWriteACP,
	}
	if err := s.precheck(ctx, w); err != nil {
		return nil, err
	}
	algorithm := src.Checksum.Algorithm
	if in.ChecksumAlgorithm != "" {
		if algorithm, err = knownAlgorithm(string(in.ChecksumAlgorithm), "x-amz-checksum-algorithm"); err != nil {
			return nil, err
		}
	}
	if algorithm == "" {
		algorithm = types.ChecksumAlgorithmCrc64nvme
	}
	if err := s.copyBody(ctx, w, src, algorithm); err != nil {
		return nil, err
	}
	result := &types.CopyObjectResult{ETag: aws.String(entityTag(w.object.ETag)), LastModified: &w.object.Modified}
	setChecksum(result, w.object.Checksum)
	out := &s3.CopyObjectOutput{
		CopyObjectResult: result, CopySourceVersionId: shownVersion(from.bucket.Versioning, src.VersionID), VersionId: w.shownVersion(),
		Expiration: expirationOf(sub.bucket, &w.object),
	}
	w.object.Encryption.show(out, w.object.key)
	return out, nil
}

// readable returns the source's object if it may be copied by the request in. Errors: those of a read, PreconditionFailed,
// InvalidRequest.
func (f *source) readable(ctx context.Context, in any, c conditions) (*Object, error) {
	req := wire.RequestFrom(ctx)
	if f.version != "" && f.object != nil && f.object.DeleteMarker {
		return nil, awserr.InvalidRequest.Errorf("The source of a copy request may not specifically refer to a delete marker by version id.")
	}
	o, err := readable(f.object, f.key, text(f.version), req.HTTP.Method)
	if err != nil {
		return nil, err
	}
	k, err := sourceKeyHeadersOf(in).read()
	if err != nil {
		return nil, err
	}
	if err := readableBy(o, req.Caller, k); err != nil {
		return nil, err
	}
	if o.asleep(req.Now) {
		if _, part := subjectOf(ctx).in.(*s3.UploadPartCopyInput); part {
			return nil, awserr.InvalidObjectState.Errorf("Operation is not valid for the source object's storage class").
				With("StorageClass", string(o.StorageClass))
		}
		return nil, awserr.ObjectNotInActiveTierError.Errorf("The source object of the COPY operation is not in the active tier and is only stored in Amazon Glacier.").
			With("Key", f.key)
	}
	c.prefix = "x-amz-copy-source-"
	return o, c.read(o, req.Now)
}

// directed takes metadata and tags from the source or from the request, as the directives say.
func directed(w *write, src *Object, in *s3.CopyObjectInput) (err error) {
	switch in.MetadataDirective {
	case "", types.MetadataDirectiveCopy: // the website redirect and the storage class are never copied ("CopyObject")
		class, redirect := w.object.StorageClass, w.object.WebsiteRedirect
		w.object.Metadata = src.Metadata
		w.object.StorageClass, w.object.WebsiteRedirect = class, redirect
	case types.MetadataDirectiveReplace:
	default:
		return invalidArgument("x-amz-metadata-directive", string(in.MetadataDirective), "Unknown metadata directive.")
	}
	switch in.TaggingDirective {
	case "", types.TaggingDirectiveCopy:
		w.object.Tags = src.Tags
	case types.TaggingDirectiveReplace:
		w.object.Tags, err = headerTags(aws.ToString(in.Tagging))
	default:
		err = invalidArgument("x-amz-tagging-directive", string(in.TaggingDirective), "Unknown tagging directive.")
	}
	return err
}

// sameWithoutChange says whether the copy would be what is there already. To copy an older version onto its own key is to
// restore it.
func sameWithoutChange(sub *subject, in *s3.CopyObjectInput) bool {
	f := sub.source
	return f.bucket.ID == sub.bucket.ID && f.key == *in.Key && f.version == "" &&
		in.MetadataDirective != types.MetadataDirectiveReplace &&
		in.StorageClass == "" && in.WebsiteRedirectLocation == nil && in.ServerSideEncryption == "" &&
		!keyHeadersOf(in).given() && in.ChecksumAlgorithm == ""
}

// copyBody makes the copy: with the source's bytes, which both share then, unless a customer's key encrypts either.
func (s *Service) copyBody(ctx context.Context, w *write, src *Object, a types.ChecksumAlgorithm) error {
	if src.Encryption.Lock == nil && w.object.Encryption.Lock == nil {
		if err := s.hashCopy(ctx, src, a, &w.object); err != nil {
			return err
		}
		return s.commitCopy(ctx, w, src)
	}
	from, err := s.open(ctx, src, 0, src.Size)
	if err != nil {
		return err
	}
	defer from.Close()
	received, err := s.take(ctx, from, newDigest(a), true, w.object.seal(), func(b *body) error {
		if b.size != src.Size {
			return changedMeanwhile(nil)
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.object.ETag, w.object.Checksum = w.object.Encryption.etag(received.md5), received.sum(a)
	return s.commit(ctx, w, received)
}

// hashCopy sets the copy's ETag and checksum: a copy is an object that was put whole, so those of a multipart object have to
// be computed.
func (s *Service) hashCopy(ctx context.Context, src *Object, a types.ChecksumAlgorithm, o *Object) error {
	o.Size = src.Size
	if src.Parts == 0 && src.Checksum.Algorithm == a && (o.Encryption.opaque() || !src.Encryption.opaque()) {
		o.ETag, o.Checksum = o.Encryption.etag(src.ETag), src.Checksum
		return nil
	}
	from, err := s.open(ctx, src, 0, src.Size)
	if err != nil {
		return err
	}
	defer from.Close()
	d := newDigest(a)
	if err := copyBuffered(ctx, io.MultiWriter(d.writers()...), from); err != nil {
		return err
	}
	o.ETag, o.Checksum = o.Encryption.etag(d.etag()), d.sums()[0]
	return nil
}

// commitCopy makes the object with the source's body, which both share then.
func (s *Service) commitCopy(ctx context.Context, w *write, src *Object) error {
	caller := wire.RequestFrom(ctx).Caller
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if err := w.prepare(tx, caller); err != nil {
			return err
		}
		w.object.Blob, w.object.Upload, w.object.inline = src.Blob, src.Upload, src.inline
		if err := shareBody(tx, &w.object); err != nil {
			return err
		}
		return w.insert(ctx, s, tx)
	})
	w.object.inline = nil
	return err
}

// shareBody makes the body that o has from another object its own as well.
func shareBody(tx *store.Tx, o *Object) (err error) {
	switch {
	case o.Blob != "":
		if err = tx.KeepBlob(o.Blob); err != nil {
			err = changedMeanwhile(err)
		}
	case o.Upload != "":
		o.Upload, err = shareParts(tx, o)
	}
	return err
}

// shareParts gives the copy of a multipart object parts of its own, with the same blobs.
func shareParts(tx *store.Tx, src *Object) (string, error) {
	all, err := partsOf(tx, src.Upload)
	if err != nil {
		return "", err
	}
	size, id := int64(0), newUploadID(tx.Now)
	for _, p := range all {
		size += p.Size
	}
	if size != src.Size {
		return "", changedMeanwhile(nil)
	}
	for _, p := range all {
		if p.Blob != "" {
			if err := tx.KeepBlob(p.Blob); err != nil {
				return "", err
			}
		}
		p.Upload = id
		if err := parts.Put(tx, &p); err != nil {
			return "", err
		}
	}
	return id, nil
}
