package emulator

import (
	"strings"
	"testing"
)

func TestHosts(t *testing.T) {
	h := newHosts([]string{"s3.example.test", "example.org"})
	for name, want := range map[string]host{
		"localhost:4566": {}, "127.0.0.1:4566": {}, "[::1]:4566": {}, "elsewhere": {}, "": {}, ":": {}, "example.org": {},
		"s3.localhost": {}, "b.localhost": {bucket: "b"}, "b.s3.localhost:4566": {bucket: "b"}, "B.LOCALHOST.": {bucket: "b"},
		"a.b.s3.localhost": {bucket: "a.b"}, "a.s3.b.s3.localhost": {bucket: "a.s3.b"}, "a.b.localhost": {bucket: "a.b"},
		"s3.eu-west-1.localhost":                     {region: "eu-west-1"},
		"b.s3.eu-west-1.localhost":                   {bucket: "b", region: "eu-west-1"},
		"b.s3-us-gov-west-1.localhost":               {bucket: "b", region: "us-gov-west-1"},
		"b.s3.dualstack.eu-west-1.localhost":         {bucket: "b", region: "eu-west-1"},
		"b.s3-fips.us-east-2.localhost":              {bucket: "b", region: "us-east-2"},
		"b.s3-accelerate.localhost":                  {bucket: "b", accelerate: true},
		"b.s3-accelerate.dualstack.localhost":        {bucket: "b", accelerate: true},
		"b.s3-website.localhost":                     {bucket: "b", website: true},
		"www.example.s3-website-us-east-1.localhost": {bucket: "www.example", region: "us-east-1", website: true},
		"b.s3-website.eu-central-1.localhost:80":     {bucket: "b", region: "eu-central-1", website: true},
		"b.s3.example.test":                          {bucket: "b"},
		"b.s3-website.s3.example.test":               {bucket: "b", website: true},
		"b.example.test":                             {},
		"b.s3.eu-west-1.example.org":                 {bucket: "b", region: "eu-west-1"},
		"b.s3-website.example.org":                   {bucket: "b", website: true},
		"b.example.org":                              {bucket: "b"},
	} {
		if got := h.parse(name); got != want {
			t.Errorf("host %q is %+v, want %+v", name, got, want)
		}
	}
}

// FuzzHosts: whatever a Host header says, a bucket's name is the beginning of it.
func FuzzHosts(f *testing.F) {
	for _, name := range []string{"b.s3.localhost:1", "b.s3-website.eu-west-1.localhost", "s3..localhost", "..localhost", "[::1]:1", "b.s3-accelerate.example.org."} {
		f.Add(name)
	}
	h := newHosts([]string{"example.org", "s3.example.org"})
	f.Fuzz(func(t *testing.T, name string) {
		got := h.parse(name)
		if got.bucket != "" && !strings.HasPrefix(strings.ToLower(name), got.bucket+".") && !strings.HasPrefix(strings.ToLower(name), "["+got.bucket+".") {
			t.Errorf("%q is the bucket %q", name, got.bucket)
		}
	})
}
