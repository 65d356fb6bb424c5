package wire

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// s3Error returns the document of an error.
func s3Error(t *testing.T, c Codec, r *http.Request, err error) string {
	t.Helper()
	if err == nil {
		t.Fatalf("%s %s: no error", r.Method, r.URL)
	}
	w := httptest.NewRecorder()
	c.EncodeError(w, &Request{ID: "ID1", HTTP: r}, awserr.From(err))
	return w.Body.String()
}

func TestKeys(t *testing.T) {
	for uri, want := range map[string]string{
		"/b/k":                  "k",
		"/b/a//b":               "a//b",
		"/b//a":                 "/a",
		"/b/../c":               "../c",
		"/b/a/./b/":             "a/./b/",
		"/b/a%2Fb":              "a/b",
		"/b/a%252Fb":            "a%2Fb",
		"/b/a+b":                "a+b",
		"/b/a%20b%2Bc":          "a b+c",
		"/b/%C3%A9%F0%9F%98%80": "é😀",
		"/b/%FF":                "\xff",
		"/b/%3Fx%23y":           "?x#y",
		"/b/%00":                "\x00",
	} {
		var in s3.GetObjectInput
		if err := NewRESTXML(S3()).Decode(httptest.NewRequest("GET", uri, nil), "GetObject", &in); err != nil {
			t.Errorf("%s: %v", uri, err)
		} else if *in.Bucket != "b" || *in.Key != want {
			t.Errorf("%s: bucket %q, key %q, want %q", uri, *in.Bucket, *in.Key, want)
		}
	}
}

func TestDecodeHeaders(t *testing.T) {
	r := httptest.NewRequest("PUT", "/b/k", strings.NewReader("body"))
	for name, value := range map[string]string{
		"x-amz-meta-Colour": "blue", "x-amz-meta-": "nameless", "Content-Type": "text/plain", "x-amz-acl": "private",
		"x-amz-object-lock-retain-until-date": "2030-01-02T03:04:05.678Z", "x-amz-server-side-encryption-bucket-key-enabled": "TRUE",
		"Expires": "0", "If-None-Match": "*", "x-amz-security-token": "t", "X-Amz-Date": "20260203T040506Z",
	} {
		r.Header.Set(name, value)
	}
	r.Header.Add("x-amz-meta-colour", "green")
	var in s3.PutObjectInput
	if err := NewRESTXML(S3()).Decode(r, "PutObject", &in); err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"colour": "blue,green"}; !reflect.DeepEqual(in.Metadata, want) {
		t.Errorf("metadata %v, want %v", in.Metadata, want)
	}
	if *in.ContentLength != 4 || *in.ContentType != "text/plain" || in.ACL != types.ObjectCannedACLPrivate || !*in.BucketKeyEnabled || *in.IfNoneMatch != "*" {
		t.Errorf("got %+v", in)
	}
	if got := in.ObjectLockRetainUntilDate.Format("2006-01-02 15:04:05.000"); got != "2030-01-02 03:04:05.678" {
		t.Errorf("retain until %s", got)
	}
	if data, _ := io.ReadAll(in.Body); string(data) != "body" {
		t.Errorf("body %q", data)
	}
}

// TestDecodedLength: ContentLength is the object's, not that of the chunks around it.
func TestDecodedLength(t *testing.T) {
	r := httptest.NewRequest("PUT", "/b/k", strings.NewReader("4;chunk-signature=…\r\nbody\r\n0;…"))
	r.Header.Set("x-amz-decoded-content-length", "4")
	var in s3.PutObjectInput
	if err := NewRESTXML(S3()).Decode(r, "PutObject", &in); err != nil || *in.ContentLength != 4 {
		t.Errorf("%v, length %v", err, in.ContentLength)
	}
	r.Header.Set("x-amz-decoded-content-length", "-4")
	if err := NewRESTXML(S3()).Decode(r, "PutObject", &in); message(err) != "InvalidArgument: The value of the x-amz-decoded-content-length header is not valid." {
		t.Errorf("got %v", err)
	}
}

