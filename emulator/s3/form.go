package s3

import (
	"encoding/xml"
	"errors"
	"io"
	"mime"
	mimeparts "mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// A Form is a browser's upload, multipart/form-data that was sent to a bucket ("POST Object", Amazon S3 API Reference): its
// fields say who sends the object, what it is and how to answer, and its file is read while it is stored. It is the codec of
// its own request: what it means is a PutObject.
type Form struct {
	codec  wire.Codec
	bucket string
	names  []string          // of the fields as they were sent, in order
	fields map[string]string // by name in lower case
	file   *formFile
}

// maxFormFields bounds what stands before the file, in bytes ("HTML form fields").
const maxFormFields = 20 << 10

// IsForm says whether r is a browser's upload.
func IsForm(r *http.Request) bool {
	if r.Method != http.MethodPost || r.URL.RawQuery != "" {
		return false
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "multipart/form-data") {
		return false
	}
	bucket, key, err := wire.SplitPath(r.URL)
	return err == nil && bucket != "" && key == ""
}

// ReadForm reads the fields of r's form up to its file, whose bytes stay unread. codec is S3's. What the fields say of the
// object stands in r's headers then, as in a PutObject. Errors: MalformedPOSTRequest, MaxPostPreDataLengthExceededError,
// InvalidArgument (no key, no file), MissingContentLength, EntityTooLarge.
func ReadForm(r *http.Request, codec wire.Codec) (*Form, error) {
	f := &Form{codec: codec, fields: map[string]string{}}
	f.bucket, _, _ = wire.SplitPath(r.URL)
	switch {
	case r.ContentLength < 0:
		return nil, missingContentLength()
	case r.ContentLength > maxBody+maxFormFields:
		return nil, entityTooLarge(r.ContentLength)
	}
	_, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || parameters["boundary"] == "" {
		return nil, malformedForm()
	}
	begin := &beginning{from: r.Body, left: 4 * maxFormFields}
	parts := mimeparts.NewReader(begin, parameters["boundary"])
	size := 0
	for {
		part, err := parts.NextRawPart()
		switch {
		case err == io.EOF:
			return nil, invalidArgument("file", "0", "POST requires exactly one file upload per request.")
		case err != nil:
			return nil, formError(err)
		}
		name := part.FormName()
		if strings.EqualFold(name, "file") {
			begin.left = -1
			f.file = &formFile{part: part, rest: r.Body, most: maxBody}
			return f, f.complete(r, fileName(part))
		}
		value, err := io.ReadAll(io.LimitReader(part, maxFormFields))
		if err != nil {
			return nil, formError(err)
		}
		if size += len(name) + len(value); size > maxFormFields {
			return nil, tooManyFields()
		}
		f.add(name, string(value))
	}
}

// add notes a field; of fields with the same name the first counts.
func (f *Form) add(name, value string) {
	lower := strings.ToLower(name)
	if _, ok := f.fields[lower]; !ok {
		f.names = append(f.names, name)
		f.fields[lower] = value
	}
}

// Field returns a field by its name in lower case.
func (f *Form) Field(name string) (string, bool) {
	value, ok := f.fields[name]
	return value, ok
}

// complete replaces ${filename} and hands the fields over to r's headers.
func (f *Form) complete(r *http.Request, file string) error {
	for name, value := range f.fields {
		if name != "policy" {
			f.fields[name] = strings.ReplaceAll(value, "${filename}", file)
		}
	}
	switch key, ok := f.fields["key"]; {
	case !ok:
		return sigv4.MissingFormField("key")
	case key == "":
		return invalidArgument("key", "", "User key must have a length greater than 0.")
	}
	return f.headers(r)
}

// formHeaders are the fields that are headers of a PutObject under another name.
var formHeaders = map[string]string{"acl": "x-amz-acl", "x-amz-checksum-algorithm": "x-amz-sdk-checksum-algorithm"}

// objectHeaders are the headers that describe an object. Those of the request describe the form.
var objectHeaders = []string{"Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires"}

// headers makes r's headers those of a PutObject: what the form says is the object's, and nothing else.
func (f *Form) headers(r *http.Request) error {
	h := http.Header{}
	for name, values := range r.Header {
		owned := slices.Contains(objectHeaders, name) || name == "Content-Md5" || name == "Content-Length"
		if !owned && !(strings.HasPrefix(name, "X-Amz-") && name != "X-Amz-Expected-Bucket-Owner" && name != "X-Amz-Request-Payer") {
			h[name] = values
		}
	}
	for name, value := range f.fields {
		if header, ok := formHeaders[name]; ok {
			name = header
		}
		canonical := http.CanonicalHeaderKey(name)
		if !strings.HasPrefix(name, "x-amz-") && !slices.Contains(objectHeaders, canonical) {
			continue
		}
		if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			return invalidArgument(name, value, "Header value cannot contain control characters.")
		}
		h[canonical] = []string{value}
	}
	if tagging, ok := f.fields["tagging"]; ok {
		header, err := formTags(tagging)
		if err != nil {
			return err
		}
		h["X-Amz-Tagging"] = []string{header}
	}
	r.Header = h
	return nil
}

