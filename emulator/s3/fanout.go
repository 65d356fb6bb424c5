package s3

import (
	"io"
	"sync"
	"sync/atomic"
)

// ahead is how many buffers of a body have been read and not yet taken by all of its writers, at most.
const ahead = 4

// A portion is a buffer that several writers read.
type portion struct {
	buffer *[]byte
	n      int
	users  atomic.Int32 // writers that have not done with it
}

// copyToAll copies from to its end to every writer. Each works in a goroutine of its own, so that a body is read, hashed and
// written side by side; none is left when it returns. Errors: EntityTooLarge, readError, the first that a writer has.
func copyToAll(from io.Reader, writers []io.Writer) (size int64, err error) {
	f := fanout{free: make(chan *portion, ahead), queues: make([]chan *portion, len(writers)), failed: make(chan error, len(writers))}
	var group sync.WaitGroup
	for i, w := range writers {
		f.queues[i] = make(chan *portion, ahead)
		group.Go(func() { f.write(w, f.queues[i]) })
	}
	defer func() {
		for _, q := range f.queues {
			close(q)
		}
		group.Wait()
		f.giveBack()
		if err == nil && len(f.failed) > 0 {
			err = <-f.failed
		}
	}()
	for whole := false; !whole; {
		p := f.next()
		p.n, err = fill(from, *p.buffer)
		if whole = err == io.EOF; err != nil && !whole {
			f.free <- p
			return size, readError(err)
		}
		if size += int64(p.n); size > maxBody {
			f.free <- p
			return size, entityTooLarge(size)
		}
		p.users.Store(int32(len(writers)))
		for _, q := range f.queues {
			q <- p
		}
		if len(f.failed) > 0 {
			return size, <-f.failed
		}
	}
	return size, nil
}

// fanout is a copy under way.
type fanout struct {
	free   chan *portion
	made   int
	queues []chan *portion
	failed chan error // one of each writer at most
}

// next returns a portion that nobody uses; it waits when all are in use.
func (f *fanout) next() *portion {
	select {
	case p := <-f.free:
		return p
	default:
	}
	if f.made == ahead {
		return <-f.free
	}
	f.made++
	return &portion{buffer: buffers.Get().(*[]byte)}
}

// write gives w what comes. After an error it lets the rest pass.
func (f *fanout) write(w io.Writer, pieces <-chan *portion) {
	var err error
	for p := range pieces {
		if err == nil {
			if _, err = w.Write((*p.buffer)[:p.n]); err != nil {
				f.failed <- err
			}
		}
		if p.users.Add(-1) == 0 {
			f.free <- p
		}
	}
}

// giveBack gives the memory back, after all writers have ended.
func (f *fanout) giveBack() {
	for range f.made {
		buffers.Put((<-f.free).buffer)
	}
}
