package s3

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/xemu-aws/xemu/store"
)

// Configuration is something that a bucket is set up with beyond what its row says: CORS, website, lifecycle. It has a row
// of its own, since every write of an object reads the bucket's row in its transaction.
type Configuration struct {
	BucketID string
	Kind     string
	ID       string `json:",omitempty"` // of those that a bucket has several of, such as inventories
	Document json.RawMessage
}

var configurations = store.NewTable("s3/configuration", func(c *Configuration) string { return configurationKey(c.BucketID, c.Kind, c.ID) })

func configurationKey(bucketID, kind, id string) string { return store.Key(bucketID, kind, id) }

// A kind is a sort of configuration, with documents of type T, which encoding/json can write and read. Declare it as a
// package variable with newKind.
type kind[T any] struct{ name string }

// decoders read the documents of each kind.
var decoders = map[string]func([]byte) (any, error){}

func newKind[T any](name string) kind[T] {
	decoders[name] = func(text []byte) (any, error) {
		v := new(T)
		return v, json.Unmarshal(text, v)
	}
	return kind[T]{name}
}

// configured is what a bucket is set up with: documents by kind, in the order of their ids.
type configured map[string][]named

type named struct {
	id       string
	document any // *T of its kind
}

// configuredOf reads the configurations of a bucket.
func configuredOf(tx *store.Tx, bucketID string) (configured, error) {
	all := configured{}
	for c, err := range configurations.Scan(tx, store.Key(bucketID), "") {
		if err != nil {
			return nil, err
		}
		decode, ok := decoders[c.Kind]
		if !ok {
			return nil, fmt.Errorf("s3: a bucket has a configuration of the unknown kind %q", c.Kind)
		}
		document, err := decode(c.Document)
		if err != nil {
			return nil, fmt.Errorf("s3: configuration %s %s: %w", c.Kind, c.ID, err)
		}
		all[c.Kind] = append(all[c.Kind], named{c.ID, document})
	}
	return all, nil
}

// of returns the bucket's configuration, nil when it has none. It is shared: never write to it.
func (k kind[T]) of(b *bucket) *T { return k.named(b, "") }

// named returns the bucket's configuration of an id, nil when there is none. It is shared.
func (k kind[T]) named(b *bucket, id string) *T {
	for _, c := range b.configured[k.name] {
		if c.id == id {
			return c.document.(*T)
		}
	}
	return nil
}

// all returns the bucket's configurations by id. They are shared.
func (k kind[T]) all(b *bucket) []*T {
	all := make([]*T, 0, len(b.configured[k.name]))
	for _, c := range b.configured[k.name] {
		all = append(all, c.document.(*T))
	}
	return all
}

// put gives the bucket a configuration; id is "" for kinds that it has one of. Errors: NoSuchBucket when the bucket has been
// deleted meanwhile.
func (k kind[T]) put(ctx context.Context, s *Service, b *bucket, id string, document *T) error {
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	return s.configure(ctx, b, func(tx *store.Tx) error {
		return configurations.Put(tx, &Configuration{BucketID: b.ID, Kind: k.name, ID: id, Document: text})
	})
}

// remove takes a configuration away, if it is there.
func (k kind[T]) remove(ctx context.Context, s *Service, b *bucket, id string) error {
	return s.configure(ctx, b, func(tx *store.Tx) error {
		return configurations.Delete(tx, configurationKey(b.ID, k.name, id))
	})
}

// configure changes configurations of a bucket that is still there.
func (s *Service) configure(ctx context.Context, b *bucket, change func(*store.Tx) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := b.row(tx); err != nil {
			return err
		}
		tx.OnCommit(s.forget)
		return change(tx)
	})
}

// forgetConfigurations removes all configurations of a bucket that is deleted.
func forgetConfigurations(tx *store.Tx, bucketID string) error {
	var keys []string
	for c, err := range configurations.Scan(tx, store.Key(bucketID), "") {
		if err != nil {
			return err
		}
		keys = append(keys, configurationKey(c.BucketID, c.Kind, c.ID))
	}
	for _, key := range keys {
		if err := configurations.Delete(tx, key); err != nil {
			return err
		}
	}
	return nil
}
