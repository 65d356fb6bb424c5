package wire

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

const xmlProlog = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// roots are the root elements of documents whose names do not follow from the model (Amazon S3 API Reference, each
// operation's response syntax and sample).
var roots = map[string]string{
	"CompleteMultipartUpload":            "CompleteMultipartUploadResult",
	"CreateMultipartUpload":              "InitiateMultipartUploadResult",
	"DeleteObjects":                      "DeleteResult",
	"GetBucketAccelerateConfiguration":   "AccelerateConfiguration",
	"GetBucketAcl":                       "AccessControlPolicy",
	"GetBucketCors":                      "CORSConfiguration",
	"GetBucketLifecycleConfiguration":    "LifecycleConfiguration",
	"GetBucketLocation":                  "LocationConstraint",
	"GetBucketLogging":                   "BucketLoggingStatus",
	"GetBucketNotificationConfiguration": "NotificationConfiguration",
	"GetBucketRequestPayment":            "RequestPaymentConfiguration",
	"GetBucketTagging":                   "Tagging",
	"GetBucketVersioning":                "VersioningConfiguration",
	"GetBucketWebsite":                   "WebsiteConfiguration",
	"GetObjectAcl":                       "AccessControlPolicy",
	"GetObjectAttributes":                "GetObjectAttributesResponse",
	"GetObjectTagging":                   "Tagging",
	"ListBucketAnalyticsConfigurations":  "ListBucketAnalyticsConfigurationResult",
	"ListBucketInventoryConfigurations":  "ListInventoryConfigurationsResult",
	"ListBucketMetricsConfigurations":    "ListMetricsConfigurationsResult",
	"ListBuckets":                        "ListAllMyBucketsResult",
	"ListDirectoryBuckets":               "ListAllMyDirectoryBucketsResult",
	"ListObjectVersions":                 "ListVersionsResult",
	"ListObjects":                        "ListBucketResult",
	"ListObjectsV2":                      "ListBucketResult",
}

func rootOf(operation string) string {
	if root, ok := roots[operation]; ok {
		return root
	}
	return operation + "Result"
}

// Encode writes out: headers, then a document or a copied body. An error after the header has gone out means that the
// body was cut short; the connection then closes.
func (c *restXML) Encode(w http.ResponseWriter, req *Request, operation string, out any) error {
	v := reflect.ValueOf(out).Elem()
	p, err := c.model.planOf(v.Type())
	if err != nil {
		return err
	}
	h := w.Header()
	setIDs(h, req)
	encodeHeaders(p.http, h, v)
	mergeHeader(h, req.Header)
	status := p.op.Status
	if req.Status != 0 {
		status = req.Status
	}
	if h["Content-Range"] != nil {
		status = http.StatusPartialContent
	}
	f := p.http.payload
	if f != nil && f.Flags.has(Streaming) {
		return encodeStream(w, req, status, p.http, v.Field(f.index))
	}
	if f == nil && !p.http.document {
		return encodeEmpty(w, req, p, status)
	}
	x := xmlWriter{b: make([]byte, 0, 1024), layout: millisLayout}
	switch {
	case f == nil && operation == "GetBucketLocation":
		// The root element itself holds the value.
		x.b = append(x.b, xmlProlog...)
		x.open(rootOf(operation), c.model.Namespace)
		x.b = appendEscaped(x.b, v.Field(p.fields[0].index).String())
		x.close(rootOf(operation))
	case f == nil:
		x.b = append(x.b, xmlProlog...)
		x.open(rootOf(operation), c.model.Namespace)
		x.members(p, v)
		x.close(rootOf(operation))
	default:
		value, ok := f.of(v)
		if !ok {
			return encodeEmpty(w, req, p, status)
		}
		if f.plan.Type == String {
			h["Content-Type"] = []string{"application/json"} // a bucket policy
			return writeBody(w, req, status, []byte(value.String()))
		}
		x.b = append(x.b, xmlProlog...)
		x.open(f.wire, c.model.Namespace)
		x.members(f.plan, value)
		x.close(f.wire)
	}
	h["Content-Type"] = []string{"application/xml"}
	return writeBody(w, req, status, x.b)
}

func encodeEmpty(w http.ResponseWriter, req *Request, p *plan, status int) error {
	if status == http.StatusNoContent || p.op.Method == http.MethodHead {
		setDate(w.Header(), req)
		w.WriteHeader(status)
		return nil
	}
	return writeBody(w, req, status, nil)
}

// EncodeNothing answers a request for S3 that is no operation: with a status and the headers that w has.
func EncodeNothing(w http.ResponseWriter, req *Request, status int) error {
	setIDs(w.Header(), req)
	return writeBody(w, req, status, nil)
}

// EncodePage answers a request for S3 with a page of HTML.
func EncodePage(w http.ResponseWriter, req *Request, status int, text string) {
	h := w.Header()
	setIDs(h, req)
	h["Content-Type"] = []string{"text/html; charset=utf-8"}
	if req.HTTP.Method == http.MethodHead {
		setDate(h, req)
		w.WriteHeader(status)
		return
	}
	writeBody(w, req, status, []byte(text)) // a browser that has gone away sees nothing
}

