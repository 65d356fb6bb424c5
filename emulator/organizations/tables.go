package organizations

import (
	"iter"

	"github.com/xemu-aws/xemu/store"
)

// The tables. Ids of units and policies are unique within their organization; an account is in one organization at most.
var (
	orgs = store.NewTable("organizations.organization", func(o *organization) string { return o.ID })

	units = store.NewTable("organizations.unit", (*unit).key,
		store.Index[unit]{Name: "parent", Keys: func(u *unit) []string { return []string{store.Key(u.Organization, u.Parent)} }})

	members = store.NewTable("organizations.member", (*member).key,
		store.Index[member]{Name: "organization", Keys: func(m *member) []string { return []string{m.Organization} }},
		store.Index[member]{Name: "parent", Keys: func(m *member) []string { return []string{store.Key(m.Organization, m.Parent)} }})

	policies = store.NewTable("organizations.policy", (*policy).key,
		store.Index[policy]{Name: "type", Keys: func(p *policy) []string { return []string{store.Key(p.Organization, string(p.Type))} }})

	attachments = store.NewTable("organizations.attachment", (*attachment).key,
		store.Index[attachment]{Name: "policy", Keys: func(a *attachment) []string { return []string{store.Key(a.Organization, a.Policy)} }})

	handshakes = store.NewTable("organizations.handshake", (*handshake).key,
		store.Index[handshake]{Name: "organization", Keys: func(h *handshake) []string { return []string{h.Organization} }})

	creations = store.NewTable("organizations.creation", (*creation).key)
)

// collect returns all values of a scan.
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

// filter yields the values that keep accepts.
func filter[T any](values iter.Seq2[T, error], keep func(*T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range values {
			if err == nil && !keep(&v) {
				continue
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// remove deletes all values of a scan.
func remove[T any](tx *store.Tx, t *store.Table[T], values iter.Seq2[T, error], key func(*T) string) error {
	all, err := collect(values)
	for i := range all {
		if err == nil {
			err = t.Delete(tx, key(&all[i]))
		}
	}
	return err
}
