package s3

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// CompleteMultipartUpload makes the listed parts, which stay where they are, an object. A request that is repeated after
// its success gets the same answer.
func (s *Service) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (*s3.CompleteMultipartUploadOutput, error) {
	req, b := wire.RequestFrom(ctx), subjectOf(ctx).bucket
	w := &write{bucket: b, event: "ObjectCreated:CompleteMultipartUpload", conditions: conditions{match: in.IfMatch, noneMatch: in.IfNoneMatch}}
	if err := w.conditions.wellFormed(); err != nil {
		return nil, err
	}
	listed, err := listedParts(in.MultipartUpload)
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		u, err := uploadOf(tx, b, *in.Key, *in.UploadId)
		if err != nil {
			if done, ok, lookErr := completed(tx, b, in, listed); lookErr == nil && ok {
				w.object, w.versioning = done, b.Versioning
				return nil
			}
			return err
		}
		return w.complete(ctx, s, tx, in, &u, listed)
	})
	if err != nil {
		return nil, err
	}
	out := &s3.CompleteMultipartUploadOutput{
		Bucket: in.Bucket, Key: in.Key, Location: aws.String(location(req)), ETag: aws.String(entityTag(w.object.ETag)),
		VersionId: w.shownVersion(), Expiration: expirationOf(b, &w.object),
	}
	w.object.Encryption.show(out, nil)
	setChecksum(out, w.object.Checksum)
	return out, nil
}

// listedParts checks the document of the request. Errors: MalformedXML, InvalidPartOrder, InvalidArgument.
func listedParts(doc *types.CompletedMultipartUpload) ([]types.CompletedPart, error) {
	if doc == nil || len(doc.Parts) == 0 || len(doc.Parts) > maxParts {
		return nil, malformedXML()
	}
	last := int32(0)
	for _, p := range doc.Parts {
		switch {
		case p.PartNumber == nil || p.ETag == nil:
			return nil, malformedXML()
		case *p.PartNumber < 1 || *p.PartNumber > maxParts:
			return nil, invalidArgument("PartNumber", strconv.Itoa(int(*p.PartNumber)), "Part number must be an integer between 1 and 10000, inclusive")
		case *p.PartNumber <= last:
			return nil, awserr.InvalidPartOrder.Errorf("The list of parts was not in ascending order. Parts must be ordered by part number.")
		}
		last = *p.PartNumber
	}
	return doc.Parts, nil
}

// completed returns the object that an upload, which is gone, became by the same list of parts.
func completed(tx *store.Tx, b *bucket, in *s3.CompleteMultipartUploadInput, listed []types.CompletedPart) (Object, bool, error) {
	o, ok, err := lookUp(tx, &b.Bucket, *in.Key, "")
	if err != nil || !ok || o.Upload != *in.UploadId {
		return o, false, err
	}
	tags := make([]string, 0, len(listed))
	for _, p := range listed {
		tags = append(tags, strings.Trim(*p.ETag, `"`))
	}
	return o, o.ETag == multipartTag(tags), nil
}

// complete puts the object in place of the upload.
func (w *write) complete(ctx context.Context, s *Service, tx *store.Tx, in *s3.CompleteMultipartUploadInput, u *Upload, listed []types.CompletedPart) error {
	all, err := partsOf(tx, u.ID)
	if err != nil {
		return err
	}
	if keyHeadersOf(in).given() {
		if _, err := u.unlockPart(in); err != nil {
			return err
		}
	}
	used, unused, err := chosen(u, all, listed)
	if err != nil {
		return err
	}
	w.object = u.Object
	w.object.Upload, w.object.Parts, w.object.Size = u.ID, int32(len(used)), 0
	tags := make([]string, 0, len(used))
	for _, p := range used {
		w.object.Size += p.Size
		tags = append(tags, p.ETag)
	}
	w.object.ETag = multipartTag(tags)
	switch {
	case w.object.Size > maxObject:
		return awserr.EntityTooLarge.Errorf("Your proposed upload exceeds the maximum allowed size").
			With("ProposedSize", strconv.FormatInt(w.object.Size, 10)).With("MaxSizeAllowed", strconv.Itoa(maxObject))
	case in.MpuObjectSize != nil && *in.MpuObjectSize != w.object.Size:
		return awserr.InvalidRequest.Errorf("The provided 'x-amz-mp-object-size' header value %d does not match what was computed: %d", *in.MpuObjectSize, w.object.Size)
	}
	if err := w.checksum(in, u, used); err != nil {
		return err
	}
	if err := w.place(tx, u); err != nil {
		return err
	}
	for i := range unused {
		if err := dropPart(tx, &unused[i]); err != nil {
			return err
		}
	}
	if err := uploads.Delete(tx, store.Key(u.BucketID, u.Key, u.ID)); err != nil {
		return err
	}
	return w.insert(ctx, s, tx)
}

