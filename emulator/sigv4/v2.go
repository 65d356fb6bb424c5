package sigv4

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// readQueryV2 reads a URL that is presigned with Version 2: AWSAccessKeyId, Signature and Expires (Amazon S3 User Guide,
// "Signing and authenticating REST requests (AWS signature version 2)"). S3 is the service that still takes it.
func (c *claim) readQueryV2() error {
	if !c.s3 {
		return awserr.IncompleteSignature.Errorf("xemu verifies Signature Version 2 for S3 alone. Please use AWS4-HMAC-SHA256.")
	}
	c.service, c.region = "s3", "us-east-1"
	signed := c.params[:0:len(c.params)]
	for _, p := range c.params {
		var to *string
		switch p.name {
		case "AWSAccessKeyId":
			to = &c.accessKeyID
		case "Signature":
			to = &c.signature
		case "Expires":
			to = &c.timestamp
		case "x-amz-security-token":
			to = &c.token
			signed = append(signed, p)
		}
		if to == nil {
			signed = append(signed, p)
			continue
		}
		if *to != "" {
			return c.repeated(p.name)
		}
		*to = p.decoded()
	}
	c.params = signed
	if c.accessKeyID == "" || c.signature == "" || c.timestamp == "" {
		return awserr.AccessDenied.Errorf("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
	}
	seconds, err := strconv.ParseInt(c.timestamp, 10, 64)
	if err != nil {
		return awserr.AccessDenied.Errorf("Invalid date (should be seconds since epoch): %s", c.timestamp)
	}
	c.date = time.Unix(seconds, 0)
	return nil
}

// verifyV2 is Verify for a presigned URL of Version 2. c.date is when it ends, by the client's clock; when it was signed is
// not known, so a clock that was moved since does not end it.
func verifyV2(r *http.Request, c *claim, o Options) (*Signature, error) {
	if !o.Now.Before(o.signed(c.date)) {
		return nil, requestExpired(c.date, o.Now)
	}
	if token := r.Header.Get("X-Amz-Security-Token"); token != "" {
		if c.token != "" {
			return nil, c.repeated("X-Amz-Security-Token")
		}
		c.token = token
	}
	secret, err := o.Keys(r.Context(), c.accessKeyID, c.token)
	if err != nil {
		return nil, err
	}
	text := stringToSignV2(r, c, o.HostBucket)
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(text))
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if subtle.ConstantTimeCompare([]byte(c.signature), []byte(want)) != 1 {
		return nil, signatureMismatch(c, text, "")
	}
	if err := openUnchained(r); err != nil {
		return nil, err
	}
	return &Signature{
		SignatureVersion: Version2,
		AccessKeyID:      c.accessKeyID,
		SecurityToken:    c.token,
		Region:           c.region,
		Service:          c.service,
		Presigned:        true,
		PayloadHash:      r.Header.Get("X-Amz-Content-Sha256"),
	}, nil
}

// stringToSignV2 is what a signature of Version 2 is over. Headers may have moved to the query, and count as headers there.
func stringToSignV2(r *http.Request, c *claim, bucket string) string {
	headers := map[string][]string{}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = values
	}
	var resource []string
	for _, p := range c.params {
		name := strings.ToLower(p.name)
		switch {
		case strings.HasPrefix(name, "x-amz-") || name == "content-md5" || name == "content-type":
			if value := p.decoded(); !slices.Contains(headers[name], value) { // a client may send it in both places
				headers[name] = append(slices.Clip(headers[name]), value)
			}
		case subresources[p.name] && p.value == "":
			resource = append(resource, p.name)
		case subresources[p.name]:
			resource = append(resource, p.name+"="+p.decoded())
		}
	}

	var b []byte
	for _, line := range []string{
		r.Method, strings.Join(headers["content-md5"], ","), strings.Join(headers["content-type"], ","), c.timestamp,
	} {
		b = append(append(b, line...), '\n')
	}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if !strings.HasPrefix(name, "x-amz-") {
			continue
		}
		b = append(append(b, name...), ':')
		b = append(append(b, strings.TrimSpace(strings.Join(headers[name], ","))...), '\n')
	}
	b = append(b, resourcePath(c.path, bucket)...)
	if len(resource) > 0 {
		b = append(append(b, '?'), strings.Join(resource, "&")...)
	}
	return string(b)
}

// resourcePath is the path with the bucket in it. A bucket's own ends in a slash, sent or not.
func resourcePath(path, bucket string) string {
	if bucket != "" {
		path = "/" + bucket + path
	}
	if strings.Count(path, "/") == 1 && path != "/" {
		path += "/"
	}
	return path
}

// subresources are the parameters that Version 2 signs: all that choose an operation or a version, or change the response.
// What is left out could be added to somebody's URL by whoever holds it.
var subresources = set("accelerate acl analytics attributes cors defaultObjectAcl delete encryption intelligent-tiering inventory legal-hold " +
	"lifecycle location logging metadataConfiguration metadataInventoryTable metadataJournalTable metadataTable metrics " +
	"notification object-lock ownershipControls partNumber policy policyStatus publicAccessBlock renameObject replication " +
	"requestPayment response-cache-control response-content-disposition response-content-encoding response-content-language " +
	"response-content-type response-expires restore retention select select-type session storageClass tagging torrent " +
	"uploadId uploads versionId versioning versions website")

func set(words string) map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		all[word] = true
	}
	return all
}
