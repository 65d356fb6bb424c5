package s3

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// The access log is gathered in memory and delivered by a job: as on AWS it is a best effort, of which a kill loses some.

// logDelay is how old the oldest record of a bucket is when its log is delivered; maxLog how many records are gathered.
const (
	logDelay = time.Minute
	maxLog   = 20000
)

// accessRecords are those of a bucket that are not delivered yet.
type accessRecords struct {
	since time.Time
	lines []string
}

func init() {
	jobs = append(jobs, job{name: "access log", run: func(ctx context.Context, s *Service, now time.Time) error {
		return s.deliverLogs(ctx, now.Add(-logDelay))
	}})
}

// An Answer is what was answered to a request.
type Answer struct {
	Operation string // "GetObject"
	Status    int
	Code      string      // of the error, "" for none
	Header    http.Header // of the response
}

// Logs says whether the bucket of a request has an access log.
func (s *Service) Logs(r *wire.Request) bool {
	b := s.loggedBucket(r)
	return b != nil && loggingKind.of(b) != nil
}

// Accessed notes an answered request in the access log of its bucket.
func (s *Service) Accessed(r *wire.Request, a Answer) {
	b := s.loggedBucket(r)
	line := accessLine(r, b, a, s.now().Sub(r.Now))
	s.logs.Lock()
	defer s.logs.Unlock()
	records := s.logs.byBucket[b.Name]
	if records == nil {
		records = &accessRecords{since: r.Now}
		if s.logs.byBucket == nil {
			s.logs.byBucket = map[string]*accessRecords{}
		}
		s.logs.byBucket[b.Name] = records
	}
	if len(records.lines) < maxLog {
		records.lines = append(records.lines, line)
	}
}

// loggedBucket is the bucket that a request was for; what was refused early names it in its path only.
func (s *Service) loggedBucket(r *wire.Request) *bucket {
	if sub, ok := r.Memo.(*subject); ok && sub.bucket != nil {
		return sub.bucket
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(r.HTTP.URL.Path, "/"), "/")
	c, ok := s.cache.Load(name)
	if !ok {
		return nil
	}
	return c.(cached).bucket
}

// accessLine writes a record ("Amazon S3 server access log format").
func accessLine(r *wire.Request, b *bucket, a Answer, took time.Duration) string {
	h := r.HTTP
	dash := func(s string) string { return cmp.Or(s, "-") }
	quoted := func(s string) string {
		return `"` + strings.NewReplacer(`"`, "%22", "\n", "", "\r", "").Replace(dash(s)) + `"`
	}
	_, key, _ := strings.Cut(strings.TrimPrefix(h.URL.EscapedPath(), "/"), "/")
	address, _, err := net.SplitHostPort(h.RemoteAddr)
	if err != nil {
		address = h.RemoteAddr
	}
	sent := first1(a.Header["Content-Length"])
	if h.Method == http.MethodHead || sent == "0" {
		sent = ""
	}
	size := ""
	if sub, ok := r.Memo.(*subject); ok && sub.object != nil && !sub.object.DeleteMarker {
		size = strconv.FormatInt(sub.object.Size, 10)
	} else if n := h.ContentLength; h.Method == http.MethodPut && key != "" && n > 0 {
		size = strconv.FormatInt(n, 10)
	}
	signature, auth := "", ""
	switch r.Caller.SignatureVersion {
	case "AWS4-HMAC-SHA256":
		signature = "SigV4"
	case "AWS":
		signature = "SigV2"
	}
	switch r.Caller.AuthType {
	case "REST-HEADER":
		auth = "AuthHeader"
	case "REST-QUERY-STRING":
		auth = "QueryString"
	}
	point := ""
	if b.point != nil {
		point = b.point.arn
	}
	version := h.URL.Query().Get("versionId")
	fields := []string{
		ids.CanonicalID(b.Account), b.Name, r.Now.UTC().Format("[02/Jan/2006:15:04:05 -0700]"), address, requester(r.Caller), r.ID,
		logOperation(h, a.Operation, key), dash(key), quoted(h.Method + " " + cmp.Or(h.RequestURI, h.URL.RequestURI()) + " " + h.Proto),
		strconv.Itoa(a.Status), dash(a.Code), dash(sent), dash(size), strconv.FormatInt(took.Milliseconds(), 10), "-",
		//lint:ignore SA1008 the codec writes the header's name as S3 spells it
		quoted(h.Referer()), quoted(h.UserAgent()), dash(url.QueryEscape(version)), dash(first1(a.Header["x-amz-id-2"])),
		dash(signature), "-", dash(auth), dash(h.Host), "-", dash(point), "-",
	}
	return strings.Join(fields, " ") + "\n"
}

