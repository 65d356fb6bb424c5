package s3

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// FuzzForm: whatever a browser sends is a form or AWS's error, and the object's headers are the form's alone.
func FuzzForm(f *testing.F) {
	part := func(name, value string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	f.Add(part("key", "k") + part("x-amz-meta-a", "b") + part("file", "x") + "--b--\r\n")
	f.Add(part("KEY", "${filename}") + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\\b/c\"\r\n\r\nx\r\n--b--")
	f.Add(part("key", "k") + part("tagging", "<Tagging><TagSet/></Tagging>") + part("policy", "e30=") + part("file", ""))
	f.Add("--b--")
	codec := wire.NewRESTXML(wire.S3())
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/reports", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		r.Header.Set("X-Amz-Meta-Sneaked", "in")
		form, err := ReadForm(r, codec)
		if err != nil {
			isAWS(t, err)
			return
		}
		if r.Header.Get("X-Amz-Meta-Sneaked") != "" && form.fields["x-amz-meta-sneaked"] == "" {
			t.Error("a header of the request became the object's")
		}
		if err := form.Check(time.Now()); err != nil {
			isAWS(t, err)
		}
		var in PostObjectInput
		if err := form.Decode(r, "PostObject", &in); err != nil {
			isAWS(t, err)
			return
		}
		if n, err := io.Copy(io.Discard, in.Body); n > int64(len(body)) {
			t.Errorf("a file of %d bytes in a form of %d", n, len(body))
		} else if err != nil {
			isAWS(t, err)
		}
	})
}

// FuzzFormPolicy: a policy parses or is AWS's error, and what parses never accepts a field that it does not name.
func FuzzFormPolicy(f *testing.F) {
	for _, text := range []string{
		`{"expiration":"2999-01-01T00:00:00Z","conditions":[{"bucket":"reports"},["eq","$key","k"],["content-length-range",0,"9"]]}`,
		`{"expiration":"2999-01-01T00:00:00Z","conditions":[["starts-with","$KEY","\$\v\\"]]}`, `{}`, `null`, `{"conditions":[[]]}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parseFormPolicy(base64.StdEncoding.EncodeToString([]byte(text)))
		if err != nil {
			isAWS(t, err)
			return
		}
		form := &Form{bucket: "reports", fields: map[string]string{}}
		form.add("key", "k")
		form.add("Zz-Not-Named", "x")
		if err := p.check(form, time.Unix(0, 0)); err == nil && !strings.Contains(strings.ToLower(text), "zz-not-named") && !strings.Contains(text, `\u`) {
			t.Errorf("accepted: %s", text)
		}
	})
}

func isAWS(t *testing.T, err error) {
	t.Helper()
	var e *awserr.Error
	if !errors.As(err, &e) || e.Status < 400 || e.Status >= 500 || http.StatusText(e.Status) == "" {
		t.Errorf("error %v", err)
	}
}
