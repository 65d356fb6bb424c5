package iam

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var passwordPolicyOps = wire.Ops(
	wire.Op((*Service).GetAccountPasswordPolicy, anywhere),
	wire.Op((*Service).UpdateAccountPasswordPolicy, anywhere),
	wire.Op((*Service).DeleteAccountPasswordPolicy, anywhere),
)

// hashRounds makes a guess cost a few hundredths of a second.
const hashRounds = 100_000

// HashPassword returns a console password in the form that is stored: salted and slow to guess.
func HashPassword(password string) string {
	salt := make([]byte, 16)
	rand.Read(salt)
	return "pbkdf2-sha256$" + strconv.Itoa(hashRounds) + "$" + base64.RawStdEncoding.EncodeToString(salt) + "$" +
		base64.RawStdEncoding.EncodeToString(derive(password, salt, hashRounds))
}

// CheckPassword reports whether the password is the one that was hashed.
func CheckPassword(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 4 || parts[0] != "pbkdf2-sha256" {
		return false
	}
	rounds, err := strconv.Atoi(parts[1])
	if err != nil || rounds < 1 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[2])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[3])
	return err == nil && subtle.ConstantTimeCompare(want, derive(password, salt, rounds)) == 1
}

func derive(password string, salt []byte, rounds int) []byte {
	key, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		panic(err) // only for key lengths that SHA-256 does not give
	}
	return key
}

// passwordPolicy is the account's password policy.
type passwordPolicy struct {
	Account            string
	MinLength          int32
	Symbols, Numbers   bool
	Upper, Lower       bool
	AllowUsersToChange bool
	MaxAge             *int32 // days, nil for ever
	ReusePrevention    *int32
	HardExpiry         *bool

	byDefault bool // the rules of an account that has no policy
}

const (
	minPasswordLength  = 6 // of a policy that names none
	maxReusePrevention = 24
)

// passwordRules returns the rules for passwords in an account: its policy, else AWS's default ("Set an account password
// policy for IAM users").
func passwordRules(tx *store.Tx, account string) (passwordPolicy, error) {
	p, ok, err := passwordPolicies.Get(tx, account)
	if !ok {
		p = passwordPolicy{Account: account, MinLength: 8, byDefault: true}
	}
	return p, err
}

// check refuses passwords that the rules do not allow. The default rules want three kinds of characters of four.
func (p *passwordPolicy) check(password string) error {
	upper := strings.ContainsFunc(password, func(r rune) bool { return r >= 'A' && r <= 'Z' })
	lower := strings.ContainsFunc(password, func(r rune) bool { return r >= 'a' && r <= 'z' })
	number := strings.ContainsFunc(password, func(r rune) bool { return r >= '0' && r <= '9' })
	symbol := strings.ContainsAny(password, "!@#$%^&*()_+-=[]{}|'")
	kinds := 0
	for _, has := range []bool{upper, lower, number, symbol} {
		if has {
			kinds++
		}
	}
	switch {
	case len([]rune(password)) < int(p.MinLength), p.byDefault && kinds < 3,
		p.Upper && !upper, p.Lower && !lower, p.Numbers && !number, p.Symbols && !symbol:
		return passwordRefused()
	}
	return nil
}

func passwordRefused() error {
	return awserr.PasswordPolicyViolation.Errorf("Password does not conform to the account password policy.")
}

// compared holds of hashes whether a password is theirs. It is filled before a transaction, since each takes long.
type compared map[string]bool

// is reports whether the password is the one that was hashed.
func (c compared) is(hash, password string) bool {
	same, known := c[hash]
	if !known { // a hash that has come since
		same = CheckPassword(hash, password)
	}
	return same
}

// current returns the hash of the password that is in use.
func (p *passwordPolicy) current(l *loginProfile) []string { return []string{l.Hash} }

