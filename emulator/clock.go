package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// clock is the emulator's time: the base clock and what it was moved on by. Sessions, presigned URLs, lifecycle rules and
// everything else that depends on time follow it. The moves are kept in a file, so that a restart does not turn it back.
type clock struct {
	base func() time.Time
	path string

	mu    sync.RWMutex
	moves []move
}

// A move puts the clock ahead of the base clock by Ahead, from the base clock's At on.
type move struct {
	At    time.Time     `json:"at"`
	Ahead time.Duration `json:"ahead"`
}

// openClock returns the clock over base whose moves are in the file path, if there is one.
func openClock(path string, base func() time.Time) (*clock, error) {
	c := &clock{base: base, path: path}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &c.moves)
	}
	if err != nil {
		return nil, fmt.Errorf("the clock's moves in %s: %w", path, err)
	}
	return c, nil
}

// now is the emulator's time.
func (c *clock) now() time.Time { return c.at(c.base()) }

// at is the emulator's time when the base clock showed t. Clients do not know that the clock was moved: they sign with
// the time of their own. One that has adjusted itself to the emulator's time signs with what is the future for the others.
func (c *clock) at(t time.Time) time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if len(c.moves) == 0 {
		return t
	}
	if t.Sub(c.base()) > maxSkew {
		return t
	}
	for i := len(c.moves) - 1; i >= 0; i-- {
		if !t.Before(c.moves[i].At) {
			return t.Add(c.moves[i].Ahead)
		}
	}
	return t
}

// maxSkew is how far a client's clock may be off ("Troubleshooting AWS API signature errors", IAM User Guide).
const maxSkew = 15 * time.Minute

// advance moves the clock on. It never goes back, but with reset: what has expired stays so.
func (c *clock) advance(by time.Duration) error {
	if by < 0 {
		return errors.New("the clock moves forward only; a reset of the world puts it back to the real time")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	m := move{At: c.base(), Ahead: by}
	if len(c.moves) > 0 {
		m.Ahead += c.moves[len(c.moves)-1].Ahead
	}
	if m.Ahead < 0 || m.Ahead > maxAhead {
		return fmt.Errorf("the clock can be %v ahead at most", maxAhead)
	}
	return c.keep(append(c.moves[:len(c.moves):len(c.moves)], m))
}

// maxAhead is far enough for every retention and rule, and keeps times within what the protocols can write.
const maxAhead = 100 * 365 * 24 * time.Hour

// reset puts the clock back to the base clock.
func (c *clock) reset() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.moves) == 0 {
		return nil
	}
	return c.keep(nil)
}

// keep makes moves the clock's, on disk first. It is for those who hold mu.
func (c *clock) keep(moves []move) error {
	text, err := json.Marshal(moves)
	if err != nil {
		return err
	}
	if err := writeSecret(c.path, text); err != nil {
		return err
	}
	c.moves = moves
	return nil
}
