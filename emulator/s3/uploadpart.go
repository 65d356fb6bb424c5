package s3

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// UploadPart stores a part of an upload, in place of one of the same number.
func (s *Service) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	req, b := wire.RequestFrom(ctx), subjectOf(ctx).bucket
	if err := unsupported(in); err != nil {
		return nil, err
	}
	u, err := s.uploadFor(ctx, b, *in.Key, *in.UploadId, *in.PartNumber)
	if err != nil {
		return nil, err
	}
	if err := lockIntegrity(req, u.Object.Lock != Lock{}); err != nil {
		return nil, err
	}
	sealed, err := u.sealedPart(req, b, in)
	if err != nil {
		return nil, err
	}
	claimed, err := claimOf(req.HTTP, in)
	if err != nil {
		return nil, err
	}
	if u.Declared && u.Algorithm != claimed.algorithm && (claimed.algorithm != "" || u.Type == types.ChecksumTypeComposite) {
		return nil, mismatchedType(u.Algorithm, claimed.algorithm)
	}
	received, err := s.receive(ctx, req.HTTP, in.Body, claimed, false, sealed.stream(), u.Algorithm)
	if err != nil {
		return nil, err
	}
	p, err := s.addPart(ctx, b, &u, *in.PartNumber, received, sealed.nonce)
	if err != nil {
		return nil, err
	}
	out := &s3.UploadPartOutput{ETag: aws.String(entityTag(p.ETag))}
	u.Object.Encryption.show(out, sealed.key)
	algorithm := claimed.algorithm
	if algorithm == "" {
		algorithm = u.Algorithm
	}
	setChecksum(out, received.sum(algorithm))
	return out, nil
}

func mismatchedType(want, got types.ChecksumAlgorithm) error {
	name := strings.ToLower(string(got))
	if got == "" {
		name = "null"
	}
	return awserr.InvalidRequest.Errorf("Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s", strings.ToLower(string(want)), name)
}

// uploadFor returns the upload that a part is for. Errors: InvalidArgument (the number), NoSuchUpload.
func (s *Service) uploadFor(ctx context.Context, b *bucket, key, id string, number int32) (u Upload, err error) {
	if number < 1 || number > maxParts {
		return u, invalidArgument("partNumber", strconv.Itoa(int(number)), "Part number must be an integer between 1 and 10000, inclusive")
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		u, err = uploadOf(tx, b, key, id)
		return err
	})
	return u, err
}

// addPart makes the received body a part, or discards it.
func (s *Service) addPart(ctx context.Context, b *bucket, u *Upload, number int32, received *body, nonce []byte) (Part, error) {
	p := Part{
		Upload: u.ID, Number: number, Blob: received.blob, Size: received.size,
		ETag: u.Object.Encryption.etag(received.md5), Checksums: received.sums, Nonce: nonce,
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := uploadOf(tx, b, u.Key, u.ID); err != nil { // completed or aborted meanwhile
			return err
		}
		before, ok, err := parts.Get(tx, partKey(u.ID, number))
		if err != nil {
			return err
		}
		if p.Blob != "" {
			if err := tx.KeepBlob(p.Blob); err != nil {
				return err
			}
		}
		if ok {
			if err := dropPart(tx, &before); err != nil {
				return err
			}
		}
		p.Modified = tx.Now.UTC().Truncate(time.Second)
		return parts.Put(tx, &p)
	})
	if err != nil {
		s.discard(received)
	}
	return p, err
}

// UploadPartCopy stores a part whose bytes are those of an object, or of a range of it.
func (s *Service) UploadPartCopy(ctx context.Context, in *s3.UploadPartCopyInput) (*s3.UploadPartCopyOutput, error) {
	sub := subjectOf(ctx)
	u, err := s.uploadFor(ctx, sub.bucket, *in.Key, *in.UploadId, *in.PartNumber)
	if err != nil {
		return nil, err
	}
	if err := unsupported(in); err != nil {
		return nil, err
	}
	sealed, err := u.sealedPart(wire.RequestFrom(ctx), sub.bucket, in)
	if err != nil {
		return nil, err
	}
	src, err := sub.source.readable(ctx, in, conditions{
		match: in.CopySourceIfMatch, noneMatch: in.CopySourceIfNoneMatch,
		modifiedSince: in.CopySourceIfModifiedSince, unmodifiedSince: in.CopySourceIfUnmodifiedSince,
	})
	if err != nil {
		return nil, err
	}
	at, err := copyRange(in.CopySourceRange, src.Size)
	if err != nil {
		return nil, err
	}
	from, err := s.open(ctx, src, at.offset, at.length)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	received, err := s.take(ctx, from, newDigest(u.Algorithm), false, sealed.stream(), func(b *body) error {
		if b.size != at.length {
			return changedMeanwhile(nil)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	p, err := s.addPart(ctx, sub.bucket, &u, *in.PartNumber, received, sealed.nonce)
	if err != nil {
		return nil, err
	}
	result := &types.CopyPartResult{ETag: aws.String(entityTag(p.ETag)), LastModified: &p.Modified}
	if u.Declared {
		setChecksum(result, received.sum(u.Algorithm))
	}
	out := &s3.UploadPartCopyOutput{CopyPartResult: result, CopySourceVersionId: shownVersion(sub.source.bucket.Versioning, src.VersionID)}
	u.Object.Encryption.show(out, sealed.key)
	return out, nil
}

// copyRange reads x-amz-copy-source-range, which has to lie within the source ("UploadPartCopy", Amazon S3 API Reference).
func copyRange(header *string, size int64) (span, error) {
	if header == nil {
		if size > maxBody {
			return span{}, copyTooLarge()
		}
		return span{0, size}, nil
	}
	set, ok := strings.CutPrefix(*header, "bytes=")
	first, last, dash := strings.Cut(set, "-")
	from, ok1 := digits(first)
	to, ok2 := digits(last)
	switch {
	case !ok || !dash || !ok1 || !ok2 || to < from:
		return span{}, invalidArgument("x-amz-copy-source-range", *header, "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
	case to >= size:
		return span{}, invalidArgument("x-amz-copy-source-range", *header, "Range specified is not valid for source object of size: "+strconv.FormatInt(size, 10))
	case to-from+1 > maxBody:
		return span{}, copyTooLarge()
	}
	return span{from, to - from + 1}, nil
}

func copyTooLarge() error {
	return awserr.InvalidRequest.Errorf("The specified copy source is larger than the maximum allowable size for a copy source: %d", maxBody)
}

// copyBuffered writes all of from to d, with a pooled buffer.
func copyBuffered(ctx context.Context, d io.Writer, from io.Reader) error {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	for {
		n, err := fill(from, *buf)
		d.Write((*buf)[:n])
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}
