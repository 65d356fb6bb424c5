package emulator

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func openLog(t *testing.T, dir string) *eventLog {
	t.Helper()
	l, err := openEventLog(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.close() })
	return l
}

func TestEventLogSurvives(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	for i := range 3 {
		l.append(&Event{RequestID: fmt.Sprint("id-", i)})
	}
	l.close()
	// A kill has cut the last line off.
	name := filepath.Join(dir, "00000001.jsonl")
	text, _ := os.ReadFile(name)
	os.WriteFile(name, append(text, `{"requestID":"half`...), 0o600)

	l = openLog(t, dir)
	l.append(&Event{RequestID: "id-3"})
	for _, id := range []string{"id-0", "id-2", "id-3"} {
		event, ok, err := l.find(id)
		var e Event
		if err != nil || !ok || json.Unmarshal(event, &e) != nil || e.RequestID != id {
			t.Errorf("find(%s) = %s, %v, %v", id, event, ok, err)
		}
	}
	if _, ok, _ := l.find("half"); ok {
		t.Error("found half an event")
	}
	if events, err := l.last(2); err != nil || len(events) != 2 || !strings.Contains(string(events[0]), "id-3") {
		t.Errorf("last(2) = %s, %v", events, err)
	}
}

func TestEventLogIsBounded(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	message := strings.Repeat("x", 64<<10)
	for range 3 * segmentCount * segmentSize / len(message) / 2 {
		l.append(&Event{RequestID: "first", ErrorMessage: message})
	}
	l.append(&Event{RequestID: "last"})
	if _, ok, _ := l.find("last"); !ok {
		t.Error("the newest event is gone")
	}
	var size int64
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range names {
		info, _ := os.Stat(name)
		size += info.Size()
	}
	if limit := int64(segmentCount+1) * segmentSize; len(names) > segmentCount || size > limit {
		t.Errorf("%d files of %d bytes, want at most %d of %d", len(names), size, segmentCount, limit)
	}
}
