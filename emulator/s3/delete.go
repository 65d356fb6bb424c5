package s3

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var deletions = wire.Ops(
	wire.Op((*Service).DeleteObject, toDeleteObject),
	wire.Op((*Service).DeleteObjects, toDeleteObjects),
)

// maxDeletions is how many keys DeleteObjects takes.
const maxDeletions = 1000

// A deletion asks to delete a key or a version of it.
type deletion struct {
	key     string
	version *string
	match   *string // If-Match
	bypass  bool    // governance mode does not count
}

// A deleted is what a deletion did.
type deleted struct {
	version string // the version that was removed, or the delete marker that was made; "" for none
	marker  bool   // it is a delete marker
	err     error

	event  string // as happened wants it; "" when nothing changed
	object Object // what was removed or made
}

// delete is deleteOne for the request of ctx.
func (s *Service) delete(ctx context.Context, tx *store.Tx, row *Bucket, d deletion) deleted {
	req := wire.RequestFrom(ctx)
	done := deleteOne(tx, row, req.Caller, d)
	if b := subjectOf(ctx).bucket; done.err == nil && done.event == eventDeleteMarker && replication.of(b) != nil {
		done.object.pending(b, row.Versioning)
		done.err = replace(tx, &done.object)
	}
	if done.err == nil && done.event != "" {
		done.err = s.happened(tx, subjectOf(ctx).bucket, &done.object, done.event, req)
	}
	return done
}

// The events of deletions ("Supported event types for SQS, SNS, and Lambda", Amazon S3 User Guide).
const (
	eventDelete       = "ObjectRemoved:Delete"
	eventDeleteMarker = "ObjectRemoved:DeleteMarkerCreated"
)

// DeleteObject deletes an object, or puts a delete marker above it, or deletes one version for good.
func (s *Service) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	if in.IfMatchLastModifiedTime != nil || in.IfMatchSize != nil {
		return nil, headerNotImplemented("x-amz-if-match-last-modified-time, x-amz-if-match-size") // of directory buckets
	}
	if in.VersionId != nil {
		if err := s.mayDeleteVersions(ctx, in.MFA); err != nil {
			return nil, err
		}
	}
	var done deleted
	b := subjectOf(ctx).bucket
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		row, err := b.read(tx)
		if err != nil {
			return err
		}
		if err := row.checkBypass(in.BypassGovernanceRetention); err != nil {
			return err
		}
		done = s.delete(ctx, tx, row, deletion{*in.Key, in.VersionId, in.IfMatch, aws.ToBool(in.BypassGovernanceRetention)})
		return done.err
	})
	if err != nil {
		return nil, err
	}
	out := &s3.DeleteObjectOutput{VersionId: text(done.version)}
	if done.marker {
		out.DeleteMarker = aws.Bool(true)
	}
	return out, nil
}

