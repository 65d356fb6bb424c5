package iam

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/store"
)

// Credential is what a long-term access key stands for.
type Credential struct {
	Account   string
	UserName  string // "" for the root user
	Secret    string
	Active    bool // an inactive key authenticates nobody
	Principal authz.Principal
}

// Grants are the identity-based policies of a principal.
type Grants struct {
	Identity []authz.Attached
	Boundary *authz.Attached
	Tags     map[string]string // aws:PrincipalTag/…, without session tags
	Exists   bool              // false: the user or role is gone, or re-created (another unique id)
}

// Role is a role as STS needs it.
type Role struct {
	Account, Name, Path, ID, ARN string
	Trust                        authz.Attached // Kind Trust, with Bound
	MaxSessionDuration           time.Duration
	Tags                         map[string]string
	LastUsed                     time.Time // zero: never
}

// cache keeps what was computed from the store while no IAM write has been committed since.
type cache[V any] struct {
	mu         sync.RWMutex
	generation uint64
	values     map[string]V
}

// cacheSize bounds a cache; a full one starts anew.
const cacheSize = 10_000

func (c *cache[V]) get(generation uint64, key string) (v V, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.generation != generation {
		return v, false
	}
	v, ok = c.values[key]
	return v, ok
}

// put keeps a value that was read after generation was.
func (c *cache[V]) put(generation uint64, key string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation < c.generation {
		return
	}
	if generation > c.generation || c.values == nil || len(c.values) >= cacheSize {
		c.generation, c.values = generation, map[string]V{}
	}
	c.values[key] = v
}

// cached returns the value of key, from the cache or by load, which reads the store with what it needs to know. Values that
// load calls not ok are not kept, so that nobody can fill the cache with names that do not exist.
func cached[K, V any](ctx context.Context, s *Service, c *cache[V], key string, what K, load loader[K, V]) (V, bool, error) {
	in, err := s.inEffect()
	if err != nil {
		var none V
		return none, false, err
	}
	// The generation is read first: a write that is committed while load reads makes the value stale at once.
	generation := s.generation.Load()
	if v, ok := c.get(generation, key); ok {
		return v, true, nil
	}
	return fill(ctx, s, in, c, generation, key, what, load)
}

// loader is a method of Service that reads the store. It is named as a method expression, which costs a hit nothing.
type loader[K, V any] func(s *Service, tx *store.Tx, what K) (V, bool, error)

func fill[K, V any](ctx context.Context, s *Service, in *store.Store, c *cache[V], generation uint64, key string, what K, load loader[K, V]) (v V, ok bool, err error) {
	err = in.View(ctx, func(tx *store.Tx) error {
		v, ok, err = load(s, tx, what)
		return err
	})
	if err == nil && ok {
		c.put(generation, key, v)
	}
	return v, ok && err == nil, err
}

// caches are those of a Service. The counter goes up with every committed IAM write.
type caches struct {
	generation  atomic.Uint64
	credentials cache[Credential]
	grants      cache[Grants]
}

// Credential returns the credential of a long-term access key; ok is false when there is no such key. It is cached.
func (s *Service) Credential(ctx context.Context, accessKeyID string) (c Credential, ok bool, err error) {
	return cached(ctx, s, &s.credentials, accessKeyID, accessKeyID, (*Service).loadCredential)
}

func (s *Service) loadCredential(tx *store.Tx, accessKeyID string) (c Credential, ok bool, err error) {
	k, ok, err := accessKeys.Get(tx, accessKeyID)
	if err != nil || !ok {
		return c, false, err
	}
	c = Credential{Account: k.Account, Secret: k.Secret, Active: k.Active}
	if k.UserID == k.Account {
		c.Principal = authz.Principal{Type: authz.Account, Account: k.Account, ARN: rootARN(k.Account), ID: k.Account}
		return c, true, nil
	}
	u, ok, err := userByID(tx, k.UserID)
	if err != nil || !ok {
		return c, false, err
	}
	c.UserName = u.Name
	c.Principal = authz.Principal{Type: authz.User, Account: u.Account, ARN: u.arn(), ID: u.ID, Name: u.Name}
	return c, true, nil
}

// Grants returns the policies of a user (inline, managed, of its groups), of a role session's role, or of the user that
// issued a federated user's session. A root user has none. The answer is cached and shared: it is not to be changed.
func (s *Service) Grants(ctx context.Context, p authz.Principal) (g Grants, err error) {
	switch p.Type {
	case authz.Account:
		return Grants{Exists: true}, nil
	case authz.User:
		g, _, err = cached(ctx, s, &s.grants, p.ID, p, (*Service).loadUser)
	case authz.AssumedRole:
		g, _, err = cached(ctx, s, &s.grants, p.RoleID, p, (*Service).loadRole)
	case authz.FederatedUser:
		if p.IssuerARN == rootARN(p.Account) {
			return Grants{Exists: true}, nil
		}
		g, _, err = cached(ctx, s, &s.grants, p.IssuerARN, p, (*Service).loadIssuer)
	}
	return g, err // nothing for anonymous callers, services and subjects of identity providers
}

func (s *Service) loadUser(tx *store.Tx, p authz.Principal) (Grants, bool, error) {
	u, ok, err := userByID(tx, p.ID)
	if err != nil || !ok {
		return Grants{}, false, err
	}
	return s.userGrants(tx, &u)
}

