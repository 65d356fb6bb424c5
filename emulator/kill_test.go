package emulator_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator"
)

// The test binary runs itself with one of these variables set, to be a server that a test can kill or confine.
var children = map[string]func(dir string){serveVariable: serve}

const serveVariable = "XEMU_TEST_SERVE"

func TestMain(m *testing.M) {
	for variable, run := range children {
		if dir := os.Getenv(variable); dir != "" {
			run(dir)
			return
		}
	}
	os.Exit(m.Run())
}

// serve is a server on dir. It prints where it is and an administrator's key.
func serve(dir string) {
	srv, err := emulator.Listen(emulator.Config{Addr: "127.0.0.1:0", Dir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	a := srv.World().Accounts[0].Admin
	fmt.Println(srv.URL, a.AccessKeyID, a.SecretAccessKey)
	srv.Serve()
}

// startServer runs a server as a process of its own. The caller kills it.
func startServer(t *testing.T, dir string) (*exec.Cmd, *s3.Client) {
	t.Helper()
	cmd, line, err := startChild(t, serveVariable, dir, func(*exec.Cmd) {})
	must(t, err)
	return cmd, clientOf(t, line)
}

// startChild runs a child and returns the first line that it prints.
func startChild(t *testing.T, variable, dir string, prepare func(*exec.Cmd)) (*exec.Cmd, string, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), variable+"="+dir)
	cmd.Stderr = os.Stderr
	prepare(cmd)
	out, err := cmd.StdoutPipe()
	must(t, err)
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	return cmd, line, err
}

// clientOf is a client of a server that has printed line.
func clientOf(t *testing.T, line string) *s3.Client {
	t.Helper()
	var url, id, secret string
	if _, err := fmt.Sscan(line, &url, &id, &secret); err != nil {
		t.Fatal(err)
	}
	return s3.New(s3.Options{
		Region: emulator.Region, BaseEndpoint: &url, UsePathStyle: true, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
	})
}
