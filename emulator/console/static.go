package console

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"net/http"
	"path"
	"strings"
)

// dist is the front end as npm run build makes it: compressed files, and the hash of what they were made of.
//
//go:embed dist
var dist embed.FS

// static serves the front end: its files by their names, and for all other paths its page, which reads the path itself.
func static(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/console/")
	data, err := dist.ReadFile("dist/" + name + ".gz")
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case err == nil && strings.HasPrefix(name, "assets/"): // whose names change with their content
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	case err != nil && strings.HasPrefix(name, "assets/"):
		http.NotFound(w, r)
		return
	case err != nil:
		name = "index.html"
		if data, err = dist.ReadFile("dist/index.html.gz"); err != nil {
			http.Error(w, "the console was not built", http.StatusInternalServerError)
			return
		}
	}
	w.Header().Set("Content-Type", contentType(name))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "same-origin")
	w.Header().Set("Content-Security-Policy", policy(r.Host))
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		plain, err := gzip.NewReader(bytes.NewReader(data))
		if err == nil {
			data, err = io.ReadAll(plain)
		}
		if err != nil {
			http.Error(w, "the console's files are broken", http.StatusInternalServerError)
			return
		}
	} else {
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Vary", "Accept-Encoding")
	w.Write(data)
}

// policy is the content security policy of the pages. Scripts come from the console's own files alone: S3 objects have the
// same origin. host has been checked.
func policy(host string) string {
	return "default-src 'none'; script-src http://" + host + "/console/assets/ https://" + host + "/console/assets/; " +
		"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
}

// contentTypes are those of the files that a build consists of.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
}

func contentType(name string) string { return contentTypes[path.Ext(name)] }
