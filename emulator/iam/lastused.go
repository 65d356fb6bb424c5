package iam

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/xemu-aws/xemu/store"
)

// lastUse is the last use of an access key, or of a role by its unique id.
type lastUse struct {
	ID, Service, Region string
	At                  time.Time
}

// flushEvery is how long a use may stay in memory only.
const flushEvery = time.Minute

// lastUsed notes uses in memory and writes them together, so that a request costs no write.
type lastUsed struct {
	store *store.Store

	mu      sync.Mutex
	pending map[string]lastUse
	timer   *time.Timer // runs while something is pending
	closed  bool
}

func newLastUsed(st *store.Store) *lastUsed {
	return &lastUsed{store: st, pending: map[string]lastUse{}}
}

func (l *lastUsed) note(u lastUse) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.pending[u.ID] = u
	if l.timer == nil {
		l.timer = time.AfterFunc(flushEvery, func() { l.flush() })
	}
}

// get returns the last use, noted or written.
func (l *lastUsed) get(tx *store.Tx, id string) (lastUse, bool, error) {
	l.mu.Lock()
	u, ok := l.pending[id]
	l.mu.Unlock()
	if ok {
		return u, true, nil
	}
	return lastUses.Get(tx, id)
}

// flush writes what is pending, as far as its key or role is still there. What a failed write leaves is tried again with
// the next use.
func (l *lastUsed) flush() error {
	l.mu.Lock()
	batch := maps.Clone(l.pending)
	l.timer = nil
	l.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	err := l.store.Update(context.Background(), func(tx *store.Tx) error {
		for id, u := range batch {
			_, isKey, err := accessKeys.Get(tx, id)
			if err != nil {
				return err
			}
			_, isRole, err := first(roles.ByIndex(tx, "id", id))
			if err != nil {
				return err
			}
			if !isKey && !isRole {
				continue
			}
			if err := lastUses.Put(tx, &u); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, u := range batch {
		if l.pending[id] == u {
			delete(l.pending, id)
		}
	}
	return nil
}

// close writes what is pending and takes nothing more.
func (l *lastUsed) close() error {
	l.mu.Lock()
	l.closed = true
	if l.timer != nil {
		l.timer.Stop()
	}
	l.mu.Unlock()
	return l.flush()
}

// KeyUsed notes that an access key was used, for GetAccessKeyLastUsed. It never waits for the store.
func (s *Service) KeyUsed(accessKeyID, service, region string, at time.Time) {
	s.uses.note(lastUse{accessKeyID, service, region, at})
}

// RoleUsed notes that credentials of a role were used, for RoleLastUsed; the id is the role's unique id. It never waits
// for the store.
func (s *Service) RoleUsed(roleID, region string, at time.Time) {
	s.uses.note(lastUse{ID: roleID, Region: region, At: at})
}
