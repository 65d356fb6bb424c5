package iam

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var loginProfileOps = wire.Ops(
	wire.Op((*Service).CreateLoginProfile, on(aUser, "UserName")),
	wire.Op((*Service).GetLoginProfile, on(aUser, "UserName")),
	wire.Op((*Service).UpdateLoginProfile, on(aUser, "UserName")),
	wire.Op((*Service).DeleteLoginProfile, on(aUser, "UserName")),
	wire.Op((*Service).ChangePassword, onOwnPassword),
)

// loginProfile is a user's access to the console.
type loginProfile struct {
	Hash          string
	Created       time.Time
	ResetRequired bool      `json:",omitempty"`
	Changed       time.Time // when the password was set, for its expiry
	Former        []string  `json:",omitempty"` // hashes of former passwords, the latest first
}

// userOf returns the user that a login profile operation acts on. A root user has no login profile.
func userOf(ctx context.Context, tx *store.Tx, name *string) (user, error) {
	who, err := subjectOf(ctx, tx, name)
	if err != nil {
		return user{}, err
	}
	if who.root {
		return user{}, awserr.ValidationError.Errorf("Must specify userName when calling with non-User credentials")
	}
	return who.user, nil
}

// login returns the user and its login profile, which must be there.
func login(ctx context.Context, tx *store.Tx, name *string) (user, error) {
	u, err := userOf(ctx, tx, name)
	if err == nil && u.Login == nil {
		err = awserr.NoSuchEntity.Errorf("Login Profile for User %s cannot be found.", u.Name)
	}
	return u, err
}

// CreateLoginProfile gives a user a password for the console.
func (s *Service) CreateLoginProfile(ctx context.Context, in *iam.CreateLoginProfileInput) (*iam.CreateLoginProfileOutput, error) {
	if actsAsRoot(ctx, in.UserName) {
		shown, err := s.allowRootPassword(ctx, in.Password)
		return answer(&iam.CreateLoginProfileOutput{LoginProfile: shown}, err)
	}
	if in.Password == nil {
		return nil, awserr.ValidationError.Errorf("1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null")
	}
	hash := HashPassword(*in.Password) // takes long: before the transaction
	out := &iam.CreateLoginProfileOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		u, err := userOf(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		if u.Login != nil {
			return awserr.EntityAlreadyExists.Errorf("Login Profile for user %s already exists.", u.Name)
		}
		rules, err := passwordRules(tx, u.Account)
		if err != nil {
			return err
		}
		if err := rules.check(*in.Password); err != nil {
			return err
		}
		u.Login = &loginProfile{Hash: hash, Created: tx.Now, Changed: tx.Now, ResetRequired: in.PasswordResetRequired}
		out.LoginProfile = u.describeLogin()
		return users.Put(tx, &u)
	})
	return answer(out, err)
}

// GetLoginProfile says since when a user has a password.
func (s *Service) GetLoginProfile(ctx context.Context, in *iam.GetLoginProfileInput) (*iam.GetLoginProfileOutput, error) {
	if actsAsRoot(ctx, in.UserName) {
		shown, err := s.readRootLogin(ctx)
		return answer(&iam.GetLoginProfileOutput{LoginProfile: shown}, err)
	}
	out := &iam.GetLoginProfileOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		u, err := login(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		out.LoginProfile = u.describeLogin()
		return nil
	})
	return answer(out, err)
}

// UpdateLoginProfile sets a new password, or whether it must be changed; what is absent stays.
func (s *Service) UpdateLoginProfile(ctx context.Context, in *iam.UpdateLoginProfileInput) (*iam.UpdateLoginProfileOutput, error) {
	var hash string
	var former compared
	if in.Password != nil {
		var err error
		if former, err = s.compare(ctx, in.UserName, *in.Password, (*passwordPolicy).last); err != nil {
			return nil, err
		}
		hash = HashPassword(*in.Password)
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		u, err := login(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		if in.PasswordResetRequired != nil {
			u.Login.ResetRequired = *in.PasswordResetRequired
		}
		if in.Password != nil {
			if err := u.setPassword(tx, *in.Password, hash, former); err != nil {
				return err
			}
		}
		return users.Put(tx, &u)
	})
	return answer(&iam.UpdateLoginProfileOutput{}, err)
}

