package sts

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// sessionTags are the tags that a session is to have.
type sessionTags struct {
	passed     []types.Tag // with this request
	inherited  map[string]string
	transitive []string // keys among passed to hand on
}

// newSessionTags checks the tags and transitive keys of a request; from is the calling session, whose transitive tags are
// inherited, or nil. Tag keys are equal without regard to case ("Pass session tags in AWS STS", IAM User Guide).
func newSessionTags(passed []types.Tag, transitive []string, from *wire.Session) (sessionTags, error) {
	t := sessionTags{passed: passed, transitive: transitive, inherited: map[string]string{}}
	seen := map[string]bool{}
	for _, tag := range passed {
		key := strings.ToLower(aws.ToString(tag.Key))
		if strings.HasPrefix(key, "aws:") {
			return t, awserr.InvalidParameterValue.Errorf("The tag key %s is invalid: the prefix aws: is reserved.", aws.ToString(tag.Key))
		}
		if seen[key] {
			return t, awserr.InvalidParameterValue.Errorf("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[key] = true
	}
	if from != nil {
		for _, key := range from.TransitiveTagKeys {
			if seen[strings.ToLower(key)] {
				return t, awserr.InvalidParameterValue.Errorf("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
			}
			t.inherited[key] = from.Tags[key]
		}
	}
	for _, key := range transitive {
		if !seen[strings.ToLower(key)] {
			return t, awserr.InvalidParameterValue.Errorf("The specified transitive tag key must be included in the requested tags.")
		}
	}
	return t, nil
}

func (t sessionTags) empty() bool { return len(t.passed) == 0 && len(t.inherited) == 0 }

// all returns the session's tags and the keys of those that it hands on, both as spelled in the tags.
func (t sessionTags) all() (tags map[string]string, transitive []string) {
	if t.empty() {
		return nil, nil
	}
	tags = map[string]string{}
	for key, value := range t.inherited {
		tags[key] = value
		transitive = append(transitive, key)
	}
	for _, tag := range t.passed {
		key := aws.ToString(tag.Key)
		tags[key] = aws.ToString(tag.Value)
		if slices.ContainsFunc(t.transitive, func(s string) bool { return strings.EqualFold(s, key) }) {
			transitive = append(transitive, key)
		}
	}
	slices.Sort(transitive)
	return tags, transitive
}

// addKeys adds the condition keys of the tags that the request passes.
func (t sessionTags) addKeys(keys authz.Keys) {
	for _, tag := range t.passed {
		key := aws.ToString(tag.Key)
		keys["aws:requesttag/"+strings.ToLower(key)] = []string{aws.ToString(tag.Value)}
		keys["aws:tagkeys"] = append(keys["aws:tagkeys"], key)
	}
	if len(t.transitive) > 0 {
		keys["sts:transitivetagkeys"] = t.transitive
	}
}