func TestDecodeBadParameters(t *testing.T) {
	tests := []struct {
		request, header string
		in              any
		want            string
	}{
		{"GET /b?max-keys=ten", "", new(s3.ListObjectsInput), "<Code>InvalidArgument</Code><Message>Provided max-keys not an integer or within integer range</Message><ArgumentName>max-keys</ArgumentName><ArgumentValue>ten</ArgumentValue>"},
		{"GET /b?max-keys=9999999999", "", new(s3.ListObjectsInput), "Provided max-keys not an integer or within integer range"},
		{"GET /b?encoding-type=base64", "", new(s3.ListObjectsInput), "<Message>Invalid Encoding Method specified in Request</Message><ArgumentName>encoding-type</ArgumentName><ArgumentValue>base64</ArgumentValue>"},
		{"GET /b/k?uploadId=u&part-number-marker=x", "", new(s3.ListPartsInput), "Provided part-number-marker not an integer or within integer range"},
		{"GET /b?prefix=%zz", "", new(s3.ListObjectsInput), "<Code>InvalidURI</Code>"},
		{"GET /b/k?partNumber=x", "", new(s3.GetObjectInput), "Part number must be an integer between 1 and 10000, inclusive"},
		{"PUT /b/k", "x-amz-storage-class: GOLD", new(s3.PutObjectInput), "<Code>InvalidStorageClass</Code>"},
		{"PUT /b/k", "x-amz-acl: everyone", new(s3.PutObjectInput), "<Code>InvalidArgument</Code>"},
		{"PUT /b/k", "x-amz-server-side-encryption: rot13", new(s3.PutObjectInput), "<Code>InvalidEncryptionAlgorithmError</Code>"},
		{"PUT /b/k", "x-amz-object-lock-retain-until-date: tomorrow", new(s3.PutObjectInput), "<Code>InvalidArgument</Code>"},
		{"PUT /b/k", "x-amz-metadata-directive: MERGE", new(s3.CopyObjectInput), "Unknown metadata directive."},
		{"GET /b/k?attributes", "", new(s3.GetObjectAttributesInput), "<Code>InvalidRequest</Code><Message>Missing required header for this request: x-amz-object-attributes</Message>"},
		{"GET /b/k?attributes", "x-amz-object-attributes: ETag,Colour", new(s3.GetObjectAttributesInput), "<Code>InvalidArgument</Code>"},
		{"DELETE /b?analytics", "", new(s3.DeleteBucketAnalyticsConfigurationInput), "<Code>InvalidArgument</Code>"},
	}
	c := NewRESTXML(S3())
	for _, test := range tests {
		method, uri, _ := strings.Cut(test.request, " ")
		r := httptest.NewRequest(method, uri, nil)
		if name, value, ok := strings.Cut(test.header, ": "); ok {
			r.Header.Set(name, value)
		}
		if got := s3Error(t, c, r, c.Decode(r, "", test.in)); !strings.Contains(got, test.want) {
			t.Errorf("%s %s: got %s, want %s", test.request, test.header, got, test.want)
		}
	}
	r := httptest.NewRequest("GET", "/b/k", nil)
	r.Header.Set("If-Modified-Since", "yesterday")
	var in s3.GetObjectInput
	if err := c.Decode(r, "", &in); err != nil || in.IfModifiedSince != nil {
		t.Errorf("a date that is not one: %v, %v", err, in.IfModifiedSince)
	}
}

