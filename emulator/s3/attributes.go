package s3

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// GetObjectAttributes returns what is asked for of an object's attributes.
func (s *Service) GetObjectAttributes(ctx context.Context, in *s3.GetObjectAttributesInput) (*s3.GetObjectAttributesOutput, error) {
	req, sub := wire.RequestFrom(ctx), subjectOf(ctx)
	o, err := readable(sub.object, *in.Key, in.VersionId, req.HTTP.Method)
	if err != nil {
		return nil, err
	}
	if err := unlocked(ctx, o, in); err != nil {
		return nil, err
	}
	out := &s3.GetObjectAttributesOutput{LastModified: &o.Modified, VersionId: shownVersion(sub.bucket.Versioning, o.VersionID)}
	for _, list := range in.ObjectAttributes {
		for name := range strings.SplitSeq(string(list), ",") {
			switch a := types.ObjectAttributes(strings.TrimSpace(name)); a {
			case types.ObjectAttributesEtag:
				out.ETag = &o.ETag // without quotes, as S3 has it here
			case types.ObjectAttributesChecksum:
				if o.Checksum.Algorithm != "" {
					out.Checksum = &types.Checksum{}
					setChecksum(out.Checksum, o.Checksum)
				}
			case types.ObjectAttributesStorageClass:
				out.StorageClass = o.listedClass()
			case types.ObjectAttributesObjectSize:
				out.ObjectSize = &o.Size
			case types.ObjectAttributesObjectParts:
				if out.ObjectParts, err = s.attributeParts(ctx, o, in); err != nil {
					return nil, err
				}
			default:
				return nil, invalidArgument("x-amz-object-attributes", string(a), "Invalid attribute name specified.")
			}
		}
	}
	return out, nil
}

// attributeParts is a page of the parts of a multipart object, nil for another one. Parts are listed only where the upload
// brought checksums of them ("GetObjectAttributes", Amazon S3 API Reference).
func (s *Service) attributeParts(ctx context.Context, o *Object, in *s3.GetObjectAttributesInput) (*types.GetObjectAttributesParts, error) {
	if o.Parts == 0 {
		return nil, nil
	}
	marker, size, err := partsPage(in.PartNumberMarker, in.MaxParts)
	if err != nil {
		return nil, err
	}
	page := &types.GetObjectAttributesParts{
		TotalPartsCount: aws.Int32(o.Parts), PartNumberMarker: aws.String(strconv.Itoa(marker)), MaxParts: aws.Int32(int32(size)), IsTruncated: aws.Bool(false),
	}
	var all []Part
	err = s.store.View(ctx, func(tx *store.Tx) error {
		all, err = partsOf(tx, o.Upload)
		return err
	})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p Part) bool { return int(p.Number) <= marker })
	if len(all) > size {
		all = all[:size]
		page.IsTruncated = aws.Bool(true)
	}
	if len(all) > 0 {
		page.NextPartNumberMarker = aws.String(strconv.Itoa(int(all[len(all)-1].Number)))
	}
	if o.Checksum.Type != types.ChecksumTypeComposite {
		return page, nil
	}
	for _, p := range all {
		shown := types.ObjectPart{PartNumber: aws.Int32(p.Number), Size: aws.Int64(p.Size)}
		setChecksum(&shown, Checksum{Algorithm: o.Checksum.Algorithm, Value: p.checksum(o.Checksum.Algorithm)})
		page.Parts = append(page.Parts, shown)
	}
	return page, nil
}
