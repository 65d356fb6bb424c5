// Package samesite keeps other web sites away from what a browser on this machine can reach.
package samesite

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Guard refuses what a browser could be made to send: a Host for which known is false (DNS rebinding), and an Origin that is
// not the Host (a request from another site). refuse answers; foreign is the host or the origin.
func Guard(next http.Handler, known func(name string) bool, refuse func(w http.ResponseWriter, foreign string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !known(name(r.Host)) {
			refuse(w, r.Host)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			u, err := url.Parse(origin)
			if err != nil || u.Host != r.Host {
				refuse(w, origin)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// name is a Host header without its port.
func name(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// Loopback says whether a host name is this machine's to itself.
func Loopback(name string) bool {
	if ip := net.ParseIP(name); ip != nil {
		return ip.IsLoopback()
	}
	return strings.EqualFold(name, "localhost")
}
