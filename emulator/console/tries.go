package console

import (
	"sync"
	"time"
)

// tries limits how often somebody may try to sign in, and how many passwords are checked at once, each of which costs time.
type tries struct {
	mu     sync.Mutex
	window time.Time // when the present window began
	failed map[string]int
	total  int
	under  int // way
}

const (
	tryWindow = time.Minute
	maxFailed = 10  // of one name in a window
	maxTotal  = 100 // of all names in a window
	maxAtOnce = 4
)

// begin asks for a try under a name. done says whether it succeeded.
func (t *tries) begin(name string, now time.Time) (done func(succeeded bool), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.window) >= tryWindow || t.failed == nil {
		t.window, t.failed, t.total = now, map[string]int{}, 0
	}
	if t.failed[name] >= maxFailed || t.total >= maxTotal || t.under >= maxAtOnce {
		return nil, false
	}
	// Counted before it is known, so that many at once are not more.
	t.failed[name]++
	t.total++
	t.under++
	return func(succeeded bool) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.under--
		if succeeded {
			delete(t.failed, name)
			t.total--
		}
	}, true
}
