package s3

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// When the rules of a lifecycle act ("Lifecycle configuration elements" and "Examples of S3 Lifecycle configurations",
// Amazon S3 User Guide).

const day = 24 * time.Hour

// after is days after from, rounded up to midnight UTC.
func after(from time.Time, days int32) time.Time {
	t := from.UTC().AddDate(0, 0, int(days))
	if midnight := t.Truncate(day); midnight.Before(t) {
		return midnight.Add(day)
	}
	return t
}

// A filter is what a rule applies to, however it was written.
type filter struct {
	prefix        string
	tags          []types.Tag
	larger, lower *int64 // sizes above and below
}

func filterOf(r *types.LifecycleRule) filter {
	//lint:ignore SA1019 clients still send it
	f := filter{prefix: aws.ToString(r.Prefix)}
	switch {
	case r.Filter == nil:
	case r.Filter.And != nil:
		a := r.Filter.And
		return filter{aws.ToString(a.Prefix), a.Tags, a.ObjectSizeGreaterThan, a.ObjectSizeLessThan}
	default:
		f = filter{aws.ToString(r.Filter.Prefix), nil, r.Filter.ObjectSizeGreaterThan, r.Filter.ObjectSizeLessThan}
		if r.Filter.Tag != nil {
			f.tags = []types.Tag{*r.Filter.Tag}
		}
	}
	return f
}

// covers says whether the filter lets an object through. A delete marker has no tags and no size.
func (f filter) covers(o *Object) bool {
	if !strings.HasPrefix(o.Key, f.prefix) || f.larger != nil && o.Size <= *f.larger || f.lower != nil && o.Size >= *f.lower {
		return false
	}
	for _, t := range f.tags {
		if !slices.Contains(o.Tags, Tag{aws.ToString(t.Key), aws.ToString(t.Value)}) {
			return false
		}
	}
	return true
}

// applying calls each with the enabled rules that apply to o.
func (l *Lifecycle) applying(o *Object, each func(*types.LifecycleRule, filter)) {
	for i := range l.Rules {
		r := &l.Rules[i]
		if r.Status != types.ExpirationStatusEnabled {
			continue
		}
		if f := filterOf(r); f.covers(o) {
			each(r, f)
		}
	}
}

// prefixes are those of the enabled rules, without any that begins with another of them.
func (l *Lifecycle) prefixes() []string {
	var all []string
	for i := range l.Rules {
		if r := &l.Rules[i]; r.Status == types.ExpirationStatusEnabled {
			all = append(all, filterOf(r).prefix)
		}
	}
	slices.Sort(all)
	kept := all[:0]
	for _, p := range all {
		if len(kept) == 0 || !strings.HasPrefix(p, kept[len(kept)-1]) {
			kept = append(kept, p)
		}
	}
	return kept
}

// A due is when the first of several rules acts.
type due struct {
	at   time.Time
	rule *types.LifecycleRule // nil: none ever does
}

func (d *due) or(at time.Time, rule *types.LifecycleRule) {
	if d.rule == nil || at.Before(d.at) {
		d.at, d.rule = at, rule
	}
}

func (d due) result() (time.Time, *types.LifecycleRule, bool) { return d.at, d.rule, d.rule != nil }

// expiry is when an object that is the newest version of its key expires.
func (l *Lifecycle) expiry(o *Object) (time.Time, *types.LifecycleRule, bool) {
	var d due
	l.applying(o, func(r *types.LifecycleRule, _ filter) {
		switch e := r.Expiration; {
		case e == nil:
		case e.Days != nil:
			d.or(after(o.Modified, *e.Days), r)
		case e.Date != nil:
			d.or(e.Date.UTC(), r)
		}
	})
	return d.result()
}

// markerExpiry is when a delete marker goes that nothing is left below.
func (l *Lifecycle) markerExpiry(o *Object) (time.Time, *types.LifecycleRule, bool) {
	var d due
	l.applying(o, func(r *types.LifecycleRule, _ filter) {
		switch e := r.Expiration; {
		case e == nil:
		case aws.ToBool(e.ExpiredObjectDeleteMarker):
			d.or(after(o.Modified, 0), r)
		case e.Days != nil:
			d.or(after(o.Modified, *e.Days), r)
		}
	})
	return d.result()
}