// DeleteObjects deletes up to 1,000 keys. Each is authorized by itself; those that are refused are told in the answer.
func (s *Service) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (*s3.DeleteObjectsOutput, error) {
	req, b := wire.RequestFrom(ctx), subjectOf(ctx).bucket
	if !hasIntegrityHeader(req) {
		return nil, awserr.InvalidRequest.Errorf("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	if in.Delete == nil || len(in.Delete.Objects) == 0 || len(in.Delete.Objects) > maxDeletions {
		return nil, malformedXML()
	}
	versions := in.MFA != nil
	results := make([]deleted, len(in.Delete.Objects))
	for i, o := range in.Delete.Objects {
		switch {
		case aws.ToString(o.Key) == "":
			return nil, malformedXML()
		case o.LastModifiedTime != nil || o.Size != nil: // of directory buckets
			return nil, awserr.NotImplemented.Errorf("A parameter you provided implies functionality that is not implemented")
		}
		versions = versions || o.VersionId != nil
		results[i].err = mayDelete(ctx, b, *o.Key, aws.ToString(o.VersionId))
	}
	if versions { // without a good code nothing at all is deleted ("DeleteObjects", Amazon S3 API Reference)
		if err := s.mayDeleteVersions(ctx, in.MFA); err != nil {
			return nil, err
		}
	}
	refused := make([]bool, len(results))
	for i := range results {
		refused[i] = results[i].err != nil
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		row, err := b.read(tx)
		if err != nil {
			return err
		}
		if err := row.checkBypass(in.BypassGovernanceRetention); err != nil {
			return err
		}
		for i, o := range in.Delete.Objects {
			if refused[i] {
				continue
			}
			results[i] = s.delete(ctx, tx, row, deletion{*o.Key, o.VersionId, o.ETag, aws.ToBool(in.BypassGovernanceRetention)})
			if e := results[i].err; e != nil && awserr.From(e).Status >= 500 {
				return e
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return deletionsShown(in.Delete, results), nil
}

func deletionsShown(asked *types.Delete, results []deleted) *s3.DeleteObjectsOutput {
	out := &s3.DeleteObjectsOutput{}
	for i, done := range results {
		o := asked.Objects[i]
		if done.err != nil {
			e := awserr.From(done.err)
			out.Errors = append(out.Errors, types.Error{Key: o.Key, VersionId: o.VersionId, Code: aws.String(e.Code), Message: aws.String(e.Message)})
			continue
		}
		if aws.ToBool(asked.Quiet) {
			continue
		}
		shown := types.DeletedObject{Key: o.Key, VersionId: o.VersionId}
		if done.marker {
			shown.DeleteMarker, shown.DeleteMarkerVersionId = aws.Bool(true), text(done.version)
		}
		out.Deleted = append(out.Deleted, shown)
	}
	return out
}

// deleteOne deletes as the bucket's versioning says ("Deleting object versions from a versioning-enabled bucket", "… from
// versioning-suspended buckets", Amazon S3 User Guide). A key or version that is not there is deleted with success. Its
// error, if any, comes before the first write, or is the store's.
func deleteOne(tx *store.Tx, b *Bucket, caller wire.Caller, d deletion) (done deleted) {
	if err := wellFormedKey(d.key); err != nil {
		return deleted{err: err}
	}
	newest, ok, err := current.Get(tx, store.Key(b.ID, d.key))
	if err != nil {
		return deleted{err: err}
	}
	if d.match != nil { // it is about the newest version, whichever is to be deleted ("How to perform conditional deletes")
		switch {
		case !ok:
			return deleted{err: noSuchKey(d.key)}
		case newest.DeleteMarker || !tagListed(*d.match, newest.ETag):
			return deleted{err: preconditionFailed("If-Match")}
		}
	}
	switch {
	case d.version != nil:
		return deleteVersion(tx, b, d)
	case b.Versioning == "":
		if !ok {
			return deleted{}
		}
		return deleted{event: eventDelete, object: newest, err: remove(tx, &newest)}
	}
	marker := Object{Key: d.key, DeleteMarker: true, Owner: objectOwner(b, caller, ""), Modified: tx.Now.UTC().Truncate(time.Second)}
	if err := insert(tx, b, &marker); err != nil {
		return deleted{err: err}
	}
	return deleted{version: marker.VersionID, marker: true, event: eventDeleteMarker, object: marker}
}

func deleteVersion(tx *store.Tx, b *Bucket, d deletion) deleted {
	if !wellFormedVersion(*d.version) {
		return deleted{err: invalidVersion(*d.version)}
	}
	o, ok, err := lookUp(tx, b, d.key, *d.version)
	done := deleted{marker: ok && o.DeleteMarker, err: err}
	if err == nil && ok {
		done.err = o.Lock.check(tx.Now, d.bypass)
	}
	if done.err == nil && ok {
		done.event, done.object, done.err = eventDelete, o, remove(tx, &o)
	}
	if b.Versioning != "" {
		done.version = *d.version
	}
	return done
}

// hasIntegrityHeader says whether a request carries one of the headers that S3 requires with some documents.
func hasIntegrityHeader(req *wire.Request) bool {
	for name := range req.HTTP.Header {
		if lower := strings.ToLower(name); lower == "content-md5" || strings.HasPrefix(lower, "x-amz-checksum-") || lower == "x-amz-trailer" {
			return true
		}
	}
	return false
}
