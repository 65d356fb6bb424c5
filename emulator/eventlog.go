package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// eventLog keeps the newest events as lines of JSON in a few files of bounded size. It survives a restart; what a kill
// cuts off is the last line at most, and a reader passes over it.
type eventLog struct {
	dir    string
	log    *slog.Logger
	queue  chan *Event
	flush  chan chan struct{}
	closed chan struct{}
	once   sync.Once
}

const (
	segmentSize  = 4 << 20 // bytes
	segmentCount = 8
	bufferSize   = 64 << 10 // bytes
	queueLength  = 1024
)

func openEventLog(dir string, log *slog.Logger) (*eventLog, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := &eventLog{
		dir: dir, log: log,
		queue: make(chan *Event, queueLength), flush: make(chan chan struct{}), closed: make(chan struct{}),
	}
	w, err := l.open()
	if err != nil {
		return nil, fmt.Errorf("event log: %w", err)
	}
	go l.write(w)
	return l, nil
}

// append hands an event to the writer; it waits only when the disk is far behind.
func (l *eventLog) append(e *Event) {
	select {
	case l.queue <- e:
	case <-l.closed:
	}
}

// sync returns when the events appended before it can be read.
func (l *eventLog) sync() {
	done := make(chan struct{})
	select {
	case l.flush <- done:
		<-done
	case <-l.closed:
	}
}

func (l *eventLog) close() error {
	l.once.Do(func() {
		l.sync()
		close(l.closed)
	})
	return nil
}

// segment is the file that is being written.
type segment struct {
	file   *os.File
	number int
	size   int64
	buffer []byte
}

// open continues the newest segment or begins the first.
func (l *eventLog) open() (*segment, error) {
	names := l.segments()
	w := &segment{number: 1}
	if len(names) > 0 {
		fmt.Sscanf(filepath.Base(names[len(names)-1]), "%d.jsonl", &w.number)
	}
	return w, l.begin(w)
}

func (l *eventLog) begin(w *segment) (err error) {
	name := filepath.Join(l.dir, fmt.Sprintf("%08d.jsonl", w.number))
	if w.file, err = os.OpenFile(name, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600); err != nil {
		return err
	}
	info, err := w.file.Stat()
	if err != nil {
		return err
	}
	if w.size = info.Size(); w.size > 0 {
		last := make([]byte, 1)
		if _, err := w.file.ReadAt(last, w.size-1); err == nil && last[0] != '\n' {
			w.buffer = append(w.buffer, '\n') // end the line that was cut off
		}
	}
	return nil
}

// write takes what is queued and writes it when the queue is empty or the buffer is full.
func (l *eventLog) write(w *segment) {
	defer w.file.Close()
	for {
		select {
		case e := <-l.queue:
			l.encode(w, e)
			l.drain(w)
		case done := <-l.flush:
			l.drain(w)
			close(done)
		case <-l.closed:
			return
		}
	}
}

// drain writes all that is queued, a buffer at a time.
func (l *eventLog) drain(w *segment) {
	for len(l.queue) > 0 {
		if len(w.buffer) > bufferSize {
			l.put(w)
		}
		l.encode(w, <-l.queue)
	}
	l.put(w)
}

func (l *eventLog) encode(w *segment, e *Event) {
	line, err := json.Marshal(e)
	if err != nil {
		l.log.Error("event log", "error", err)
		return
	}
	w.buffer = append(append(w.buffer, line...), '\n')
}

// put writes the buffer; when the disk refuses, the events are lost and the requests go on.
func (l *eventLog) put(w *segment) {
	n, err := w.file.Write(w.buffer)
	if err != nil {
		l.log.Error("event log", "error", err)
	}
	w.size += int64(n)
	w.buffer = w.buffer[:0]
	if w.size < segmentSize {
		return
	}
	old := *w
	w.number++
	if err := l.begin(w); err != nil {
		l.log.Error("event log", "error", err)
		*w = old
		return
	}
	old.file.Close()
	if names := l.segments(); len(names) > segmentCount {
		for _, name := range names[:len(names)-segmentCount] {
			os.Remove(name)
		}
	}
}

// segments returns the files' names, oldest first.
func (l *eventLog) segments() []string {
	names, _ := filepath.Glob(filepath.Join(l.dir, "*.jsonl")) // the pattern is sound
	slices.Sort(names)
	return names
}

// newest yields the lines of the log, newest first, until yield returns false.
func (l *eventLog) newest(yield func(line []byte) bool) error {
	l.sync()
	for _, name := range slices.Backward(l.segments()) {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was the oldest, and has just gone
		}
		if err != nil {
			return err
		}
		for _, line := range slices.Backward(bytes.Split(text, []byte("\n"))) {
			if json.Valid(line) && !yield(line) {
				return nil
			}
		}
	}
	return nil
}

// find returns the event of a request id; ok is false when the log does not have it.
func (l *eventLog) find(requestID string) (event json.RawMessage, ok bool, err error) {
	id, _ := json.Marshal(requestID)
	want := append([]byte(`"requestID":`), id...)
	err = l.newest(func(line []byte) bool {
		if bytes.Contains(line, want) {
			event, ok = bytes.Clone(line), true
		}
		return !ok
	})
	return event, ok, err
}

// last returns the newest events, newest first, at most limit.
func (l *eventLog) last(limit int) ([]json.RawMessage, error) {
	events := []json.RawMessage{}
	err := l.newest(func(line []byte) bool {
		events = append(events, bytes.Clone(line))
		return len(events) < limit
	})
	return events, err
}

// clear removes all events.
func (l *eventLog) clear() error {
	l.sync()
	var errs []error
	for _, name := range l.segments() {
		errs = append(errs, os.Truncate(name, 0))
	}
	return errors.Join(errs...)
}
