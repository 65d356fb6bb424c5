package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/xemu-aws/xemu/store"
)

// spread runs fn b.N times, shared by so many goroutines.
func spread(b *testing.B, goroutines int, fn func(i int64)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range goroutines {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				fn(i)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
}

// BenchmarkUpdate writes values of 1 KiB. Compare BenchmarkFilePerWrite.
func BenchmarkUpdate(b *testing.B) {
	for name, d := range map[string]store.Durability{"fsync": store.Fsync, "relaxed": store.Relaxed, "memory": store.Memory} {
		for _, n := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				s := open(b, b.TempDir(), store.Options{Durability: d})
				value := make([]byte, 1024)
				before := s.Stats().Commits
				spread(b, n, func(i int64) {
					if err := s.Update(ctx, func(tx *store.Tx) error { return tx.Put("a", fmt.Sprintf("%09d", i), value) }); err != nil {
						b.Error(err)
					}
				})
				b.ReportMetric(float64(b.N)/float64(s.Stats().Commits-before), "updates/commit")
			})
		}
	}
}

// BenchmarkFilePerWrite writes and fsyncs a file of 1 KiB each time, as a server without a store would.
func BenchmarkFilePerWrite(b *testing.B) {
	for _, n := range []int{1, 8, 32} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir, value := b.TempDir(), make([]byte, 1024)
			spread(b, n, func(i int64) {
				f, err := os.Create(filepath.Join(dir, fmt.Sprint(i)))
				if err != nil {
					b.Error(err)
					return
				}
				defer f.Close()
				if _, err := f.Write(value); err != nil {
					b.Error(err)
				}
				if err := f.Sync(); err != nil {
					b.Error(err)
				}
			})
		})
	}
}

// filled opens a store with 100,000 values.
func filled(b *testing.B, dir string, d store.Durability) *store.Store {
	s, err := store.Open(dir, store.Options{Durability: d})
	if err != nil {
		b.Fatal(err)
	}
	mustUpdate(b, s, func(tx *store.Tx) error {
		for i := range 100_000 {
			u := user{Account: "111122223333", Name: fmt.Sprintf("user-%06d", i), Tags: map[string]string{"team": "blue"}}
			if err := users.Put(tx, &u); err != nil {
				return err
			}
		}
		return nil
	})
	return s
}

func BenchmarkRead(b *testing.B) {
	for name, d := range map[string]store.Durability{"fsync": store.Fsync, "memory": store.Memory} {
		s := filled(b, b.TempDir(), d)
		key := store.Key("111122223333", "user-050000")
		reads := map[string]func(tx *store.Tx) error{
			"get":       func(tx *store.Tx) error { tx.Get("users", key); return nil },
			"get-table": func(tx *store.Tx) error { _, _, err := users.Get(tx, key); return err },
			"scan-1000": func(tx *store.Tx) error {
				n := 0
				for range tx.Scan("users", "", key) {
					if n++; n == 1000 {
						break
					}
				}
				return nil
			},
		}
		for what, read := range reads {
			b.Run(name+"/"+what, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					s.View(ctx, read)
				}
			})
		}
		s.Close()
	}
}

// BenchmarkOpen opens a new store, and one of 100,000 values.
func BenchmarkOpen(b *testing.B) {
	large := b.TempDir()
	filled(b, large, store.Fsync).Close()
	b.Run("new-memory", func(b *testing.B) {
		for b.Loop() {
			s, err := store.Open("", store.Options{Durability: store.Memory})
			if err != nil {
				b.Fatal(err)
			}
			s.Close()
		}
	})
	for name, dir := range map[string]func() string{"new": b.TempDir, "100k": func() string { return large }} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s, err := store.Open(dir(), store.Options{})
				if err != nil {
					b.Fatal(err)
				}
				s.Close()
			}
		})
	}
}

// BenchmarkBlob writes bodies and keeps them.
func BenchmarkBlob(b *testing.B) {
	chunk := make([]byte, 64<<10)
	for _, test := range []struct{ size, goroutines int }{{64 << 10, 1}, {64 << 10, 8}, {64 << 10, 32}, {64 << 20, 1}} {
		b.Run(fmt.Sprintf("%d/%d", test.size, test.goroutines), func(b *testing.B) {
			s := open(b, b.TempDir(), store.Options{})
			b.SetBytes(int64(test.size))
			spread(b, test.goroutines, func(int64) {
				w, err := s.NewBlob(ctx)
				if err != nil {
					b.Error(err)
					return
				}
				for range test.size / len(chunk) {
					w.Write(chunk)
				}
				id, err := w.Commit()
				if err != nil {
					b.Error(err)
				}
				if err := s.Update(ctx, keep(id)); err != nil {
					b.Error(err)
				}
			})
		})
	}
}
