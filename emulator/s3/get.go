package s3

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// GetObject returns an object, or a range or part of it.
func (s *Service) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	for {
		out, span, err := s.describe(ctx, in)
		if err != nil {
			return nil, err
		}
		o := subjectOf(ctx).object
		if o.asleep(wire.RequestFrom(ctx).Now) {
			return nil, archivedState(o)
		}
		out.Body, err = s.open(ctx, o, span.offset, span.length)
		if err == nil {
			return out, nil
		}
		if !errors.Is(err, fs.ErrNotExist) || ctx.Err() != nil {
			return nil, err
		}
		if replaced, wrong := s.replaced(ctx, in); wrong != nil {
			return nil, wrong
		} else if !replaced {
			return nil, err
		}
	}
}

// replaced reads the object once more after its body turned out to be gone, since it was replaced between the rule and the
// operation. The new one is served if what decides about access is the same. Errors: InternalError when it was not replaced,
// so that its body is lost.
func (s *Service) replaced(ctx context.Context, in *s3.GetObjectInput) (bool, error) {
	sub := subjectOf(ctx)
	o, err := s.find(ctx, sub.bucket, *in.Key, aws.ToString(in.VersionId))
	switch {
	case err != nil || o == nil || o.DeleteMarker:
		return false, err
	case o.Order == sub.object.Order:
		return false, damaged()
	case o.Owner != sub.object.Owner || !reflect.DeepEqual(o.ACL, sub.object.ACL) || !reflect.DeepEqual(o.Tags, sub.object.Tags) ||
		!reflect.DeepEqual(o.Encryption, sub.object.Encryption):
		return false, nil
	}
	sub.object = o
	return true, nil
}

// damaged is the answer when the data directory does not hold what it should.
func damaged() error {
	return awserr.InternalError.Errorf("The body of this object is not, or not whole, in the data directory of xemu.")
}

// HeadObject returns what GetObject would, without the body.
func (s *Service) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	var get s3.GetObjectInput
	copyFields(&get, in)
	out, _, err := s.describe(ctx, &get)
	if err != nil {
		return nil, err
	}
	var head s3.HeadObjectOutput
	copyFields(&head, out)
	return &head, nil
}

// copyFields copies the fields that two structs share by name and type.
func copyFields(to, from any) {
	dst, src := reflect.ValueOf(to).Elem(), reflect.ValueOf(from).Elem()
	for _, pair := range sharedFields(dst.Type(), src.Type()) {
		dst.Field(pair[0]).Set(src.Field(pair[1]))
	}
}

// sharedFields returns the indices of the fields that copyFields copies; it looks at each pair of types once.
func sharedFields(dst, src reflect.Type) [][2]int {
	types := [2]reflect.Type{dst, src}
	if pairs, ok := shared.Load(types); ok {
		return pairs.([][2]int)
	}
	var pairs [][2]int
	for i := range dst.NumField() {
		to := dst.Field(i)
		if from, ok := src.FieldByName(to.Name); ok && to.IsExported() && from.Type == to.Type {
			pairs = append(pairs, [2]int{i, from.Index[0]})
		}
	}
	shared.Store(types, pairs)
	return pairs
}

var shared sync.Map // [2]reflect.Type → [][2]int

// A span is a piece of a body.
type span struct{ offset, length int64 }

