package s3

import (
	"context"
	"math"
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

var multipart = wire.Ops(
	wire.Op((*Service).CreateMultipartUpload, toCreateMultipartUpload),
	wire.Op((*Service).UploadPart, toUploadPart),
	wire.Op((*Service).UploadPartCopy, toUploadPartCopy),
	wire.Op((*Service).CompleteMultipartUpload, toCompleteMultipartUpload),
	wire.Op((*Service).AbortMultipartUpload, toAbortMultipartUpload),
	wire.Op((*Service).ListParts, toListParts),
	wire.Op((*Service).ListMultipartUploads, toListMultipartUploads),
)

// Multipart limits ("Amazon S3 multipart upload limits", Amazon S3 User Guide).
const (
	maxParts    = 10_000
	minPartSize = 5 << 20
	maxObject   = 50 << 40
)

// Upload is a multipart upload under way, as it is stored.
type Upload struct {
	BucketID  string
	Key       string
	ID        string // sorts by when the upload began
	Initiated time.Time
	Initiator types.Initiator
	Object    Object // what the object is to be: metadata, tags, owner, ACL
	// Algorithm and Type are the checksum that the completed object gets. Declared says that the request chose them; else
	// it is what S3 adds by itself.
	Algorithm types.ChecksumAlgorithm
	Type      types.ChecksumType
	Declared  bool `json:",omitempty"`
}

var uploads = store.NewTable("s3/upload", func(u *Upload) string { return store.Key(u.BucketID, u.Key, u.ID) })

// upload returns an upload, ok: there is one.
func (s *Service) upload(ctx context.Context, b *bucket, key, id string) (u Upload, ok bool, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		u, ok, err = uploads.Get(tx, store.Key(b.ID, key, id))
		return err
	})
	return u, ok, err
}

// uploadOf returns an upload. Errors: NoSuchUpload.
func uploadOf(tx *store.Tx, b *bucket, key, id string) (Upload, error) {
	u, ok, err := uploads.Get(tx, store.Key(b.ID, key, id))
	if err == nil && !ok {
		err = noSuchUpload(id)
	}
	return u, err
}

func noSuchUpload(id string) error {
	return awserr.NoSuchUpload.Errorf("The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.").
		With("UploadId", id)
}

// forgetUploads removes the multipart uploads of a bucket that is being deleted, with their parts.
func forgetUploads(tx *store.Tx, b *Bucket) error {
	var all []Upload
	for u, err := range uploads.Scan(tx, store.Key(b.ID), "") {
		if err != nil {
			return err
		}
		all = append(all, u)
	}
	for _, u := range all {
		if err := forgetUpload(tx, &u); err != nil {
			return err
		}
	}
	return nil
}

func forgetUpload(tx *store.Tx, u *Upload) error {
	if err := dropParts(tx, u.ID); err != nil {
		return err
	}
	return uploads.Delete(tx, store.Key(u.BucketID, u.Key, u.ID))
}

// CreateMultipartUpload begins an upload in parts.
func (s *Service) CreateMultipartUpload(ctx context.Context, in *s3.CreateMultipartUploadInput) (*s3.CreateMultipartUploadOutput, error) {
	req, b := wire.RequestFrom(ctx), subjectOf(ctx).bucket
	w, err := newWrite(req, b, in, *in.Key, conditions{})
	if err != nil {
		return nil, err
	}
	if w.object.Tags, err = headerTags(aws.ToString(in.Tagging)); err != nil {
		return nil, err
	}
	u := Upload{BucketID: b.ID, Key: *in.Key, Initiator: initiatorOf(req.Caller), Algorithm: types.ChecksumAlgorithmCrc64nvme, Type: types.ChecksumTypeFullObject}
	switch {
	case in.ChecksumAlgorithm != "":
		u.Declared = true
		if u.Algorithm, err = knownAlgorithm(string(in.ChecksumAlgorithm), "x-amz-checksum-algorithm"); err != nil {
			return nil, err
		}
		if u.Type, err = typeFor(u.Algorithm, in.ChecksumType); err != nil {
			return nil, err
		}
	case in.ChecksumType != "":
		return nil, awserr.InvalidRequest.Errorf("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
	}
	w.acl = aclRequest{
		action: "s3:PutObject", resource: b.arn + "/" + *in.Key,
		canned: string(in.ACL), fullControl: in.GrantFullControl, read: in.GrantRead, readACP: in.GrantReadACP, writeACP: in.GrantWriteACP,
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if err := w.prepare(tx, req.Caller); err != nil {
			return err
		}
		u.ID, u.Initiated, u.Object = newUploadID(tx.Now), w.object.Modified, w.object
		return uploads.Put(tx, &u)
	})
	if err != nil {
		return nil, err
	}
	out := &s3.CreateMultipartUploadOutput{Bucket: in.Bucket, Key: in.Key, UploadId: &u.ID}
	w.object.Encryption.show(out, w.object.key)
	out.AbortDate, out.AbortRuleId = abortOf(b, &u)
	if u.Declared {
		out.ChecksumAlgorithm, out.ChecksumType = u.Algorithm, u.Type
	}
	return out, nil
}

