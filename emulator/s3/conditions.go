package s3

import (
	"net/http"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// conditions are the preconditions of a request.
type conditions struct {
	match, noneMatch               *string
	modifiedSince, unmodifiedSince *time.Time
	prefix                         string // of the headers' names: "" or "x-amz-copy-source-"
}

// read decides whether o may be read. RFC 7232, section 6, and "GetObject" (Amazon S3 API Reference) give the precedence: a
// true If-Match outweighs If-Unmodified-Since, a false If-None-Match outweighs If-Modified-Since. Errors: PreconditionFailed,
// NotModified.
func (c conditions) read(o *Object, now time.Time) error {
	switch {
	case c.match != nil:
		if !tagListed(*c.match, o.ETag) {
			return preconditionFailed(c.prefix + "If-Match")
		}
	case c.unmodifiedSince != nil && o.Modified.After(*c.unmodifiedSince):
		return preconditionFailed(c.prefix + "If-Unmodified-Since")
	}
	switch {
	case c.noneMatch != nil:
		if tagListed(*c.noneMatch, o.ETag) {
			return c.unchanged(o, "If-None-Match")
		}
	case c.modifiedSince != nil && !o.Modified.After(*c.modifiedSince) && !c.modifiedSince.After(now):
		return c.unchanged(o, "If-Modified-Since")
	}
	return nil
}

// unchanged is 304 for a reader and 412 for a copy.
func (c conditions) unchanged(o *Object, header string) error {
	if c.prefix != "" {
		return preconditionFailed(c.prefix + header)
	}
	e := awserr.NotModified.Errorf("Not Modified").
		WithHeader("ETag", entityTag(o.ETag)).
		WithHeader("Last-Modified", httpTime(o.Modified))
	for name, value := range map[string]string{"Cache-Control": o.CacheControl, "Expires": o.Metadata.Expires} {
		if value != "" {
			e = e.WithHeader(name, value)
		}
	}
	if o.VersionID != nullVersion {
		e = e.WithHeader("x-amz-version-id", o.VersionID)
	}
	return e
}

// wellFormed checks the preconditions of a write: "If-None-Match" takes only an asterisk ("PutObject", Amazon S3 API
// Reference). Errors: NotImplemented.
func (c conditions) wellFormed() error {
	switch {
	case c.noneMatch != nil && strings.TrimSpace(*c.noneMatch) != "*":
		return headerNotImplemented("If-None-Match")
	case c.noneMatch != nil && c.match != nil:
		return headerNotImplemented("If-Match,If-None-Match")
	}
	return nil
}

func (c conditions) given() bool { return c.match != nil || c.noneMatch != nil }

// write decides whether a key whose newest version is o (ok: there is one) may be written. Errors: PreconditionFailed,
// NoSuchKey.
func (c conditions) write(key string, o *Object, ok bool) error {
	exists := ok && !o.DeleteMarker
	switch {
	case c.noneMatch != nil && exists:
		return preconditionFailed("If-None-Match")
	case c.match != nil && !exists:
		return noSuchKey(key)
	case c.match != nil && !tagListed(*c.match, o.ETag):
		return preconditionFailed("If-Match")
	}
	return nil
}

// tagListed says whether the value of If-Match or If-None-Match holds an entity tag; S3 takes it without quotes too.
func tagListed(list, etag string) bool {
	for _, t := range strings.Split(list, ",") {
		t = strings.TrimPrefix(strings.TrimSpace(t), "W/")
		if t == "*" || strings.Trim(t, `"`) == etag {
			return true
		}
	}
	return false
}

func preconditionFailed(condition string) error {
	return awserr.PreconditionFailed.Errorf("At least one of the pre-conditions you specified did not hold").With("Condition", condition)
}

// httpTime writes a time as HTTP headers do.
func httpTime(t time.Time) string { return t.UTC().Format(http.TimeFormat) }

// text is nil for what is absent.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func entityTag(etag string) string { return `"` + etag + `"` }

func noSuchKey(key string) *awserr.Error {
	return awserr.NoSuchKey.Errorf("The specified key does not exist.").With("Key", key)
}

func noSuchVersion(key, version string) *awserr.Error {
	return awserr.NoSuchVersion.Errorf("The specified version does not exist.").With("Key", key).With("VersionId", version)
}

func invalidVersion(version string) *awserr.Error {
	message := "Invalid version id specified"
	if version == "" {
		message = "Version id cannot be the empty string"
	}
	return awserr.InvalidArgument.Errorf("%s", message).With("ArgumentName", "versionId").With("ArgumentValue", version)
}
