package iam

import (
	"context"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/xemu-aws/xemu/store"
)

// The tables. Keys of users, groups, roles, policies and instance profiles are (account, name in lower case). The indexes
// "path", "attached" and "boundary" are those of entity and identity; "id" is by unique id, over all accounts.
var (
	users = store.NewTable("iam.user", (*user).key,
		store.Index[user]{Name: "id", Keys: func(u *user) []string { return []string{u.ID} }},
		store.Index[user]{Name: "path", Keys: func(u *user) []string { return u.pathKeys() }},
		store.Index[user]{Name: "attached", Keys: func(u *user) []string { return u.attachedKeys() }},
		store.Index[user]{Name: "boundary", Keys: func(u *user) []string { return u.boundaryKeys() }},
		store.Index[user]{Name: "group", Keys: func(u *user) []string { return u.Groups }})

	groups = store.NewTable("iam.group", (*group).key,
		store.Index[group]{Name: "id", Keys: func(g *group) []string { return []string{g.ID} }},
		store.Index[group]{Name: "path", Keys: func(g *group) []string { return g.pathKeys() }},
		store.Index[group]{Name: "attached", Keys: func(g *group) []string { return g.attachedKeys() }})

	roles = store.NewTable("iam.role", (*role).key,
		store.Index[role]{Name: "id", Keys: func(r *role) []string { return []string{r.ID} }},
		store.Index[role]{Name: "path", Keys: func(r *role) []string { return r.pathKeys() }},
		store.Index[role]{Name: "attached", Keys: func(r *role) []string { return r.attachedKeys() }},
		store.Index[role]{Name: "boundary", Keys: func(r *role) []string { return r.boundaryKeys() }})

	policies = store.NewTable("iam.policy", (*policy).key,
		store.Index[policy]{Name: "path", Keys: func(p *policy) []string { return p.pathKeys() }})

	usages = store.NewTable("iam.policy.usage", func(u *usage) string { return store.Key(u.Account, u.ARN) })

	profiles = store.NewTable("iam.instanceprofile", (*instanceProfile).key,
		store.Index[instanceProfile]{Name: "path", Keys: func(p *instanceProfile) []string { return p.pathKeys() }},
		store.Index[instanceProfile]{Name: "role", Keys: (*instanceProfile).roleKeys})

	accessKeys = store.NewTable("iam.accesskey", func(k *accessKey) string { return k.ID },
		store.Index[accessKey]{Name: "user", Keys: func(k *accessKey) []string { return []string{k.UserID} }})

	lastUses = store.NewTable("iam.lastused", func(u *lastUse) string { return u.ID })

	passwordPolicies = store.NewTable("iam.passwordpolicy", func(p *passwordPolicy) string { return p.Account })
)

// first returns the first value of a scan; ok is false when there is none.
func first[T any](values iter.Seq2[T, error]) (v T, ok bool, err error) {
	for v, err := range values {
		return v, err == nil, err
	}
	return v, false, nil
}

// collect returns all values of a scan that is known to be short.
func collect[T any](values iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for v, err := range values {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// row is a pointer to a record that embeds an entity.
type row[T any] interface {
	*T
	key() string
	base() *entity
}

// list yields the entities of an account in the order of their names, from the key from on, beginning where the folder of
// pathPrefix begins: what a page costs does not depend on the size of the account.
func list[T any](tx *store.Tx, t *store.Table[T], account, pathPrefix, from string) iter.Seq2[T, error] {
	if in := folder(pathPrefix); in != "" && in != "/" {
		return t.ByIndexFrom(tx, "path", store.Key(account, in), from)
	}
	return t.Scan(tx, store.Key(account), from)
}

// listPage returns a page of the entities of the caller's account whose path begins with pathPrefix.
func listPage[T any, P row[T]](ctx context.Context, s *Service, t *store.Table[T], pathPrefix, marker *string, maxItems *int32) (found []T, next *string, err error) {
	p, err := pageOf(marker, maxItems)
	if err != nil {
		return nil, nil, err
	}
	prefix := pathOf(pathPrefix)
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		all := list(tx, t, callerAccount(ctx), prefix, p.from)
		found, next, err = take(p, keyed[T, P](all), func(v *T) (bool, error) {
			return strings.HasPrefix(P(v).base().Path, prefix), nil
		})
		return err
	})
	return found, next, err
}

// move gives an entity a new name or path, each nil to keep it. taken makes the error when there is another of the name.
func move[T any, P row[T]](tx *store.Tx, t *store.Table[T], v P, name, path *string, taken func(name string) error) error {
	e, old := v.base(), v.key()
	if path != nil {
		e.Path = *path
	}
	if name != nil {
		e.Name = *name
	}
	if v.key() != old {
		if _, ok, err := t.Get(tx, v.key()); err != nil {
			return err
		} else if ok {
			return taken(e.Name)
		}
		if err := t.Delete(tx, old); err != nil {
			return err
		}
	}
	return t.Put(tx, v)
}

// finder returns the entity of a name in an account; NoSuchEntity when there is none.
type finder[T any] func(tx *store.Tx, account, name string) (T, error)

// read returns an entity of the caller's account.
func read[T any](ctx context.Context, s *Service, find finder[T], name *string) (v T, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		v, err = find(tx, callerAccount(ctx), aws.ToString(name))
		return err
	})
	return v, err
}

// change lets fn change an entity of the caller's account and writes it.
func change[T any](ctx context.Context, s *Service, t *store.Table[T], find finder[T], name *string, fn func(*store.Tx, *T) error) error {
	account := callerAccount(ctx)
	return s.update(ctx, func(tx *store.Tx) error {
		v, err := find(tx, account, aws.ToString(name))
		if err != nil {
			return err
		}
		if err := fn(tx, &v); err != nil {
			return err
		}
		return t.Put(tx, &v)
	})
}

func (s *Service) changeUser(ctx context.Context, name *string, fn func(*store.Tx, *user) error) error {
	return change(ctx, s, users, userNamed, name, fn)
}

func (s *Service) changeGroup(ctx context.Context, name *string, fn func(*store.Tx, *group) error) error {
	return change(ctx, s, groups, groupNamed, name, fn)
}

// changeRole is for changes that a service-linked role must not have.
func (s *Service) changeRole(ctx context.Context, name *string, fn func(*store.Tx, *role) error) error {
	return change(ctx, s, roles, roleNamed, name, func(tx *store.Tx, r *role) error {
		if err := r.modifiable(); err != nil {
			return err
		}
		return fn(tx, r)
	})
}

func (s *Service) changePolicy(ctx context.Context, arn *string, fn func(*store.Tx, *policy) error) error {
	return change(ctx, s, policies, customerPolicy, arn, fn)
}
