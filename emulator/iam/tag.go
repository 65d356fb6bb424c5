package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var tagOps = wire.Ops(
	wire.Op((*Service).TagUser, on(aUser, "UserName", requestTags)),
	wire.Op((*Service).UntagUser, on(aUser, "UserName", tagKeys)),
	wire.Op((*Service).ListUserTags, on(aUser, "UserName")),
	wire.Op((*Service).TagRole, on(aRole, "RoleName", requestTags)),
	wire.Op((*Service).UntagRole, on(aRole, "RoleName", tagKeys)),
	wire.Op((*Service).ListRoleTags, on(aRole, "RoleName")),
	wire.Op((*Service).TagPolicy, on(aPolicy, "PolicyArn", requestTags)),
	wire.Op((*Service).UntagPolicy, on(aPolicy, "PolicyArn", tagKeys)),
	wire.Op((*Service).ListPolicyTags, on(aPolicy, "PolicyArn")),
	wire.Op((*Service).TagInstanceProfile, on(aProfile, "InstanceProfileName", requestTags)),
	wire.Op((*Service).UntagInstanceProfile, on(aProfile, "InstanceProfileName", tagKeys)),
	wire.Op((*Service).ListInstanceProfileTags, on(aProfile, "InstanceProfileName")),
)

// tag is a tag of an entity.
type tag struct{ Key, Value string }

// tagRule is the form in which keys of tags are compared: fold or exact. Case makes no difference to the tags of users and
// roles, and does to those of other entities ("Tagging IAM resources", IAM User Guide). It is kept in either.
type tagRule func(key string) string

func exact(key string) string { return key }

// maxTags is the number of tags of an entity ("IAM and AWS STS quotas").
const maxTags = 50

// newTags checks the tags of a request and returns them sorted by key.
func newTags(rule tagRule, in []types.Tag) ([]tag, error) { return addTags(rule, nil, in) }

// addTags returns tags with those of a request added, which replace those of the same key.
func addTags(rule tagRule, tags []tag, in []types.Tag) ([]tag, error) {
	seen := map[string]bool{}
	for _, t := range in {
		key := aws.ToString(t.Key)
		if seen[rule(key)] {
			return nil, duplicateTags(rule)
		}
		if strings.HasPrefix(fold(key), "aws:") {
			return nil, awserr.InvalidInput.Errorf("Tag keys beginning with 'aws:' are reserved for system use.")
		}
		seen[rule(key)] = true
	}
	kept := slices.DeleteFunc(slices.Clone(tags), func(t tag) bool { return seen[rule(t.Key)] })
	for _, t := range in {
		kept = append(kept, tag{aws.ToString(t.Key), aws.ToString(t.Value)})
	}
	if len(kept) > maxTags {
		return nil, awserr.LimitExceeded.Errorf("The number of tags has reached the maximum limit.")
	}
	slices.SortFunc(kept, func(a, b tag) int { return strings.Compare(rule(a.Key), rule(b.Key)) })
	return kept, nil
}

func duplicateTags(rule tagRule) error {
	if rule("A") == rule("a") {
		return awserr.InvalidInput.Errorf("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	}
	return awserr.InvalidInput.Errorf("Duplicate tag keys found.")
}

// removeTags returns tags without those keys; a key that is not there is no error.
func removeTags(rule tagRule, tags []tag, keys []string) []tag {
	return slices.DeleteFunc(slices.Clone(tags), func(t tag) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return rule(k) == rule(t.Key) })
	})
}

// allTags are the tags as answers show them that have the element without tags too.
func allTags(tags []tag) []types.Tag {
	return convert(tags, func(t *tag) types.Tag { return types.Tag{Key: &t.Key, Value: &t.Value} })
}

// showTags are the tags as answers show them that have no element without tags.
func showTags(tags []tag) []types.Tag {
	if len(tags) == 0 {
		return nil
	}
	return allTags(tags)
}

func tagMap(tags []tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}

// tagPage returns a page of tags, which are in the order of their keys.
func tagPage(rule tagRule, marker *string, maxItems *int32, tags []tag) (part []types.Tag, next *string, err error) {
	p, err := pageOf(marker, maxItems)
	if err != nil {
		return nil, nil, err
	}
	found, next, err := sorted(p, tags, func(t tag) string { return rule(t.Key) })
	return allTags(found), next, err
}

// adding and removing are changes of the tags of an entity.
func adding[T any, P row[T]](rule tagRule, in []types.Tag) func(*store.Tx, P) error {
	return func(_ *store.Tx, v P) (err error) {
		e := v.base()
		e.Tags, err = addTags(rule, e.Tags, in)
		return err
	}
}

func removing[T any, P row[T]](rule tagRule, keys []string) func(*store.Tx, P) error {
	return func(_ *store.Tx, v P) error {
		e := v.base()
		e.Tags = removeTags(rule, e.Tags, keys)
		return nil
	}
}

