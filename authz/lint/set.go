package lint

import "slices"

// set is a list of patterns, or all that is in none of them.
type set struct {
	items []item
	not   bool
	// within reports whether all of b is in a; overlap whether something is in both. No may mean unknown of the first, yes of
	// the second.
	within, overlap func(a, b string) bool
}

// item is a pattern. An open one is wider than what the policy says, since a policy variable stands in it.
type item struct {
	text    string // as in the policy
	pattern string
	open    bool
}

// newItem widens policy variables to *.
func newItem(text string) item {
	pattern := asPattern(text)
	return item{text: text, pattern: pattern, open: pattern != text}
}

// covers reports whether all of b is certainly in a.
func (s set) covers(a, b item) bool {
	return a.text == b.text || !a.open && s.within(a.pattern, b.pattern)
}

// includes reports whether all of an item is certainly in the set.
func (s set) includes(b item) bool {
	if s.not {
		return !slices.ContainsFunc(s.items, func(a item) bool { return s.overlap(a.pattern, b.pattern) })
	}
	return slices.ContainsFunc(s.items, func(a item) bool { return s.covers(a, b) })
}

// shares reports whether something of an item may be in the set.
func (s set) shares(b item) bool {
	if s.not {
		return !slices.ContainsFunc(s.items, func(a item) bool { return s.covers(a, b) })
	}
	return slices.ContainsFunc(s.items, func(a item) bool { return s.overlap(a.pattern, b.pattern) })
}

// includesAll reports whether all of another set is certainly in the set.
func (s set) includesAll(other set) bool {
	switch {
	case !other.not:
		return !slices.ContainsFunc(other.items, func(b item) bool { return !s.includes(b) })
	case !s.not:
		return slices.ContainsFunc(s.items, func(a item) bool { return a.pattern == "*" && !a.open })
	}
	// What s leaves out, other must leave out as well.
	return !slices.ContainsFunc(s.items, func(a item) bool {
		return !slices.ContainsFunc(other.items, func(o item) bool { return s.covers(o, a) })
	})
}

// sharesAny reports whether something may be in both sets.
func (s set) sharesAny(other set) bool {
	switch {
	case s.not && other.not:
		return true
	case other.not:
		return other.sharesAny(s)
	}
	return slices.ContainsFunc(other.items, s.shares)
}

// split returns the set as sets of one item each, or itself.
func (s set) split() []set {
	if s.not {
		return []set{s}
	}
	sets := make([]set, len(s.items))
	for i := range s.items {
		sets[i] = s
		sets[i].items = s.items[i : i+1]
	}
	return sets
}
