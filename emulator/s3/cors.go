package s3

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var crossOrigin = newKind[types.CORSConfiguration]("cors")

var corsConfigurations = wire.Ops(
	wire.Op((*Service).GetBucketCors, toBucket("s3:GetBucketCORS")),
	wire.Op((*Service).PutBucketCors, toBucket("s3:PutBucketCORS")),
	wire.Op((*Service).DeleteBucketCors, toBucket("s3:PutBucketCORS")),
)

// maxCORSRules is how many rules a bucket may have ("Elements of a CORS configuration", Amazon S3 User Guide).
const maxCORSRules = 100

// corsMethods are the methods that a rule may allow.
var corsMethods = []string{"GET", "PUT", "POST", "DELETE", "HEAD"}

// GetBucketCors returns the bucket's CORS configuration. Errors: NoSuchCORSConfiguration.
func (s *Service) GetBucketCors(ctx context.Context, _ *s3.GetBucketCorsInput) (*s3.GetBucketCorsOutput, error) {
	c := crossOrigin.of(subjectOf(ctx).bucket)
	if c == nil {
		return nil, none(ctx, awserr.NoSuchCORSConfiguration, "The CORS configuration does not exist")
	}
	return &s3.GetBucketCorsOutput{CORSRules: c.CORSRules}, nil
}

// PutBucketCors replaces the bucket's CORS configuration. Errors: InvalidRequest, MalformedXML.
func (s *Service) PutBucketCors(ctx context.Context, in *s3.PutBucketCorsInput) (*s3.PutBucketCorsOutput, error) {
	c := in.CORSConfiguration
	switch n := len(c.CORSRules); {
	case n == 0:
		return nil, malformedXML()
	case n > maxCORSRules:
		return nil, awserr.InvalidRequest.Errorf("The number of CORS rules should not exceed allowed limit of %d rules.", maxCORSRules)
	}
	for _, rule := range c.CORSRules {
		if err := checkCORSRule(rule); err != nil {
			return nil, err
		}
	}
	return &s3.PutBucketCorsOutput{}, crossOrigin.put(ctx, s, subjectOf(ctx).bucket, "", c)
}

// DeleteBucketCors removes the configuration, if there is one.
func (s *Service) DeleteBucketCors(ctx context.Context, _ *s3.DeleteBucketCorsInput) (*s3.DeleteBucketCorsOutput, error) {
	return &s3.DeleteBucketCorsOutput{}, crossOrigin.remove(ctx, s, subjectOf(ctx).bucket, "")
}

func checkCORSRule(rule types.CORSRule) error {
	if len(rule.AllowedMethods) == 0 || len(rule.AllowedOrigins) == 0 || len(aws.ToString(rule.ID)) > 255 || aws.ToInt32(rule.MaxAgeSeconds) < 0 {
		return malformedXML()
	}
	for _, method := range rule.AllowedMethods {
		if !slices.Contains(corsMethods, method) {
			return awserr.InvalidRequest.Errorf("Found unsupported HTTP method in CORS config. Unsupported method is %s", method)
		}
	}
	for element, values := range map[string][]string{"AllowedOrigin": rule.AllowedOrigins, "AllowedHeader": rule.AllowedHeaders} {
		for _, value := range values {
			if strings.Count(value, "*") > 1 {
				return awserr.InvalidRequest.Errorf("%s \"%s\" can not have more than one wildcard.", element, value)
			}
		}
	}
	for _, header := range rule.ExposeHeaders {
		if strings.Contains(header, "*") {
			return awserr.InvalidRequest.Errorf("ExposeHeader \"%s\" contains wildcard. We currently do not support wildcard for ExposeHeader.", header)
		}
	}
	return nil
}

// CrossOrigin returns the headers that a response to r has, a request which a browser sent from another origin; none when
// the bucket's rules do not allow it ("Using cross-origin resource sharing (CORS)").
func (s *Service) CrossOrigin(ctx context.Context, r *http.Request) (http.Header, error) {
	b, err := s.bucketAt(ctx, r)
	if err != nil || b == nil {
		return nil, err
	}
	origin := r.Header.Get("Origin")
	rule, ok := corsRule(b, origin, r.Method, nil)
	if !ok {
		return nil, nil
	}
	return corsHeaders(rule, origin, nil), nil
}

