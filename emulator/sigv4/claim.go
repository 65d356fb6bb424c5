package sigv4

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	timeFormat = "20060102T150405Z"
	dayFormat  = "20060102"
	terminator = "aws4_request"
	ecdsa      = "AWS4-ECDSA-P256-SHA256"

	maxSkew    = 15 * time.Minute
	maxExpires = 7 * 24 * time.Hour
)

// claim is what a request says of its own signature. Nothing of it is verified yet.
type claim struct {
	version   string // Version4 or Version2
	presigned bool
	s3        bool // it is signed S3's way and its errors are in S3's words

	accessKeyID string
	scope       string // "20150830/us-east-1/iam/aws4_request", and its parts:
	day         string
	region      string
	service     string
	end         string

	signedHeaders string
	signature     string
	token         string
	timestamp     string // the date as sent
	date          time.Time
	expires       time.Duration // of a presigned request

	path   string  // as sent
	params []param // the query in canonical form and order, without X-Amz-Signature
}

// readClaim finds the signature of r. It returns nil and no error if there is none, and next to an error the claim as far
// as it could be read.
func readClaim(r *http.Request) (*claim, error) {
	path, query := sentTarget(r)
	auth := r.Header["Authorization"]
	inHeader := len(auth) > 0 && !(len(auth) == 1 && auth[0] == "") // an empty header is none
	var params []param
	if query != "" {
		params = canonicalParams(query)
	}
	version := presignedVersion(params)
	if !inHeader && version == "" {
		return nil, nil
	}
	c := &claim{version: Version4, s3: !speaksQuery(r), path: path, params: params}
	if inHeader && version != "" || len(auth) > 1 {
		c.readCredential(field(auth[0], "Credential"))
		return c, c.severalMechanisms(strings.Join(auth, ","))
	}
	switch {
	case inHeader:
		return c, c.readHeader(r, auth[0])
	case version == Version2:
		c.version, c.presigned = version, true
		return c, c.readQueryV2()
	default:
		c.presigned = true
		return c, c.readQuery()
	}
}

// presignedVersion says which version of signature the query holds, "" for none.
func presignedVersion(params []param) string {
	version := ""
	for _, p := range params {
		switch p.name {
		case "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature":
			return Version4
		case "AWSAccessKeyId", "Signature":
			version = Version2
		}
	}
	return version
}

// speaksQuery tells a request for IAM, STS or another query service from one for S3, as far as that can be told without a
// credential scope.
func speaksQuery(r *http.Request) bool {
	if r.Header.Get("X-Amz-Target") != "" {
		return true
	}
	if r.Method == http.MethodPost {
		form, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		return form == "application/x-www-form-urlencoded"
	}
	return strings.HasPrefix(r.URL.RawQuery, "Action=") || strings.Contains(r.URL.RawQuery, "&Action=")
}

// field returns the value of name in an Authorization header, "" without it.
func field(auth, name string) string {
	_, rest, _ := strings.Cut(auth, name+"=")
	value, _, _ := strings.Cut(rest, ",")
	return strings.TrimSpace(value)
}

// readHeader reads an Authorization header: "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…".
func (c *claim) readHeader(r *http.Request, auth string) error {
	algorithm, list, _ := strings.Cut(auth, " ")
	if algorithm != Version4 {
		c.readCredential(field(list, "Credential"))
		return c.unsupportedScheme(algorithm, auth)
	}
	var credential string
	for list != "" {
		var part string
		part, list, _ = strings.Cut(list, ",")
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			return c.malformedComponent(part, auth)
		}
		var to *string
		switch name {
		case "Credential":
			to = &credential
		case "SignedHeaders":
			to = &c.signedHeaders
		case "Signature":
			to = &c.signature
		}
		if to == nil || *to != "" {
			return c.malformedComponent(part, auth)
		}
		*to = value
	}
	problem := c.readCredential(credential)
	c.signedHeaders = canonicalNames(c.signedHeaders)
	c.timestamp = requestDate(r.Header)
	if credential == "" || c.signedHeaders == "" || c.signature == "" || c.timestamp == "" {
		return c.missingComponents(credential, auth)
	}
	if problem != nil {
		return problem
	}
	c.token = r.Header.Get("X-Amz-Security-Token")
	for _, name := range [...]string{"X-Amz-Security-Token", "X-Amz-Date", "X-Amz-Content-Sha256"} {
		if values := r.Header[name]; len(values) > 1 {
			return c.repeated(name, values...)
		}
	}
	return c.readDate()
}

// requestDate is what the client says the time is: X-Amz-Date, or else Date.
func requestDate(h http.Header) string {
	if date := h.Get("X-Amz-Date"); date != "" {
		return date
	}
	return h.Get("Date")
}

// readQuery reads the X-Amz-* parameters of a presigned URL and takes X-Amz-Signature out of the parameters that are
// signed.
func (c *claim) readQuery() error {
	values := struct{ algorithm, credential, expires string }{}
	signed := c.params[:0:len(c.params)]
	for _, p := range c.params {
		var to *string
		switch p.name {
		case "X-Amz-Algorithm":
			to = &values.algorithm
		case "X-Amz-Credential":
			to = &values.credential
		case "X-Amz-Date":
			to = &c.timestamp
		case "X-Amz-Expires":
			to = &values.expires
		case "X-Amz-SignedHeaders":
			to = &c.signedHeaders
		case "X-Amz-Signature":
			to = &c.signature
		case "X-Amz-Security-Token":
			to = &c.token
		}
		if to != nil {
			if *to != "" {
				return c.repeated(p.name)
			}
			*to = p.decoded()
		}
		if p.name != "X-Amz-Signature" {
			signed = append(signed, p)
		}
	}
	c.params = signed
	c.signedHeaders = canonicalNames(c.signedHeaders)
	problem := c.readCredential(values.credential)
	if missing := c.missingParameters(values.algorithm, values.credential, values.expires); missing != nil {
		return missing
	}
	if values.algorithm != Version4 {
		return c.unsupportedAlgorithm(values.algorithm)
	}
	if problem != nil {
		return problem
	}
	if err := c.readDate(); err != nil {
		return err
	}
	return c.readExpires(values.expires)
}

