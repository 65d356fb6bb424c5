package emulator

import (
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/iam"
)

// keys supplies the condition keys of a request ("AWS global condition context keys", IAM User Guide). They are computed
// when a condition asks, since most requests meet none. Those of the principal itself come from authz.
type keys struct {
	call    *call
	service authz.Context // the operation's own keys; may be nil
	grants  *iam.Grants
	places  places
}

// Lookup implements authz.Context.
func (k *keys) Lookup(key string) ([]string, bool) {
	if k.service != nil {
		if values, ok := k.service.Lookup(key); ok {
			return values, true
		}
	}
	if tag, ok := strings.CutPrefix(key, "aws:principaltag/"); ok {
		return k.principalTag(tag)
	}
	if value := k.global(key); value != "" {
		return []string{value}, true
	}
	if s := k.call.Caller.Session; s != nil && s.Federation != nil {
		values, ok := s.Federation.Keys[key]
		return values, ok
	}
	return nil, false
}

// global returns the value of a single-valued global key, "" when the request does not have it.
func (k *keys) global(key string) string {
	c := k.call
	switch key {
	case "aws:sourceip":
		if c.endpoint == nil {
			return c.address()
		}
	case "aws:securetransport":
		return strconv.FormatBool(c.HTTP.TLS != nil)
	case "aws:currenttime":
		return c.Now.Format(time.RFC3339)
	case "aws:epochtime":
		return strconv.FormatInt(c.Now.Unix(), 10)
	case "aws:useragent":
		return c.HTTP.UserAgent()
	case "aws:referer":
		return c.HTTP.Referer()
	case "aws:requestedregion":
		return c.Region
	case "aws:principalorgid":
		return k.places.caller.Organization
	case "aws:principalorgpaths":
		return k.places.caller.Path
	case "aws:resourceorgid":
		return k.places.owner.Organization
	case "aws:resourceorgpaths":
		return k.places.owner.Path
	case "aws:viaawsservice":
		return "false"
	case "aws:principalisawsservice":
		if c.Caller.Type != authz.Anonymous { // which only signed requests have
			return "false"
		}
	}
	if c.endpoint != nil && strings.Contains(key, "vpc") {
		return k.network(key)
	}
	if c.Caller.Session != nil {
		return k.session(key)
	}
	return ""
}

// address is the caller's IP address.
func (c *call) address() string {
	host, _, err := net.SplitHostPort(c.HTTP.RemoteAddr)
	if err != nil {
		return c.HTTP.RemoteAddr
	}
	return host
}

// network returns the value of a key that only requests through a VPC endpoint have; they have no aws:SourceIp.
func (k *keys) network(key string) string {
	e := k.call.endpoint
	switch key {
	case "aws:sourcevpce":
		return e.ID
	case "aws:sourcevpc":
		return e.VPC
	case "aws:vpcsourceip":
		return k.call.address()
	}
	if e.Account == "" {
		return ""
	}
	switch key {
	case "aws:sourcevpcarn":
		return "arn:aws:ec2:" + k.call.Region + ":" + e.Account + ":vpc/" + e.VPC
	case "aws:vpceaccount":
		return e.Account
	case "aws:vpceorgid", "aws:vpceorgpaths":
		place, err := k.call.services.organizations.Place(k.call.ctx, e.Account)
		switch {
		case err != nil:
			return ""
		case key == "aws:vpceorgid":
			return place.Organization
		}
		return place.Path
	}
	return ""
}

// session returns the value of a key that only temporary credentials have. aws:MultiFactorAuthPresent is one of them: it
// is absent with long-term keys, and "false" in a session made without MFA.
func (k *keys) session(key string) string {
	s := k.call.Caller.Session
	switch key {
	case "aws:multifactorauthpresent":
		return strconv.FormatBool(s.MFAAuthenticated)
	case "aws:multifactorauthage":
		if s.MFAAuthenticated {
			return age(k.call.Now, s.MFATime)
		}
	case "aws:tokenissuetime":
		return s.Issued.UTC().Format(time.RFC3339)
	case "aws:sourceidentity":
		return s.SourceIdentity
	case "aws:federatedprovider":
		if s.Federation != nil {
			return s.Federation.Provider
		}
	}
	return s.Keys[key]
}

// principalTag returns a tag of the session or, below it, of the user or role. Tag keys differ by more than case
// ("Controlling access to and for IAM users and roles using tags"). An empty value is a value.
func (k *keys) principalTag(tag string) ([]string, bool) {
	if s := k.call.Caller.Session; s != nil {
		if value, ok := fold(s.Tags, tag); ok {
			return []string{value}, true
		}
	}
	if k.grants != nil {
		if value, ok := fold(k.grants.Tags, tag); ok {
			return []string{value}, true
		}
	}
	return nil, false
}

func fold(tags map[string]string, name string) (string, bool) {
	for key, value := range tags {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	return "", false
}
