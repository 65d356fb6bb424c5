package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// row is a kind of request and how many connections send it.
type row struct {
	method      string
	size        int
	connections int
}

// The methods of rows that are more than an HTTP method.
const (
	listing1000 = "LIST"       // a page of 1,000 keys
	putDelete   = "PUT+DELETE" // of the same object, counted as one
)

func (r row) name() string {
	if r.method == listing1000 {
		return fmt.Sprintf("LIST 1,000 keys, %d connections", r.connections)
	}
	size := fmt.Sprintf("%d KiB", r.size>>10)
	if r.size >= 1<<20 {
		size = fmt.Sprintf("%d MiB", r.size>>20)
	}
	return fmt.Sprintf("%s %s, %d connections", r.method, size, r.connections)
}

// key is what the i-th connection reads or writes.
func (r row) key(i int) string {
	if r.method == http.MethodGet {
		i = 0
	}
	return fmt.Sprintf("/bench/object-%d-%d", i, r.size)
}

// steps are the requests that the i-th connection sends again and again.
func (t *target) steps(r row, i int, body []byte) (steps []*http.Request, err error) {
	step := func(method, path string, body []byte) {
		if err == nil {
			var request *http.Request
			request, err = t.client.request(method, t.url+path, body)
			steps = append(steps, request)
		}
	}
	switch r.method {
	case listing1000:
		step(http.MethodGet, "/bench?list-type=2&prefix=listed%2F", nil)
	case putDelete:
		step(http.MethodPut, r.key(i), body)
		step(http.MethodDelete, r.key(i), nil)
	case http.MethodGet:
		step(http.MethodGet, r.key(i), nil)
	default:
		step(r.method, r.key(i), body)
	}
	return steps, err
}

// prepare puts what a row reads. The bare server has neither lists nor deletions.
func (t *target) prepare(r row, body []byte) error {
	if r.method != listing1000 {
		return t.client.once(http.MethodPut, t.url+r.key(0), body)
	}
	for i := range 1000 {
		if err := t.client.once(http.MethodPut, fmt.Sprintf("%s/bench/listed/%04d", t.url, i), nil); err != nil {
			return err
		}
	}
	return nil
}

func (t *target) can(r row) bool {
	return t.name != "bare" || r.method == http.MethodGet || r.method == http.MethodPut
}

