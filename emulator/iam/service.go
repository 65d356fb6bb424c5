// Package iam emulates AWS Identity and Access Management: users, groups, roles, policies and credentials, and the
// reading of them that the other services stand on ([Service.Credential], [Service.Grants], [Service.RoleByARN],
// [Service.BindPrincipals]).
package iam

import (
	"context"
	"time"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Options for New.
type Options struct {
	Managed ManagedPolicies // AWS managed policies; nil: none
}

// Service is IAM. Its methods are safe for concurrent use.
type Service struct{}

// New returns IAM over st. Call Close at the end.
func New(st *store.Store, o Options) *Service { panic("being written") }

// Close writes what is still held in memory (last used times).
func (s *Service) Close() error { panic("being written") }

// Operations returns the operations by name.
func (s *Service) Operations() map[string]wire.Operation { panic("being written") }

// Forget drops the caches. Call it after store.Clear.
func (s *Service) Forget() { panic("being written") }

// Credential is what a long-term access key stands for.
type Credential struct {
	Account   string
	UserName  string // "" for the root user
	Secret    string
	Active    bool // an inactive key authenticates nobody
	Principal authz.Principal
}

// Credential returns the credential of a long-term access key; ok is false when there is no such key. It is cached.
func (s *Service) Credential(ctx context.Context, accessKeyID string) (c Credential, ok bool, err error) {
	panic("being written")
}

// Grants are the identity-based policies of a principal.
type Grants struct {
	Identity []authz.Attached
	Boundary *authz.Attached
	Tags     map[string]string // aws:PrincipalTag/…, without session tags
	Exists   bool              // false: the user or role is gone, or re-created (another unique id)
}

// Grants returns the policies of a user (inline, managed, of its groups), of a role session's role, or of the user that
// issued a federated user's session. A root user has none. The answer is cached and shared: it is not to be changed.
func (s *Service) Grants(ctx context.Context, p authz.Principal) (Grants, error) {
	panic("being written")
}

// Role is a role as STS needs it.
type Role struct {
	Account, Name, Path, ID, ARN string
	Trust                        authz.Attached // Kind Trust, with Bound
	MaxSessionDuration           time.Duration
	Tags                         map[string]string
	LastUsed                     time.Time // zero: never
}

// RoleByARN returns the role of an ARN; ok is false when there is none of exactly this name and path.
func (s *Service) RoleByARN(ctx context.Context, arn string) (r Role, ok bool, err error) {
	panic("being written")
}

// PolicyDocument returns the text of the default version of a managed policy, the customer's or AWS's; ok is false when
// there is none.
func (s *Service) PolicyDocument(ctx context.Context, arn string) (text string, ok bool, err error) {
	panic("being written")
}

// BindPrincipals looks up the AWS principals of a resource policy that is about to be stored. bound holds the unique ids
// of its users and roles by ARN, for authz.Attached.Bound; invalid is the first principal that does not exist, "" if all
// do. Accounts, users and roles must exist; a unique id is accepted while its user or role exists.
func (s *Service) BindPrincipals(ctx context.Context, tx *store.Tx, p *authz.Policy) (bound map[string]string, invalid string, err error) {
	panic("being written")
}

// ShowPrincipals returns the text of a stored resource policy as AWS shows it: a principal that is gone, or was created
// again under its old name, appears as the unique id it was bound to. The rest of the text is verbatim.
func (s *Service) ShowPrincipals(ctx context.Context, tx *store.Tx, text string, bound map[string]string) string {
	panic("being written")
}

// ProvisionUser is a user that the world begins with.
type ProvisionUser struct {
	Account           string
	Path, Name        string // Name "": the account's root user
	AccessKeyID       string // "" for no access key
	SecretAccessKey   string
	Password          string // console password, "" for none; of a root user it is set in the account
	ManagedPolicyARNs []string
}

// Provision creates a user with its key, password and policies, or completes one that is there. It does nothing when all
// is there already.
func (s *Service) Provision(ctx context.Context, u ProvisionUser) error { panic("being written") }

// KeyUsed notes that an access key was used, for GetAccessKeyLastUsed. It never waits for the store.
func (s *Service) KeyUsed(accessKeyID, service, region string, at time.Time) {}

// RoleUsed notes that credentials of a role were used, for RoleLastUsed; the id is the role's unique id. It never waits
// for the store.
func (s *Service) RoleUsed(roleID, region string, at time.Time) {}

// HashPassword returns a console password in the form that is stored: salted and slow to guess.
func HashPassword(password string) string { panic("being written") }

// CheckPassword reports whether the password is the one that was hashed.
func CheckPassword(hash, password string) bool { panic("being written") }