// initiatorOf returns who begins an upload: an account by its canonical user id, anybody else by the ARN.
func initiatorOf(c wire.Caller) types.Initiator {
	if c.Type == authz.Account || c.Type == authz.Anonymous {
		return types.Initiator{ID: ownerOf(c.Account).ID}
	}
	return types.Initiator{ID: aws.String(c.ARN)}
}

// AbortMultipartUpload ends an upload and removes its parts.
func (s *Service) AbortMultipartUpload(ctx context.Context, in *s3.AbortMultipartUploadInput) (*s3.AbortMultipartUploadOutput, error) {
	if in.IfMatchInitiatedTime != nil {
		return nil, headerNotImplemented("x-amz-if-match-initiated-time") // of directory buckets
	}
	b := subjectOf(ctx).bucket
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		u, err := uploadOf(tx, b, *in.Key, *in.UploadId)
		if err != nil {
			return err
		}
		return forgetUpload(tx, &u)
	})
	return &s3.AbortMultipartUploadOutput{}, err
}

// ListParts lists the parts that an upload has so far.
func (s *Service) ListParts(ctx context.Context, in *s3.ListPartsInput) (*s3.ListPartsOutput, error) {
	b := subjectOf(ctx).bucket
	marker, size, err := partsPage(in.PartNumberMarker, in.MaxParts)
	if err != nil {
		return nil, err
	}
	out := &s3.ListPartsOutput{
		Bucket: in.Bucket, Key: in.Key, UploadId: in.UploadId, MaxParts: aws.Int32(int32(size)),
		PartNumberMarker: aws.String(strconv.Itoa(marker)), IsTruncated: aws.Bool(false),
	}
	next := 0
	err = s.store.View(ctx, func(tx *store.Tx) error {
		u, err := uploadOf(tx, b, *in.Key, *in.UploadId)
		if err != nil {
			return err
		}
		out.AbortDate, out.AbortRuleId = abortOf(b, &u)
		out.Initiator, out.Owner, out.StorageClass = &u.Initiator, ownerOf(u.Object.Owner), u.Object.listedClass()
		if u.Declared {
			out.ChecksumAlgorithm, out.ChecksumType = u.Algorithm, u.Type
		}
		if marker >= math.MaxInt32 {
			return nil
		}
		for p, err := range parts.Scan(tx, store.Key(u.ID), partKey(u.ID, int32(marker)+1)) {
			if err != nil {
				return err
			}
			if len(out.Parts) == size {
				out.IsTruncated = aws.Bool(size > 0)
				break
			}
			next = int(p.Number)
			shown := types.Part{PartNumber: &p.Number, Size: &p.Size, ETag: aws.String(entityTag(p.ETag)), LastModified: &p.Modified}
			if c := p.checksum(u.Algorithm); c != "" && u.Declared {
				setChecksum(&shown, Checksum{Algorithm: u.Algorithm, Value: c})
			}
			out.Parts = append(out.Parts, shown)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if next > 0 {
		out.NextPartNumberMarker = aws.String(strconv.Itoa(next))
	}
	return out, nil
}

// partsPage reads the paging parameters of parts. Errors: InvalidArgument.
func partsPage(after *string, most *int32) (marker, size int, err error) {
	size = pageMax
	if most != nil {
		if *most < 0 {
			return 0, 0, invalidArgument("max-parts", strconv.Itoa(int(*most)), "Argument max-parts must be an integer between 0 and 2147483647")
		}
		size = min(int(*most), pageMax)
	}
	if after != nil && *after != "" {
		if marker, err = strconv.Atoi(*after); err != nil || marker < 0 || marker > math.MaxInt32 {
			return 0, 0, invalidArgument("part-number-marker", *after, "Argument part-number-marker must be an integer between 0 and 2147483647")
		}
	}
	return marker, size, nil
}

// ListMultipartUploads lists the uploads under way in a bucket, by key and the earliest first.
func (s *Service) ListMultipartUploads(ctx context.Context, in *s3.ListMultipartUploadsInput) (*s3.ListMultipartUploadsOutput, error) {
	b := subjectOf(ctx).bucket
	l, err := newListing(in.Prefix, in.Delimiter, in.KeyMarker, in.MaxUploads, in.EncodingType)
	if err != nil {
		return nil, err
	}
	idMarker := aws.ToString(in.UploadIdMarker)
	if aws.ToString(in.KeyMarker) == "" {
		idMarker = "" // it counts only with a key marker ("ListMultipartUploads", Amazon S3 API Reference)
	}
	out := &s3.ListMultipartUploadsOutput{
		Bucket: in.Bucket, Prefix: l.shownIf(in.Prefix), Delimiter: l.shownIf(in.Delimiter), EncodingType: in.EncodingType,
		KeyMarker: l.shown(aws.ToString(in.KeyMarker)), UploadIdMarker: aws.String(idMarker), MaxUploads: aws.Int32(int32(l.most)),
	}
	lastID := ""
	err = s.store.View(ctx, func(tx *store.Tx) error {
		return l.walkUploads(tx, &b.Bucket, aws.ToString(in.KeyMarker), idMarker, func(u *Upload) {
			lastID = u.ID
			shown := types.MultipartUpload{
				Key: l.shown(u.Key), UploadId: &u.ID, Initiated: &u.Initiated, Initiator: &u.Initiator,
				Owner: ownerOf(u.Object.Owner), StorageClass: u.Object.listedClass(),
			}
			if u.Declared {
				shown.ChecksumAlgorithm, shown.ChecksumType = u.Algorithm, u.Type
			}
			out.Uploads = append(out.Uploads, shown)
		})
	})
	if err != nil {
		return nil, err
	}
	out.CommonPrefixes, out.IsTruncated = l.prefixes, aws.Bool(l.truncated)
	if l.truncated {
		out.NextKeyMarker, out.NextUploadIdMarker = l.shown(l.last), aws.String("")
		if common, ok := l.common(l.last); !ok || common != l.last {
			out.NextUploadIdMarker = &lastID
		}
	}
	return out, nil
}

// walkUploads calls add with the uploads to list; with an id marker it begins among those of the marked key.
func (l *listing) walkUploads(tx *store.Tx, b *Bucket, keyMarker, idMarker string, add func(*Upload)) error {
	resume := ""
	if _, rolled := l.common(keyMarker); idMarker != "" && strings.HasPrefix(keyMarker, l.prefix) && !rolled {
		resume = store.After(store.Key(b.ID, keyMarker, idMarker))
	}
	return l.scan(func(from string) (jump string, err error) {
		start := store.Key(b.ID, from)
		if resume != "" {
			start, resume = resume, ""
		}
		for u, err := range uploads.Scan(tx, store.Key(b.ID), start) {
			if err != nil {
				return "", err
			}
			listed, jump, more := l.take(u.Key)
			if listed {
				add(&u)
			}
			if !more || jump != "" {
				return jump, nil
			}
		}
		return "", nil
	})
}
