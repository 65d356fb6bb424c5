package organizations

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var tagOps = wire.Ops(
	wire.Op((*Service).TagResource, on("ResourceId")),
	wire.Op((*Service).UntagResource, on("ResourceId")),
	wire.Op((*Service).ListTagsForResource, on("ResourceId")),
)

// tag is a tag of a root, unit, account or policy.
type tag struct{ Key, Value string }

// maxTags is the number of tags of a resource ("Tagging AWS Organizations resources").
const maxTags = 50

// addTags returns tags with those of a request added, which replace those of the same key.
func addTags(tags []tag, in []types.Tag) ([]tag, error) {
	seen := map[string]bool{}
	for _, t := range in {
		key := aws.ToString(t.Key)
		if seen[key] {
			return nil, awserr.InvalidInputException.Errorf("Tag keys must be unique among the tags attached to the same entity.").With("Reason", "DUPLICATE_TAG_KEY")
		}
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			return nil, awserr.InvalidInputException.Errorf("You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys because they're reserved for AWS use.").
				With("Reason", "INVALID_SYSTEM_TAGS_PARAMETER")
		}
		seen[key] = true
	}
	kept := slices.DeleteFunc(slices.Clone(tags), func(t tag) bool { return seen[t.Key] })
	for _, t := range in {
		kept = append(kept, tag{aws.ToString(t.Key), aws.ToString(t.Value)})
	}
	if len(kept) > maxTags {
		return nil, constraint("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.")
	}
	slices.SortFunc(kept, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	return kept, nil
}

// retag stores what change makes of the tags of a resource.
func (o *organization) retag(tx *store.Tx, id *string, change func([]tag) ([]tag, error)) (err error) {
	if strings.HasPrefix(aws.ToString(id), "p-") {
		p, err := o.customerPolicy(tx, id)
		if err == nil {
			p.Tags, err = change(p.Tags)
		}
		if err != nil {
			return err
		}
		return policies.Put(tx, &p)
	}
	n, err := o.target(tx, id)
	if err != nil {
		return err
	}
	switch n.Type {
	case types.TargetTypeRoot:
		if o.RootTags, err = change(o.RootTags); err != nil {
			return err
		}
		return orgs.Put(tx, o)
	case types.TargetTypeOrganizationalUnit:
		u, err := o.unit(tx, id)
		if err == nil {
			u.Tags, err = change(u.Tags)
		}
		if err != nil {
			return err
		}
		return units.Put(tx, &u)
	}
	m, err := o.member(tx, id)
	if err == nil {
		m.Tags, err = change(m.Tags)
	}
	if err != nil {
		return err
	}
	return members.Put(tx, &m)
}

// tagsOf returns the tags of a resource, none of one that is not there.
func (o *organization) tagsOf(tx *store.Tx, id string) ([]tag, error) {
	switch {
	case id == o.Root:
		return o.RootTags, nil
	case strings.HasPrefix(id, "p-"):
		p, _, err := policies.Get(tx, store.Key(o.ID, id))
		return p.Tags, err
	case strings.HasPrefix(id, "ou-"):
		u, _, err := units.Get(tx, store.Key(o.ID, id))
		return u.Tags, err
	}
	m, ok, err := members.Get(tx, id)
	if !ok || m.Organization != o.ID {
		return nil, err
	}
	return m.Tags, err
}

// TagResource adds tags to a root, unit, account or policy, or replaces their values.
func (s *Service) TagResource(ctx context.Context, in *organizations.TagResourceInput) (*organizations.TagResourceOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		return o.retag(tx, in.ResourceId, func(tags []tag) ([]tag, error) { return addTags(tags, in.Tags) })
	})
	return answer(&organizations.TagResourceOutput{}, err)
}

// UntagResource removes tags.
func (s *Service) UntagResource(ctx context.Context, in *organizations.UntagResourceInput) (*organizations.UntagResourceOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		return o.retag(tx, in.ResourceId, func(tags []tag) ([]tag, error) {
			return slices.DeleteFunc(slices.Clone(tags), func(t tag) bool { return slices.Contains(in.TagKeys, t.Key) }), nil
		})
	})
	return answer(&organizations.UntagResourceOutput{}, err)
}

// ListTagsForResource returns the tags of a resource by key.
func (s *Service) ListTagsForResource(ctx context.Context, in *organizations.ListTagsForResourceInput) (*organizations.ListTagsForResourceOutput, error) {
	out := &organizations.ListTagsForResourceOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		if id := aws.ToString(in.ResourceId); strings.HasPrefix(id, "p-") {
			if _, err := o.policy(tx, in.ResourceId); err != nil {
				return err
			}
		} else if _, err := o.target(tx, in.ResourceId); err != nil {
			return err
		}
		tags, err := o.tagsOf(tx, *in.ResourceId)
		if err != nil {
			return err
		}
		found, next, err := page(in.NextToken, nil, func(from string) iter.Seq2[tag, error] {
			return func(yield func(tag, error) bool) {
				for _, t := range tags {
					if t.Key >= from && !yield(t, nil) {
						return
					}
				}
			}
		}, func(t *tag) string { return t.Key })
		out.NextToken = next
		out.Tags = convert(found, func(t *tag) types.Tag { return types.Tag{Key: &t.Key, Value: &t.Value} })
		return err
	})
	return answer(out, err)
}
