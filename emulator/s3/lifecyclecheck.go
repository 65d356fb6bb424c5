package s3

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// Limits of lifecycle configurations ("Lifecycle configuration elements", Amazon S3 User Guide).
const (
	maxRules       = 1000
	maxRuleID      = 255
	maxFilterSize  = 1000 << 40
	daysInfrequent = 30 // that an object is in a class of frequent access first
)

// check holds the rules against what S3 takes. Errors: InvalidArgument, InvalidRequest, MalformedXML.
func (l *Lifecycle) check() error {
	switch {
	case len(l.Rules) == 0:
		return malformedXML()
	case len(l.Rules) > maxRules:
		return lifecycleRequest("The number of lifecycle rules must not exceed the allowed limit of %d rules.", maxRules)
	}
	taken := map[string]bool{}
	for _, r := range l.Rules {
		switch id := aws.ToString(r.ID); {
		case id == "":
		case len(utf16.Encode([]rune(id))) > maxRuleID:
			return lifecycleArgument("ID length should not exceed allowed limit of %d", maxRuleID)
		case taken[id]:
			return lifecycleArgument("Rule ID must be unique. Found same ID for more than one rule")
		default:
			taken[id] = true
		}
	}
	// A configuration whose first rule has a Filter is of the second version, which knows no prefix outside of it.
	filters := l.Rules[0].Filter != nil
	for i := range l.Rules {
		if err := checkRule(&l.Rules[i], filters); err != nil {
			return err
		}
	}
	if filters {
		return nil
	}
	return l.overlapping()
}

func lifecycleArgument(format string, args ...any) error {
	return awserr.InvalidArgument.Errorf(format, args...)
}

func lifecycleRequest(format string, args ...any) error {
	return awserr.InvalidRequest.Errorf(format, args...)
}

func checkRule(r *types.LifecycleRule, filters bool) error {
	//lint:ignore SA1019 clients still send it
	prefix := r.Prefix
	switch {
	case r.Status == "" || prefix == nil && r.Filter == nil:
		return malformedXML()
	case prefix != nil && filters:
		return lifecycleRequest("Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.")
	case r.Filter != nil && !filters:
		return lifecycleRequest("Filter element can only be used in Lifecycle V2.")
	case r.Expiration == nil && r.Transitions == nil && r.NoncurrentVersionTransitions == nil &&
		r.NoncurrentVersionExpiration == nil && r.AbortIncompleteMultipartUpload == nil:
		return lifecycleRequest("At least one action needs to be specified in a rule")
	}
	if err := checkFilter(r); err != nil {
		return err
	}
	if err := checkExpiration(r); err != nil {
		return err
	}
	if err := checkNoncurrent(r, filters); err != nil {
		return err
	}
	if err := checkAbortion(r); err != nil {
		return err
	}
	return checkTransitions(r, filters)
}

// checkFilter takes a filter of one condition, or of several in And.
func checkFilter(r *types.LifecycleRule) error {
	if r.Filter != nil {
		given := 0
		for _, is := range []bool{
			r.Filter.Prefix != nil, r.Filter.Tag != nil, r.Filter.ObjectSizeGreaterThan != nil, r.Filter.ObjectSizeLessThan != nil, r.Filter.And != nil,
		} {
			if is {
				given++
			}
		}
		if given > 1 {
			return malformedXML()
		}
		if a := r.Filter.And; a != nil {
			given = len(a.Tags)
			for _, is := range []bool{a.Prefix != nil, a.ObjectSizeGreaterThan != nil, a.ObjectSizeLessThan != nil} {
				if is {
					given++
				}
			}
			if given < 2 {
				return malformedXML()
			}
		}
	}
	f := filterOf(r)
	if len(f.prefix) > maxKey {
		return lifecycleRequest("The maximum size of a prefix is %d", maxKey)
	}
	if err := checkFilterTags(f.tags); err != nil {
		return err
	}
	switch {
	case f.larger != nil && (*f.larger < 0 || *f.larger > maxFilterSize):
		return lifecycleRequest("'ObjectSizeGreaterThan' should be between 0 and %d.", int64(maxFilterSize))
	case f.lower != nil && (*f.lower < 1 || *f.lower > maxFilterSize):
		return lifecycleRequest("'ObjectSizeLessThan' should be between 1 and %d.", int64(maxFilterSize))
	case f.larger != nil && f.lower != nil && *f.larger >= *f.lower:
		return lifecycleRequest("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.")
	}
	return nil
}

func checkFilterTags(tags []types.Tag) error {
	keys := map[string]bool{}
	for _, t := range tags {
		if t.Key == nil || t.Value == nil {
			return malformedXML()
		}
		switch n, v := len([]rune(*t.Key)), len([]rune(*t.Value)); {
		case n < 1 || n > 128:
			return lifecycleRequest("A Tag's Key must be a length between 1 and 128.")
		case v > 256:
			return lifecycleRequest("A Tag's Value must be a length between 0 and 256.")
		case keys[*t.Key]:
			return lifecycleRequest("Duplicate Tag Keys are not allowed.")
		}
		keys[*t.Key] = true
	}
	return nil
}

