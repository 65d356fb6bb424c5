package store

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"sync"
)

// Index is a secondary index of a Table: the function returns the index keys of a value (none: not in the index).
type Index[T any] struct {
	Name string
	Keys func(*T) []string
}

// Table keeps values of type T under the key that its function gives: in the binary form of T, where *T is an
// encoding.BinaryAppender and encoding.BinaryUnmarshaler, and as JSON otherwise. A binary form never begins with '{', so
// that a T which gets one can still read what was written as JSON. Values go in and out as copies.
type Table[T any] struct {
	name    string
	key     func(*T) string
	indexes []tableIndex[T]
}

// tableIndex is an index and its space, where each entry is Key(index key) followed by the primary key.
type tableIndex[T any] struct {
	Index[T]
	space string
}

// NewTable declares a table. name is its space; key gives a value's primary key (usually store.Key(account, name)).
func NewTable[T any](name string, key func(*T) string, indexes ...Index[T]) *Table[T] {
	t := &Table[T]{name: name, key: key}
	for _, x := range indexes {
		t.indexes = append(t.indexes, tableIndex[T]{x, name + "/" + x.Name})
	}
	return t
}

// Get returns the value of key; ok is false if absent.
func (t *Table[T]) Get(tx *Tx, key string) (v T, ok bool, err error) {
	row := tx.Get(t.name, key)
	if row == nil {
		return v, false, nil
	}
	v, err = t.decode(key, row)
	return v, err == nil, err
}

// Row returns the value of key as it is stored, nil if absent, for who keeps values and wants to know whether one has changed.
// The bytes are valid only inside the transaction.
func (t *Table[T]) Row(tx *Tx, key string) []byte { return tx.Get(t.name, key) }

// Put writes v and its index entries, replacing the value of the same key.
func (t *Table[T]) Put(tx *Tx, v *T) error {
	key := t.key(v)
	if err := t.reindex(tx, key, v); err != nil {
		return err
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	row, err := t.encode(buf, v)
	if err != nil {
		return fmt.Errorf("store: %s, key %q: %w", t.name, key, err)
	}
	return tx.Put(t.name, key, row)
}

// encode returns the row of v, for which it may use buf.
func (t *Table[T]) encode(buf *bytes.Buffer, v *T) ([]byte, error) {
	if binary, ok := any(v).(encoding.BinaryAppender); ok {
		return binary.AppendBinary(buf.AvailableBuffer())
	}
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return buf.Bytes(), err
}

// Delete removes the value of key and its index entries; no error if absent.
func (t *Table[T]) Delete(tx *Tx, key string) error {
	if err := t.reindex(tx, key, nil); err != nil {
		return err
	}
	return tx.Delete(t.name, key)
}

// Scan yields values whose key starts with prefix, from the key from on ("" = the first), in key order. A decoding error
// ends it and is yielded.
func (t *Table[T]) Scan(tx *Tx, prefix, from string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for key, row := range tx.Scan(t.name, prefix, from) {
			v, err := t.decode(key, row)
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// ByIndex yields the values that the named index holds under exactly key, in primary key order.
func (t *Table[T]) ByIndex(tx *Tx, index, key string) iter.Seq2[T, error] {
	return t.ByIndexFrom(tx, index, key, "")
}

// ByIndexFrom is ByIndex from the primary key from on ("" = the first), for lists that are read page by page.
func (t *Table[T]) ByIndexFrom(tx *Tx, index, key, from string) iter.Seq2[T, error] {
	space, prefix := t.index(index).space, Key(key)
	return func(yield func(T, error) bool) {
		for entry := range tx.Scan(space, prefix, prefix+from) {
			v, ok, err := t.Get(tx, entry[len(prefix):])
			if err == nil && !ok {
				err = fmt.Errorf("store: %s names a value that is gone: %q", space, entry)
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// index panics if the table has no index of that name, which is a mistake in the program.
func (t *Table[T]) index(name string) tableIndex[T] {
	for _, x := range t.indexes {
		if x.Name == name {
			return x
		}
	}
	panic(fmt.Sprintf("store: table %s has no index %q", t.name, name))
}

// reindex replaces the index entries of what key holds now by those of v (nil: none).
func (t *Table[T]) reindex(tx *Tx, key string, v *T) error {
	if len(t.indexes) == 0 {
		return nil
	}
	old, had, err := t.Get(tx, key)
	if err != nil {
		return err
	}
	for _, x := range t.indexes {
		var before, after []string
		if had {
			before = x.Keys(&old)
		}
		if v != nil {
			after = x.Keys(v)
		}
		for _, k := range before {
			if !slices.Contains(after, k) {
				if err := tx.Delete(x.space, Key(k)+key); err != nil {
					return err
				}
			}
		}
		for _, k := range after {
			if !slices.Contains(before, k) {
				if err := tx.Put(x.space, Key(k)+key, nil); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (t *Table[T]) decode(key string, row []byte) (v T, err error) {
	if binary, ok := any(&v).(encoding.BinaryUnmarshaler); ok && !bytes.HasPrefix(row, []byte("{")) {
		err = binary.UnmarshalBinary(row)
	} else {
		err = json.Unmarshal(row, &v)
	}
	if err != nil {
		return v, fmt.Errorf("store: %s, key %q: %w", t.name, key, err)
	}
	return v, nil
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
