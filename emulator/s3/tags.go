package s3

import "github.com/aws/aws-sdk-go-v2/service/s3/types"

// Tag is a tag of a bucket or object.
type Tag struct{ Key, Value string }

// The most tags that an object and a bucket may have.
const (
	maxObjectTags = 10
	maxBucketTags = 50
)

// newTags checks tags. Errors: InvalidTag, BadRequest (too many).
func newTags(set []types.Tag, most int) ([]Tag, error) { panic("being written") }

// headerTags reads an x-amz-tagging header, which is a query string. Errors: InvalidArgument, InvalidTag, BadRequest.
func headerTags(header string) ([]Tag, error) { panic("being written") }

// showTags returns tags as the API has them.
func showTags(tags []Tag) []types.Tag { panic("being written") }
