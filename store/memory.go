package store

import (
	"errors"
	"hash/maphash"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// memoryEngine keeps the spaces as treaps whose nodes are never changed: a write makes new nodes along its path, so that a
// view is the roots as they were, a commit is one store of new roots, and a rollback is nothing at all.
type memoryEngine struct {
	roots   atomic.Pointer[map[string]*node]
	writing sync.Mutex
}

func openMemory() *memoryEngine {
	e := &memoryEngine{}
	e.roots.Store(&map[string]*node{})
	return e
}

func (e *memoryEngine) view(fn func(txn) error) error {
	return fn(&memoryTxn{roots: *e.roots.Load()})
}

func (e *memoryEngine) update(fn func(txn) error) error {
	e.writing.Lock()
	defer e.writing.Unlock()
	t := &memoryTxn{roots: maps.Clone(*e.roots.Load())}
	if err := fn(t); err != nil {
		return err
	}
	e.roots.Store(&t.roots)
	return nil
}

func (e *memoryEngine) check() error {
	for _, root := range *e.roots.Load() {
		last, first := "", true
		for n := range root.from("") {
			if !first && n.key <= last {
				return errors.New("store: keys out of order")
			}
			last, first = n.key, false
		}
	}
	return nil
}

func (e *memoryEngine) close() error { return nil }

type memoryTxn struct{ roots map[string]*node }

func (t *memoryTxn) get(space, key string) []byte {
	for n := t.roots[space]; n != nil; {
		switch {
		case key == n.key:
			return n.value
		case key < n.key:
			n = n.left
		default:
			n = n.right
		}
	}
	return nil
}

func (t *memoryTxn) put(space, key string, value []byte, _ bool) error {
	t.roots[space] = t.roots[space].with(&node{
		key:   key,
		value: append(make([]byte, 0, len(value)), value...), // never nil: nil means absent
		rank:  maphash.String(rankSeed, key),
	})
	return nil
}

func (t *memoryTxn) delete(space, key string) error {
	if t.get(space, key) != nil {
		t.roots[space] = t.roots[space].without(key)
	}
	return nil
}

func (t *memoryTxn) scan(space, from string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for n := range t.roots[space].from(from) {
			if !yield(n.key, n.value) {
				return
			}
		}
	}
}

func (t *memoryTxn) spaces() []string { return slices.Sorted(maps.Keys(t.roots)) }

func (t *memoryTxn) drop(space string) error {
	delete(t.roots, space)
	return nil
}

var rankSeed = maphash.MakeSeed()

// node is a treap: keys sort from left to right, and no child ranks above its parent, which keeps it balanced as ranks
// are random.
type node struct {
	key         string
	value       []byte
	rank        uint64
	left, right *node
}

// with returns the tree with m in it, in place of a node with the same key.
func (n *node) with(m *node) *node {
	switch {
	case n == nil:
		return m
	case m.key == n.key:
		return &node{n.key, m.value, n.rank, n.left, n.right}
	case m.rank > n.rank:
		left, right := n.split(m.key)
		return &node{m.key, m.value, m.rank, left, right}
	case m.key < n.key:
		return &node{n.key, n.value, n.rank, n.left.with(m), n.right}
	default:
		return &node{n.key, n.value, n.rank, n.left, n.right.with(m)}
	}
}

// split returns the nodes below key and those above it.
func (n *node) split(key string) (below, above *node) {
	switch {
	case n == nil:
		return nil, nil
	case n.key == key:
		return n.left, n.right
	case n.key < key:
		below, above = n.right.split(key)
		return &node{n.key, n.value, n.rank, n.left, below}, above
	default:
		below, above = n.left.split(key)
		return below, &node{n.key, n.value, n.rank, above, n.right}
	}
}

// without returns the tree without key, which is in it.
func (n *node) without(key string) *node {
	switch {
	case n.key == key:
		return join(n.left, n.right)
	case key < n.key:
		return &node{n.key, n.value, n.rank, n.left.without(key), n.right}
	default:
		return &node{n.key, n.value, n.rank, n.left, n.right.without(key)}
	}
}

// join makes one tree of two, every key of a being below those of b.
func join(a, b *node) *node {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.rank > b.rank:
		return &node{a.key, a.value, a.rank, a.left, join(a.right, b)}
	default:
		return &node{b.key, b.value, b.rank, join(a, b.left), b.right}
	}
}

// from yields the nodes at or after key, in order.
func (n *node) from(key string) iter.Seq[*node] {
	return func(yield func(*node) bool) { n.walk(key, yield) }
}

func (n *node) walk(key string, yield func(*node) bool) bool {
	if n == nil {
		return true
	}
	if n.key >= key && (!n.left.walk(key, yield) || !yield(n)) {
		return false
	}
	return n.right.walk(key, yield)
}