func TestDecodeDocument(t *testing.T) {
	const ns = ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`
	good := []string{
		`<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>`,
		`<Tagging` + ns + `><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>`,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- tags -->\n<Tagging>\n <TagSet>\n  <Tag><Value>v</Value>\n<Key>k</Key></Tag></TagSet></Tagging>\n",
		"\uFEFF<Tagging><TagSet><Tag><Key><![CDATA[k]]></Key><Value>&#118;</Value></Tag></TagSet></Tagging>",
	}
	decode := func(body string) (*s3.PutBucketTaggingInput, error) {
		in := new(s3.PutBucketTaggingInput)
		return in, NewRESTXML(S3()).Decode(httptest.NewRequest("PUT", "/b?tagging", strings.NewReader(body)), "", in)
	}
	want := []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
	for _, body := range good {
		if in, err := decode(body); err != nil || !reflect.DeepEqual(in.Tagging.TagSet, want) {
			t.Errorf("%s: %v %v", body, err, in.Tagging)
		}
	}
	if in, err := decode(`<Tagging><TagSet/></Tagging>`); err != nil || in.Tagging.TagSet == nil || len(in.Tagging.TagSet) != 0 {
		t.Errorf("empty list: %v %v", err, in.Tagging)
	}
	bad := map[string]string{
		"another root":     `<Tags><TagSet/></Tags>`,
		"not XML":          `{"TagSet": []}`,
		"cut off":          `<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet>`,
		"crossed":          `<Tagging><TagSet></Tagging></TagSet>`,
		"unknown element":  `<Tagging><TagSet/><Colour/></Tagging>`,
		"unknown item":     `<Tagging><TagSet><Item/></TagSet></Tagging>`,
		"repeated element": `<Tagging><TagSet/><TagSet/></Tagging>`,
		"missing element":  `<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>`,
		"text":             `<Tagging>text<TagSet/></Tagging>`,
		"two roots":        `<Tagging><TagSet/></Tagging><Tagging><TagSet/></Tagging>`,
		"text after":       `<Tagging><TagSet/></Tagging>x`,
		"document type":    `<!DOCTYPE Tagging [<!ENTITY x "y">]><Tagging><TagSet/></Tagging>`,
		"entity":           `<Tagging><TagSet><Tag><Key>&x;</Key><Value>v</Value></Tag></TagSet></Tagging>`,
		"element for text": `<Tagging><TagSet><Tag><Key><b/></Key><Value>v</Value></Tag></TagSet></Tagging>`,
		"deep":             strings.Repeat("<Tagging>", 100_000),
	}
	for name, body := range bad {
		if _, err := decode(body); message(err) != "MalformedXML: The XML you provided was not well-formed or did not validate against our published schema" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, body := range []string{"", " \n"} {
		if _, err := decode(body); message(err) != "MissingRequestBodyError: Request Body is empty" {
			t.Errorf("%q: %v", body, err)
		}
	}
	if _, err := decode(strings.Repeat(" ", maxDocument+1)); message(err) != "MaxMessageLengthExceeded: Your request was too big." {
		t.Errorf("too long: %v", err)
	}
	versioning := `<VersioningConfiguration><Status>%s</Status></VersioningConfiguration>`
	for status, want := range map[string]string{"Enabled": "", "enabled": "MalformedXML", "": "MalformedXML"} {
		r := httptest.NewRequest("PUT", "/b?versioning", strings.NewReader(fmt.Sprintf(versioning, status)))
		err := NewRESTXML(S3()).Decode(r, "", new(s3.PutBucketVersioningInput))
		if got, _, _ := strings.Cut(message(err), ":"); got != want {
			t.Errorf("status %q: %v", status, err)
		}
	}
}

// TestOptionalDocument: a bucket is created with an empty body or none.
func TestOptionalDocument(t *testing.T) {
	var in s3.CreateBucketInput
	if err := NewRESTXML(S3()).Decode(httptest.NewRequest("PUT", "/b", nil), "", &in); err != nil || in.CreateBucketConfiguration != nil {
		t.Errorf("%v %v", err, in.CreateBucketConfiguration)
	}
	body := `<CreateBucketConfiguration><LocationConstraint>mars-north-1</LocationConstraint></CreateBucketConfiguration>`
	err := NewRESTXML(S3()).Decode(httptest.NewRequest("PUT", "/b", strings.NewReader(body)), "", &in)
	if err != nil || in.CreateBucketConfiguration.LocationConstraint != "mars-north-1" {
		t.Errorf("a place that S3 does not have is the service's error: %v %v", err, in.CreateBucketConfiguration)
	}
}

// TestLargestDocument: a multipart upload of 10,000 parts with checksums, and one part more.
func TestLargestDocument(t *testing.T) {
	var in s3.CompleteMultipartUploadInput
	decode := func(parts int) error {
		r := httptest.NewRequest("POST", "/b/k?uploadId=u", strings.NewReader(multipart(parts)))
		return NewRESTXML(S3()).Decode(r, "", &in)
	}
	if err := decode(10_000); err != nil || len(in.MultipartUpload.Parts) != 10_000 || *in.MultipartUpload.Parts[9999].PartNumber != 10_000 {
		t.Errorf("%v", err)
	}
	if got, _, _ := strings.Cut(message(decode(10_001)), ":"); got != "MalformedXML" {
		t.Errorf("a part too many: %s", got)
	}
}

func multipart(parts int) string {
	var b strings.Builder
	b.WriteString("<CompleteMultipartUpload>")
	for i := 1; i <= parts; i++ {
		fmt.Fprintf(&b, `<Part><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><ChecksumSHA256>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</ChecksumSHA256><PartNumber>%d</PartNumber></Part>`, i)
	}
	b.WriteString("</CompleteMultipartUpload>")
	return b.String()
}

func FuzzDecodeXML(f *testing.F) {
	f.Add(`<LifecycleConfiguration><Rule><ID>1</ID><Filter><And><Prefix>p</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Status>Enabled</Status></Rule></LifecycleConfiguration>`)
	f.Add(`<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>1</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>`)
	f.Add(`<AnalyticsConfiguration><Id>1</Id><Filter><Prefix>p</Prefix></Filter><StorageClassAnalysis/></AnalyticsConfiguration>`)
	c := NewRESTXML(S3())
	f.Fuzz(func(t *testing.T, body string) {
		for uri, in := range map[string]any{
			"/b?lifecycle": new(s3.PutBucketLifecycleConfigurationInput), "/b?acl": new(s3.PutBucketAclInput),
			"/b?analytics&id=1": new(s3.PutBucketAnalyticsConfigurationInput), "/b?replication": new(s3.PutBucketReplicationInput),
		} {
			r := httptest.NewRequest("PUT", uri, strings.NewReader(body))
			if err := c.Decode(r, "", in); err == nil {
				if _, err := EncodeJSON(in); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