func checkExpiration(r *types.LifecycleRule) error {
	e := r.Expiration
	if e == nil {
		return nil
	}
	given := 0
	for _, is := range []bool{e.Days != nil, e.Date != nil, e.ExpiredObjectDeleteMarker != nil} {
		if is {
			given++
		}
	}
	switch f := filterOf(r); {
	case given != 1:
		return malformedXML()
	case e.Days != nil && *e.Days <= 0:
		return lifecycleArgument("'Days' for Expiration action must be a positive integer")
	case e.Date != nil:
		return atMidnight(*e.Date)
	case e.ExpiredObjectDeleteMarker != nil && len(f.tags) > 0:
		return lifecycleRequest("ExpiredObjectDeleteMarker cannot be specified with Tags.")
	case e.ExpiredObjectDeleteMarker != nil && (f.larger != nil || f.lower != nil):
		return lifecycleRequest("ExpiredObjectDeleteMarker cannot be specified with Object Size.")
	}
	return nil
}

func atMidnight(t time.Time) error {
	if !t.Equal(t.UTC().Truncate(day)) {
		return lifecycleArgument("'Date' must be at midnight GMT")
	}
	return nil
}

func checkNoncurrent(r *types.LifecycleRule, filters bool) error {
	e := r.NoncurrentVersionExpiration
	switch {
	case e == nil:
		return nil
	case e.NoncurrentDays == nil:
		return malformedXML()
	case *e.NoncurrentDays <= 0:
		return lifecycleArgument("'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer")
	}
	return checkNewer(e.NewerNoncurrentVersions, filters)
}

func checkNewer(newer *int32, filters bool) error {
	switch {
	case newer == nil:
	case !filters:
		return lifecycleRequest("NewerNoncurrentVersions element can only be used in Lifecycle V2.")
	case *newer < 1:
		return lifecycleArgument("NewerNoncurrentVersions must be a positive integer")
	}
	return nil
}

func checkAbortion(r *types.LifecycleRule) error {
	a := r.AbortIncompleteMultipartUpload
	if a == nil {
		return nil
	}
	switch f := filterOf(r); {
	case a.DaysAfterInitiation == nil:
		return malformedXML()
	case *a.DaysAfterInitiation <= 0:
		return lifecycleArgument("'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer")
	case len(f.tags) > 0:
		return lifecycleRequest("AbortIncompleteMultipartUpload cannot be specified with Tags.")
	case f.larger != nil || f.lower != nil:
		return lifecycleRequest("AbortIncompleteMultipartUpload cannot be specified with Object Size.")
	}
	return nil
}

// A step is a transition of a rule, in whichever form.
type step struct {
	class types.TransitionStorageClass
	days  *int32
	date  *time.Time
}

// checkTransitions looks at each transition by itself, then at their order and that of the expiration behind them.
func checkTransitions(r *types.LifecycleRule, filters bool) error {
	var current, noncurrent []step
	for _, t := range r.Transitions {
		if t.StorageClass == "" || (t.Days == nil) == (t.Date == nil) {
			return malformedXML()
		}
		if t.Date != nil {
			if err := atMidnight(*t.Date); err != nil {
				return err
			}
		}
		current = append(current, step{t.StorageClass, t.Days, t.Date})
	}
	for _, t := range r.NoncurrentVersionTransitions {
		if t.StorageClass == "" || t.NoncurrentDays == nil {
			return malformedXML()
		}
		if err := checkNewer(t.NewerNoncurrentVersions, filters); err != nil {
			return err
		}
		noncurrent = append(noncurrent, step{class: t.StorageClass, days: t.NoncurrentDays})
	}
	if mixed(r, current) {
		return lifecycleRequest("Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for %s", described(r))
	}
	var end, noncurrentEnd step
	if e := r.Expiration; e != nil {
		end = step{days: e.Days, date: e.Date}
	}
	if e := r.NoncurrentVersionExpiration; e != nil {
		noncurrentEnd = step{days: e.NoncurrentDays}
	}
	if err := checkSteps(r, current, end, "Days", "Transition", "Expiration"); err != nil {
		return err
	}
	return checkSteps(r, noncurrent, noncurrentEnd, "NoncurrentDays", "NoncurrentVersionTransition", "NoncurrentVersionExpiration")
}

// mixed says whether some of a rule's actions go by date and others by age.
func mixed(r *types.LifecycleRule, steps []step) bool {
	dates, ages := r.Expiration != nil && r.Expiration.Date != nil, r.Expiration != nil && r.Expiration.Days != nil
	for _, s := range steps {
		dates, ages = dates || s.date != nil, ages || s.days != nil
	}
	return dates && ages
}

