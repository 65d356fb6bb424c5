// Package account keeps the AWS accounts of the emulated world.
package account

import (
	"iter"
	"time"

	"github.com/xemu-aws/xemu/store"
)

// Account is an AWS account. Its root user's access keys are in IAM's table, as keys of a user without a name.
type Account struct {
	ID           string // 12 digits
	Name         string
	Alias        string // "" for none; unique over all accounts
	Email        string // the root user's
	PasswordHash string // the root user's console password, "" for none
	// PasswordRecovery is since when the root user, which had no password, may recover one; zero: it may not.
	PasswordRecovery time.Time
	CanonicalID      string // S3's canonical user id
	Created          time.Time
}

var accounts = store.NewTable("account", func(a *Account) string { return a.ID },
	store.Index[Account]{Name: "alias", Keys: func(a *Account) []string { return one(a.Alias) }},
	store.Index[Account]{Name: "canonical", Keys: func(a *Account) []string { return one(a.CanonicalID) }},
	store.Index[Account]{Name: "email", Keys: func(a *Account) []string { return one(a.Email) }})

func one(key string) []string {
	if key == "" {
		return nil
	}
	return []string{key}
}

// Get returns the account of id; ok is false when there is none.
func Get(tx *store.Tx, id string) (Account, bool, error) { return accounts.Get(tx, id) }

// ByAlias returns the account of a sign-in alias.
func ByAlias(tx *store.Tx, alias string) (Account, bool, error) {
	return first(accounts.ByIndex(tx, "alias", alias))
}

// ByCanonicalID returns the account of a canonical user id.
func ByCanonicalID(tx *store.Tx, id string) (Account, bool, error) {
	return first(accounts.ByIndex(tx, "canonical", id))
}

// ByEmail returns the account whose root user has the address.
func ByEmail(tx *store.Tx, email string) (Account, bool, error) {
	return first(accounts.ByIndex(tx, "email", email))
}

func first(found iter.Seq2[Account, error]) (Account, bool, error) {
	for a, err := range found {
		return a, err == nil, err
	}
	return Account{}, false, nil
}

// Put writes an account.
func Put(tx *store.Tx, a *Account) error { return accounts.Put(tx, a) }

// All yields the accounts by id.
func All(tx *store.Tx) iter.Seq2[Account, error] { return accounts.Scan(tx, "", "") }
