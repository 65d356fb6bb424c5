package store

import "iter"

// engine is an ordered key-value store with transactions. A space comes into being with its first write. Keys sort by
// their bytes.
type engine interface {
	// view runs fn with one state, whatever is written meanwhile.
	view(fn func(txn) error) error
	// update runs fn and, if it returns nil, commits with the engine's durability; otherwise it writes nothing and returns
	// fn's error. There is one update at a time.
	update(fn func(txn) error) error
	// check looks for damage.
	check() error
	// close waits for transactions under way.
	close() error
}

// txn is a transaction of an engine. The bytes it gives are valid until it ends.
type txn interface {
	get(space, key string) []byte // nil if absent
	// put takes value as it is if stable says that it does not change before the update has ended, and a copy otherwise.
	put(space, key string, value []byte, stable bool) error
	delete(space, key string) error
	scan(space, from string) iter.Seq2[string, []byte] // stops being valid at the next write
	spaces() []string
	drop(space string) error // removes the space and all in it
}
