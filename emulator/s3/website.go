package s3

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var websites = newKind[types.WebsiteConfiguration]("website")

var websiteConfigurations = wire.Ops(
	wire.Op((*Service).GetBucketWebsite, toBucket("s3:GetBucketWebsite")),
	wire.Op((*Service).PutBucketWebsite, toBucket("s3:PutBucketWebsite")),
	wire.Op((*Service).DeleteBucketWebsite, toBucket("s3:DeleteBucketWebsite")),
)

// maxRoutingRules is how many rules a website may have ("Configuring advanced conditional redirects").
const maxRoutingRules = 50

// GetBucketWebsite returns the bucket's website configuration. Errors: NoSuchWebsiteConfiguration.
func (s *Service) GetBucketWebsite(ctx context.Context, _ *s3.GetBucketWebsiteInput) (*s3.GetBucketWebsiteOutput, error) {
	c := websites.of(subjectOf(ctx).bucket)
	if c == nil {
		return nil, noWebsite(subjectOf(ctx).bucket.Name)
	}
	return &s3.GetBucketWebsiteOutput{
		IndexDocument: c.IndexDocument, ErrorDocument: c.ErrorDocument,
		RedirectAllRequestsTo: c.RedirectAllRequestsTo, RoutingRules: c.RoutingRules,
	}, nil
}

// PutBucketWebsite replaces the bucket's website configuration. Errors: InvalidArgument, InvalidRequest, MalformedXML.
func (s *Service) PutBucketWebsite(ctx context.Context, in *s3.PutBucketWebsiteInput) (*s3.PutBucketWebsiteOutput, error) {
	if err := checkWebsite(in.WebsiteConfiguration); err != nil {
		return nil, err
	}
	return &s3.PutBucketWebsiteOutput{}, websites.put(ctx, s, subjectOf(ctx).bucket, "", in.WebsiteConfiguration)
}

// DeleteBucketWebsite removes the configuration, if there is one.
func (s *Service) DeleteBucketWebsite(ctx context.Context, _ *s3.DeleteBucketWebsiteInput) (*s3.DeleteBucketWebsiteOutput, error) {
	return &s3.DeleteBucketWebsiteOutput{}, websites.remove(ctx, s, subjectOf(ctx).bucket, "")
}

func noWebsite(bucket string) error {
	return awserr.NoSuchWebsiteConfiguration.Errorf("The specified bucket does not have a website configuration").With("BucketName", bucket)
}

func checkWebsite(c *types.WebsiteConfiguration) error {
	if all := c.RedirectAllRequestsTo; all != nil {
		switch {
		case c.IndexDocument != nil || c.ErrorDocument != nil || c.RoutingRules != nil:
			return awserr.InvalidRequest.Errorf("RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.")
		case aws.ToString(all.HostName) == "":
			return malformedXML()
		}
		return checkProtocol(all.Protocol)
	}
	if c.IndexDocument == nil {
		return invalidArgument("IndexDocument", "null", "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty")
	}
	if suffix := aws.ToString(c.IndexDocument.Suffix); suffix == "" || strings.Contains(suffix, "/") {
		return invalidArgument("IndexDocument", suffix, "The IndexDocument Suffix is not well formed")
	}
	if c.ErrorDocument != nil && aws.ToString(c.ErrorDocument.Key) == "" {
		return invalidArgument("ErrorDocument", "", "The ErrorDocument Key is not well formed")
	}
	if n := len(c.RoutingRules); n > maxRoutingRules {
		return awserr.InvalidRequest.Errorf("%d routing rules provided, the number of routing rules in a website configuration is limited to %d.", n, maxRoutingRules)
	}
	for _, rule := range c.RoutingRules {
		if err := checkRoutingRule(rule); err != nil {
			return err
		}
	}
	return nil
}

func checkProtocol(p types.Protocol) error {
	if p == "" || p == types.ProtocolHttp || p == types.ProtocolHttps {
		return nil
	}
	return awserr.InvalidRequest.Errorf("Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.")
}

