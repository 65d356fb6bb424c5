package s3

import (
	"context"
	"errors"
	"strings"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// Standing returns what a caller's action on a bucket, or on an object in it, would be decided on: the owner, the
// resource-based policies, the object's tags, a veto of Block Public Access. ok is false when arn names no bucket that
// there is. The condition keys of a request are not in it.
func (s *Service) Standing(ctx context.Context, caller wire.Caller, action, arn string) (need wire.Need, ok bool, err error) {
	path, ok := strings.CutPrefix(arn, "arn:aws:s3:::")
	if !ok {
		return need, false, nil
	}
	name, key, isObject := strings.Cut(path, "/")
	b, err := s.bucketNamed(ctx, name)
	if err != nil {
		if errors.Is(err, awserr.NoSuchBucket) {
			err = nil
		}
		return need, false, err
	}
	sub := &subject{service: s, request: &wire.Request{Caller: caller}, bucket: b}
	need = sub.needOn(b, action, arn, b.policies)
	if isObject {
		o, err := s.find(ctx, b, key, "")
		if err != nil {
			return need, false, err
		}
		if o != nil && !o.DeleteMarker {
			need = sub.needOf(b, action, o, "")
			tags := authz.Keys{}
			for _, t := range o.Tags {
				tags["s3:existingobjecttag/"+strings.ToLower(t.Key)] = []string{t.Value}
			}
			need.Keys = tags
			return need, true, nil
		}
	}
	need.Keys = nil
	return need, true, nil
}
