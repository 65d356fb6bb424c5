package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// process is a server that is measured.
type process struct {
	cmd *exec.Cmd
	url string
}

// startXemu starts xemu on dir and waits for its first answer.
func startXemu(binary, dir string) (*process, error) {
	cmd := exec.Command(binary, "serve", "--addr", "127.0.0.1:0", "--data", dir)
	return launch(cmd, func(line string) string {
		_, url, _ := strings.Cut(line, " answers IAM, STS and S3 at ")
		return url
	})
}

// startBare starts this program as the bare server.
func startBare(dir string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return launch(exec.Command(self, "-bare", dir), func(line string) string { return line })
}

// launch starts a server and takes its URL from the first line that has one.
func launch(cmd *exec.Cmd, urlOf func(line string) string) (*process, error) {
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd}
	lines := bufio.NewScanner(out)
	for p.url == "" && lines.Scan() {
		p.url = urlOf(lines.Text())
	}
	go io.Copy(io.Discard, out)
	if p.url == "" {
		p.stop()
		return nil, fmt.Errorf("%s did not say where it listens", cmd.Path)
	}
	return p, nil
}

func (p *process) stop() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// memory returns the resident and the peak resident size in bytes.
func (p *process) memory() (now, peak int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid)) // absent elsewhere: zeros
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kib, _ := strconv.ParseInt(fields[1], 10, 64)
		switch fields[0] {
		case "VmRSS:":
			now = kib << 10
		case "VmHWM:":
			peak = kib << 10
		}
	}
	return now, peak
}

// serveBare answers GET with 1 KiB, and PUT by writing the body to a file of its own and syncing it: what a server does at
// the least.
func serveBare(dir string) {
	body := make([]byte, 1<<10)
	var files atomic.Int64
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("http://%s\n", l.Addr())
	http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			w.Write(body)
			return
		}
		if err := store(filepath.Join(dir, strconv.FormatInt(files.Add(1)%1000, 10)), r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))
}

func store(path string, body io.Reader) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(f, body); err != nil {
		return err
	}
	return f.Sync()
}

// waitHealthy returns how long after begin the server answered a request.
func waitHealthy(url string, begin time.Time) (time.Duration, error) {
	for {
		r, err := http.Get(url + "/_xemu/health")
		if err == nil {
			r.Body.Close()
			return time.Since(begin), nil
		}
		if time.Since(begin) > 10*time.Second {
			return 0, err
		}
		time.Sleep(time.Millisecond)
	}
}
