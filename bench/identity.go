package main

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// identity compares the calls of IAM and STS that tests make most with those of moto's server, where python3 has one, and
// measures what a page of users takes in a small and a large account.
func identity(o options) error {
	data := filepath.Join(o.dir, "identity")
	xemu, err := startXemu(o.binary, data)
	if err != nil {
		return err
	}
	defer xemu.stop()
	credentials, err := administrator(data)
	if err != nil {
		return err
	}
	targets := []*target{{"xemu", xemu, xemu.url, newSigner(credentials)}}
	// moto keeps nothing on disk. Without an fsync for each write the servers are compared, with it the disk as well.
	relaxed, err := startXemu(o.binary, filepath.Join(o.dir, "relaxed"), "--durability", "relaxed")
	if err != nil {
		return err
	}
	defer relaxed.stop()
	if credentials, err = administrator(filepath.Join(o.dir, "relaxed")); err != nil {
		return err
	}
	targets = append(targets, &target{"relaxed", relaxed, relaxed.url, newSigner(credentials)})
	if exec.Command("python3", "-c", "import moto.server").Run() == nil {
		moto, err := startMoto()
		if err != nil {
			return err
		}
		defer moto.stop()
		targets = append(targets, &target{"moto", moto, moto.url, newSigner(aws.Credentials{AccessKeyID: "testing", SecretAccessKey: "testing"})})
	}
	for _, t := range targets {
		trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}`
		if err := t.client.form(t.url, "iam", url.Values{"Action": {"CreateRole"}, "RoleName": {"bench"}, "AssumeRolePolicyDocument": {trust}}); err != nil {
			return err
		}
	}
	fmt.Printf("\n%-32s", "calls per second, 8 clients")
	for _, t := range targets {
		fmt.Printf(" %9s", t.name)
	}
	fmt.Println("  ratios to the last")
	var made atomic.Int64
	for _, call := range []struct {
		name, service string
		form          func() url.Values
	}{
		{"CreateUser", "iam", func() url.Values {
			return url.Values{"Action": {"CreateUser"}, "UserName": {fmt.Sprintf("user-%07d", made.Add(1))}}
		}},
		{"AssumeRole", "sts", func() url.Values {
			return url.Values{"Action": {"AssumeRole"}, "RoleSessionName": {"bench"}, "RoleArn": {"arn:aws:iam::111122223333:role/bench"}}
		}},
	} {
		rates := make([]float64, len(targets))
		for i, t := range targets {
			if rates[i], err = t.rate(call.service, call.form, o.duration); err != nil {
				return fmt.Errorf("%s of %s: %w", call.name, t.name, err)
			}
		}
		fmt.Printf("%-32s", call.name)
		for _, rate := range rates {
			fmt.Printf(" %9.0f", rate)
		}
		for _, rate := range rates[:len(rates)-1] {
			fmt.Printf(" %6.1f", rate/rates[len(rates)-1])
		}
		fmt.Println()
	}
	return users(targets[0], &made)
}

// rate sends calls of eight clients for a while.
func (t *target) rate(service string, form func() url.Values, duration time.Duration) (float64, error) {
	var done atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, 8)
	begin := time.Now()
	for range 8 {
		group.Go(func() {
			for time.Since(begin) < duration {
				if err := t.client.form(t.url, service, form()); err != nil {
					failures <- err
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	took := time.Since(begin)
	select {
	case err := <-failures:
		return 0, err
	default:
		return float64(done.Load()) / took.Seconds(), nil
	}
}

// users compares a page of a hundred users of 200 with one of 10,000, in accounts that have as many.
func users(t *target, made *atomic.Int64) error {
	list := url.Values{"Action": {"ListUsers"}, "MaxItems": {"100"}, "PathPrefix": {"/many/"}}
	fmt.Printf("\n%-32s %9d %9d  ratio\n", "a page of 100, ms, of users:", 200, 10_000)
	var took [2]time.Duration
	there := int64(0)
	for i, size := range []int64{200, 10_000} {
		var group sync.WaitGroup
		failures := make(chan error, 8)
		left := atomic.Int64{}
		left.Store(size - there)
		for range 8 {
			group.Go(func() {
				for left.Add(-1) >= 0 {
					form := url.Values{"Action": {"CreateUser"}, "Path": {"/many/"}, "UserName": {fmt.Sprintf("many-%07d", made.Add(1))}}
					if err := t.client.form(t.url, "iam", form); err != nil {
						failures <- err
						return
					}
				}
			})
		}
		group.Wait()
		there = size
		select {
		case err := <-failures:
			return err
		default:
		}
		var times []time.Duration
		for range 200 {
			begin := time.Now()
			if err := t.client.form(t.url, "iam", list); err != nil {
				return err
			}
			times = append(times, time.Since(begin))
		}
		slices.Sort(times)
		took[i] = times[len(times)/2]
	}
	fmt.Printf("%-32s %9.2f %9.2f %6.2f\n", "ListUsers", took[0].Seconds()*1e3, took[1].Seconds()*1e3, float64(took[1])/float64(took[0]))
	return nil
}

// form sends a query call.
func (s *signer) form(base, service string, form url.Values) error {
	form.Set("Version", map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}[service])
	text := form.Encode()
	r, err := http.NewRequest(http.MethodPost, base+"/", strings.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if err := s.signedFor(r, hashOf([]byte(text)), service); err != nil {
		return err
	}
	return s.do(r)
}

// startMoto starts moto's server and waits until it answers.
func startMoto() (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	p := &process{cmd: exec.Command("python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", port), url: "http://127.0.0.1:" + port}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(100 * time.Millisecond) {
		answer, err := http.Get(p.url + "/moto-api/")
		if err != nil {
			continue
		}
		answer.Body.Close()
		return p, nil
	}
	p.stop()
	return nil, fmt.Errorf("moto's server does not answer after a minute")
}
