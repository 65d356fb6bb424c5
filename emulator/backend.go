package emulator

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/store"
)

// Version is xemu's, set when it is built for release.
var Version = "dev"

// backend is the server as the admin API sees it.
type backend struct{ *Server }

// Health implements admin.Backend.
func (b backend) Health() admin.Health {
	return admin.Health{Status: "ok", Version: Version, Enforcement: string(b.config.Mode)}
}

// Accounts implements admin.Backend.
func (b backend) Accounts() ([]admin.Account, error) {
	b.worldMutex.Lock()
	defer b.worldMutex.Unlock()
	return b.accounts()
}

// accounts is for those who hold worldMutex.
func (b backend) accounts() ([]admin.Account, error) {
	accounts, profiles := []admin.Account{}, map[string]string{}
	for _, a := range b.world.Accounts {
		profiles[a.ID] = a.Name
	}
	err := b.store.View(context.Background(), func(tx *store.Tx) error {
		for a, err := range account.All(tx) {
			if err != nil {
				return err
			}
			accounts = append(accounts, admin.Account{ID: a.ID, Name: a.Name, Alias: a.Alias, Email: a.Email, Profile: profiles[a.ID]})
		}
		return nil
	})
	return accounts, err
}

// CreateAccount implements admin.Backend. The account is part of the world that a reset goes back to.
func (b backend) CreateAccount(in admin.Account) (admin.Account, error) {
	b.worldMutex.Lock()
	defer b.worldMutex.Unlock()
	if in.ID == "" {
		in.ID = ids.NewAccount()
	}
	if in.Name == "" {
		in.Name = "account-" + in.ID
	}
	existing, err := b.accounts()
	if err != nil {
		return admin.Account{}, err
	}
	for _, a := range existing {
		if a.ID == in.ID || a.Name == in.Name || in.Alias != "" && a.Alias == in.Alias || in.Email != "" && a.Email == in.Email {
			return admin.Account{}, fmt.Errorf("the id, name, alias or email of account %s (%s) %w", in.ID, in.Name, admin.ErrTaken)
		}
	}
	a := WorldAccount{ID: in.ID, Name: in.Name, Alias: in.Alias, Root: WorldRoot{Email: in.Email}}
	a.fill()
	world := b.world
	world.Accounts = append(world.Accounts[:len(world.Accounts):len(world.Accounts)], a)
	if err := world.check(); err != nil {
		return admin.Account{}, err
	}
	if err := world.write(filepath.Join(b.config.Dir, "world.yaml")); err != nil {
		return admin.Account{}, err
	}
	b.world = world
	if err := provision(context.Background(), b.store, b.services.Load().iam, world); err != nil {
		return admin.Account{}, err
	}
	if err := b.Profile.Write(world); err != nil {
		return admin.Account{}, err
	}
	return admin.Account{ID: a.ID, Name: a.Name, Alias: a.Alias, Email: a.Root.Email, Profile: a.Name}, nil
}

// Reset implements admin.Backend: the accounts, keys and passwords stay those that the server started with.
func (b backend) Reset() error {
	b.worldMutex.Lock()
	defer b.worldMutex.Unlock()
	old := b.services.Load()
	err := errors.Join(old.close(), b.store.Clear(context.Background()), b.events.clear(), b.clock.reset(), b.workloads.close())
	if err != nil {
		return err
	}
	return b.build(context.Background())
}

// Clock implements admin.Backend.
func (b backend) Clock() admin.Clock {
	now := b.clock.now()
	return admin.Clock{Now: now.UTC(), Ahead: now.Sub(b.clock.base()).Round(time.Second).String()}
}

// AdvanceClock implements admin.Backend.
func (b backend) AdvanceClock(by time.Duration) error {
	if err := b.clock.advance(by); err != nil {
		return err
	}
	moved := b.clock.base()
	err := b.services.Load().s3.Work(context.Background())
	// Signatures have whole seconds: one of this second may be from before the move, one of the next is not.
	time.Sleep(moved.Truncate(time.Second).Add(time.Second).Sub(b.clock.base()))
	return err
}

// Events implements admin.Backend.
func (b backend) Events(limit int) ([]json.RawMessage, error) { return b.events.last(limit) }

// Event implements admin.Backend.
func (b backend) Event(requestID string) (json.RawMessage, bool, error) {
	return b.events.find(requestID)
}

// adminToken returns the token of dir, made on its first start.
func adminToken(dir string) (string, error) {
	path := filepath.Join(dir, "admin-token")
	text, err := os.ReadFile(path)
	if token := strings.TrimSpace(string(text)); err == nil && token != "" {
		return token, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	token := rand.Text()
	return token, writeSecret(path, []byte(token+"\n"))
}