// TagUser adds tags to a user, or replaces their values.
func (s *Service) TagUser(ctx context.Context, in *iam.TagUserInput) (*iam.TagUserOutput, error) {
	err := change(ctx, s, users, userNamed, in.UserName, adding[user](fold, in.Tags))
	return answer(&iam.TagUserOutput{}, err)
}

// UntagUser removes tags from a user.
func (s *Service) UntagUser(ctx context.Context, in *iam.UntagUserInput) (*iam.UntagUserOutput, error) {
	err := change(ctx, s, users, userNamed, in.UserName, removing[user](fold, in.TagKeys))
	return answer(&iam.UntagUserOutput{}, err)
}

// ListUserTags returns the tags of a user by key.
func (s *Service) ListUserTags(ctx context.Context, in *iam.ListUserTagsInput) (*iam.ListUserTagsOutput, error) {
	v, err := read(ctx, s, userNamed, in.UserName)
	if err != nil {
		return nil, err
	}
	tags, marker, err := tagPage(fold, in.Marker, in.MaxItems, v.Tags)
	return answer(&iam.ListUserTagsOutput{Tags: tags, Marker: marker, IsTruncated: marker != nil}, err)
}

// TagRole adds tags to a role, or replaces their values.
func (s *Service) TagRole(ctx context.Context, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
	err := change(ctx, s, roles, roleNamed, in.RoleName, adding[role](fold, in.Tags))
	return answer(&iam.TagRoleOutput{}, err)
}

// UntagRole removes tags from a role.
func (s *Service) UntagRole(ctx context.Context, in *iam.UntagRoleInput) (*iam.UntagRoleOutput, error) {
	err := change(ctx, s, roles, roleNamed, in.RoleName, removing[role](fold, in.TagKeys))
	return answer(&iam.UntagRoleOutput{}, err)
}

// ListRoleTags returns the tags of a role by key.
func (s *Service) ListRoleTags(ctx context.Context, in *iam.ListRoleTagsInput) (*iam.ListRoleTagsOutput, error) {
	v, err := read(ctx, s, roleNamed, in.RoleName)
	if err != nil {
		return nil, err
	}
	tags, marker, err := tagPage(fold, in.Marker, in.MaxItems, v.Tags)
	return answer(&iam.ListRoleTagsOutput{Tags: tags, Marker: marker, IsTruncated: marker != nil}, err)
}

// TagPolicy adds tags to a customer managed policy, or replaces their values.
func (s *Service) TagPolicy(ctx context.Context, in *iam.TagPolicyInput) (*iam.TagPolicyOutput, error) {
	err := change(ctx, s, policies, customerPolicy, in.PolicyArn, adding[policy](exact, in.Tags))
	return answer(&iam.TagPolicyOutput{}, err)
}

// UntagPolicy removes tags from a customer managed policy.
func (s *Service) UntagPolicy(ctx context.Context, in *iam.UntagPolicyInput) (*iam.UntagPolicyOutput, error) {
	err := change(ctx, s, policies, customerPolicy, in.PolicyArn, removing[policy](exact, in.TagKeys))
	return answer(&iam.UntagPolicyOutput{}, err)
}

// ListPolicyTags returns the tags of a customer managed policy by key.
func (s *Service) ListPolicyTags(ctx context.Context, in *iam.ListPolicyTagsInput) (*iam.ListPolicyTagsOutput, error) {
	v, err := read(ctx, s, customerPolicy, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	tags, marker, err := tagPage(exact, in.Marker, in.MaxItems, v.Tags)
	return answer(&iam.ListPolicyTagsOutput{Tags: tags, Marker: marker, IsTruncated: marker != nil}, err)
}

// TagInstanceProfile adds tags to an instance profile, or replaces their values.
func (s *Service) TagInstanceProfile(ctx context.Context, in *iam.TagInstanceProfileInput) (*iam.TagInstanceProfileOutput, error) {
	err := change(ctx, s, profiles, profileNamed, in.InstanceProfileName, adding[instanceProfile](exact, in.Tags))
	return answer(&iam.TagInstanceProfileOutput{}, err)
}

// UntagInstanceProfile removes tags from an instance profile.
func (s *Service) UntagInstanceProfile(ctx context.Context, in *iam.UntagInstanceProfileInput) (*iam.UntagInstanceProfileOutput, error) {
	err := change(ctx, s, profiles, profileNamed, in.InstanceProfileName, removing[instanceProfile](exact, in.TagKeys))
	return answer(&iam.UntagInstanceProfileOutput{}, err)
}

// ListInstanceProfileTags returns the tags of an instance profile by key.
func (s *Service) ListInstanceProfileTags(ctx context.Context, in *iam.ListInstanceProfileTagsInput) (*iam.ListInstanceProfileTagsOutput, error) {
	v, err := read(ctx, s, profileNamed, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	tags, marker, err := tagPage(exact, in.Marker, in.MaxItems, v.Tags)
	return answer(&iam.ListInstanceProfileTagsOutput{Tags: tags, Marker: marker, IsTruncated: marker != nil}, err)
}
