package s3

import (
	"context"

	"github.com/xemu-aws/xemu/emulator/wire"
)

// A subject is what a request is about. The rule of the operation fills it and the operation takes it from there, so that
// a row is read once, and the one that was authorized is the one that is served.
type subject struct {
	bucket *bucket
	// object is the version that the rule read, nil when there is none. Rules of reads (get, head, attributes, ACL, tagging,
	// copy source) always read it, those of writes do not.
	object *Object

	// Of CopyObject and UploadPartCopy: where from.
	source *source
}

// A source is what x-amz-copy-source names.
type source struct {
	bucket       *bucket
	key, version string
	object       *Object // nil when there is none
}

// subjectOf returns what the rule of the request found.
func subjectOf(ctx context.Context) *subject { return wire.RequestFrom(ctx).Memo.(*subject) }
