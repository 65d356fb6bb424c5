package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/oidc"
	"github.com/xemu-aws/xemu/store"
)

// World is what a data directory starts with: the world file's form (YAML).
type World struct {
	Accounts  []WorldAccount  `yaml:"accounts"`
	Endpoints []WorldEndpoint `yaml:"endpoints,omitempty"`
	Issuers   []WorldIssuer   `yaml:"issuers,omitempty"`
}

// WorldAccount is an account of a world file. Keys and passwords that are absent are made at random.
type WorldAccount struct {
	ID    string     `yaml:"id"`
	Name  string     `yaml:"name"`
	Alias string     `yaml:"alias,omitempty"`
	Root  WorldRoot  `yaml:"root"`
	Admin WorldAdmin `yaml:"admin"`
}

// WorldRoot is an account's root user.
type WorldRoot struct {
	AccessKeyID     string `yaml:"accessKeyId"`
	SecretAccessKey string `yaml:"secretAccessKey"`
	Email           string `yaml:"email"`
	Password        string `yaml:"password"`
}

// WorldAdmin is an account's first IAM user, with AdministratorAccess, an access key and a console password.
type WorldAdmin struct {
	Name            string `yaml:"name"`
	AccessKeyID     string `yaml:"accessKeyId"`
	SecretAccessKey string `yaml:"secretAccessKey"`
	Password        string `yaml:"password"`
}

// DefaultWorld is the world of the first lesson.
func DefaultWorld() *World {
	return &World{Accounts: []WorldAccount{
		{ID: "111122223333", Name: "production"},
		{ID: "444455556666", Name: "development"},
	}}
}

// ReadWorld reads a world file. The error names the file and what is wrong in it.
func ReadWorld(path string) (*World, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("world file: %w", err)
	}
	var w World
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&w); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("world file %s: %w", path, err)
	}
	if err := w.check(); err != nil {
		return nil, fmt.Errorf("world file %s: %w", path, err)
	}
	return &w, nil
}

var (
	accountID   = regexp.MustCompile(`^[0-9]{12}$`)
	accountName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,49}$`) // it names profiles
	accessKeyID = regexp.MustCompile(`^\w{16,128}$`)                      // AccessKey, IAM API Reference
	aliasForm   = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9]){2,62}$`)
	userName    = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
)

// check refuses what could not be on AWS, and what would make two things one.
func (w *World) check() error {
	if len(w.Accounts) == 0 {
		return errors.New("it has no accounts")
	}
	seen := map[string]bool{}
	once := func(what, value string) error {
		if value != "" && seen[what+value] {
			return fmt.Errorf("two accounts have the %s %s", what, value)
		}
		seen[what+value] = true
		return nil
	}
	for _, a := range w.Accounts {
		if err := a.check(); err != nil {
			return fmt.Errorf("account %q: %w", a.ID, err)
		}
		err := errors.Join(once("id", a.ID), once("name", a.Name), once("alias", a.Alias), once("email", a.Root.Email),
			once("access key", a.Root.AccessKeyID), once("access key", a.Admin.AccessKeyID))
		if err != nil {
			return err
		}
	}
	if _, err := compileEndpoints(w.Endpoints); err != nil {
		return err
	}
	return giveKeys(oidc.NewVerifier(nil), w.Issuers)
}

func (a *WorldAccount) check() error {
	for _, field := range []struct {
		name, value string
		form        *regexp.Regexp
		required    bool
	}{
		{"id", a.ID, accountID, true},
		{"name", a.Name, accountName, true},
		{"alias", a.Alias, aliasForm, false},
		{"root.accessKeyId", a.Root.AccessKeyID, accessKeyID, false},
		{"admin.accessKeyId", a.Admin.AccessKeyID, accessKeyID, false},
		{"admin.name", a.Admin.Name, userName, false},
	} {
		if field.value == "" && field.required {
			return fmt.Errorf("%s is missing", field.name)
		}
		if field.value != "" && !field.form.MatchString(field.value) {
			return fmt.Errorf("%s %q does not have the form %s", field.name, field.value, field.form)
		}
	}
	for _, key := range [][2]string{{a.Root.AccessKeyID, a.Root.SecretAccessKey}, {a.Admin.AccessKeyID, a.Admin.SecretAccessKey}} {
		if (key[0] == "") != (key[1] == "") {
			return errors.New("an access key needs both accessKeyId and secretAccessKey, or neither")
		}
	}
	return nil
}