// requests compares GETs and durable PUTs, signed and authorized, with other servers'. The client is the same on all sides
// and sends requests that were signed once, so that what is compared is the servers.
func requests(o options) error {
	var rows []row
	for _, method := range []string{http.MethodGet, http.MethodPut} {
		for _, size := range []int{1 << 10, 64 << 10, 8 << 20} {
			for _, connections := range []int{1, 8, 32} {
				if r := (row{method, size, connections}); o.rows.MatchString(r.name()) {
					rows = append(rows, r)
				}
			}
		}
	}
	for _, method := range []string{putDelete, listing1000} {
		for _, connections := range []int{1, 8, 32} {
			if r := (row{method, 1 << 10, connections}); o.rows.MatchString(r.name()) {
				rows = append(rows, r)
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	targets, stop, err := startTargets(o)
	defer stop()
	if err != nil {
		return err
	}
	fmt.Printf("\n%-32s", "requests per second")
	for i, t := range targets {
		fmt.Printf(" %9s", t.name)
		if i > 0 {
			fmt.Printf("  ratio")
		}
	}
	fmt.Printf("   CPU us each")
	for _, t := range targets[1:] {
		fmt.Printf(" %9s", t.name)
	}
	fmt.Println()
	for _, r := range rows {
		if err := compare(r, targets, o.duration); err != nil {
			return fmt.Errorf("%s: %w", r.name(), err)
		}
	}
	fmt.Print("peak memory:")
	for _, t := range targets {
		_, peak := t.process.memory()
		fmt.Printf("  %s %.0f MB", t.name, float64(peak)/1e6)
	}
	fmt.Println()
	return nil
}

// turns is into how many turns the time of a row is cut: the machine may do other things too, and all targets shall see
// the same of it.
const turns = 4

// compare prints a row: the first target's requests per second, then the others' with the first's ratio to them, and what
// a request costs each of processor time, which a busy machine changes little.
func compare(r row, targets []*target, duration time.Duration) error {
	body := bytes.Repeat([]byte("x"), r.size)
	for _, t := range targets {
		if t.can(r) {
			if err := t.prepare(r, body); err != nil {
				return err
			}
		}
	}
	done := make([]int64, len(targets))
	took, cpu := make([]time.Duration, len(targets)), make([]time.Duration, len(targets))
	for range turns {
		for i, t := range targets {
			if !t.can(r) {
				continue
			}
			before := t.process.cpu()
			n, d, err := t.load(r, body, duration/turns)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			done[i], took[i], cpu[i] = done[i]+n, took[i]+d, cpu[i]+t.process.cpu()-before
		}
	}
	fmt.Printf("%-32s", r.name())
	ours := float64(done[0]) / took[0].Seconds()
	for i, t := range targets {
		rate := float64(done[i]) / took[i].Seconds()
		switch {
		case i == 0:
			fmt.Printf(" %9.0f", rate)
		case t.can(r):
			fmt.Printf(" %9.0f %6.2f", rate, ours/rate)
		default:
			fmt.Printf(" %9s %6s", "-", "-")
		}
	}
	fmt.Print("    ")
	for i := range targets {
		fmt.Printf(" %9.0f", float64(cpu[i].Microseconds())/float64(max(done[i], 1)))
	}
	fmt.Println()
	return nil
}

// target is a server that is compared.
type target struct {
	name    string
	process *process
	url     string
	client  *signer
}

// startTargets starts xemu, the bare server and, if there is one, MinIO. stop stops what has been started.
func startTargets(o options) (targets []*target, stop func(), err error) {
	var started []*process
	stop = func() {
		for _, p := range started {
			p.stop()
		}
	}
	data, files := filepath.Join(o.dir, "requests"), filepath.Join(o.dir, "bare")
	if err := os.Mkdir(files, 0o700); err != nil {
		return nil, stop, err
	}
	xemu, err := startXemu(o.binary, data)
	if err != nil {
		return nil, stop, err
	}
	started = append(started, xemu)
	bare, err := startBare(files)
	if err != nil {
		return nil, stop, err
	}
	started = append(started, bare)
	credentials, err := administrator(data)
	if err != nil {
		return nil, stop, err
	}
	targets = []*target{{"xemu", xemu, xemu.url, newSigner(credentials)}, {"bare", bare, bare.url, newSigner(credentials)}}
	if o.minio != "" {
		p, err := startMinIO(o.minio, filepath.Join(o.dir, "minio"))
		if err != nil {
			return nil, stop, err
		}
		started = append(started, p)
		targets = append(targets, &target{"MinIO", p, p.url, newSigner(minioCredentials)})
	}
	for _, t := range targets {
		err := t.client.once(http.MethodPut, t.url+"/bench", nil)
		for begin := time.Now(); err != nil && time.Since(begin) < time.Minute; time.Sleep(50 * time.Millisecond) {
			err = t.client.once(http.MethodPut, t.url+"/bench", nil) // MinIO may say that it is ready before it is
		}
		if err != nil {
			return nil, stop, err
		}
	}
	return targets, stop, nil
}

// load sends a row's requests for a while. It returns how many were answered in what time.
func (t *target) load(r row, body []byte, duration time.Duration) (int64, time.Duration, error) {
	var done atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, r.connections)
	begin := time.Now()
	for i := range r.connections {
		steps, err := t.steps(r, i, body)
		if err != nil {
			return 0, 0, err
		}
		group.Go(func() {
			var err error
			for time.Since(begin) < duration {
				for _, request := range steps {
					again := request.Clone(request.Context())
					if again.Body, err = request.GetBody(); err == nil {
						err = t.client.do(again)
					}
					if err != nil {
						failures <- err
						return
					}
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	select {
	case err := <-failures:
		return 0, 0, err
	default:
		return done.Load(), time.Since(begin), nil
	}
}
