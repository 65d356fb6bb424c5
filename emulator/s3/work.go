package s3

import (
	"context"
	"errors"
	"time"

	"github.com/xemu-aws/xemu/store"
)

// What S3 does by itself, beside answering requests: consumers follow up the changes of objects, jobs follow the clock.

// A consumer handles changes in the order in which they were made, each at least once.
type consumer struct {
	name string
	// wants says whether a change of a bucket's object is to be stored for the consumer. It is asked in the transaction of
	// the change, for every change: it must be quick.
	wants func(b *bucket, c *Change) bool
	// handle follows up a change. An error is for what may go well later: the change and those after it stay stored, and are
	// tried again.
	handle func(ctx context.Context, s *Service, c *Change) error
}

// A job does what is due at the clock's time, and nothing when there is nothing due: it is called often.
type job struct {
	name string
	run  func(ctx context.Context, s *Service, now time.Time) error
}

var (
	consumers []consumer
	jobs      []job
)

// How often the jobs look at the clock, and how long a consumer waits before it tries again, in real time.
const (
	jobInterval   = 5 * time.Second
	retryInterval = 10 * time.Second
)

// Start begins the work in the background; Close ends it.
func (s *Service) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.working.Go(func() {
		timer := time.NewTicker(jobInterval)
		defer timer.Stop()
		for {
			if err := s.Work(ctx); err != nil && ctx.Err() == nil {
				s.log.Error("S3's work in the background", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			case <-s.woken:
			}
		}
	})
}

// Close ends the work in the background. What is left goes on after the next Start.
func (s *Service) Close() error {
	if s.stop != nil {
		s.stop()
	}
	s.working.Wait()
	return s.deliverLogs(context.Background(), s.now().Add(time.Hour)) // all of them
}

// wake makes the work go on at once.
func (s *Service) wake() {
	select {
	case s.woken <- struct{}{}:
	default: // it will
	}
}

// Work does all that is due now and returns when it is done. Errors: those of what could not be done; it stays due.
func (s *Service) Work(ctx context.Context) error {
	s.work.Lock()
	defer s.work.Unlock()
	var errs []error
	for _, j := range jobs {
		errs = append(errs, j.run(ctx, s, s.now()))
	}
	for _, c := range consumers {
		errs = append(errs, s.consume(ctx, c))
	}
	return errors.Join(errs...)
}

// consume handles the changes of a consumer, the oldest first, until there is none or one cannot be handled now.
func (s *Service) consume(ctx context.Context, c consumer) error {
	if s.retry[c.name].After(time.Now()) {
		return nil
	}
	for ctx.Err() == nil {
		var next Change
		var some bool
		err := s.store.View(ctx, func(tx *store.Tx) (err error) {
			next, some, err = first(changes.Scan(tx, store.Key(c.name), ""))
			return err
		})
		if err != nil || !some {
			return err
		}
		if err := c.handle(ctx, s, &next); err != nil {
			s.retry[c.name] = time.Now().Add(retryInterval)
			return err
		}
		err = s.store.Update(ctx, func(tx *store.Tx) error { return changes.Delete(tx, store.Key(next.Consumer, next.Sequence)) })
		if err != nil {
			return err
		}
	}
	return nil
}
