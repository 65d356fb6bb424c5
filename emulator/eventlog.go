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
	"time"
)

// eventLog keeps the newest events as lines of JSON in a few files of bounded size. Lines are gathered for a moment and
// written together, behind the requests. The log survives a restart; what a kill cuts off are the events of that moment and
// the end of a line, which a reader passes over.
type eventLog struct {
	dir    string
	log    *slog.Logger
	wake   chan struct{} // lines wait
	closed chan struct{}
	once   sync.Once

	mu    sync.Mutex
	lines []byte // that wait to be written

	writing sync.Mutex // held while lines are written
	file    segment
	spare   []byte // what lines were the last time, to be used again
}

const (
	segmentSize  = 4 << 20 // bytes
	segmentCount = 8
	gathered     = 256 << 10             // bytes of lines that nobody waits longer with
	gathering    = 20 * time.Millisecond // how long lines wait for others
)

func openEventLog(dir string, log *slog.Logger) (*eventLog, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := &eventLog{dir: dir, log: log, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	if err := l.open(); err != nil {
		return nil, fmt.Errorf("event log: %w", err)
	}
	go l.write()
	return l, nil
}

// append adds an event, which is on its way to the disk soon. It waits only when the disk is far behind.
func (l *eventLog) append(e *Event) {
	var space [1 << 10]byte
	line, err := e.appendJSON(space[:0])
	if err != nil {
		l.log.Error("event log", "error", err)
		return
	}
	l.mu.Lock()
	first := len(l.lines) == 0
	l.lines = append(append(l.lines, line...), '\n')
	full := len(l.lines) > gathered
	l.mu.Unlock()
	switch {
	case full:
		l.sync()
	case first:
		select {
		case l.wake <- struct{}{}:
		default: // it is awake already
		}
	}
}

// write writes what has been gathered, until the log is closed.
func (l *eventLog) write() {
	for {
		select {
		case <-l.wake:
			time.Sleep(gathering)
			l.sync()
		case <-l.closed:
			return
		}
	}
}

// sync writes all lines that wait, so that they can be read.
func (l *eventLog) sync() {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	lines := l.lines
	l.lines = l.spare[:0]
	l.mu.Unlock()
	l.spare = lines
	l.put(lines)
}

// close writes what waits. Events that come later are dropped.
func (l *eventLog) close() (err error) {
	l.once.Do(func() {
		close(l.closed)
		l.sync()
		l.writing.Lock()
		defer l.writing.Unlock()
		err = l.file.Close()
	})
	return err
}

// segment is the file that is being written.
type segment struct {
	*os.File
	number int
	size   int64
}

// open continues the newest segment or begins the first.
func (l *eventLog) open() (err error) {
	number := 1
	if names := l.segments(); len(names) > 0 {
		fmt.Sscanf(filepath.Base(names[len(names)-1]), "%d.jsonl", &number)
	}
	l.file, err = l.segment(number)
	return err
}

// segment opens a file to go on with.
func (l *eventLog) segment(number int) (segment, error) {
	name := filepath.Join(l.dir, fmt.Sprintf("%08d.jsonl", number))
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return segment{}, err
	}
	info, err := file.Stat()
	if err != nil {
		return segment{}, errors.Join(err, file.Close())
	}
	last := make([]byte, 1)
	if _, err := file.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' {
		file.Write([]byte{'\n'}) // end the line that was cut off; if that fails, one more line is lost
	}
	return segment{file, number, info.Size()}, nil
}

// put writes lines and begins a new segment behind them when it is time. When the disk refuses, the events are lost and the
// requests go on.
func (l *eventLog) put(lines []byte) {
	if len(lines) == 0 {
		return
	}
	n, err := l.file.Write(lines)
	if err != nil {
		l.log.Error("event log", "error", err)
	}
	if l.file.size += int64(n); l.file.size < segmentSize {
		return
	}
	next, err := l.segment(l.file.number + 1)
	if err != nil {
		l.log.Error("event log", "error", err)
		return
	}
	l.file.Close()
	l.file = next
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