// Preflight answers the question of a browser whether it may send a request (OPTIONS). Errors: BadRequest, AccessForbidden.
func (s *Service) Preflight(ctx context.Context, r *http.Request) (http.Header, error) {
	origin, method := r.Header.Get("Origin"), r.Header.Get("Access-Control-Request-Method")
	switch {
	case origin == "":
		return nil, awserr.BadRequest.Errorf("Insufficient information. Origin request header needed.")
	case method == "":
		return nil, awserr.BadRequest.Errorf("Invalid Access-Control-Request-Method: null")
	case !slices.Contains(corsMethods, method):
		return nil, awserr.BadRequest.Errorf("Invalid Access-Control-Request-Method: %s", method)
	}
	_, key, _ := wire.SplitPath(r.URL)
	forbidden := func(message string) error {
		on := "BUCKET"
		if key != "" {
			on = "OBJECT"
		}
		return awserr.Kind{Code: "AccessForbidden", Status: http.StatusForbidden}.Errorf("CORSResponse: %s", message).
			With("Method", method).With("ResourceType", on)
	}
	b, err := s.bucketAt(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case b == nil:
		return nil, forbidden("Bucket not found")
	case crossOrigin.of(b) == nil:
		return nil, forbidden("CORS is not enabled for this bucket.")
	}
	var headers []string
	for name := range strings.SplitSeq(strings.Join(r.Header.Values("Access-Control-Request-Headers"), ","), ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			headers = append(headers, name)
		}
	}
	rule, ok := corsRule(b, origin, method, headers)
	if !ok {
		// The spelling is S3's.
		return nil, forbidden("This CORS request is not allowed. This is usually because the evalution of Origin, request method / " +
			"Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.")
	}
	return corsHeaders(rule, origin, headers), nil
}

// bucketAt returns the bucket that r's path names, nil when there is none.
func (s *Service) bucketAt(ctx context.Context, r *http.Request) (*bucket, error) {
	name, _, err := wire.SplitPath(r.URL)
	if err != nil || name == "" {
		return nil, nil // what is wrong with it, the request's own answer says
	}
	b, err := s.bucketNamed(ctx, name)
	if errors.Is(err, awserr.NoSuchBucket) || errors.Is(err, awserr.InvalidBucketName) {
		return nil, nil
	}
	return b, err
}

// corsRule returns the first rule that allows the method, and the headers, to the origin.
func corsRule(b *bucket, origin, method string, headers []string) (types.CORSRule, bool) {
	c := crossOrigin.of(b)
	if c == nil {
		return types.CORSRule{}, false
	}
	for _, rule := range c.CORSRules {
		allowed := slices.Contains(rule.AllowedMethods, method) && anyWildcard(rule.AllowedOrigins, origin)
		for _, header := range headers {
			allowed = allowed && slices.ContainsFunc(rule.AllowedHeaders, func(pattern string) bool {
				return anyWildcard([]string{strings.ToLower(pattern)}, header) // the names of headers have no case
			})
		}
		if allowed {
			return rule, true
		}
	}
	return types.CORSRule{}, false
}

// anyWildcard says whether one of the patterns, with a "*" at most, matches.
func anyWildcard(patterns []string, value string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		before, after, wild := strings.Cut(pattern, "*")
		if !wild {
			return value == pattern
		}
		return len(value) >= len(before)+len(after) && strings.HasPrefix(value, before) && strings.HasSuffix(value, after)
	})
}

func corsHeaders(rule types.CORSRule, origin string, headers []string) http.Header {
	h := http.Header{
		"Access-Control-Allow-Origin":  {origin},
		"Access-Control-Allow-Methods": {strings.Join(rule.AllowedMethods, ", ")},
		"Vary":                         {"Origin, Access-Control-Request-Headers, Access-Control-Request-Method"},
	}
	if slices.Contains(rule.AllowedOrigins, "*") {
		h.Set("Access-Control-Allow-Origin", "*")
	} else {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if len(headers) > 0 {
		h.Set("Access-Control-Allow-Headers", strings.Join(headers, ", "))
	}
	if len(rule.ExposeHeaders) > 0 {
		h.Set("Access-Control-Expose-Headers", strings.Join(rule.ExposeHeaders, ", "))
	}
	if rule.MaxAgeSeconds != nil {
		h.Set("Access-Control-Max-Age", strconv.Itoa(int(*rule.MaxAgeSeconds)))
	}
	return h
}