// checkSteps checks the transitions of a kind of action, whose ages are called unit, and the expiration at their end.
func checkSteps(r *types.LifecycleRule, steps []step, end step, unit, action, ending string) error {
	for i, s := range steps {
		infrequent := s.class == types.TransitionStorageClassStandardIa || s.class == types.TransitionStorageClassOnezoneIa
		switch {
		case slices.ContainsFunc(steps[:i], func(before step) bool { return before.class == s.class }):
			return lifecycleRequest("'StorageClass' must be different for '%s' actions in same 'Rule' with %s", action, described(r))
		case s.days != nil && *s.days < 0:
			return lifecycleArgument("'%s' in %s action must be nonnegative", unit, action)
		case s.days != nil && infrequent && *s.days < daysInfrequent:
			return lifecycleArgument("'%s' in %s action must be greater than or equal to %d for storageClass '%s'", unit, action, daysInfrequent, s.class)
		}
	}
	ordered := slices.Clone(steps)
	slices.SortFunc(ordered, func(a, b step) int {
		return classRank(types.StorageClass(a.class)) - classRank(types.StorageClass(b.class))
	})
	for i, s := range ordered {
		name := unit
		if s.date != nil {
			name = "Date"
		}
		if i > 0 && !s.later(ordered[i-1], 0) {
			return lifecycleArgument("'%s' in the %s action for StorageClass '%s' for %s must be greater than '%s' in the %s action for StorageClass '%s' for %s",
				name, action, s.class, described(r), name, action, ordered[i-1].class, described(r))
		}
		if (end.days != nil || end.date != nil) && !end.later(s, 0) {
			return lifecycleArgument("'%s' in the %s action for %s must be greater than '%s' in the %s action", name, ending, described(r), name, action)
		}
	}
	return infrequentFirst(r, ordered, unit, action)
}

// infrequentFirst demands that what moves to infrequent access stays there for its minimum ("Constraints and considerations
// for transitions").
func infrequentFirst(r *types.LifecycleRule, ordered []step, unit, action string) error {
	for i := 1; i < len(ordered); i++ {
		before, s := ordered[i-1], ordered[i]
		archive := s.class == types.TransitionStorageClassGlacier || s.class == types.TransitionStorageClassDeepArchive
		infrequent := before.class == types.TransitionStorageClassStandardIa || before.class == types.TransitionStorageClassOnezoneIa
		if archive && infrequent && !s.later(before, daysInfrequent-1) {
			return lifecycleArgument("'%s' in the %s action for StorageClass '%s' for %s must be %d days more than '%s' in the %s action for StorageClass '%s'",
				unit, action, s.class, described(r), daysInfrequent, unit, action, before.class)
		}
	}
	return nil
}

// later says whether a step comes more than some days after another, as far as they can be compared.
func (s step) later(than step, by int) bool {
	switch {
	case s.days != nil && than.days != nil:
		return int(*s.days) > int(*than.days)+by
	case s.date != nil && than.date != nil:
		return s.date.After(than.date.AddDate(0, 0, by))
	}
	return true
}

// described names what a rule applies to as S3's messages do.
func described(r *types.LifecycleRule) string {
	if r.Filter == nil {
		return fmt.Sprintf("prefix '%s'", filterOf(r).prefix)
	}
	f := filterOf(r)
	var all []string
	if f.prefix != "" {
		all = append(all, "prefix="+f.prefix)
	}
	for _, t := range f.tags {
		all = append(all, fmt.Sprintf("tag={key=%s, value=%s}", aws.ToString(t.Key), aws.ToString(t.Value)))
	}
	if f.larger != nil {
		all = append(all, fmt.Sprintf("objectsizegreaterthan=%d", *f.larger))
	}
	if f.lower != nil {
		all = append(all, fmt.Sprintf("objectsizelessthan=%d", *f.lower))
	}
	if len(all) == 0 {
		all = []string{"prefix="}
	}
	return "filter '(" + strings.Join(all, " and ") + ")'"
}

// overlapping refuses rules of the first version that do the same to the same objects.
func (l *Lifecycle) overlapping() error {
	for _, action := range []struct {
		name string
		has  func(*types.LifecycleRule) bool
	}{
		{"Expiration", func(r *types.LifecycleRule) bool { return r.Expiration != nil }},
		{"Transition", func(r *types.LifecycleRule) bool { return r.Transitions != nil }},
		{"NoncurrentVersionTransition", func(r *types.LifecycleRule) bool { return r.NoncurrentVersionTransitions != nil }},
		{"NoncurrentVersionExpiration", func(r *types.LifecycleRule) bool { return r.NoncurrentVersionExpiration != nil }},
		{"AbortIncompleteMultipartUpload", func(r *types.LifecycleRule) bool { return r.AbortIncompleteMultipartUpload != nil }},
	} {
		var prefixes []string
		for i := range l.Rules {
			if r := &l.Rules[i]; action.has(r) {
				prefixes = append(prefixes, filterOf(r).prefix)
			}
		}
		slices.Sort(prefixes) // what begins with a prefix comes right behind it
		for i := 1; i < len(prefixes); i++ {
			if strings.HasPrefix(prefixes[i], prefixes[i-1]) {
				return lifecycleRequest("Found overlapping prefixes '%s' and '%s' for same action type '%s'", prefixes[i-1], prefixes[i], action.name)
			}
		}
	}
	return nil
}
