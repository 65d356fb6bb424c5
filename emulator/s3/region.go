package s3

import (
	"context"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// reached refuses a request that has come to another region's endpoint than the bucket's ("Making requests using the REST
// API", "Request redirection"; "Virtual hosting", "Requests to Regional endpoints"). A host name may tell the region; without
// it, a path-style request is one to the endpoint of the region that it is signed for, and DNS has brought one with the
// bucket's own host name to the bucket's region. Errors: PermanentRedirect, AuthorizationHeaderMalformed,
// AuthorizationQueryParametersError, InvalidRequest (transfer acceleration is off).
func (b *bucket) reached(r *wire.Request, in any) error {
	if r.Endpoint.Accelerate {
		return b.accelerated()
	}
	signed := r.Caller.SignatureVersion == sigv4.Version4 // a signature of Version 2 names no region
	at := r.Endpoint.Region
	if at == "" && signed && r.Region == b.Region {
		return nil // nearly every request
	}
	if !r.Endpoint.Virtual {
		if err := inRegion(r); err != nil {
			return err
		}
	}
	switch {
	case at == "" && r.Endpoint.Virtual:
		at = b.Region
	case at == "" && signed:
		at = r.Region
	case at == "":
		return nil
	}
	if _, ok := in.(*s3.GetBucketLocationInput); ok && at == usEast1 {
		return nil // which tells where every bucket is
	}
	if at != b.Region {
		return b.redirect(r)
	}
	if signed && r.Region != at {
		return wrongRegion(r, b.Region)
	}
	return nil
}

// RegionOf returns the region in which requests to a bucket have to be signed. Errors: NoSuchBucket.
func (s *Service) RegionOf(ctx context.Context, bucket string) (string, error) {
	b, err := s.bucketNamed(ctx, bucket)
	if err != nil {
		return "", err
	}
	return b.Region, nil
}

// redirect sends to the endpoint of the bucket's region, which is on this machine too.
func (b *bucket) redirect(r *wire.Request) error {
	endpoint := r.HTTP.Host
	if from := r.Endpoint.Region; from != "" {
		endpoint = regexp.MustCompile(`(?i)`+regexp.QuoteMeta(from)).ReplaceAllString(endpoint, b.Region)
	}
	return awserr.PermanentRedirect.Errorf("The bucket you are attempting to access must be addressed using the specified endpoint. "+
		"Please send all future requests to this endpoint.").
		With("Endpoint", endpoint).With("Bucket", b.Name).
		WithHeader("x-amz-bucket-region", b.Region)
}

// regionForm is what regions are called.
var regionForm = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

// inRegion refuses a request that is signed for a region which there is not, such as s3cmd's "US": where no other endpoint is
// named, it has come to us-east-1's.
func inRegion(r *wire.Request) error {
	if r.Caller.SignatureVersion != sigv4.Version4 || regionForm.MatchString(r.Region) {
		return nil
	}
	if r.Endpoint.Region != "" {
		return wrongRegion(r, r.Endpoint.Region)
	}
	return wrongRegion(r, usEast1)
}

func wrongRegion(r *wire.Request, want string) error {
	detail := "the region '" + r.Region + "' is wrong; expecting '" + want + "'"
	e := awserr.AuthorizationHeaderMalformed.Errorf("The authorization header is malformed; %s", detail)
	if r.Caller.AuthType != "REST-HEADER" {
		e = awserr.AuthorizationQueryParametersError.Errorf("Error parsing the X-Amz-Credential parameter; %s", detail)
	}
	return e.With("Region", want).WithHeader("x-amz-bucket-region", want)
}

// accelerated says whether the bucket may be reached by its accelerate host name.
func (b *bucket) accelerated() error {
	const prefix = "S3 Transfer Acceleration is "
	switch c := acceleration.of(b); {
	case strings.Contains(b.Name, "."), c == nil:
		return awserr.InvalidRequest.Errorf(prefix + "not configured on this bucket")
	case c.Status != "Enabled":
		return awserr.InvalidRequest.Errorf(prefix + "disabled on this bucket")
	}
	return nil
}