// readCredential reads "AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request".
func (c *claim) readCredential(credential string) error {
	parts := strings.SplitN(credential, "/", 6)
	if len(parts) == 5 {
		c.service = parts[3]
		c.s3 = isS3(c.service)
	}
	if len(parts) != 5 || parts[0] == "" || parts[2] == "" || parts[3] == "" {
		return c.malformedCredential(credential)
	}
	c.accessKeyID, c.day, c.region, c.end = parts[0], parts[1], parts[2], parts[4]
	c.scope = credential[len(c.accessKeyID)+1:]
	if c.end != terminator {
		return c.wrongTerminator()
	}
	if _, err := time.Parse(dayFormat, c.day); err != nil {
		return c.malformedDay()
	}
	return nil
}

// isS3 reports whether a service of this signing name signs as S3 does (S3 API Reference, "Authenticating Requests").
func isS3(service string) bool {
	switch service {
	case "s3", "s3express", "s3-object-lambda", "s3-outposts":
		return true
	}
	return false
}

// readDate parses the timestamp and compares it with the day of the scope, but for a header of S3's, where the clock and
// the key count first.
func (c *claim) readDate() error {
	date, err := time.Parse(timeFormat, c.timestamp)
	if err != nil && !c.presigned {
		date, err = http.ParseTime(c.timestamp)
	}
	if err != nil || c.inS3Header() && date.Before(time.Unix(0, 0)) {
		return c.malformedDate()
	}
	c.date = date.UTC()
	if c.inS3Header() {
		return nil
	}
	return c.checkDay()
}

func (c *claim) inS3Header() bool { return c.s3 && !c.presigned }

// checkDay compares the date with the day of the scope.
func (c *claim) checkDay() error {
	if day := [8]byte{}; string(c.date.AppendFormat(day[:0], dayFormat)) != c.day {
		return c.wrongDay()
	}
	return nil
}

// readExpires parses X-Amz-Expires. A query service's URL may be without: it is good for as long as a header would be.
func (c *claim) readExpires(value string) error {
	if value == "" {
		c.expires = maxSkew
		return nil
	}
	digits := strings.TrimPrefix(value, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return c.badExpires("X-Amz-Expires should be a number")
	}
	if digits != value {
		return c.badExpires("X-Amz-Expires must be non-negative")
	}
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil || seconds > int64(maxExpires/time.Second) {
		return c.badExpires("X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
	}
	c.expires = time.Duration(seconds) * time.Second
	return nil
}

// check judges everything that needs no secret: the time, the region, and which headers are signed.
func (c *claim) check(r *http.Request, o Options) error {
	if err := c.checkTime(o); err != nil {
		return err
	}
	if o.Region != "" && c.region != o.Region {
		return c.wrongRegion(o.Region)
	}
	return c.checkSignedHeaders(r.Header)
}

func (c *claim) checkTime(o Options) error {
	now, date := o.Now, o.signed(c.date)
	if c.presigned {
		switch {
		case date.After(now.Add(maxSkew)):
			return c.notYetValid(now)
		case !now.Before(date.Add(c.expires)):
			return c.expired(now)
		}
		return nil
	}
	if date.After(now.Add(maxSkew)) || date.Before(now.Add(-maxSkew)) {
		return c.skewed(now)
	}
	return nil
}

// checkSignedHeaders refuses a signature that leaves out the host or a header that the service acts on: with S3 every
// x-amz-* header (S3 API Reference, "Signature Calculations for the Authorization Header"), elsewhere the security token.
func (c *claim) checkSignedHeaders(h http.Header) error {
	if !c.signs("host") {
		return c.unsignedHeaders("host")
	}
	var missing []string
	for name := range h {
		if len(name) > 6 && strings.EqualFold(name[:6], "x-amz-") && !c.signs(name) {
			if c.s3 || strings.EqualFold(name, "x-amz-security-token") {
				missing = append(missing, strings.ToLower(name))
			}
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return c.unsignedHeaders(missing...)
	}
	return nil
}

// signs reports whether a header is among the signed ones.
func (c *claim) signs(name string) bool {
	for rest := c.signedHeaders; rest != ""; {
		var signed string
		signed, rest, _ = strings.Cut(rest, ";")
		if strings.EqualFold(signed, name) {
			return true
		}
	}
	return false
}

// param returns the value of a query parameter in canonical form, "" without it.
func (c *claim) param(name string) string {
	for _, p := range c.params {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// age is how old the signature is.
func (c *claim) age(o Options) time.Duration { return max(0, o.Now.Sub(o.signed(c.date))) }

func (o Options) signed(date time.Time) time.Time {
	if o.Signed == nil {
		return date
	}
	return o.Signed(date)
}

// decoded is the parameter's value as the client meant it.
func (p param) decoded() string {
	if !strings.Contains(p.value, "%") {
		return p.value
	}
	value, err := url.PathUnescape(p.value)
	if err != nil { // cannot be: p.value is our own encoding
		return p.value
	}
	return value
}