// setIDs sets the two ids that every answer of S3 carries.
func setIDs(h http.Header, req *Request) {
	ids := [...]string{req.ID, HostID(req)}
	h["x-amz-request-id"] = ids[0:1:1]
	h["x-amz-id-2"] = ids[1:2:2]
	h["Server"] = serverName
}

var serverName = []string{"AmazonS3"}

// HostID makes the second id out of the first.
func HostID(req *Request) string {
	var id, text [128]byte
	b := append(append(append(append(id[:0], "xemu/"...), req.ID...), '/'), req.ID...)
	return string(base64.StdEncoding.AppendEncode(text[:0], b))
}

// encodeHeaders sets the headers that out has, spelled as S3 spells them. The values share one array.
func encodeHeaders(p *httpPlan, h http.Header, v reflect.Value) {
	values := make([]string, 0, 12)
	for _, f := range p.ordered {
		s, ok := headerValue(f, v.Field(f.index))
		if !ok {
			continue
		}
		values = append(values, s)
		h[f.wire] = values[len(values)-1 : len(values) : len(values)]
	}
	if p.prefix != nil {
		metadata, _ := v.Field(p.prefix.index).Interface().(map[string]string)
		for name, value := range metadata {
			h[p.prefix.wire+name] = []string{value}
		}
	}
}

func headerValue(f *field, v reflect.Value) (string, bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return "", false
		}
		if v = v.Elem(); v.Kind() == reflect.String {
			return v.String(), true
		}
	case reflect.String:
		return v.String(), v.Len() > 0
	case reflect.Slice:
		if v.Len() == 0 {
			return "", false
		}
		var items []string
		for i := range v.Len() {
			items = append(items, v.Index(i).String())
		}
		return strings.Join(items, ","), true
	case reflect.Bool, reflect.Int32, reflect.Int64:
		if v.IsZero() {
			return "", false
		}
	}
	layout := http.TimeFormat
	if f.plan.Time == ISO8601 {
		layout = millisLayout
	}
	return string(appendScalar(make([]byte, 0, 32), f.plan, v, layout)), true
}

// smallBody is the size up to which a body is read before the header is written, so that both leave in one write and a
// body that cannot be read is still an error to the client.
const smallBody = 32 << 10

var smallBodies = sync.Pool{New: func() any { return new([smallBody]byte) }}

func encodeStream(w http.ResponseWriter, req *Request, status int, p *httpPlan, body reflect.Value) error {
	h := w.Header()
	setDate(h, req)
	if h["Content-Type"] == nil {
		h["Content-Type"] = []string{"binary/octet-stream"}
	}
	if body.IsNil() {
		if h["Content-Length"] == nil {
			h["Content-Length"] = []string{"0"}
		}
		w.WriteHeader(status)
		return nil
	}
	r := body.Interface().(io.ReadCloser)
	defer r.Close()
	if length := h["Content-Length"]; length != nil {
		if n, err := strconv.Atoi(length[0]); err == nil && n <= smallBody {
			if err := encodeSmall(w, status, r, n); err != nil {
				for _, f := range p.ordered {
					delete(h, f.wire) // nothing is out: the error that follows must not describe the object
				}
				return err
			}
			return nil
		}
	}
	w.WriteHeader(status)
	_, err := io.Copy(w, r) // sendfile, when r is a file and w a connection
	return err
}

func encodeSmall(w http.ResponseWriter, status int, r io.Reader, n int) error {
	buf := smallBodies.Get().(*[smallBody]byte)
	defer smallBodies.Put(buf)
	if _, err := io.ReadFull(r, buf[:n]); err != nil {
		return fmt.Errorf("reading the object's body: %w", err)
	}
	w.WriteHeader(status)
	if n == 0 {
		return nil
	}
	_, err := w.Write(buf[:n])
	return err
}

// Rename returns e with the code and the words that it has in S3.
func (c *restXML) Rename(e *awserr.Error) *awserr.Error { return e.InS3() }

// EncodeError writes S3's error document; there is none for HEAD and 304.
func (c *restXML) EncodeError(w http.ResponseWriter, req *Request, e *awserr.Error) {
	e = c.Rename(e)
	h := w.Header()
	setIDs(h, req)
	mergeHeader(h, e.Header)
	if e.Status == http.StatusNotModified || req.HTTP != nil && req.HTTP.Method == http.MethodHead {
		setDate(h, req)
		if e.Status != http.StatusNotModified {
			h["Content-Type"] = []string{"application/xml"}
		}
		w.WriteHeader(e.Status)
		return
	}
	h["Content-Type"] = []string{"application/xml"}
	writeBody(w, req, e.Status, errorDocument(req, e)) // a client that has gone away hears nothing
}

func errorDocument(req *Request, e *awserr.Error) []byte {
	x := xmlWriter{b: append(make([]byte, 0, 512), xmlProlog...)}
	x.open("Error", "")
	x.error(e)
	x.text("RequestId", req.ID)
	x.text("HostId", HostID(req))
	x.close("Error")
	return x.b
}

func (x *xmlWriter) error(e *awserr.Error) {
	x.text("Code", e.Code)
	x.text("Message", e.Message)
	for _, f := range e.Fields {
		x.text(f.Name, f.Value)
	}
}