// place checks the write, as prepare does for an object that was put whole; owner and ACL are those of the upload.
func (w *write) place(tx *store.Tx, u *Upload) error {
	row, err := w.bucket.read(tx)
	if err != nil {
		return err
	}
	if err := w.hold(tx, row); err != nil {
		return err
	}
	w.object.Owner = u.Object.Owner
	if row.ACLsDisabled() {
		w.object.Owner, w.object.ACL = row.Account, ACL{}
	}
	return nil
}

// chosen finds the listed parts among those uploaded. Errors: InvalidPart, EntityTooSmall, InvalidRequest.
func chosen(u *Upload, all []Part, listed []types.CompletedPart) (used, unused []Part, err error) {
	for i, p := range listed {
		for len(all) > 0 && all[0].Number < *p.PartNumber {
			unused, all = append(unused, all[0]), all[1:]
		}
		if len(all) == 0 || all[0].Number != *p.PartNumber || all[0].ETag != strings.Trim(*p.ETag, `"`) {
			return nil, nil, invalidPart(u, p)
		}
		part := all[0]
		all = all[1:]
		if err := u.claimed(&part, p); err != nil {
			return nil, nil, err
		}
		if i < len(listed)-1 && part.Size < minPartSize {
			return nil, nil, awserr.EntityTooSmall.Errorf("Your proposed upload is smaller than the minimum allowed size").
				With("ProposedSize", strconv.FormatInt(part.Size, 10)).With("MinSizeAllowed", strconv.Itoa(minPartSize)).
				With("PartNumber", strconv.Itoa(int(part.Number))).With("ETag", part.ETag)
		}
		if u.Declared && u.Type == types.ChecksumTypeComposite && int(part.Number) != i+1 {
			return nil, nil, awserr.InvalidPart.Errorf("Part numbers must be consecutive, starting with 1, for an upload with composite checksums.")
		}
		used = append(used, part)
	}
	return used, append(unused, all...), nil
}

// claimed compares the checksums that a listed part has in the request with those of the part.
func (u *Upload) claimed(part *Part, listed types.CompletedPart) error {
	fields := reflect.ValueOf(listed)
	some := false
	for _, a := range algorithms {
		given := fields.FieldByName("Checksum" + string(a.name)).Interface().(*string)
		if given == nil {
			continue
		}
		some = true
		if u.Declared && a.name != u.Algorithm {
			return mismatchedType(u.Algorithm, a.name)
		}
		if *given != part.checksum(a.name) {
			return invalidPart(u, listed)
		}
	}
	if !some && u.Declared && u.Type == types.ChecksumTypeComposite {
		return awserr.InvalidRequest.Errorf("The upload was created using a %s checksum. The complete request must include the checksum for each part. It was missing for part %d in the request.",
			strings.ToLower(string(u.Algorithm)), part.Number)
	}
	return nil
}

func invalidPart(u *Upload, p types.CompletedPart) error {
	return awserr.InvalidPart.Errorf("One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.").
		With("UploadId", u.ID).With("PartNumber", strconv.Itoa(int(*p.PartNumber))).With("ETag", strings.Trim(*p.ETag, `"`))
}

// checksum computes the object's checksum and compares it with the one that the request has.
func (w *write) checksum(in *s3.CompleteMultipartUploadInput, u *Upload, used []Part) (err error) {
	if in.ChecksumType != "" && u.Declared && in.ChecksumType != u.Type {
		return awserr.InvalidRequest.Errorf("The upload was created using the %s checksum mode. The complete request must use the same checksum mode.", u.Type)
	}
	if w.object.Checksum, err = combined(u.Algorithm, u.Type, used); err != nil {
		return err
	}
	fields := reflect.ValueOf(in).Elem()
	for _, a := range types.ChecksumAlgorithm("").Values() {
		given, _ := fields.FieldByName("Checksum" + string(a)).Interface().(*string)
		if given == nil {
			continue
		}
		if a != u.Algorithm {
			return mismatchedType(u.Algorithm, a)
		}
		computed := w.object.Checksum.Value
		if want, _, _ := strings.Cut(*given, "-"); want != *given && *given != computed || want == *given && want != strings.Split(computed, "-")[0] {
			return badDigest(a)
		}
	}
	return nil
}

// multipartTag is the ETag of a multipart object: the MD5 of its parts' MD5s, and their number.
func multipartTag(tags []string) string {
	h := md5.New()
	for _, t := range tags {
		raw, _ := hex.DecodeString(t)
		h.Write(raw)
	}
	return fmt.Sprintf("%x-%d", h.Sum(nil), len(tags))
}

// location is the URL of the object that was made.
func location(req *wire.Request) string {
	scheme := "http"
	if req.HTTP.TLS != nil {
		scheme = "https"
	}
	u := url.URL{Scheme: scheme, Host: req.HTTP.Host, Path: req.HTTP.URL.Path}
	return u.String()
}