func (s *Service) loadRole(tx *store.Tx, p authz.Principal) (Grants, bool, error) {
	r, ok, err := first(roles.ByIndex(tx, "id", p.RoleID))
	if err != nil || !ok {
		return Grants{}, false, err
	}
	return s.identityGrants(tx, &r.identity, "role "+r.Name)
}

func (s *Service) loadIssuer(tx *store.Tx, p authz.Principal) (Grants, bool, error) {
	u, ok, err := userByARN(tx, p.IssuerARN)
	if err != nil || !ok {
		return Grants{}, false, err
	}
	return s.userGrants(tx, &u)
}

func (s *Service) userGrants(tx *store.Tx, u *user) (Grants, bool, error) {
	g, ok, err := s.identityGrants(tx, &u.identity, "user "+u.Name)
	if err != nil {
		return g, ok, err
	}
	all, err := groupsOf(tx, u)
	for i := range all {
		if err == nil {
			g.Identity, err = s.policiesOf(tx, g.Identity, &all[i].identity, "group "+all[i].Name)
		}
	}
	return g, ok, err
}

func (s *Service) identityGrants(tx *store.Tx, i *identity, to string) (g Grants, ok bool, err error) {
	g = Grants{Tags: tagMap(i.Tags), Exists: true}
	if g.Identity, err = s.policiesOf(tx, nil, i, to); err != nil {
		return g, false, err
	}
	if i.Boundary != "" {
		b, err := s.managedPolicy(tx, i.Boundary, authz.Boundary, i.Account, to)
		if err != nil {
			return g, false, err
		}
		g.Boundary = &b
	}
	return g, true, nil
}

// policiesOf appends the inline and managed policies of an entity.
func (s *Service) policiesOf(tx *store.Tx, to []authz.Attached, i *identity, owner string) ([]authz.Attached, error) {
	for _, p := range i.Inline {
		compiled, err := authz.Parse(p.Document)
		if err != nil {
			return nil, err
		}
		to = append(to, authz.Attached{
			Policy: compiled, Kind: authz.Identity, Name: p.Name, Account: i.Account, To: owner,
		})
	}
	for _, arn := range i.Attached {
		a, err := s.managedPolicy(tx, arn, authz.Identity, i.Account, owner)
		if err != nil {
			return nil, err
		}
		to = append(to, a)
	}
	return to, nil
}

func (s *Service) managedPolicy(tx *store.Tx, arn string, kind authz.PolicyKind, account, owner string) (authz.Attached, error) {
	text, name, ok, err := s.managedDocument(tx, arn)
	if err != nil {
		return authz.Attached{}, err
	}
	if !ok {
		// A policy in use cannot be deleted, but AWS's policies are loaded from outside. A missing one may have denied
		// something, so nothing may be decided without it.
		return authz.Attached{}, missingPolicyError(arn)
	}
	compiled, err := authz.Parse(text)
	return authz.Attached{Policy: compiled, Kind: kind, Name: name, ARN: arn, Account: account, To: owner}, err
}

// missingPolicyError is the ARN of a policy that an entity has but that is not loaded.
type missingPolicyError string

func (e missingPolicyError) Error() string {
	return "iam: the managed policy " + string(e) + " is attached but not loaded; start with the --managed-policies that it came from"
}

// RoleByARN returns the role of an ARN; ok is false when there is none of exactly this name and path.
func (s *Service) RoleByARN(ctx context.Context, arn string) (r Role, ok bool, err error) {
	in, err := s.inEffect()
	if err != nil {
		return r, false, err
	}
	err = in.View(ctx, func(tx *store.Tx) error {
		var found role
		if found, ok, err = roleByARN(tx, arn); err != nil || !ok {
			return err
		}
		text, bound := s.FollowPrincipals(ctx, tx, found.Trust, found.Bound)
		trust, err := authz.Parse(text)
		if err != nil {
			return err
		}
		use, _, err := s.uses.get(tx, found.ID)
		r = Role{
			Account: found.Account, Name: found.Name, Path: found.Path, ID: found.ID, ARN: arn,
			Trust: authz.Attached{
				Policy: trust, Kind: authz.Trust, Account: found.Account, To: "role " + found.Name, Bound: bound,
			},
			MaxSessionDuration: time.Duration(found.MaxSession) * time.Second,
			Tags:               tagMap(found.Tags),
			LastUsed:           use.At,
		}
		return err
	})
	return r, ok && err == nil, err
}

// userByARN and roleByARN find an entity by its whole ARN, in which case matters.
func userByARN(tx *store.Tx, arn string) (user, bool, error) {
	account, _, name, ok := parseARN(arn, "user")
	if !ok {
		return user{}, false, nil
	}
	u, ok, err := users.Get(tx, nameKey(account, name))
	return u, ok && u.arn() == arn, err
}

func roleByARN(tx *store.Tx, arn string) (role, bool, error) {
	account, _, name, ok := parseARN(arn, "role")
	if !ok {
		return role{}, false, nil
	}
	r, ok, err := roles.Get(tx, nameKey(account, name))
	return r, ok && r.arn() == arn, err
}
