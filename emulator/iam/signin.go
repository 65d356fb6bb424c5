package iam

import (
	"context"
	"errors"
	"regexp"
	"sync"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/store"
)

// SignIn is what somebody gives to sign in to the console: an account and a user name, or a root user's email, and a password.
type SignIn struct {
	Account  string // id or alias
	UserName string
	Email    string // the root user's; "" for a user
	Password string
	MFACode  string // "" for none
}

// What sign-ins fail for ("Sign-in issues", AWS Sign-In User Guide).
var (
	ErrSignIn          = errors.New("iam: the account, the name or the password is wrong")
	ErrPasswordExpired = errors.New("iam: the password has expired, and only an administrator can set another")
)

// SignedIn is who gave the right password. Further steps may be needed before there is a session.
type SignedIn struct {
	authz.Principal
	NeedsMFA         bool   // there is an MFA device, and no code was given
	MFA              bool   // the code was right, and is still to be used up with UseMFA
	Device           string // whose code it was, its serial number
	NeedsNewPassword bool   // the password must be changed first
}

// candidate is who may be signing in.
type candidate struct {
	SignedIn
	hash    string
	expired bool     // for good
	devices []string // serial numbers
}

// nobodysHash is compared with when there is nobody, so that this takes as long.
var nobodysHash = sync.OnceValue(func() string { return HashPassword("") })

// SignIn checks a password and an MFA code, which stays good for the steps that may follow. Errors: ErrSignIn, ErrWrongCode, ErrPasswordExpired. The
// principal is known with these errors too if the account and the name exist, for the record.
func (s *Service) SignIn(ctx context.Context, in SignIn) (SignedIn, error) {
	var c candidate
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		c, err = whoSignsIn(tx, in)
		return err
	})
	if err != nil {
		return c.SignedIn, err
	}
	hash := c.hash
	if hash == "" {
		hash = nobodysHash()
	}
	if !CheckPassword(hash, in.Password) || c.hash == "" {
		return c.SignedIn, ErrSignIn
	}
	if len(c.devices) > 0 && in.MFACode == "" {
		c.NeedsMFA = true
		return c.SignedIn, nil
	}
	if len(c.devices) > 0 {
		if c.Device, err = s.deviceOf(ctx, &c, in.MFACode); err != nil {
			return c.SignedIn, err
		}
		c.MFA = true
	}
	if c.expired {
		return c.SignedIn, ErrPasswordExpired
	}
	return c.SignedIn, nil
}

// deviceOf finds the device whose code it is: who signs in does not say which one.
func (s *Service) deviceOf(ctx context.Context, c *candidate, code string) (serial string, err error) {
	for _, serial := range c.devices {
		if err := s.CheckMFA(ctx, c.Principal, serial, code); !errors.Is(err, ErrWrongCode) {
			return serial, err
		}
	}
	return "", ErrWrongCode
}

// whoSignsIn finds who it is; without a hash there is nobody who could sign in.
func whoSignsIn(tx *store.Tx, in SignIn) (c candidate, err error) {
	if in.Email != "" {
		a, ok, err := account.ByEmail(tx, in.Email)
		if err != nil || !ok {
			return c, err
		}
		c.hash = a.PasswordHash
		c.Principal = authz.Principal{Type: authz.Account, Account: a.ID, ARN: rootARN(a.ID), ID: a.ID}
		c.devices, err = devicesOf(tx, a.ID)
		return c, err
	}
	a, ok, err := AccountNamed(tx, in.Account)
	if err != nil || !ok {
		return c, err
	}
	u, ok, err := users.Get(tx, nameKey(a.ID, in.UserName))
	if err != nil || !ok || u.Name != in.UserName {
		return c, err
	}
	c.Principal = authz.Principal{Type: authz.User, Account: u.Account, ARN: u.arn(), ID: u.ID, Name: u.Name}
	if u.Login == nil {
		return c, nil
	}
	c.hash, c.NeedsNewPassword = u.Login.Hash, u.Login.ResetRequired
	rules, err := passwordRules(tx, a.ID)
	if err != nil {
		return c, err
	}
	if end, expires := rules.expiry(u.Login); expires && !tx.Now.Before(end) {
		c.NeedsNewPassword = true
		c.expired = rules.HardExpiry != nil && *rules.HardExpiry
	}
	c.devices, err = devicesOf(tx, u.ID)
	return c, err
}

func devicesOf(tx *store.Tx, owner string) (serials []string, err error) {
	for d, err := range mfaDevices.ByIndex(tx, "owner", owner) {
		if err != nil {
			return nil, err
		}
		serials = append(serials, d.serial())
	}
	return serials, nil
}

var accountForm = regexp.MustCompile(`^[0-9]{12}$`)

// AccountNamed returns the account of an id or an alias.
func AccountNamed(tx *store.Tx, name string) (account.Account, bool, error) {
	if accountForm.MatchString(name) {
		return account.Get(tx, name)
	}
	if name == "" {
		return account.Account{}, false, nil
	}
	return account.ByAlias(tx, name)
}