// fill makes what the file leaves open.
func (a *WorldAccount) fill() {
	random := func(field *string, make func() string) {
		if *field == "" {
			*field = make()
		}
	}
	key := func() string { return ids.NewAccessKeyID(ids.AccessKey, a.ID) }
	random(&a.Root.AccessKeyID, key)
	random(&a.Root.SecretAccessKey, ids.NewSecret)
	random(&a.Root.Email, func() string { return "root@" + a.Name + ".example.com" })
	random(&a.Root.Password, ids.NewPassword)
	random(&a.Admin.Name, func() string { return "admin" })
	random(&a.Admin.AccessKeyID, key)
	random(&a.Admin.SecretAccessKey, ids.NewSecret)
	random(&a.Admin.Password, ids.NewPassword)
}

// resolveWorld returns the world that dir starts with, with every key and password known: the one kept in dir from its
// first start, with the accounts and endpoints of start that it lacks; start nil is the default for a new directory.
func resolveWorld(dir string, start *World) (World, error) {
	kept := filepath.Join(dir, "world.yaml")
	var world World
	if _, err := os.Stat(kept); err == nil {
		w, err := ReadWorld(kept)
		if err != nil {
			return World{}, err
		}
		world = *w
	} else if start == nil {
		start = DefaultWorld()
	}
	known := map[string]bool{}
	for _, a := range world.Accounts {
		known[a.ID] = true
	}
	if start != nil {
		for _, a := range start.Accounts {
			if !known[a.ID] {
				a.fill()
				world.Accounts = append(world.Accounts, a)
			}
		}
		for _, e := range start.Endpoints {
			if !slices.ContainsFunc(world.Endpoints, func(known WorldEndpoint) bool { return known.ID == e.ID }) {
				world.Endpoints = append(world.Endpoints, e)
			}
		}
		for _, i := range start.Issuers {
			if !slices.ContainsFunc(world.Issuers, func(known WorldIssuer) bool { return known.URL == i.URL }) {
				world.Issuers = append(world.Issuers, i)
			}
		}
	}
	if err := world.check(); err != nil {
		return World{}, fmt.Errorf("the world in %s: %w", dir, err)
	}
	return world, world.write(kept)
}

func (w *World) write(path string) error {
	text, err := yaml.Marshal(w)
	if err != nil {
		return err
	}
	return writeSecret(path, text)
}

// writeSecret replaces a file that only its owner may read, whole or not at all.
func writeSecret(path string, text []byte) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, text, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// provision makes the accounts of world that are not there yet.
func provision(ctx context.Context, st *store.Store, users *iam.Service, world World) error {
	for _, a := range world.Accounts {
		if err := provisionAccount(ctx, st, users, a); err != nil {
			return fmt.Errorf("account %s: %w", a.ID, err)
		}
	}
	return users.Settle(ctx)
}

func provisionAccount(ctx context.Context, st *store.Store, users *iam.Service, a WorldAccount) error {
	var exists bool
	err := st.View(ctx, func(tx *store.Tx) (err error) {
		_, exists, err = account.Get(tx, a.ID)
		return err
	})
	if err != nil || exists {
		return err
	}
	err = users.Provision(ctx, iam.ProvisionUser{Account: a.ID, AccessKeyID: a.Root.AccessKeyID, SecretAccessKey: a.Root.SecretAccessKey})
	if err != nil {
		return err
	}
	err = users.Provision(ctx, iam.ProvisionUser{
		Account: a.ID, Name: a.Admin.Name, Path: "/",
		AccessKeyID: a.Admin.AccessKeyID, SecretAccessKey: a.Admin.SecretAccessKey, Password: a.Admin.Password,
		ManagedPolicyARNs: []string{"arn:aws:iam::aws:policy/AdministratorAccess"},
	})
	if err != nil {
		return err
	}
	// The account's row comes last: while it is missing, the next start provisions again.
	return st.Update(ctx, func(tx *store.Tx) error {
		return account.Put(tx, &account.Account{
			ID: a.ID, Name: a.Name, Alias: a.Alias, Email: a.Root.Email,
			PasswordHash: iam.HashPassword(a.Root.Password),
			CanonicalID:  ids.CanonicalID(a.ID), Created: tx.Now,
		})
	})
}