// describe finds and checks the object of a GET or HEAD and says all of it but the body, of which it returns the span that
// is asked for.
func (s *Service) describe(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, span, error) {
	req, sub := wire.RequestFrom(ctx), subjectOf(ctx)
	o, err := readable(sub.object, *in.Key, in.VersionId, req.HTTP.Method)
	if err != nil {
		return nil, span{}, err
	}
	if err := unlocked(ctx, o, in); err != nil {
		return nil, span{}, err
	}
	c := conditions{match: in.IfMatch, noneMatch: in.IfNoneMatch, modifiedSince: in.IfModifiedSince, unmodifiedSince: in.IfUnmodifiedSince}
	if err := c.read(o, req.Now); err != nil {
		return nil, span{}, err
	}

	out := &s3.GetObjectOutput{
		AcceptRanges:       aws.String("bytes"),
		CacheControl:       text(o.CacheControl),
		ContentDisposition: text(o.ContentDisposition),
		ContentEncoding:    text(o.ContentEncoding),
		ContentLanguage:    text(o.ContentLanguage),
		ContentType:        text(o.ContentType),
		ETag:               aws.String(entityTag(o.ETag)),
		//lint:ignore SA1019 a client of the SDK may still read it
		Expires:                 o.expiresTime(),
		ExpiresString:           text(o.Metadata.Expires),
		LastModified:            aws.Time(o.Modified),
		Metadata:                metadataHeaders(o.User),
		StorageClass:            o.StorageClass,
		VersionId:               shownVersion(sub.bucket.Versioning, o.VersionID),
		WebsiteRedirectLocation: text(o.WebsiteRedirect),
	}
	o.Encryption.show(out, o.key)
	out.ReplicationStatus = o.Replication
	if len(o.Tags) > 0 {
		out.TagCount = aws.Int32(int32(len(o.Tags)))
	}
	if o.archived() {
		out.Restore = o.Restore.header(req.Now)
	}
	if in.VersionId == nil {
		out.Expiration = expirationOf(sub.bucket, o)
	}
	if err := sub.showLock(ctx, out, o, aws.ToString(in.VersionId)); err != nil {
		return nil, span{}, err
	}
	if err := override(out, in, req.Caller.Type == authz.Anonymous); err != nil {
		return nil, span{}, err
	}

	piece := span{0, o.Size}
	switch {
	case in.PartNumber != nil && in.Range != nil:
		return nil, span{}, awserr.InvalidRequest.Errorf("Cannot specify both Range header and partNumber query parameter")
	case in.PartNumber != nil:
		p, at, err := s.part(ctx, o, *in.PartNumber)
		if err != nil {
			return nil, span{}, err
		}
		piece = at
		if o.Parts > 0 {
			out.PartsCount = aws.Int32(o.Parts)
		}
		if in.ChecksumMode == types.ChecksumModeEnabled && o.Checksum.Algorithm != "" {
			setChecksum(out, Checksum{o.Checksum.Algorithm, o.Checksum.Type, p.checksum(o.Checksum.Algorithm)})
		}
	case in.Range != nil:
		r, ok, err := parseRange(*in.Range, o.Size)
		if err != nil {
			return nil, span{}, err
		}
		if ok {
			piece = r
			out.ContentRange = aws.String(r.of(o.Size))
		}
	}
	if in.PartNumber != nil && o.Size > 0 {
		out.ContentRange = aws.String(piece.of(o.Size))
	}
	if in.PartNumber == nil && out.ContentRange == nil && in.ChecksumMode == types.ChecksumModeEnabled {
		setChecksum(out, o.Checksum)
	}
	out.ContentLength = aws.Int64(piece.length)
	return out, piece, nil
}

// of is the Content-Range of a span of a body of size bytes.
func (p span) of(size int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", p.offset, p.offset+p.length-1, size)
}

// readable checks that o, the version of a key that the rule found, can be read; method is what the request does to it.
// Errors: KeyTooLongError, NoSuchKey, NoSuchVersion, InvalidArgument, MethodNotAllowed (a delete marker by its version id, "Working with
// delete markers", Amazon S3 User Guide).
func readable(o *Object, key string, version *string, method string) (*Object, error) {
	if err := wellFormedKey(key); err != nil {
		return nil, err
	}
	switch {
	case version != nil && !wellFormedVersion(*version):
		return nil, invalidVersion(*version)
	case o == nil && version != nil:
		return nil, noSuchVersion(key, *version)
	case o == nil:
		return nil, noSuchKey(key)
	case o.DeleteMarker && version != nil:
		return nil, awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.").
			With("Method", method).With("ResourceType", "DeleteMarker").
			WithHeader("Allow", "DELETE").
			WithHeader("x-amz-delete-marker", "true").
			WithHeader("x-amz-version-id", o.VersionID).
			WithHeader("Last-Modified", httpTime(o.Modified))
	case o.DeleteMarker:
		return nil, noSuchKey(key).
			WithHeader("x-amz-delete-marker", "true").
			WithHeader("x-amz-version-id", o.VersionID)
	}
	return o, nil
}

