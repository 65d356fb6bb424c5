package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var objectTags = wire.Ops(
	wire.Op((*Service).GetObjectTagging, toGetObjectTagging),
	wire.Op((*Service).PutObjectTagging, toPutObjectTagging),
	wire.Op((*Service).DeleteObjectTagging, toDeleteObjectTagging),
)

// GetObjectTagging returns the tags of an object.
func (s *Service) GetObjectTagging(ctx context.Context, in *s3.GetObjectTaggingInput) (*s3.GetObjectTaggingOutput, error) {
	sub := subjectOf(ctx)
	o, err := readable(sub.object, *in.Key, in.VersionId, "GET")
	if err != nil {
		return nil, err
	}
	return &s3.GetObjectTaggingOutput{TagSet: showTags(o.Tags), VersionId: shownVersion(sub.bucket.Versioning, o.VersionID)}, nil
}

// PutObjectTagging replaces the tags of an object.
func (s *Service) PutObjectTagging(ctx context.Context, in *s3.PutObjectTaggingInput) (*s3.PutObjectTaggingOutput, error) {
	if in.Tagging == nil {
		return nil, malformedXML()
	}
	tags, err := newTags(in.Tagging.TagSet, maxObjectTags)
	if err != nil {
		return nil, err
	}
	version, err := s.changeObject(ctx, *in.Key, in.VersionId, "ObjectTagging:Put", func(_ *store.Tx, _ *Bucket, o *Object) error {
		o.Tags = tags
		return nil
	})
	return &s3.PutObjectTaggingOutput{VersionId: version}, err
}

// DeleteObjectTagging removes all tags of an object.
func (s *Service) DeleteObjectTagging(ctx context.Context, in *s3.DeleteObjectTaggingInput) (*s3.DeleteObjectTaggingOutput, error) {
	version, err := s.changeObject(ctx, *in.Key, in.VersionId, "ObjectTagging:Delete", func(_ *store.Tx, _ *Bucket, o *Object) error {
		o.Tags = nil
		return nil
	})
	return &s3.DeleteObjectTaggingOutput{VersionId: version}, err
}

// changeObject changes the row of a version ("" is the newest) of the subject's bucket, and returns its shown version id.
// event is what it makes happen, "" for nothing. Errors: those of a read, and change's.
func (s *Service) changeObject(ctx context.Context, key string, version *string, event string, change func(*store.Tx, *Bucket, *Object) error) (shown *string, err error) {
	b := subjectOf(ctx).bucket
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		row, err := b.row(tx)
		if err != nil {
			return err
		}
		o, ok, err := lookUp(tx, &row, key, aws.ToString(version))
		if err != nil {
			return err
		}
		found := &o
		if !ok {
			found = nil
		}
		if _, err := readable(found, key, version, wire.RequestFrom(ctx).HTTP.Method); err != nil {
			return err
		}
		if err := change(tx, &row, &o); err != nil {
			return err
		}
		shown = shownVersion(row.Versioning, o.VersionID)
		if event == "" {
			return replace(tx, &o)
		}
		o.changed(b, row.Versioning)
		if err := replace(tx, &o); err != nil {
			return err
		}
		return s.happened(tx, b, &o, event, wire.RequestFrom(ctx))
	})
	return shown, err
}
