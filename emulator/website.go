package emulator

import (
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// website answers a request to a bucket's website endpoint ("Hosting a static website using Amazon S3"). It reads objects as
// the anonymous caller, each read decided as any other; a signature counts for nothing here.
func (s *Server) website(w http.ResponseWriter, c *call) error {
	c.Caller = wire.Caller{Principal: authz.Principal{Type: authz.Anonymous}}
	c.service = &service{name: c.service.name, codec: &page{Codec: c.service.codec}, operations: c.service.operations}
	c.operation = "GetObject"
	if c.HTTP.Method == http.MethodHead {
		c.operation = "HeadObject"
	} else if c.HTTP.Method != http.MethodGet {
		return awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.").
			With("Method", c.HTTP.Method).With("ResourceType", "OBJECT").WithHeader("Allow", "GET, HEAD")
	}
	site, err := c.services.s3.SiteOf(c.ctx, c.host.bucket, c.host.region)
	if err != nil {
		return err
	}
	_, key, err := wire.SplitPath(c.HTTP.URL)
	if err != nil {
		return err
	}
	if location, status, ok := site.Redirect(c.HTTP, key, 0); ok {
		return c.send(w, location, status)
	}
	out, err := s.read(c, site.Key(key), true)
	if err == nil {
		return c.show(w, out, http.StatusOK)
	}
	refused := awserr.From(err)
	if refused.Status < 400 { // 304
		return err
	}
	// A folder that is asked for without its slash is told by its index document. Missing keys are 403 where listing is not
	// allowed to everybody.
	if key != "" && !strings.HasSuffix(key, "/") && (refused.Status == http.StatusNotFound || refused.Status == http.StatusForbidden) {
		if _, err := s.look(c, site.Key(key+"/")); err == nil {
			return c.folder(w, (&url.URL{Path: "/" + key + "/"}).EscapedPath())
		}
	}
	if location, status, ok := site.Redirect(c.HTTP, key, refused.Status); ok {
		return c.send(w, location, status)
	}
	if document := site.ErrorKey(); document != "" {
		out, problem := s.read(c, document, false)
		if problem == nil {
			c.err = refused // for the record
			return c.show(w, out, refused.Status)
		}
		c.service.codec.(*page).document, c.service.codec.(*page).problem = document, awserr.From(problem)
	}
	return err
}

// read carries out GetObject or HeadObject on a key for the website. asked says that the request's conditions and range are
// about it.
func (s *Server) read(c *call, key string, asked bool) (out any, err error) {
	operation := c.service.operations[c.operation]
	in := operation.NewInput()
	r := *c.HTTP
	u := *c.HTTP.URL
	u.Path, u.RawPath, u.RawQuery = "/"+c.host.bucket+"/", "", "" // a website takes no parameters
	r.URL = &u
	if !asked {
		r.Header = http.Header{}
	}
	if err := c.service.codec.Decode(&r, c.operation, in); err != nil {
		return nil, err
	}
	switch in := in.(type) {
	case *awss3.GetObjectInput:
		in.Key = &key
	case *awss3.HeadObjectInput:
		in.Key = &key
	}
	c.in = in
	if err := s.authorize(c, operation); err != nil {
		return nil, err
	}
	return operation.Call(c.ctx, in)
}

// look finds out whether everybody may read a key that is there.
func (s *Server) look(c *call, key string) (any, error) {
	operation := c.service.operations["HeadObject"]
	in := &awss3.HeadObjectInput{Bucket: &c.host.bucket, Key: &key}
	c.in = in
	if err := s.authorize(c, operation); err != nil {
		return nil, err
	}
	return operation.Call(c.ctx, in)
}

// show writes an object as a page, unless the object redirects.
func (c *call) show(w http.ResponseWriter, out any, status int) error {
	var redirect *string
	switch out := out.(type) {
	case *awss3.GetObjectOutput:
		if redirect = out.WebsiteRedirectLocation; redirect != nil && out.Body != nil {
			out.Body.Close()
		}
	case *awss3.HeadObjectOutput:
		redirect = out.WebsiteRedirectLocation
	}
	if redirect != nil {
		return c.send(w, *redirect, http.StatusMovedPermanently)
	}
	if status != http.StatusOK {
		w = &otherStatus{w, status}
	}
	if err := c.service.codec.Encode(w, &c.Request, c.operation, out); err != nil {
		return cut{err}
	}
	return nil
}

// send redirects.
func (c *call) send(w http.ResponseWriter, location string, status int) error {
	w.Header().Set("Location", location)
	if err := wire.EncodeNothing(w, &c.Request, status); err != nil {
		return cut{err}
	}
	return nil
}

// folder redirects to a folder.
func (c *call) folder(w http.ResponseWriter, location string) error {
	w.Header().Set("Location", location)
	c.service.codec.EncodeError(w, &c.Request, awserr.Kind{Code: "Found", Status: http.StatusFound}.Errorf("Resource Found"))
	return nil
}

// otherStatus is a response whose status is not that of its operation.
type otherStatus struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (o *otherStatus) WriteHeader(int) { o.ResponseWriter.WriteHeader(o.status) }

// A page is the codec of a website: S3's, with errors that people read.
type page struct {
	wire.Codec
	document string        // the error document that could not be shown
	problem  *awserr.Error // and why
}

// EncodeError implements wire.Codec.
func (p *page) EncodeError(w http.ResponseWriter, req *wire.Request, e *awserr.Error) {
	if e.Status < 400 && e.Status != http.StatusFound {
		p.Codec.EncodeError(w, req, e)
		return
	}
	h := w.Header()
	h["x-amz-error-code"], h["x-amz-error-message"] = []string{e.Code}, []string{e.Message}
	title := strconv.Itoa(e.Status) + " " + http.StatusText(e.Status)
	var b strings.Builder
	b.WriteString("<html>\n<head><title>" + title + "</title></head>\n<body>\n<h1>" + title + "</h1>\n")
	hostID := wire.HostID(req)
	list := func(e *awserr.Error, further ...awserr.Field) {
		b.WriteString("<ul>\n")
		fields := append([]awserr.Field{{Name: "Code", Value: e.Code}, {Name: "Message", Value: e.Message}}, e.Fields...)
		for _, f := range append(fields, further...) {
			b.WriteString("<li>" + f.Name + ": " + html.EscapeString(f.Value) + "</li>\n")
		}
		b.WriteString("</ul>\n")
	}
	list(e, awserr.Field{Name: "RequestId", Value: req.ID}, awserr.Field{Name: "HostId", Value: hostID})
	if p.problem != nil {
		b.WriteString("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n")
		problem := *p.problem
		problem.Fields = []awserr.Field{{Name: "Key", Value: p.document}}
		list(&problem)
	}
	b.WriteString("<hr/>\n</body>\n</html>\n")
	for _, f := range e.Fields {
		if !strings.ContainsFunc(f.Value, func(c rune) bool { return c < ' ' || c > '~' }) {
			h["x-amz-error-detail-"+f.Name] = []string{f.Value}
		}
	}
	for name, values := range e.Header {
		h[name] = values
	}
	wire.EncodePage(w, req, e.Status, b.String())
}