func checkRoutingRule(rule types.RoutingRule) error {
	if c := rule.Condition; c != nil {
		code := c.HttpErrorCodeReturnedEquals
		if code == nil && c.KeyPrefixEquals == nil {
			return awserr.InvalidRequest.Errorf("Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.")
		}
		if n, err := strconv.Atoi(aws.ToString(code)); code != nil && (err != nil || n < 400 || n > 599) {
			return awserr.InvalidRequest.Errorf("The provided HTTP error code (%s) is not valid. Valid codes are 4XX or 5XX.", *code)
		}
	}
	r := rule.Redirect
	if r == nil || r.HostName == nil && r.HttpRedirectCode == nil && r.Protocol == "" && r.ReplaceKeyPrefixWith == nil && r.ReplaceKeyWith == nil {
		return malformedXML()
	}
	if r.ReplaceKeyPrefixWith != nil && r.ReplaceKeyWith != nil {
		return awserr.InvalidRequest.Errorf("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
	}
	if code := r.HttpRedirectCode; code != nil {
		if n, err := strconv.Atoi(*code); err != nil || n < 301 || n > 399 {
			return awserr.InvalidRequest.Errorf("The provided HTTP redirect code (%s) is not valid. Valid codes are 3XX except 300.", *code)
		}
	}
	return checkProtocol(r.Protocol)
}

// A Site is a bucket as its website endpoint serves it.
type Site struct {
	Bucket string
	config *types.WebsiteConfiguration
}

// SiteOf returns the website of a bucket, as reached by a host name that may tell a region. Errors: NoSuchBucket,
// IncorrectEndpoint, NoSuchWebsiteConfiguration.
func (s *Service) SiteOf(ctx context.Context, name, region string) (*Site, error) {
	b, err := s.bucketNamed(ctx, name)
	if err != nil {
		return nil, err
	}
	if b.point != nil { // an access point serves no website
		return nil, noSuchBucket(name)
	}
	if region != "" && region != b.Region {
		return nil, awserr.Kind{Code: "IncorrectEndpoint", Status: http.StatusBadRequest}.
			Errorf("The specified bucket exists in another region. Please direct requests to the specified endpoint.").
			With("Endpoint", b.Name+".s3-website."+b.Region+".amazonaws.com")
	}
	c := websites.of(b)
	if c == nil {
		return nil, noWebsite(name)
	}
	return &Site{name, c}, nil
}

// Key is the key of the object that a request for key is about: in a folder it is the index document's.
func (s *Site) Key(key string) string {
	if key == "" || strings.HasSuffix(key, "/") {
		return key + *s.config.IndexDocument.Suffix
	}
	return key
}

// ErrorKey is the key of the error document, "" without one.
func (s *Site) ErrorKey() string {
	if s.config.ErrorDocument == nil {
		return ""
	}
	return *s.config.ErrorDocument.Key
}

// Redirect says whether a request for key goes elsewhere: before anything is looked up (status is 0), or since the answer
// would have this status. It returns the location and the status of the redirection.
func (s *Site) Redirect(r *http.Request, key string, status int) (location string, code int, ok bool) {
	if all := s.config.RedirectAllRequestsTo; all != nil {
		return locationOf(r, string(all.Protocol), *all.HostName, key), http.StatusMovedPermanently, true
	}
	for _, rule := range s.config.RoutingRules {
		prefix, wanted := "", ""
		if c := rule.Condition; c != nil {
			prefix, wanted = aws.ToString(c.KeyPrefixEquals), aws.ToString(c.HttpErrorCodeReturnedEquals)
		}
		if !strings.HasPrefix(key, prefix) || wanted == "" != (status == 0) || wanted != "" && wanted != strconv.Itoa(status) {
			continue
		}
		to := key
		switch {
		case rule.Redirect.ReplaceKeyWith != nil:
			to = *rule.Redirect.ReplaceKeyWith
		case rule.Redirect.ReplaceKeyPrefixWith != nil:
			to = *rule.Redirect.ReplaceKeyPrefixWith + strings.TrimPrefix(key, prefix)
		}
		code = http.StatusMovedPermanently
		if rule.Redirect.HttpRedirectCode != nil {
			code, _ = strconv.Atoi(*rule.Redirect.HttpRedirectCode) // checked when it was put
		}
		return locationOf(r, string(rule.Redirect.Protocol), aws.ToString(rule.Redirect.HostName), to), code, true
	}
	return "", 0, false
}

// locationOf makes a URL; protocol and host are the request's own unless they are given.
func locationOf(r *http.Request, protocol, host, key string) string {
	if protocol == "" {
		protocol = "http"
		if r.TLS != nil {
			protocol = "https"
		}
	}
	if host == "" {
		host = r.Host
	}
	return protocol + "://" + host + "/" + strings.TrimPrefix((&url.URL{Path: "/" + key}).EscapedPath(), "/")
}
