package oidc

import "testing"

// TestStayHere: names are resolved by then, so that no name can lead elsewhere.
func TestStayHere(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:80": true, "[::1]:443": true, "127.8.8.8:80": true, "192.0.2.1:80": false, "0.0.0.0:80": false, "[2001:db8::1]:80": false, "localhost:80": false,
	} {
		if got := stayHere("tcp", address, nil) == nil; got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
