package emulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/accessanalyzer"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/iam/managed"
	"github.com/xemu-aws/xemu/emulator/organizations"
	"github.com/xemu-aws/xemu/emulator/other"
	"github.com/xemu-aws/xemu/emulator/s3"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/emulator/sts"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// services are the state's readers and writers. A reset replaces them as a whole, with all that they have cached.
type services struct {
	iam           *iam.Service
	sts           *sts.Service
	s3            *s3.Service
	organizations *organizations.Service

	byName map[string]*service
}

// service is an AWS service as the pipeline sees it.
type service struct {
	name       string // the signing name
	model      *wire.Model
	codec      wire.Codec
	operations map[string]wire.Operation // nil: a service that xemu does not emulate
}

// build makes the services over the store and provisions the world.
func (s *Server) build(ctx context.Context) error {
	policies, err := managed.Load(s.config.Managed)
	if err != nil {
		return err
	}
	v := &services{}
	v.iam = iam.New(s.store, iam.Options{Managed: policies, Levels: v.levels, Organization: v.organization, Entity: v.entity, Eventual: s.config.Eventual, Now: s.config.Now})
	v.sts = sts.New(s.store, sts.Options{Directory: v.iam, Verifier: s.verifier, Issuer: s.issuer, Standing: v.standing})
	v.s3 = s3.New(s.store, s3.Options{
		Principals: v.iam, UseMFA: v.iam.UseMFA, Now: s.config.Now, Log: s.config.Log,
		AsRole: func(ctx context.Context, roleARN, session string) (context.Context, error) {
			return s.asRole(ctx, v, "s3.amazonaws.com", roleARN, session)
		},
	})
	v.organizations = organizations.New(s.store, organizations.Options{Roles: v.iam})
	v.byName = map[string]*service{}
	for _, known := range []*service{
		{name: "iam", model: wire.IAM(), codec: wire.NewQuery(wire.IAM()), operations: v.iam.Operations()},
		{name: "sts", model: wire.STS(), codec: wire.NewQuery(wire.STS()), operations: v.sts.Operations()},
		{name: "s3", model: wire.S3(), codec: wire.NewRESTXML(wire.S3()), operations: v.s3.Operations()},
		{
			name: "access-analyzer", model: wire.AccessAnalyzer(), codec: wire.NewRESTJSON(wire.AccessAnalyzer()),
			operations: accessanalyzer.New().Operations(),
		},
		{
			name: "organizations", model: wire.Organizations(), codec: wire.NewAWSJSON(wire.Organizations()),
			operations: v.organizations.Operations(),
		},
	} {
		v.byName[known.name] = known
	}
	v.byName["s3express"] = v.byName["s3"] // what SDKs sign for directory buckets
	v.byName["s3control"] = &service{      // signed for as s3
		name: "s3", model: wire.S3Control(), codec: wire.NewS3Control(wire.S3Control()), operations: v.s3.Control().Operations(),
	}
	if err := provision(ctx, s.store, v.iam, s.world); err != nil {
		return err
	}
	s.services.Store(v)
	v.s3.Start()
	return nil
}

func (v *services) close() error { return errors.Join(v.s3.Close(), v.iam.Close()) }

// levels tells IAM's simulator what an account's organization limits it with.
func (v *services) levels(ctx context.Context, account string) (scps, rcps [][]authz.Attached, err error) {
	place, err := v.organizations.Place(ctx, account)
	return place.SCPs, place.RCPs, err
}

// organization tells IAM what organization an account is in.
func (v *services) organization(ctx context.Context, account string) (iam.Organization, error) {
	place, err := v.organizations.Place(ctx, account)
	if err != nil {
		return iam.Organization{}, err
	}
	const principal = "iam.amazonaws.com"
	return iam.Organization{
		ID: place.Organization, Management: place.Management, AllFeatures: place.AllFeatures,
		Trusted: slices.Contains(place.Services, principal), Administrator: slices.Contains(place.Administers, principal),
	}, nil
}

// entity tells IAM of a part of an organization.
func (v *services) entity(ctx context.Context, account, path, policy string) (iam.OrganizationEntity, error) {
	return v.organizations.Entity(ctx, account, path, policy)
}

// find names the service of r by the scope of its signature; an unsigned request is a query call if it has the form of
// one, and S3's otherwise.
func (v *services) find(r *http.Request) (*service, string) {
	name, region, ok := sigv4.Scope(r)
	if !ok {
		name, region = unsignedService(r), Region
	}
	if known := v.byName[name]; known != nil {
		return known, region
	}
	return &service{name: name}, region
}

// unsignedService tells AssumeRoleWithWebIdentity, or a call that forgot to sign, from anonymous S3: by its API version or
// its target.
func unsignedService(r *http.Request) string {
	if r.URL.Path != "/" {
		return "s3"
	}
	if strings.HasPrefix(r.Header.Get("X-Amz-Target"), wire.Organizations().Target+".") {
		return "organizations"
	}
	version := r.URL.Query().Get("Version")
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method == http.MethodPost && kind == "application/x-www-form-urlencoded" {
		version = peekForm(r).Get("Version")
	}
	switch version {
	case "2010-05-08":
		return "iam"
	case "2011-06-15":
		return "sts"
	}
	return "s3"
}

// peekForm reads the form in r's body and puts the body back for the decoder.
func peekForm(r *http.Request) url.Values {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxForm))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(text), r.Body), r.Body}
	form, parseErr := url.ParseQuery(string(text))
	if err != nil || parseErr != nil {
		return nil
	}
	return form
}

// maxForm is how large a query call's form may be, in bytes: the longest documents of all parameters fit.
const maxForm = 1 << 20

// s3Form says whether errors and ids have S3's form.
func (v *service) s3Form() bool { return v.name == "s3" }

// refuse writes c.err in the service's form; other services have their own codes.
func (v *service) refuse(w http.ResponseWriter, c *call) {
	if v.operations == nil {
		c.err = other.Deny(w, c.HTTP, &c.Request, v.name, c.err)
		return
	}
	if own, ok := v.codec.(interface {
		Rename(*awserr.Error) *awserr.Error
	}); ok {
		c.err = own.Rename(c.err)
	}
	v.codec.EncodeError(w, &c.Request, c.err)
}

// other answers a request to a service that xemu does not emulate: authorized as on AWS, then a fixed read or
// NotImplemented by name.
func (s *Server) other(w http.ResponseWriter, c *call) error {
	action, ok := other.Describe(c.HTTP, c.service.name)
	if !ok {
		return awserr.NotImplemented.Errorf("xemu does not emulate the service %q.", c.service.name)
	}
	_, c.operation, _ = strings.Cut(action, ":")
	need := wire.Need{Action: action, Resource: "*"}
	if tellsEncoded(action) {
		need.Denied = c.encodedDenial
	}
	if err := s.decide(c, need); err != nil {
		return err
	}
	return other.Respond(w, c.HTTP, &c.Request, action)
}
