package iam

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/xemu-aws/xemu/authz/reference"
	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/store"
)

// lastUse is the last use of an access key, of a role by its unique id, of a password by the user's unique id or the account's
// id, or of a service by a user or role (serviceUse).
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
			if there, err := isThere(tx, id); err != nil {
				return err
			} else if !there {
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

// isThere says whether what a use is of, or whose it is, has not been deleted.
func isThere(tx *store.Tx, id string) (bool, error) {
	owner, _, _ := strings.Cut(id, "/")
	if _, ok, err := accessKeys.Get(tx, owner); ok || err != nil {
		return ok, err
	}
	if _, ok, err := first(roles.ByIndex(tx, "id", owner)); ok || err != nil {
		return ok, err
	}
	if _, ok, err := userByID(tx, owner); ok || err != nil {
		return ok, err
	}
	_, ok, err := account.Get(tx, owner)
	return ok, err
}

// forgetUses deletes the uses of and by a user or role.
func forgetUses(tx *store.Tx, id string) error {
	for u, err := range lastUses.Scan(tx, id, "") {
		if err != nil {
			return err
		}
		if err := lastUses.Delete(tx, u.ID); err != nil {
			return err
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

// PasswordUsed notes a sign-in to the console, of a user by its unique id or of a root user by its account's id. It never
// waits for the store.
func (s *Service) PasswordUsed(userID string, at time.Time) { s.uses.note(lastUse{ID: userID, At: at}) }

// ServiceUsed notes that a user or role, by its unique id, called a service, for GetServiceLastAccessedDetails. Services that
// AWS does not have are left out, so that nobody can fill the table with them. It never waits for the store.
func (s *Service) ServiceUsed(entityID, service, region string, at time.Time) {
	if reference.IsService(service) {
		s.uses.note(lastUse{serviceUse(entityID, service), service, region, at})
	}
}

// serviceUse is the id of the use of a service.
func serviceUse(entityID, service string) string { return entityID + "/" + service }
