package emulator_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator"
)

// With this variable set, the test binary is a server on the directory that it names.
const serveVariable = "XEMU_TEST_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveVariable); dir != "" {
		srv, err := emulator.Listen(emulator.Config{Addr: "127.0.0.1:0", Dir: dir})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		a := srv.World().Accounts[0].Admin
		fmt.Println(srv.URL, a.AccessKeyID, a.SecretAccessKey)
		srv.Serve()
		return
	}
	os.Exit(m.Run())
}

// startServer runs a server as a process of its own. The caller kills it.
func startServer(t *testing.T, dir string) (*exec.Cmd, *s3.Client) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveVariable+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	var url, id, secret string
	line, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	if _, err := fmt.Sscan(line, &url, &id, &secret); err != nil {
		t.Fatal(err)
	}
	return cmd, s3.New(s3.Options{
		Region: emulator.Region, BaseEndpoint: &url, UsePathStyle: true, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
	})
}

// A put that was acknowledged is there after kill -9, whole; one that was not is there whole or not at all.
func TestKilledServerKeepsPuts(t *testing.T) {
	const writers = 8
	dir := t.TempDir()
	cmd, client := startServer(t, dir)
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("kept")})
	must(t, err)

	// Small bodies go into the store's file, large ones into files of their own.
	body := func(key string) string { return strings.Repeat(key+"\n", 1<<(len(key)%3*6)) }
	var acknowledged [writers][]string
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("writer-%d/%s%d", w, strings.Repeat("k", i%3), i)
				c, cancel := context.WithTimeout(ctx, 20*time.Second)
				_, err := client.PutObject(c, &s3.PutObjectInput{Bucket: aws.String("kept"), Key: &key, Body: strings.NewReader(body(key))})
				cancel()
				if err != nil {
					return // the server has been killed
				}
				acknowledged[w] = append(acknowledged[w], key)
			}
		})
	}
	time.Sleep(time.Second)
	must(t, cmd.Process.Kill())
	cmd.Wait()
	group.Wait()

	_, client = startServer(t, dir)
	total := 0
	known := map[string]bool{}
	for _, keys := range acknowledged {
		for _, key := range keys {
			known[key] = true
			if text, err := get(t, client, "kept", key); err != nil || text != body(key) {
				t.Errorf("acknowledged %s: %d bytes, %v", key, len(text), err)
			}
			total++
		}
	}
	if total < writers {
		t.Fatalf("only %d puts were acknowledged: the test proves little", total)
	}
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: aws.String("kept")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		must(t, err)
		for _, o := range page.Contents {
			if text, err := get(t, client, "kept", *o.Key); !known[*o.Key] && (err != nil || text != body(*o.Key)) {
				t.Errorf("unacknowledged %s is half there: %d bytes, %v", *o.Key, len(text), err)
			}
		}
	}
}
