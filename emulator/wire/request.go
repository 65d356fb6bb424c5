package wire

import (
	"context"
	"net/http"
	"time"

	"github.com/xemu-aws/xemu/authz"
)

// Request is what the pipeline knows of the call under way. Operations get it from their context with [RequestFrom].
type Request struct {
	ID      string    // the request id that the response carries
	Now     time.Time // the emulator's clock, read once when the request began
	HTTP    *http.Request
	Service string // "iam", "sts", "s3", or the signing name of a service that xemu does not emulate
	Region  string // from the credential scope; us-east-1 without one
	Caller  Caller
	VPC     string // that the request comes from, "" for none

	// Endpoint is what the host name says of a request for S3.
	Endpoint Endpoint

	// Authorize decides a further need of the same request; the error is the denial to answer with. It is for operations
	// that decide part by part, such as DeleteObjects with its keys.
	Authorize func(context.Context, Need) error

	// Header holds further headers for a successful response, and Status its status if it is not the operation's usual one.
	Header http.Header
	Status int

	// Memo is the service's own: what its rule looked up for its operation.
	Memo any
}

// Endpoint is an endpoint of S3 by its name.
type Endpoint struct {
	Region     string // "" when the name tells none
	Virtual    bool   // the name is a bucket's own
	Accelerate bool   // it is one of transfer acceleration
}

// Caller is the authenticated principal with what its credentials bring along.
type Caller struct {
	authz.Principal
	AccessKeyID string
	Session     *Session // nil for long-term keys and for anonymous callers
	// AuthType says how the request was signed: "REST-HEADER", "REST-QUERY-STRING", "POST", or "" for anonymous
	// (s3:authType); SignatureVersion is "AWS4-HMAC-SHA256" or "AWS" (s3:signatureversion); SignatureAge is the age of a
	// presigned signature (s3:signatureAge).
	AuthType         string
	SignatureVersion string
	SignatureAge     time.Duration
	// Related says whether an account is in one organization with the caller's; nil: none is.
	Related func(account string) bool
}

// Session is what a security token carries.
type Session struct {
	Issued, Expires time.Time
	// Policies are the session policies' texts: the inline one (Name "") and managed ones by ARN.
	Policy     string
	PolicyARNs []string
	// Tags are the session tags; those in TransitiveTagKeys are handed on when the session assumes another role.
	Tags              map[string]string
	TransitiveTagKeys []string
	SourceIdentity    string
	// MFAAuthenticated says whether the session was made with MFA (aws:MultiFactorAuthPresent). MFATime is when.
	MFAAuthenticated bool
	MFATime          time.Time
	// TaskPolicy is the ARN of the AWS managed policy that a session of AssumeRoot is scoped to.
	TaskPolicy string `json:",omitempty"`
	// Federation is what an identity provider said of whom the session was made for; nil: none was asked.
	Federation *Federation `json:",omitempty"`
	// Keys are further condition keys, in lower case, of a session that a service made: ec2:SourceInstanceARN.
	Keys map[string]string `json:",omitempty"`
	// Delegated says that the session was traded in for the token of a delegation request.
	Delegated bool `json:",omitempty"`
	// Chained says that a role session asked for this session.
	Chained bool
	// Console says that the session was made by signing in to the console: its user may call IAM, unlike with the
	// credentials of GetSessionToken.
	Console bool
}

// Federation is what a session keeps of the identity provider that vouched for who asked for it.
type Federation struct {
	// Provider is aws:FederatedProvider: the ARN of an OpenID Connect provider in IAM, or the host name of one that AWS
	// knows by itself; "" for SAML.
	Provider string
	Keys     map[string][]string // the provider's own condition keys, in lower case
}

type requestKey struct{}

// WithRequest returns a context that carries r.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// RequestFrom returns the request of ctx. It panics without one: every operation is called with one.
func RequestFrom(ctx context.Context) *Request { return ctx.Value(requestKey{}).(*Request) }
