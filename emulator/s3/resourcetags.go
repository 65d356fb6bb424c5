package s3

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Tags of buckets and access points by ARN. Unlike PutBucketTagging these change single tags, and may when the bucket has ABAC.
var resourceTags = wire.Ops(
	wire.Op((*Control).ListTagsForResource, toTagged("s3:ListTagsForResource")),
	wire.Op((*Control).TagResource, toTagged("s3:TagResource")),
	wire.Op((*Control).UntagResource, toTagged("s3:UntagResource")),
)

// toTagged is the rule of an operation on the tags of what ResourceArn names. Errors: NoSuchBucket, NoSuchAccessPoint, and
// NotImplemented for other kinds of resources.
func toTagged(action string) wire.Rule {
	return wire.Any(func(ctx context.Context, c *Control, in any) ([]wire.Need, error) {
		sub, err := c.on(ctx, in)
		if err != nil {
			return nil, err
		}
		arn := *reflect.ValueOf(in).Elem().FieldByName("ResourceArn").Interface().(*string)
		name, isBucket := strings.CutPrefix(arn, "arn:aws:s3:::")
		switch {
		case isBucket && !strings.Contains(name, "/"):
			if sub.bucket, err = c.s3.bucketNamed(ctx, name); err != nil {
				return nil, err
			}
			return []wire.Need{sub.need(action)}, nil
		case pointARNForm.MatchString(arn):
			need := sub.needIn(action, arn, nil)
			return []wire.Need{need}, c.s3.store.View(ctx, func(tx *store.Tx) error {
				row, ok, err := pointTable.Get(tx, keyOfARN(arn))
				if err == nil && (!ok || row.Account != sub.request.Caller.Account) {
					err = noSuchAccessPoint()
				}
				sub.point = &row
				need.Keys.(*keys).point = &accessPoint{AccessPoint: row, arn: arn}
				return err
			})
		case strings.HasPrefix(arn, "arn:aws:s3:"):
			return nil, awserr.NotImplemented.Errorf("xemu does not implement tags of %s.", arn)
		}
		return nil, awserr.InvalidRequest.Errorf("The ARN specified for the resource is not valid.")
	})
}

// ListTagsForResource returns the tags; there may be none.
func (c *Control) ListTagsForResource(ctx context.Context, _ *s3control.ListTagsForResourceInput) (*s3control.ListTagsForResourceOutput, error) {
	sub := subjectOf(ctx)
	var tags []Tag
	if sub.bucket != nil {
		tags = sub.bucket.Tags
	} else {
		tags = sub.point.Tags
	}
	out := &s3control.ListTagsForResourceOutput{Tags: []types.Tag{}}
	for _, t := range tags {
		out.Tags = append(out.Tags, types.Tag{Key: aws.String(t.Key), Value: aws.String(t.Value)})
	}
	return out, nil
}

// TagResource sets tags beside those that are there.
func (c *Control) TagResource(ctx context.Context, in *s3control.TagResourceInput) (*s3control.TagResourceOutput, error) {
	added, err := newControlTags(in.Tags)
	if err != nil {
		return nil, err
	}
	return &s3control.TagResourceOutput{}, c.changeTags(ctx, func(tags []Tag) ([]Tag, error) {
		tags = slices.Clone(tags)
		for _, t := range added {
			if i := slices.IndexFunc(tags, func(old Tag) bool { return old.Key == t.Key }); i >= 0 {
				tags[i] = t
			} else {
				tags = append(tags, t)
			}
		}
		if len(tags) > maxBucketTags {
			return nil, awserr.BadRequest.Errorf("Bucket tag count cannot be greater than %d", maxBucketTags)
		}
		return tags, nil
	})
}

// UntagResource removes the tags of the keys that are there.
func (c *Control) UntagResource(ctx context.Context, in *s3control.UntagResourceInput) (*s3control.UntagResourceOutput, error) {
	return &s3control.UntagResourceOutput{}, c.changeTags(ctx, func(tags []Tag) ([]Tag, error) {
		return slices.DeleteFunc(slices.Clone(tags), func(t Tag) bool { return slices.Contains(in.TagKeys, t.Key) }), nil
	})
}

func (c *Control) changeTags(ctx context.Context, change func([]Tag) ([]Tag, error)) error {
	sub := subjectOf(ctx)
	if sub.bucket != nil {
		return c.s3.changeBucket(ctx, sub.bucket, func(_ *store.Tx, b *Bucket) (err error) {
			b.Tags, err = change(b.Tags)
			return err
		})
	}
	return c.changePoint(ctx, sub.point, func(_ *store.Tx, p *AccessPoint) (err error) {
		p.Tags, err = change(p.Tags)
		return err
	})
}

// newControlTags checks tags. Errors: those of newTags.
func newControlTags(set []types.Tag) ([]Tag, error) {
	tags := make([]s3types.Tag, len(set))
	for i, t := range set {
		tags[i] = s3types.Tag{Key: t.Key, Value: t.Value}
	}
	return newTags(tags, maxBucketTags)
}