func first1(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// requester is who asked: a canonical id for root users, an ARN for others.
func requester(c wire.Caller) string {
	switch c.Type {
	case authz.Anonymous:
		return "-"
	case authz.Account:
		return ids.CanonicalID(c.Account)
	}
	return cmp.Or(c.ARN, "-")
}

// logOperation is an operation's name in the log.
func logOperation(r *http.Request, operation, key string) string {
	switch operation {
	case "CopyObject":
		return "REST.COPY.OBJECT"
	case "UploadPartCopy":
		return "REST.COPY.PART"
	case "UploadPart":
		return "REST.PUT.PART"
	case "CreateMultipartUpload":
		return "REST.POST.UPLOADS"
	case "CompleteMultipartUpload", "AbortMultipartUpload", "ListParts":
		return "REST." + r.Method + ".UPLOAD"
	case "DeleteObjects":
		return "REST.POST.MULTI_OBJECT_DELETE"
	case "ListObjectVersions":
		return "REST.GET.BUCKETVERSIONS"
	}
	resource := "BUCKET"
	if key != "" {
		resource = "OBJECT"
	}
	for name := range r.URL.Query() {
		if known, ok := logResources[name]; ok {
			resource = known
			if key != "" && name == "tagging" {
				resource = "OBJECT_TAGGING"
			}
		}
	}
	return "REST." + r.Method + "." + resource
}

// logResources are the names of subresources in the log.
var logResources = map[string]string{
	"acl": "ACL", "accelerate": "ACCELERATE", "analytics": "ANALYTICS", "cors": "CORS", "encryption": "ENCRYPTION",
	"inventory": "INVENTORY", "lifecycle": "LIFECYCLE", "location": "LOCATION", "logging": "LOGGING_STATUS", "metrics": "METRICS",
	"notification": "NOTIFICATION", "object-lock": "OBJECT_LOCK_CONFIGURATION", "ownershipControls": "OWNERSHIP_CONTROLS",
	"policy": "BUCKETPOLICY", "policyStatus": "POLICY_STATUS", "publicAccessBlock": "PUBLIC_ACCESS_BLOCK",
	"replication": "REPLICATION", "requestPayment": "REQUEST_PAYMENT", "tagging": "TAGGING", "uploads": "UPLOADS",
	"versioning": "VERSIONING", "website": "WEBSITE", "legal-hold": "LEGAL_HOLD", "retention": "RETENTION", "restore": "RESTORE",
}

// deliverLogs delivers the logs whose oldest record is no newer than until.
func (s *Service) deliverLogs(ctx context.Context, until time.Time) error {
	var errs []error
	for name, records := range s.takeLogs(until) {
		source, err := s.bucketNamed(ctx, name)
		if err != nil {
			if !errors.Is(err, awserr.NoSuchBucket) {
				errs = append(errs, err)
			}
			continue
		}
		if l := loggingKind.of(source); l != nil {
			errs = append(errs, s.deliverLog(ctx, source, l, records))
		}
	}
	return errors.Join(errs...)
}

func (s *Service) takeLogs(until time.Time) map[string]*accessRecords {
	s.logs.Lock()
	defer s.logs.Unlock()
	due := map[string]*accessRecords{}
	for name, records := range s.logs.byBucket {
		if !records.since.After(until) {
			due[name] = records
			delete(s.logs.byBucket, name)
		}
	}
	return due
}

// deliverLog writes one log object. Where the target is gone or does not let it in, the log is lost.
func (s *Service) deliverLog(ctx context.Context, source *bucket, l *Logging, records *accessRecords) error {
	target, err := s.bucketNamed(ctx, *l.Enabled.TargetBucket)
	if err != nil {
		if errors.Is(err, awserr.NoSuchBucket) {
			err = nil
		}
		return err
	}
	in := &s3.PutObjectInput{Key: aws.String(logKey(source, l.Enabled, records.since, s.now().UTC())), ContentType: aws.String("text/plain")}
	if !target.ACLsDisabled() {
		l.grantTo(in, target.Account)
	}
	_, err = s.deliver(ctx, logService, source, target, in, []byte(strings.Join(records.lines, "")))
	return err
}

// logKey names a log object ("Log object key format").
func logKey(source *bucket, l *types.LoggingEnabled, events, now time.Time) string {
	unique := strings.ToUpper(fmt.Sprintf("%x", rand.Text()))[:16]
	name := now.Format("2006-01-02-15-04-05-") + unique
	if f := l.TargetObjectKeyFormat; f != nil && f.PartitionedPrefix != nil {
		if f.PartitionedPrefix.PartitionDateSource == types.PartitionDateSourceEventTime {
			// Those of one day have the time of the day's begin.
			now = events.UTC().Truncate(24 * time.Hour)
			name = now.Format("2006-01-02-15-04-05-") + unique
		}
		name = strings.Join([]string{source.Account, source.Region, source.Name, now.Format("2006/01/02"), name}, "/")
	}
	return aws.ToString(l.TargetPrefix) + name
}
