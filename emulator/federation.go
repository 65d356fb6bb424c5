package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/emulator/oidc"
	"github.com/xemu-aws/xemu/emulator/saml"
	"github.com/xemu-aws/xemu/emulator/sts"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// WorldIssuer is an OpenID Connect issuer of a world file, with the keys that its tokens are verified with: a JSON Web Key Set.
type WorldIssuer struct {
	URL  string `yaml:"url"`
	JWKS string `yaml:"jwks"` // JSON
}

// openFederation makes the emulator's own issuer, whose keys are in the data directory, and what verifies tokens.
func (s *Server) openFederation() error {
	s.issuer = &oidc.Issuer{
		URL:  s.URL + "/_xemu/oidc",
		Keys: oidc.NewKeys(filepath.Join(s.config.Dir, "signing-keys.pem"), writeSecret),
	}
	s.verifier = oidc.NewVerifier(s.issuer)
	return giveKeys(s.verifier, s.world.Issuers)
}

// giveKeys gives a verifier the keys of issuers.
func giveKeys(v *oidc.Verifier, issuers []WorldIssuer) error {
	sets := map[string]string{}
	for _, i := range issuers {
		switch {
		case i.URL == "":
			return errors.New("an issuer has no url")
		case sets[i.URL] != "":
			return fmt.Errorf("two issuers have the url %s", i.URL)
		}
		sets[i.URL] = i.JWKS
	}
	if err := v.Give(sets); err != nil {
		return fmt.Errorf("issuers: %w", err)
	}
	return nil
}

// standing tells STS of a caller: its tags, those of a session before those of its user or role, and its organization.
func (v *services) standing(ctx context.Context, caller wire.Caller) (sts.Standing, error) {
	grants, err := v.iam.Grants(ctx, caller.Principal)
	if err != nil {
		return sts.Standing{}, err
	}
	place, err := v.organizations.Place(ctx, caller.Account)
	if err != nil {
		return sts.Standing{}, err
	}
	tags := maps.Clone(grants.Tags)
	if caller.Session != nil && len(caller.Session.Tags) > 0 {
		if tags == nil {
			tags = map[string]string{}
		}
		maps.Copy(tags, caller.Session.Tags)
	}
	return sts.Standing{Tags: tags, Organization: place.Organization, OrgPath: place.Path}, nil
}

// Discovery implements admin.Backend.
func (b backend) Discovery(id string) (any, bool, error) {
	if id == "" {
		return b.issuer.Discovery(b.issuer.URL, b.issuer.URL), true, nil
	}
	url, ok, err := b.services.Load().iam.IsOutboundIssuer(context.Background(), id)
	return b.issuer.Discovery(url, b.issuer.URL+"/"+id), ok, err
}

// JWKS implements admin.Backend.
func (b backend) JWKS() (json.RawMessage, error) { return b.issuer.JWKS() }

// maxTokenLifetime is generous: tokens for practice need not be short-lived.
const maxTokenLifetime = 365 * 24 * time.Hour

// Token implements admin.Backend.
func (b backend) Token(r admin.TokenRequest) (string, error) {
	lifetime := time.Hour
	if r.Lifetime != "" {
		var err error
		if lifetime, err = time.ParseDuration(r.Lifetime); err != nil || lifetime.Abs() > maxTokenLifetime {
			return "", fmt.Errorf("the lifetime %q is not a duration like 15m", r.Lifetime)
		}
	}
	if r.Subject == "" || len(r.Audience) == 0 {
		return "", errors.New("a token needs a subject and an audience")
	}
	claims := map[string]any{}
	for name, value := range r.Claims {
		claims[name] = value
	}
	return b.issuer.Token(oidc.Request{
		Issuer: r.Issuer, Subject: r.Subject, Audience: r.Audience, Lifetime: lifetime, Claims: claims,
	}, jose.RS256, b.config.Now())
}

// Issuers implements admin.Backend.
func (b backend) Issuers() []admin.OIDCIssuer {
	all := []admin.OIDCIssuer{}
	for _, i := range b.World().Issuers {
		all = append(all, admin.OIDCIssuer(i))
	}
	return all
}

// PutIssuer implements admin.Backend. The issuer is part of the world that a reset goes back to.
func (b backend) PutIssuer(in admin.OIDCIssuer) error {
	return b.changeIssuers(func(list []WorldIssuer) []WorldIssuer {
		return append(withoutIssuer(list, in.URL), WorldIssuer(in))
	})
}

// DeleteIssuer implements admin.Backend.
func (b backend) DeleteIssuer(url string) (bool, error) {
	found := slices.ContainsFunc(b.World().Issuers, func(i WorldIssuer) bool { return i.URL == url })
	return found, b.changeIssuers(func(list []WorldIssuer) []WorldIssuer { return withoutIssuer(list, url) })
}

func withoutIssuer(list []WorldIssuer, url string) []WorldIssuer {
	return slices.DeleteFunc(slices.Clone(list), func(i WorldIssuer) bool { return i.URL == url })
}

func (b backend) changeIssuers(change func([]WorldIssuer) []WorldIssuer) error {
	b.worldMutex.Lock()
	defer b.worldMutex.Unlock()
	world := b.world
	world.Issuers = change(world.Issuers)
	if err := world.check(); err != nil {
		return err
	}
	if err := world.write(filepath.Join(b.config.Dir, "world.yaml")); err != nil {
		return err
	}
	b.world = world
	return giveKeys(b.verifier, world.Issuers)
}

// SAMLMetadata implements admin.Backend.
func (b backend) SAMLMetadata() (string, error) {
	key, err := b.issuer.Keys.RSA()
	if err != nil {
		return "", err
	}
	return saml.Practice{Key: key}.Metadata()
}

// SAMLAssertion implements admin.Backend.
func (b backend) SAMLAssertion(l admin.SAMLLogin) (string, error) {
	if l.Role == "" || l.Provider == "" || l.Name == "" {
		return "", errors.New("an assertion needs a role, a provider and a name")
	}
	key, err := b.issuer.Keys.RSA()
	if err != nil {
		return "", err
	}
	return saml.Practice{Key: key}.Respond(saml.Login(l), b.config.Now())
}