// last returns the hashes of the passwords that may not be used again.
func (p *passwordPolicy) last(l *loginProfile) []string {
	if p.ReusePrevention == nil {
		return nil
	}
	all := append([]string{l.Hash}, l.Former...)
	return all[:min(len(all), int(*p.ReusePrevention))]
}

// checkReuse refuses one of the last passwords when the rules say so.
func (p *passwordPolicy) checkReuse(password string, l *loginProfile, c compared) error {
	for _, hash := range p.last(l) {
		if c.is(hash, password) {
			return passwordRefused()
		}
	}
	return nil
}

// expiry returns when a password expires; expires is false when it does not.
func (p *passwordPolicy) expiry(l *loginProfile) (end time.Time, expires bool) {
	if p.MaxAge == nil || *p.MaxAge == 0 {
		return time.Time{}, false
	}
	return l.Changed.AddDate(0, 0, int(*p.MaxAge)), true
}

// GetAccountPasswordPolicy returns the policy; NoSuchEntity while the account has none.
func (s *Service) GetAccountPasswordPolicy(ctx context.Context, _ *iam.GetAccountPasswordPolicyInput) (*iam.GetAccountPasswordPolicyOutput, error) {
	account := callerAccount(ctx)
	out := &iam.GetAccountPasswordPolicyOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		p, ok, err := passwordPolicies.Get(tx, account)
		if err != nil {
			return err
		}
		if !ok {
			return awserr.NoSuchEntity.Errorf("The Password Policy with domain name %s cannot be found.", account)
		}
		out.PasswordPolicy = &types.PasswordPolicy{
			MinimumPasswordLength: aws.Int32(p.MinLength), RequireSymbols: p.Symbols, RequireNumbers: p.Numbers,
			RequireUppercaseCharacters: p.Upper, RequireLowercaseCharacters: p.Lower,
			AllowUsersToChangePassword: p.AllowUsersToChange, ExpirePasswords: p.MaxAge != nil, MaxPasswordAge: p.MaxAge,
			PasswordReusePrevention: p.ReusePrevention, HardExpiry: p.HardExpiry,
		}
		return nil
	})
	return answer(out, err)
}

// UpdateAccountPasswordPolicy replaces the policy: what is absent goes back to its default.
func (s *Service) UpdateAccountPasswordPolicy(ctx context.Context, in *iam.UpdateAccountPasswordPolicyInput) (*iam.UpdateAccountPasswordPolicyOutput, error) {
	p := passwordPolicy{
		Account: callerAccount(ctx), MinLength: minPasswordLength, Symbols: in.RequireSymbols, Numbers: in.RequireNumbers,
		Upper: in.RequireUppercaseCharacters, Lower: in.RequireLowercaseCharacters,
		AllowUsersToChange: in.AllowUsersToChangePassword, MaxAge: in.MaxPasswordAge,
		ReusePrevention: in.PasswordReusePrevention, HardExpiry: in.HardExpiry,
	}
	if in.MinimumPasswordLength != nil {
		p.MinLength = *in.MinimumPasswordLength
	}
	err := s.update(ctx, func(tx *store.Tx) error { return passwordPolicies.Put(tx, &p) })
	return answer(&iam.UpdateAccountPasswordPolicyOutput{}, err)
}

// DeleteAccountPasswordPolicy goes back to AWS's default rules.
func (s *Service) DeleteAccountPasswordPolicy(ctx context.Context, _ *iam.DeleteAccountPasswordPolicyInput) (*iam.DeleteAccountPasswordPolicyOutput, error) {
	account := callerAccount(ctx)
	err := s.update(ctx, func(tx *store.Tx) error {
		if _, ok, err := passwordPolicies.Get(tx, account); err != nil {
			return err
		} else if !ok {
			return awserr.NoSuchEntity.Errorf("The account policy with name PasswordPolicy cannot be found.")
		}
		return passwordPolicies.Delete(tx, account)
	})
	return answer(&iam.DeleteAccountPasswordPolicyOutput{}, err)
}