// override puts the response headers that the request's query asks for ("GetObject", Amazon S3 API Reference, "Overriding
// response header values through the request").
func override(out *s3.GetObjectOutput, in *s3.GetObjectInput, anonymous bool) error {
	any := false
	for _, o := range []struct {
		to   **string
		from *string
	}{
		{&out.CacheControl, in.ResponseCacheControl},
		{&out.ContentDisposition, in.ResponseContentDisposition},
		{&out.ContentEncoding, in.ResponseContentEncoding},
		{&out.ContentLanguage, in.ResponseContentLanguage},
		{&out.ContentType, in.ResponseContentType},
	} {
		if o.from != nil {
			*o.to, any = o.from, true
		}
	}
	if in.ResponseExpires != nil {
		//lint:ignore SA1019 a client of the SDK may still read it
		out.Expires, out.ExpiresString, any = in.ResponseExpires, aws.String(httpTime(*in.ResponseExpires)), true
	}
	if any && anonymous {
		return awserr.InvalidRequest.Errorf("Request specific response headers cannot be used for anonymous GET requests.")
	}
	return nil
}

// part returns part n of an object and where it lies; one that was put whole is its own first part.
func (s *Service) part(ctx context.Context, o *Object, n int32) (p Part, at span, err error) {
	switch {
	case n < 1 || n > maxParts:
		return p, at, invalidArgument("partNumber", strconv.Itoa(int(n)), "Part number must be an integer between 1 and 10000, inclusive")
	case o.Parts == 0 && n == 1:
		return Part{Number: 1, Size: o.Size, Checksums: []Checksum{o.Checksum}}, span{0, o.Size}, nil
	case n > max(o.Parts, 1):
		return p, at, awserr.InvalidPartNumber.Errorf("The requested partnumber is not satisfiable").
			With("ActualPartCount", strconv.Itoa(int(max(o.Parts, 1)))).With("PartNumberRequested", strconv.Itoa(int(n)))
	}
	var all []Part
	err = s.store.View(ctx, func(tx *store.Tx) error {
		all, err = partsOf(tx, o.Upload)
		return err
	})
	if err != nil || int(n) > len(all) {
		return p, at, changedMeanwhile(err)
	}
	for _, before := range all[:n-1] {
		at.offset += before.Size
	}
	p = all[n-1]
	at.length = p.Size
	return p, at, nil
}

// parseRange reads a Range header (RFC 7233, section 2.1). ok is false when S3 ignores it: when it is malformed, in another
// unit, or has several ranges. Errors: InvalidRange.
func parseRange(header string, size int64) (r span, ok bool, err error) {
	set, found := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(strings.TrimSpace(set), "-")
	if !found || !dash { // a list fails below: "1,3" are not digits
		return r, false, nil
	}
	from, fromOK := digits(first)
	to, toOK := digits(last)
	switch {
	case first == "" && toOK: // the last bytes
		r = span{max(0, size-to), min(to, size)}
	case !fromOK || last != "" && (!toOK || to < from):
		return r, false, nil
	case last == "":
		r = span{from, size - from}
	default:
		r = span{from, min(to, size-1) - from + 1}
	}
	if r.length <= 0 {
		return r, false, awserr.InvalidRange.Errorf("The requested range is not satisfiable").
			With("RangeRequested", header).With("ActualObjectSize", strconv.FormatInt(size, 10))
	}
	return r, true, nil
}

// digits reads a number that is digits only; one too large for an int64 is the largest.
func digits(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64) // the largest when it is out of range
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}

func archivedState(o *Object) error {
	return awserr.InvalidObjectState.Errorf("The operation is not valid for the object's storage class").
		With("StorageClass", string(o.StorageClass))
}

// changedMeanwhile is the answer when what was authorized is no longer there to be served; clients try again. It is an
// fs.ErrNotExist for callers here.
func changedMeanwhile(err error) error {
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	e := awserr.ServiceUnavailable.Errorf("Reduce your request rate.")
	e.Cause = fmt.Errorf("the object was replaced or deleted while it was being read: %w", fs.ErrNotExist)
	return e
}
