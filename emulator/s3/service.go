// Package s3 is the emulated Amazon S3: [New] makes a [Service], [Service.Operations] is its table of operations. A file is
// about one noun: its rows stand on top, its methods below. What each operation needs to be authorized for is in rules.go.
package s3

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Principals knows the users and roles that bucket policies name; emulator/iam has them.
type Principals interface {
	// BindPrincipals returns the unique ids of the users and roles that p names, by ARN. invalid is the first principal that
	// does not exist, "" if all do.
	BindPrincipals(ctx context.Context, tx *store.Tx, p *authz.Policy) (bound map[string]string, invalid string, err error)
	// ShowPrincipals returns text with each bound principal that is gone replaced by its unique id, as AWS shows it.
	ShowPrincipals(ctx context.Context, tx *store.Tx, text string, bound map[string]string) string
	// FollowPrincipals returns a policy for its evaluation: bound principals that were renamed have their new ARNs, in text
	// and in bound.
	FollowPrincipals(ctx context.Context, tx *store.Tx, text string, bound map[string]string) (string, map[string]string)
	// Generation counts the changes of users and roles. While it stands still, so does what FollowPrincipals returns.
	Generation() uint64
}

// Options for New.
type Options struct {
	Principals Principals
	// AsRole returns a context in which S3 works as a session of a role, as with replication: the Authorize of its request
	// decides what the session may do. Errors: AccessDenied when the role is not there or does not trust s3.amazonaws.com. nil:
	// no role can be worked as.
	AsRole func(ctx context.Context, roleARN, session string) (context.Context, error)
	// UseMFA checks a code of an MFA device of a user or root user, and uses it up; an error is for one that is not good. nil:
	// none is.
	UseMFA func(ctx context.Context, p authz.Principal, serial, code string) error
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: nothing is logged
}

// Service holds the state of S3: one namespace of buckets over all accounts.
type Service struct {
	store      *store.Store
	principals Principals

	// Buckets are read by every request and written rarely, so they are kept compiled. An entry is good while its
	// generation is the current one, which every committed write of a bucket moves on, and while the users and roles that
	// its policy names keep their names.
	generation atomic.Uint64
	cache      sync.Map // bucket name → cached

	sequence atomic.Uint64 // of the newest change

	asRole func(ctx context.Context, roleARN, session string) (context.Context, error)
	useMFA func(ctx context.Context, p authz.Principal, serial, code string) error
	now    func() time.Time
	log    *slog.Logger

	logs struct {
		sync.Mutex
		byBucket map[string]*accessRecords // the access logs under way
	}

	// Of the work in the background.
	inventories struct { // under work: what enabledInventories found
		known      bool
		generation uint64
		enabled    []enabledInventory
	}
	work    sync.Mutex           // held while it is done
	retry   map[string]time.Time // under work: until when a consumer waits
	woken   chan struct{}
	working sync.WaitGroup
	stop    context.CancelFunc
	swept   swept // under work: what was found last
}

// New returns S3 on a store. Start begins what it does by itself.
func New(st *store.Store, o Options) *Service {
	s := &Service{
		store: st, principals: o.Principals, asRole: o.AsRole, useMFA: o.UseMFA, now: o.Now, log: o.Log,
		retry: map[string]time.Time{}, woken: make(chan struct{}, 1),
	}
	if s.asRole == nil {
		s.asRole = func(context.Context, string, string) (context.Context, error) { return nil, accessDenied() }
	}
	if s.useMFA == nil {
		s.useMFA = func(context.Context, authz.Principal, string, string) error { return mfaMissing() }
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// forget drops the buckets that are kept in memory: one of them has been written.
func (s *Service) forget() { s.generation.Add(1) }

// Operations returns the table of operations by name.
func (s *Service) Operations() map[string]wire.Operation {
	return wire.Bind(s,
		buckets,
		bucketPolicies,
		publicAccess,
		ownership,
		bucketACLs,
		versioning,
		bucketTags,
		bucketEncryption,
		bucketReplication,
		abac,
		notifications,
		bucketLogging,
		inventories,
		analytics,
		metrics,
		tierings,
		metadataConfigurations,
		directoryBuckets,
		objects,
		forms,
		corsConfigurations,
		websiteConfigurations,
		requestPayments,
		accelerations,
		discontinued,
		copies,
		deletions,
		listings,
		multipart,
		objectACLs,
		objectTags,
		objectEncryption,
		objectLocks,
		lifecycleOps,
		restores,
	)
}
