package s3

import (
	"bytes"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/store"
)

func init() { jobs = append(jobs, job{"lifecycle", runLifecycles}) }

// Sweep notes for a bucket with a lifecycle up to when its rules were carried out.
type Sweep struct {
	BucketID, Bucket string
	Done             time.Time // a midnight; the one before the day on which they were set, when not since
}

var sweeps = store.NewTable("s3/lifecycle", func(w *Sweep) string { return store.Key(w.BucketID) })

// swept is when and of which state of the buckets it was found that no lifecycle has anything to do before the next midnight.
type swept struct {
	day        time.Time
	generation uint64
}

// runLifecycles carries out the rules of all buckets. Everything is due at midnights, so there is something to do once a day,
// and when rules were set.
func runLifecycles(ctx context.Context, s *Service, now time.Time) error {
	found := swept{now.UTC().Truncate(day), s.generation.Load()}
	if s.swept == found {
		return nil
	}
	var open []Sweep
	err := s.store.View(ctx, func(tx *store.Tx) error {
		for w, err := range sweeps.Scan(tx, "", "") {
			if err != nil {
				return err
			}
			if w.Done.Before(found.day) {
				open = append(open, w)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range open {
		if err := s.catchUp(ctx, &open[i], found.day); err != nil {
			return err
		}
	}
	s.swept = found
	return nil
}

// catchUp carries out a bucket's rules at each midnight up to today at which something was due: when the clock is moved on by
// months, what a rule does opens the way for the next one in between.
func (s *Service) catchUp(ctx context.Context, w *Sweep, today time.Time) error {
	for at := w.Done.Add(day); ; {
		p, err := s.newPass(ctx, w, at, at.Before(today))
		if err != nil {
			return err
		}
		if p == nil {
			return s.store.Update(ctx, func(tx *store.Tx) error { return sweeps.Delete(tx, store.Key(w.BucketID)) })
		}
		if err := p.run(ctx); err != nil {
			return err
		}
		if p.outdated {
			return nil // the new rules have a Sweep that is not done
		}
		last := p.next.IsZero() || p.next.After(today)
		if w.Done = p.next.Add(-day); last {
			w.Done = today
		}
		if err := s.store.Update(ctx, func(tx *store.Tx) error { return p.ifCurrent(tx, func() error { return sweeps.Put(tx, w) }) }); err != nil || last {
			return err
		}
		at = p.next
	}
}

// A pass goes through all of a bucket once, as at a midnight. It reads in short transactions and changes what is due in
// others, a bounded number at a time, in which everything is looked at again.
type pass struct {
	service  *Service
	bucket   *bucket
	rules    *Lifecycle
	document []byte // the rules as they are stored
	at       time.Time
	past     bool // at is not today: what was made since was not there, and what is done bears the time of then
	deep     bool // some rule is about noncurrent versions

	next     time.Time // the earliest midnight behind at when something may be due; zero: none is known
	outdated bool      // the rules were changed meanwhile
	todo     []deed
	rows     int
}

// How much is read, and changed, in one transaction.
const (
	passRows  = 10_000
	passDeeds = 500
)

// A deed is something that is due to a version, or to an upload.
type deed struct {
	key, order string
	kind       deedKind
	class      types.StorageClass
}

type deedKind int

const (
	expire deedKind = iota // the newest version: a delete marker takes its place, or nothing
	purge                  // a version goes for good
	move                   // to another storage class
	abort                  // an upload, whose id is in order
)

// newPass begins a pass; nil when the bucket is gone or has no rules.
func (s *Service) newPass(ctx context.Context, w *Sweep, at time.Time, past bool) (*pass, error) {
	p := &pass{service: s, at: at, past: past}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		row, ok, err := bucketTable.Get(tx, w.Bucket)
		if err != nil || !ok || row.ID != w.BucketID {
			return err
		}
		c, ok, err := configurations.Get(tx, configurationKey(w.BucketID, lifecycles.name, ""))
		if ok {
			p.document = c.Document
		}
		return err
	})
	if err != nil || p.document == nil {
		return nil, err
	}
	if p.bucket, err = s.bucketNamed(ctx, w.Bucket); err != nil {
		return nil, err
	}
	rules, err := decoders[lifecycles.name](p.document)
	if err != nil {
		return nil, err
	}
	p.rules = rules.(*Lifecycle)
	for _, r := range p.rules.Rules {
		p.deep = p.deep || r.NoncurrentVersionExpiration != nil || r.NoncurrentVersionTransitions != nil
	}
	return p, nil
}

// ifCurrent calls do if the bucket is still there and its rules are those of the pass.
func (p *pass) ifCurrent(tx *store.Tx, do func() error) error {
	c, ok, err := configurations.Get(tx, configurationKey(p.bucket.ID, lifecycles.name, ""))
	if err != nil {
		return err
	}
	if p.outdated = !ok || !bytes.Equal(c.Document, p.document); p.outdated {
		return nil
	}
	return do()
}

// run goes through the objects and uploads under each prefix that rules are about.
func (p *pass) run(ctx context.Context) error {
	for _, prefix := range p.rules.prefixes() {
		for _, read := range []func(*store.Tx, string, string) (string, error){p.readObjects, p.readUploads} {
			for from, more := "", true; more && !p.outdated; more = from != "" {
				p.todo, p.rows = nil, 0
				err := p.service.store.View(ctx, func(tx *store.Tx) (err error) {
					from, err = read(tx, store.KeyPrefix(p.bucket.ID, prefix), from)
					return err
				})
				if err == nil && len(p.todo) > 0 {
					p.mayFollow(p.at.Add(day))
					err = p.service.store.Update(ctx, func(tx *store.Tx) error { return p.ifCurrent(tx, func() error { return p.carryOut(tx) }) })
				}
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// mayFollow notes that something may be due at a time.
func (p *pass) mayFollow(at time.Time) {
	if p.next.IsZero() || at.Before(p.next) {
		p.next = at
	}
}

// full says that the transaction has read or found enough.
func (p *pass) full() bool { return p.rows >= passRows || len(p.todo) >= passDeeds }

// readObjects finds what is due to the keys under a prefix, from one on. next is where to go on, "" at the end.
func (p *pass) readObjects(tx *store.Tx, prefix, from string) (next string, err error) {
	for o, err := range current.Scan(tx, prefix, from) {
		if err != nil {
			return "", err
		}
		if p.full() {
			return store.Key(o.BucketID, o.Key), nil
		}
		whole, err := p.readKey(tx, &o)
		if err != nil {
			return "", err
		}
		if !whole {
			return store.Key(o.BucketID, o.Key), nil // once more, without what is gone by then
		}
	}
	return "", nil
}

// readKey finds what is due to the versions of a key, the newest of which is o. whole is false when there is more of it.
func (p *pass) readKey(tx *store.Tx, o *Object) (whole bool, err error) {
	p.rows++
	below := false
	if p.bucket.Versioning != "" && (p.deep || o.DeleteMarker) {
		since, newer := o.Modified, int32(0)
		for v, err := range older.Scan(tx, store.Key(o.BucketID, o.Key), "") {
			if err != nil {
				return false, err
			}
			below = true
			p.rows++
			p.noncurrent(&v, since, newer)
			if len(p.todo) >= passDeeds {
				return false, nil
			}
			since, newer = v.Modified, newer+1
		}
	}
	if p.past && o.Modified.After(p.at) {
		p.mayFollow(after(o.Modified, 0))
		return true, nil
	}
	if o.DeleteMarker {
		if !below {
			p.plan(o, purge)(p.rules.markerExpiry(o))
		}
		return true, nil
	}
	if p.plan(o, expire)(p.rules.expiry(o)) {
		return true, nil
	}
	p.planMove(o, o.Modified, false, 0)
	return true, nil
}

func (p *pass) noncurrent(o *Object, since time.Time, newer int32) {
	if o.Lock.retained(p.at) {
		p.mayFollow(after(o.Lock.Until, 0))
	}
	if o.Lock.check(p.at, false) == nil && p.plan(o, purge)(p.rules.noncurrentExpiry(o, since, newer)) {
		return
	}
	if !o.DeleteMarker {
		p.planMove(o, since, true, newer)
	}
}

// plan returns a function that takes when a deed is due, and says whether it is.
func (p *pass) plan(o *Object, kind deedKind) func(at time.Time, rule *types.LifecycleRule, ok bool) bool {
	return func(at time.Time, _ *types.LifecycleRule, ok bool) bool {
		switch {
		case !ok:
			return false
		case at.After(p.at):
			p.mayFollow(at)
			return false
		}
		p.todo = append(p.todo, deed{key: o.Key, order: o.Order, kind: kind})
		return true
	}
}

func (p *pass) planMove(o *Object, since time.Time, noncurrent bool, newer int32) {
	to, next := p.rules.transition(o, p.at, since, noncurrent, newer)
	if next.rule != nil {
		p.mayFollow(next.at)
	}
	if to != "" {
		p.todo = append(p.todo, deed{o.Key, o.Order, move, to})
	}
}

// readUploads finds the uploads that are to be aborted, as readObjects does.
func (p *pass) readUploads(tx *store.Tx, prefix, from string) (next string, err error) {
	for u, err := range uploads.Scan(tx, prefix, from) {
		if err != nil {
			return "", err
		}
		if p.full() {
			return store.Key(u.BucketID, u.Key, u.ID), nil
		}
		p.rows++
		p.plan(&Object{Key: u.Key, Order: u.ID}, abort)(p.rules.abortion(&u))
	}
	return "", nil
}

// carryOut does what was found to be due, to what is still as it was then.
func (p *pass) carryOut(tx *store.Tx) error {
	row, err := p.bucket.row(tx)
	if err != nil {
		return err
	}
	if p.past {
		tx.Now = p.at
	}
	for _, d := range p.todo {
		tx.Now = tx.Now.Add(1) // so that the events keep their order
		if err := p.do(tx, &row, d); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) do(tx *store.Tx, row *Bucket, d deed) error {
	if d.kind == abort {
		u, ok, err := uploads.Get(tx, store.Key(row.ID, d.key, d.order))
		if err != nil || !ok {
			return err
		}
		return forgetUpload(tx, &u)
	}
	newest, _, err := current.Get(tx, store.Key(row.ID, d.key))
	if err != nil {
		return err
	}
	o, ok, err := versionAt(tx, row.ID, d.key, d.order)
	if err != nil || !ok {
		return err
	}
	switch d.kind {
	case expire:
		if newest.Order != d.order {
			return nil // it was replaced
		}
		return p.expire(tx, row, &o)
	case purge:
		if o.Lock.check(p.at, false) != nil || newest.Order == d.order && (!o.DeleteMarker || p.covered(tx, &o)) {
			return nil
		}
		if err := remove(tx, &o); err != nil {
			return err
		}
		return p.service.happened(tx, p.bucket, &o, eventExpired, nil)
	}
	o.StorageClass = d.class
	if err := replace(tx, &o); err != nil {
		return err
	}
	return p.service.happened(tx, p.bucket, &o, eventTransition, nil)
}

// covered says whether a delete marker hides versions.
func (p *pass) covered(tx *store.Tx, o *Object) bool {
	_, some, err := first(older.Scan(tx, store.Key(o.BucketID, o.Key), ""))
	return some || err != nil
}

// The events of lifecycles ("Supported event types for SQS, SNS, and Lambda", Amazon S3 User Guide).
const (
	eventExpired       = "LifecycleExpiration:Delete"
	eventExpiredMarker = "LifecycleExpiration:DeleteMarkerCreated"
	eventTransition    = "LifecycleTransition"
)

// expire deletes the newest version as a request without a version id would.
func (p *pass) expire(tx *store.Tx, row *Bucket, o *Object) error {
	if row.Versioning == "" {
		if err := remove(tx, o); err != nil {
			return err
		}
		return p.service.happened(tx, p.bucket, o, eventExpired, nil)
	}
	marker := Object{Key: o.Key, DeleteMarker: true, Owner: row.Account, Modified: tx.Now.UTC().Truncate(time.Second)}
	if err := insert(tx, row, &marker); err != nil {
		return err
	}
	return p.service.happened(tx, p.bucket, &marker, eventExpiredMarker, nil)
}