// formTags turns the field tagging, which is XML, into the header x-amz-tagging.
func formTags(text string) (string, error) {
	var tagging struct {
		XMLName xml.Name `xml:"Tagging"`
		TagSet  *struct {
			Tag []struct{ Key, Value *string }
		}
	}
	if xml.Unmarshal([]byte(text), &tagging) != nil || tagging.TagSet == nil {
		return "", malformedXML()
	}
	pairs := make([]string, 0, len(tagging.TagSet.Tag))
	for _, t := range tagging.TagSet.Tag {
		if t.Key == nil || t.Value == nil {
			return "", malformedXML()
		}
		pairs = append(pairs, url.QueryEscape(*t.Key)+"="+url.QueryEscape(*t.Value))
	}
	return strings.Join(pairs, "&"), nil
}

// fileName is what ${filename} stands for: the file's name without the path that some browsers send along.
func fileName(part *mimeparts.Part) string {
	name := part.FileName()
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

// Check holds the form against its policy, if it has one. Errors: InvalidPolicyDocument, AccessDenied.
func (f *Form) Check(now time.Time) error {
	text, ok := f.fields["policy"]
	if !ok {
		return nil
	}
	p, err := parseFormPolicy(text)
	if err == nil {
		err = p.check(f, now)
	}
	if err != nil {
		return err
	}
	f.file.least, f.file.most = p.least, min(p.most, maxBody)
	return nil
}

// Route implements wire.Codec.
func (f *Form) Route(*http.Request) (string, error) { return "PostObject", nil }

// Decode implements wire.Codec.
func (f *Form) Decode(r *http.Request, _ string, in any) error {
	post := in.(*PostObjectInput)
	if err := f.codec.Decode(r, "PutObject", &post.PutObjectInput); err != nil {
		return err
	}
	key := f.fields["key"]
	post.Bucket, post.Key, post.Body, post.ContentLength = &f.bucket, &key, f.file, nil
	return nil
}

// Encode implements wire.Codec: the headers are PutObject's, status and body are what the form asks for.
func (f *Form) Encode(w http.ResponseWriter, req *wire.Request, _ string, out any) error {
	put := &out.(*PostObjectOutput).PutObjectOutput
	location := f.location(req.HTTP)
	a := &formAnswer{ResponseWriter: w, status: http.StatusNoContent}
	w.Header()["Location"] = []string{location}
	switch status := f.fields["success_action_status"]; {
	case f.redirect(*put.ETag) != "":
		a.status = http.StatusSeeOther
		w.Header()["Location"] = []string{f.redirect(*put.ETag)}
	case status == "200":
		a.status = http.StatusOK
	case status == "201":
		a.status = http.StatusCreated
		a.body = postResponse(location, f.bucket, f.fields["key"], *put.ETag)
	}
	return f.codec.Encode(a, req, "PutObject", put)
}

// EncodeError implements wire.Codec.
func (f *Form) EncodeError(w http.ResponseWriter, req *wire.Request, err *awserr.Error) {
	f.codec.EncodeError(w, req, err)
}

// location is the object's URL; S3 escapes the slashes of the key in it.
func (f *Form) location(r *http.Request) string {
	path := strings.TrimSuffix(r.RequestURI, "/") // "/bucket", or nothing when the bucket is the host
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + path + "/" + escapeAll(f.fields["key"])
}

// redirect is where the browser goes next, "" for nowhere: success_action_redirect, which is ignored if it is no URL.
func (f *Form) redirect(etag string) string {
	to := f.fields["success_action_redirect"]
	if to == "" {
		to = f.fields["redirect"] // its old name
	}
	if u, err := url.Parse(to); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	separator := "?"
	if strings.Contains(to, "?") {
		separator = "&"
	}
	return to + separator + "bucket=" + escapeAll(f.bucket) + "&key=" + escapeAll(f.fields["key"]) + "&etag=" + escapeAll(etag)
}

func escapeAll(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func postResponse(location, bucket, key, etag string) []byte {
	document := struct {
		XMLName                     xml.Name `xml:"PostResponse"`
		Location, Bucket, Key, ETag string
	}{Location: location, Bucket: bucket, Key: key, ETag: etag}
	text, _ := xml.Marshal(document) // strings cannot fail
	return append([]byte(`<?xml version="1.0" encoding="UTF-8"?>`+"\n"), text...)
}

// A formAnswer is a response with another status and body than the codec gives it.
type formAnswer struct {
	http.ResponseWriter
	status int
	body   []byte
}

// WriteHeader implements http.ResponseWriter.
func (a *formAnswer) WriteHeader(int) {
	h := a.Header()
	if a.status == http.StatusNoContent {
		delete(h, "Content-Length")
	} else {
		h["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	}
	if a.body != nil {
		h["Content-Type"] = []string{"application/xml"}
	}
	a.ResponseWriter.WriteHeader(a.status)
	if a.body != nil {
		_, _ = a.ResponseWriter.Write(a.body) // a browser that has gone away hears nothing
	}
}

// A beginning is what stands before the file; it ends in an error when it is too long.
type beginning struct {
	from io.Reader
	left int // negative: there is no limit
}

var errLongBeginning = errors.New("the fields before the file are too long")

func (b *beginning) Read(p []byte) (int, error) {
	if b.left < 0 {
		return b.from.Read(p)
	}
	if b.left == 0 {
		return 0, errLongBeginning
	}
	n, err := b.from.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// A formFile is the file of a form. It ends well only if it has the size that the policy asks for and all that comes after it
// has arrived.
type formFile struct {
	part        io.Reader
	rest        io.Reader // the request's body
	size        int64
	least, most int64
	err         error
}

func (f *formFile) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.part.Read(p)
	f.size += int64(n)
	switch {
	case f.size > f.most:
		n, f.err = 0, f.tooLarge()
	case err == io.EOF && f.size < f.least:
		f.err = awserr.EntityTooSmall.Errorf("Your proposed upload is smaller than the minimum allowed size").
			With("ProposedSize", strconv.FormatInt(f.size, 10)).With("MinSizeAllowed", strconv.FormatInt(f.least, 10))
	case err == io.EOF:
		f.err = io.EOF
		if _, err := io.Copy(io.Discard, f.rest); err != nil {
			f.err = formError(err)
		}
	case err != nil:
		f.err = formError(err)
	}
	return n, f.err
}

// tooLarge reads the file to its end, to tell its size.
func (f *formFile) tooLarge() error {
	n, err := io.Copy(io.Discard, f.part)
	if err != nil {
		return formError(err)
	}
	return awserr.EntityTooLarge.Errorf("Your proposed upload exceeds the maximum allowed size").
		With("ProposedSize", strconv.FormatInt(f.size+n, 10)).With("MaxSizeAllowed", strconv.FormatInt(f.most, 10))
}

// formError is the answer when the form cannot be read: a verdict of the reader that verifies the body stands.
func formError(err error) error {
	var verdict *awserr.Error
	switch {
	case errors.As(err, &verdict):
		return err
	case errors.Is(err, errLongBeginning):
		return tooManyFields()
	}
	e := malformedForm()
	e.Cause = err
	return e
}

func malformedForm() *awserr.Error {
	return awserr.MalformedPOSTRequest.Errorf("The body of your POST request is not well-formed multipart/form-data.")
}

func tooManyFields() error {
	return awserr.MaxPostPreDataLengthExceededError.Errorf("Your POST request fields preceding the upload file were too large.").
		With("MaxPostPreDataLengthBytes", strconv.Itoa(maxFormFields))
}
