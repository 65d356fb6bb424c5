package s3

import (
	"time"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Change is a change of an object from which more follows: a replica, a notification. It is stored in the transaction of
// the change itself, so that neither is lost nor made up when the server is killed, and handled afterwards.
type Change struct {
	Consumer string // whose it is: see consumers
	Sequence string // sorts the changes of a consumer by age

	Event     string // "ObjectCreated:Put", as S3's notifications name it
	BucketID  string
	Bucket    string
	Key       string
	VersionID string `json:",omitempty"` // "" in a bucket that never had versioning
	Order     string `json:",omitempty"` // Object.Order
	Size      int64  `json:",omitempty"`
	ETag      string `json:",omitempty"`
	Time      time.Time

	// Who asked for it; all empty for what S3 did by itself.
	Principal string `json:",omitempty"` // the unique id
	Account   string `json:",omitempty"`
	Address   string `json:",omitempty"`
	RequestID string `json:",omitempty"`
}

var changes = store.NewTable("s3/change", func(c *Change) string { return store.Key(c.Consumer, c.Sequence) })

// nextSequence returns an id that sorts after all that were returned before, also where the clock stands still.
func (s *Service) nextSequence(now time.Time) string {
	for {
		last := s.sequence.Load()
		next := max(uint64(now.UnixNano()), last+1)
		if s.sequence.CompareAndSwap(last, next) {
			return stamped(next)
		}
	}
}

// happened stores a change of o for the consumers that want it, in the transaction of the change. req is nil for what S3
// does by itself.
func (s *Service) happened(tx *store.Tx, b *bucket, o *Object, event string, req *wire.Request) error {
	c := Change{
		Event: event, BucketID: b.ID, Bucket: b.Name,
		Key: o.Key, Order: o.Order, Size: o.Size, ETag: o.ETag, Time: tx.Now.UTC(),
	}
	if b.Versioning != "" {
		c.VersionID = o.VersionID
	}
	if req != nil {
		c.Principal, c.Account, c.Address, c.RequestID = req.Caller.ID, req.Caller.Account, req.HTTP.RemoteAddr, req.ID
	}
	for _, consumer := range consumers {
		if !consumer.wants(b, &c) {
			continue
		}
		c.Consumer, c.Sequence = consumer.name, s.nextSequence(tx.Now)
		if err := changes.Put(tx, &c); err != nil {
			return err
		}
		tx.OnCommit(s.wake)
	}
	return nil
}
