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

	"github.com/aws/aws-sdk-go-v2/aws"
)

// process is a server that is measured.
type process struct {
	cmd *exec.Cmd
	url string
}

// startXemu starts xemu on dir and waits for its first answer.
func startXemu(binary, dir string, flags ...string) (*process, error) {
	cmd := exec.Command(binary, append([]string{"serve", "--addr", "127.0.0.1:0", "--data", dir}, flags...)...)
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

// cpu returns the processor time that the server has used.
func (p *process) cpu() time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid)) // absent elsewhere: zero
	_, fields, _ := strings.Cut(string(text), ") ")
	var ticks int64
	for i, field := range strings.Fields(fields) {
		if i == 11 || i == 12 { // utime and stime, in hundredths of a second
			n, _ := strconv.ParseInt(field, 10, 64)
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// minioCredentials are MinIO's own defaults.
var minioCredentials = aws.Credentials{AccessKeyID: "minioadmin", SecretAccessKey: "minioadmin"}

// startMinIO starts MinIO on a new directory and waits until it is ready.
func startMinIO(binary, dir string) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	l.Close()
	p := &process{cmd: exec.Command(binary, "server", "--quiet", "--address", address, dir), url: "http://" + address}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(50 * time.Millisecond) {
		answer, err := http.Get(p.url + "/minio/health/ready")
		if err != nil {
			continue
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return p, nil
		}
	}
	p.stop()
	return nil, fmt.Errorf("%s is not ready after a minute", binary)
}

// serveBare does what a server does at the least. A GET of /bench/object-N-SIZE is answered with SIZE bytes from memory. A
// PUT of it writes the body to a file of its own and syncs it. What is put under another name is a file, and served as
// net/http does.
func serveBare(dir string) {
	body := make([]byte, 8<<20)
	var files atomic.Int64
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("http://%s\n", l.Addr())
	http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := filepath.Base(r.URL.Path)
		_, number, sized := strings.Cut(strings.TrimPrefix(name, "object-"), "-")
		if r.Method == http.MethodGet && !sized {
			http.ServeFile(w, r, filepath.Join(dir, name))
			return
		}
		if r.Method == http.MethodGet {
			size, _ := strconv.Atoi(number)
			w.Header().Set("Content-Length", number)
			w.Write(body[:size])
			return
		}
		if sized {
			name = strconv.FormatInt(files.Add(1)%1000, 10)
		}
		if err := keep(filepath.Join(dir, name), r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))
}

func keep(path string, body io.Reader) error {
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
