package s3

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// Tag is a tag of a bucket or object.
type Tag struct{ Key, Value string }

// The most tags that an object and a bucket may have ("Categorizing your objects using tags", "Using cost allocation S3
// bucket tags").
const (
	maxObjectTags = 10
	maxBucketTags = 50
)

// newTags checks tags. Errors: InvalidTag, BadRequest (too many), MalformedXML (a tag without its key or value).
func newTags(set []types.Tag, most int) ([]Tag, error) {
	if len(set) > most {
		if most == maxObjectTags {
			return nil, awserr.BadRequest.Errorf("Object tags cannot be greater than %d", most)
		}
		return nil, awserr.BadRequest.Errorf("Bucket tag count cannot be greater than %d", most)
	}
	tags := make([]Tag, 0, len(set))
	seen := make(map[string]bool, len(set))
	for _, t := range set {
		if t.Key == nil || t.Value == nil {
			return nil, malformedXML()
		}
		tag := Tag{*t.Key, *t.Value}
		if err := tag.check(); err != nil {
			return nil, err
		}
		if seen[tag.Key] {
			return nil, awserr.InvalidTag.Errorf("Cannot provide multiple Tags with the same key").With("TagKey", tag.Key)
		}
		seen[tag.Key] = true
		tags = append(tags, tag)
	}
	return tags, nil
}

func (t Tag) check() error {
	switch n := utf8.RuneCountInString(t.Key); {
	case n == 0 || n > 128 || !taggable(t.Key):
		return awserr.InvalidTag.Errorf("The TagKey you have provided is invalid").With("TagKey", t.Key)
	case utf8.RuneCountInString(t.Value) > 256 || !taggable(t.Value):
		return awserr.InvalidTag.Errorf("The TagValue you have provided is invalid").With("TagKey", t.Key).With("TagValue", t.Value)
	case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
		return awserr.InvalidTag.Errorf("System tags cannot be added/updated by requester").With("TagKey", t.Key)
	}
	return nil
}

// taggable says whether s has only the characters that tags may have.
func taggable(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Z, r) && !strings.ContainsRune("_.:/=+-@", r) {
			return false
		}
	}
	return utf8.ValidString(s)
}

// headerTags reads an x-amz-tagging header, which is a query string. Errors: InvalidArgument, InvalidTag, BadRequest.
func headerTags(header string) ([]Tag, error) {
	malformed := func() error {
		return invalidArgument("x-amz-tagging", header, "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
	}
	var set []types.Tag
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(header, "&") {
		if pair == "" {
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(k)
		value, err2 := url.QueryUnescape(v)
		if err != nil || err2 != nil || seen[key] {
			return nil, malformed()
		}
		seen[key] = true
		set = append(set, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	return newTags(set, maxObjectTags)
}

// showTags returns tags as the API has them.
func showTags(tags []Tag) []types.Tag {
	out := make([]types.Tag, 0, len(tags))
	for _, t := range tags {
		out = append(out, types.Tag{Key: aws.String(t.Key), Value: aws.String(t.Value)})
	}
	return out
}