// noncurrentExpiry is when a version goes that is noncurrent since a time and that newer noncurrent versions are above.
func (l *Lifecycle) noncurrentExpiry(o *Object, since time.Time, newer int32) (time.Time, *types.LifecycleRule, bool) {
	var d due
	l.applying(o, func(r *types.LifecycleRule, _ filter) {
		if e := r.NoncurrentVersionExpiration; e != nil && newer >= aws.ToInt32(e.NewerNoncurrentVersions) {
			d.or(after(since, aws.ToInt32(e.NoncurrentDays)), r)
		}
	})
	return d.result()
}

// abortion is when an upload that is not completed is aborted.
func (l *Lifecycle) abortion(u *Upload) (time.Time, *types.LifecycleRule, bool) {
	var d due
	l.applying(&Object{Key: u.Key}, func(r *types.LifecycleRule, _ filter) {
		if a := r.AbortIncompleteMultipartUpload; a != nil {
			d.or(after(u.Initiated, aws.ToInt32(a.DaysAfterInitiation)), r)
		}
	})
	return d.result()
}

// classOrder are the storage classes from the first to the last, as transitions lead through them ("Transitioning objects
// using Amazon S3 Lifecycle").
var classOrder = []types.StorageClass{
	types.StorageClassStandard, types.StorageClassStandardIa, types.StorageClassIntelligentTiering, types.StorageClassOnezoneIa,
	types.StorageClassGlacierIr, types.StorageClassGlacier, types.StorageClassDeepArchive,
}

// classRank is a class's place in that order; REDUCED_REDUNDANCY is where STANDARD is.
func classRank(c types.StorageClass) int { return max(0, slices.Index(classOrder, c)) }

// mayBecome says whether transitions lead from one class to another.
func mayBecome(from, to types.StorageClass) bool {
	if from == types.StorageClassOnezoneIa && to == types.StorageClassGlacierIr {
		return false
	}
	return classRank(from) < classRank(to)
}

// minimumSize is below what objects stay where they are, unless a rule's filter is about their size.
const minimumSize = 128 << 10

// transition returns the class that an object is to be in at a time, "" for the one that it is in, and when the next
// transition comes. Of several that are due, the last class is taken, since it is the cheapest. since is when the object
// was made, or became noncurrent below newer noncurrent versions.
func (l *Lifecycle) transition(o *Object, at, since time.Time, noncurrent bool, newer int32) (to types.StorageClass, next due) {
	from := o.listedClass()
	try := func(r *types.LifecycleRule, f filter, class types.StorageClass, when time.Time) {
		sized := f.larger != nil || f.lower != nil
		archive := l.MinimumSize == types.TransitionDefaultMinimumObjectSizeVariesByStorageClass &&
			(class == types.StorageClassGlacier || class == types.StorageClassDeepArchive)
		switch {
		case !mayBecome(from, class) || o.Size < minimumSize && !sized && !archive:
		case when.After(at):
			next.or(when, r)
		case to == "" || classRank(class) > classRank(to):
			to = class
		}
	}
	l.applying(o, func(r *types.LifecycleRule, f filter) {
		if noncurrent {
			for _, t := range r.NoncurrentVersionTransitions {
				if newer >= aws.ToInt32(t.NewerNoncurrentVersions) {
					try(r, f, types.StorageClass(t.StorageClass), after(since, aws.ToInt32(t.NoncurrentDays)))
				}
			}
			return
		}
		for _, t := range r.Transitions {
			if t.Date != nil {
				try(r, f, types.StorageClass(t.StorageClass), t.Date.UTC())
			} else {
				try(r, f, types.StorageClass(t.StorageClass), after(since, aws.ToInt32(t.Days)))
			}
		}
	})
	return to, next
}
