package wire

import (
	"net/http"
	"strconv"
	"strings"
)

// writeBody sends the header with Date and Content-Length, and the body in the same write.
func writeBody(w http.ResponseWriter, req *Request, status int, body []byte) error {
	h := w.Header()
	setDate(h, req)
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	if len(body) == 0 {
		return nil
	}
	_, err := w.Write(body)
	return err
}

// setDate sets Date from the emulator's clock, from which SDKs learn how far their own is off.
func setDate(h http.Header, req *Request) {
	if !req.Now.IsZero() {
		h["Date"] = []string{req.Now.UTC().Format(http.TimeFormat)}
	}
}

// mergeHeader copies further headers, spelled as AWS spells them, so that they replace those of the same name.
func mergeHeader(h, further http.Header) {
	for name, values := range further {
		switch {
		case name == "Etag":
			name = "ETag"
		case strings.HasPrefix(name, "X-Amz-"):
			name = strings.ToLower(name)
		}
		h[name] = values
	}
}
