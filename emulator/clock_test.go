package emulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/xemutest"
)

func moveClock(t *testing.T, dir, by string) admin.Clock {
	t.Helper()
	c, err := admin.NewClient(dir)
	if err != nil {
		t.Fatal(err)
	}
	var clock admin.Clock
	if err := c.Call("POST", "/_xemu/clock", map[string]string{"advance": by}, &clock); err != nil {
		t.Fatal(err)
	}
	return clock
}

// TestClock moves the clock on: what has expired by then has, and clients, which do not know, are understood as before.
func TestClock(t *testing.T) {
	dir := t.TempDir()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	me := x.Account("production").Admin()
	client := s3Client(me)
	ctx := t.Context()
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("reports")}); err != nil {
		t.Fatal(err)
	}
	session, err := sts.NewFromConfig(me.Config()).GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: aws.Int32(900)})
	if err != nil {
		t.Fatal(err)
	}
	presign := func() string {
		r, err := s3.NewPresignClient(client).PresignHeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("reports")},
			s3.WithPresignExpires(10*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		return r.URL
	}
	status := func(url string) int {
		r, err := http.Head(url)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		return r.StatusCode
	}
	before := presign()
	if got := status(before); got != http.StatusOK {
		t.Fatalf("presigned, at once: %d", got)
	}
	old := x.Identity(*session.Credentials.AccessKeyId, *session.Credentials.SecretAccessKey, *session.Credentials.SessionToken)
	whoAmI := func(id *xemutest.Identity) error {
		_, err := sts.NewFromConfig(id.Config()).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		return err
	}
	if err := whoAmI(old); err != nil {
		t.Fatal(err)
	}

	if clock := moveClock(t, dir, "720h"); time.Until(clock.Now) < 719*time.Hour || clock.Ahead != "720h0m0s" {
		t.Errorf("the clock after a move by 720h: %+v", clock)
	}
	if err := whoAmI(me); err != nil {
		t.Errorf("a key, by a client that knows nothing of the move: %v", err)
	}
	wantError(t, whoAmI(old), "ExpiredToken", "")
	if got := status(before); got != http.StatusForbidden {
		t.Errorf("presigned for 10 minutes, 30 days later: %d", got)
	}
	if got := status(presign()); got != http.StatusOK {
		t.Errorf("presigned after the move: %d", got)
	}

	c, err := admin.NewClient(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Call("POST", "/_xemu/clock", map[string]string{"advance": "-1h"}, nil); err == nil {
		t.Error("the clock goes back")
	}
	if err := c.Call("POST", "/_xemu/reset", nil, nil); err != nil {
		t.Fatal(err)
	}
	var clock admin.Clock
	if err := c.Call("GET", "/_xemu/clock", nil, &clock); err != nil || clock.Ahead != "0s" {
		t.Errorf("after a reset: %+v, %v", clock, err)
	}
}

// TestClockStaysMoved: a restart does not turn the clock back.
func TestClockStaysMoved(t *testing.T) {
	dir := t.TempDir()
	for i, want := range []string{"1h0m0s", "2h0m0s"} {
		srv, err := emulator.Listen(emulator.Config{Addr: "127.0.0.1:0", Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- srv.Serve() }()
		if clock := moveClock(t, dir, "1h"); clock.Ahead != want {
			t.Errorf("start %d, moved on by an hour: %s ahead, want %s", i+1, clock.Ahead, want)
		}
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		<-served
	}
}