// compare compares a password with some of those of a user, of the caller when none is named.
func (s *Service) compare(ctx context.Context, name *string, password string, with func(*passwordPolicy, *loginProfile) []string) (compared, error) {
	var hashes []string
	err := s.store.View(ctx, func(tx *store.Tx) error {
		u, err := login(ctx, tx, name)
		if err != nil {
			return err
		}
		rules, err := passwordRules(tx, u.Account)
		hashes = with(&rules, u.Login)
		return err
	})
	c := compared{}
	for _, hash := range hashes {
		c[hash] = CheckPassword(hash, password)
	}
	return c, err
}

// setPassword replaces the password by one that the account's rules allow; hash is its hash, c what it has been compared with.
func (u *user) setPassword(tx *store.Tx, password, hash string, c compared) error {
	rules, err := passwordRules(tx, u.Account)
	if err != nil {
		return err
	}
	if err := rules.check(password); err != nil {
		return err
	}
	if err := rules.checkReuse(password, u.Login, c); err != nil {
		return err
	}
	u.Login.Former = append([]string{u.Login.Hash}, u.Login.Former...)
	u.Login.Former = u.Login.Former[:min(len(u.Login.Former), maxReusePrevention-1)]
	u.Login.Hash, u.Login.Changed = hash, tx.Now
	return nil
}

// DeleteLoginProfile takes the console away from a user.
func (s *Service) DeleteLoginProfile(ctx context.Context, in *iam.DeleteLoginProfileInput) (*iam.DeleteLoginProfileOutput, error) {
	if actsAsRoot(ctx, in.UserName) {
		return answer(&iam.DeleteLoginProfileOutput{}, s.deleteRootLogin(ctx))
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		u, err := login(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		u.Login = nil
		return users.Put(tx, &u)
	})
	return answer(&iam.DeleteLoginProfileOutput{}, err)
}

// ChangePassword changes the caller's own password.
func (s *Service) ChangePassword(ctx context.Context, in *iam.ChangePasswordInput) (*iam.ChangePasswordOutput, error) {
	if wire.RequestFrom(ctx).Caller.Type != authz.User {
		return nil, awserr.InvalidUserType.Errorf("Only IAM Users can change their own password.")
	}
	current, err := s.compare(ctx, nil, aws.ToString(in.OldPassword), (*passwordPolicy).current)
	if err != nil {
		return nil, err
	}
	former, err := s.compare(ctx, nil, aws.ToString(in.NewPassword), (*passwordPolicy).last)
	if err != nil {
		return nil, err
	}
	hash := HashPassword(aws.ToString(in.NewPassword))
	err = s.update(ctx, func(tx *store.Tx) error {
		u, err := login(ctx, tx, nil)
		if err != nil {
			return err
		}
		if !current.is(u.Login.Hash, aws.ToString(in.OldPassword)) {
			return awserr.AccessDenied.Errorf("The old password was incorrect.")
		}
		if err := u.setPassword(tx, aws.ToString(in.NewPassword), hash, former); err != nil {
			return err
		}
		u.Login.ResetRequired = false
		return users.Put(tx, &u)
	})
	return answer(&iam.ChangePasswordOutput{}, err)
}

// onOwnPassword is the rule of ChangePassword. A password policy with AllowUsersToChangePassword lets users change their
// own without a policy ("Permit IAM users to change their own passwords", IAM User Guide); it stands here as a policy of
// the resource, so that an explicit deny still counts.
var onOwnPassword = wire.For(func(ctx context.Context, s *Service, in *iam.ChangePasswordInput) ([]wire.Need, error) {
	caller := wire.RequestFrom(ctx).Caller
	need := wire.Need{Action: "iam:ChangePassword", Resource: caller.ARN}
	if caller.Type != authz.User {
		return []wire.Need{need}, nil
	}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		rules, own, err := passwordPolicies.Get(tx, caller.Account)
		if err != nil || !own || !rules.AllowUsersToChange {
			return err
		}
		allow, err := authz.Parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + caller.ARN +
			`"},"Action":"iam:ChangePassword","Resource":"` + caller.ARN + `"}}`)
		need.Policies = []authz.Attached{{
			Policy: allow, Kind: authz.Resource, Name: "AllowUsersToChangePassword", Account: caller.Account, To: "account password policy",
		}}
		return err
	})
	return []wire.Need{need}, err
})

func (u *user) describeLogin() *types.LoginProfile {
	return &types.LoginProfile{
		UserName: aws.String(u.Name), CreateDate: aws.Time(u.Login.Created), PasswordResetRequired: u.Login.ResetRequired,
	}
}
