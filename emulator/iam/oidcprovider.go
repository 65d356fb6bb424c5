package iam

import (
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var oidcProviderOps = wire.Ops(
	wire.Op((*Service).CreateOpenIDConnectProvider, on(newOIDCProvider, "Url", createTags("iam:TagOpenIDConnectProvider"))),
	wire.Op((*Service).GetOpenIDConnectProvider, on(anOIDCProvider, "OpenIDConnectProviderArn")),
	wire.Op((*Service).ListOpenIDConnectProviders, anywhere),
	wire.Op((*Service).AddClientIDToOpenIDConnectProvider, on(anOIDCProvider, "OpenIDConnectProviderArn")),
	wire.Op((*Service).RemoveClientIDFromOpenIDConnectProvider, on(anOIDCProvider, "OpenIDConnectProviderArn")),
	wire.Op((*Service).UpdateOpenIDConnectProviderThumbprint, on(anOIDCProvider, "OpenIDConnectProviderArn")),
	wire.Op((*Service).DeleteOpenIDConnectProvider, on(anOIDCProvider, "OpenIDConnectProviderArn")),
	wire.Op((*Service).TagOpenIDConnectProvider, on(anOIDCProvider, "OpenIDConnectProviderArn", requestTags)),
	wire.Op((*Service).UntagOpenIDConnectProvider, on(anOIDCProvider, "OpenIDConnectProviderArn", tagKeys)),
	wire.Op((*Service).ListOpenIDConnectProviderTags, on(anOIDCProvider, "OpenIDConnectProviderArn")),
)

// oidcProvider is an OpenID Connect provider that an account trusts. Its name is its URL without the scheme.
type oidcProvider struct {
	entity
	ClientIDs   []string
	Thumbprints []string `json:",omitempty"`
}

var oidcProviders = store.NewTable("iam.oidcprovider", (*oidcProvider).key)

// Quotas ("IAM and AWS STS quotas").
const (
	maxOIDCProviders = 100
	maxClientIDs     = 100
	maxThumbprints   = 5
)

const (
	oidcKind = "oidc-provider"
	samlKind = "saml-provider"
)

func newOIDCProvider(ctx context.Context, _ *store.Tx, _ any, address *string) (resource, error) {
	name, err := providerName(aws.ToString(address))
	return resource{kind: oidcKind, arn: arn(callerAccount(ctx), oidcKind, "/", name)}, err
}

// anOIDCProvider is the provider of an ARN.
func anOIDCProvider(ctx context.Context, tx *store.Tx, _ any, arn *string) (resource, error) {
	return aProvider(ctx, tx, oidcProviders, oidcKind, arn)
}

// aProvider is the identity provider of an ARN. That of another account is out of reach: no policy there can allow it.
func aProvider[T any, P row[T]](ctx context.Context, tx *store.Tx, t *store.Table[T], kind string, arn *string) (resource, error) {
	r := resource{kind: kind, arn: aws.ToString(arn)}
	owner, name, ok := parseProviderARN(r.arn, kind)
	if !ok {
		return r, invalidProviderARN(r.arn)
	}
	if owner != callerAccount(ctx) {
		r.account = owner
		return r, nil
	}
	v, ok, err := t.Get(tx, nameKey(owner, name))
	if ok {
		r.tags = P(&v).base().Tags
	}
	return r, err
}

// parseProviderARN splits the ARN of an identity provider: the name of one of OpenID Connect has slashes.
func parseProviderARN(arn, kind string) (account, name string, ok bool) {
	rest, ok := strings.CutPrefix(arn, "arn:aws:iam::")
	account, rest, cut := strings.Cut(rest, ":")
	name, is := strings.CutPrefix(rest, kind+"/")
	return account, name, ok && cut && is && name != "" && len(account) == 12
}

func invalidProviderARN(arn string) error {
	return awserr.InvalidInput.Errorf("Invalid ARN: %s", arn)
}

// providerName returns the name of the provider of a URL: the URL without its scheme, which has to be https, and with the slash
// at its end if there is one. One on this machine may have http, so that a local issuer needs no certificate. The host is a
// full domain name, so that no claim's key can be that of a service, such as aws:SourceIp.
func providerName(address string) (string, error) {
	invalid := awserr.ValidationError.Errorf("Invalid Open ID Connect Provider URL")
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Opaque != "" {
		return "", invalid
	}
	here := isLoopback(u.Hostname())
	if u.Scheme != "https" && !(u.Scheme == "http" && here) || !strings.Contains(u.Hostname(), ".") && !here {
		return "", invalid
	}
	return u.Host + u.EscapedPath(), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// oidcProviderOf returns the provider of an ARN in the account.
func oidcProviderOf(tx *store.Tx, account, arn string) (p oidcProvider, err error) {
	owner, name, ok := parseProviderARN(arn, oidcKind)
	if !ok {
		return p, invalidProviderARN(arn)
	}
	if owner == account {
		p, ok, err = oidcProviders.Get(tx, nameKey(account, name))
	}
	if err == nil && (!ok || owner != account) {
		err = awserr.NoSuchEntity.Errorf("OpenIDConnect Provider not found for arn %s", arn)
	}
	return p, err
}

// CreateOpenIDConnectProvider makes a provider that roles of the account can trust.
func (s *Service) CreateOpenIDConnectProvider(ctx context.Context, in *iam.CreateOpenIDConnectProviderInput) (*iam.CreateOpenIDConnectProviderOutput, error) {
	name, err := providerName(aws.ToString(in.Url))
	if err != nil {
		return nil, err
	}
	if err := checkThumbprints(in.ThumbprintList); err != nil {
		return nil, err
	}
	tags, err := newTags(exact, in.Tags)
	if err != nil {
		return nil, err
	}
	account := callerAccount(ctx)
	out := &iam.CreateOpenIDConnectProviderOutput{Tags: showTags(tags)}
	err = s.update(ctx, func(tx *store.Tx) error {
		p := oidcProvider{entity: entity{Account: account, Name: name, Created: tx.Now, Tags: tags}, Thumbprints: in.ThumbprintList}
		for _, id := range in.ClientIDList {
			if err := p.addClient(id); err != nil {
				return err
			}
		}
		if _, taken, err := oidcProviders.Get(tx, p.key()); err != nil {
			return err
		} else if taken {
			return awserr.EntityAlreadyExists.Errorf("Provider with url %s already exists.", *in.Url)
		}
		if n, err := count(tx, oidcProviders, account); err != nil {
			return err
		} else if n >= maxOIDCProviders {
			return quotaExceeded("OpenIdConnectProvidersPerAccount", maxOIDCProviders)
		}
		out.OpenIDConnectProviderArn = aws.String(p.arn())
		return oidcProviders.Put(tx, &p)
	})
	return answer(out, err)
}

func checkThumbprints(list []string) error {
	if len(list) > maxThumbprints {
		return awserr.InvalidInput.Errorf("Thumbprint list must contain fewer than %d entries.", maxThumbprints)
	}
	return nil
}

func (p *oidcProvider) arn() string { return p.arnOf(oidcKind + "/") }

// addClient adds a client id; one that is there already stays.
func (p *oidcProvider) addClient(id string) error {
	if slices.Contains(p.ClientIDs, id) {
		return nil
	}
	if len(p.ClientIDs) >= maxClientIDs {
		return quotaExceeded("ClientIdsPerOpenIdConnectProvider", maxClientIDs)
	}
	p.ClientIDs = append(p.ClientIDs, id)
	return nil
}

// GetOpenIDConnectProvider returns a provider. Its URL is shown without the scheme, as AWS does.
func (s *Service) GetOpenIDConnectProvider(ctx context.Context, in *iam.GetOpenIDConnectProviderInput) (*iam.GetOpenIDConnectProviderOutput, error) {
	p, err := read(ctx, s, oidcProviderOf, in.OpenIDConnectProviderArn)
	return answer(&iam.GetOpenIDConnectProviderOutput{
		Url: &p.Name, ClientIDList: append([]string{}, p.ClientIDs...), ThumbprintList: append([]string{}, p.Thumbprints...), // never absent
		CreateDate: &p.Created, Tags: allTags(p.Tags),
	}, err)
}

// ListOpenIDConnectProviders returns the ARNs of all providers of the account.
func (s *Service) ListOpenIDConnectProviders(ctx context.Context, _ *iam.ListOpenIDConnectProvidersInput) (*iam.ListOpenIDConnectProvidersOutput, error) {
	out := &iam.ListOpenIDConnectProvidersOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		all, err := collect(oidcProviders.Scan(tx, store.Key(callerAccount(ctx)), ""))
		out.OpenIDConnectProviderList = convert(all, func(p *oidcProvider) types.OpenIDConnectProviderListEntry {
			return types.OpenIDConnectProviderListEntry{Arn: aws.String(p.arn())}
		})
		return err
	})
	return answer(out, err)
}

func (s *Service) changeOIDCProvider(ctx context.Context, arn *string, fn func(*store.Tx, *oidcProvider) error) error {
	return change(ctx, s, oidcProviders, oidcProviderOf, arn, fn)
}

// AddClientIDToOpenIDConnectProvider adds an audience; to add one that is there is no error.
func (s *Service) AddClientIDToOpenIDConnectProvider(ctx context.Context, in *iam.AddClientIDToOpenIDConnectProviderInput) (*iam.AddClientIDToOpenIDConnectProviderOutput, error) {
	err := s.changeOIDCProvider(ctx, in.OpenIDConnectProviderArn, func(_ *store.Tx, p *oidcProvider) error {
		return p.addClient(aws.ToString(in.ClientID))
	})
	return answer(&iam.AddClientIDToOpenIDConnectProviderOutput{}, err)
}

// RemoveClientIDFromOpenIDConnectProvider removes an audience; to remove one that is not there is no error.
func (s *Service) RemoveClientIDFromOpenIDConnectProvider(ctx context.Context, in *iam.RemoveClientIDFromOpenIDConnectProviderInput) (*iam.RemoveClientIDFromOpenIDConnectProviderOutput, error) {
	err := s.changeOIDCProvider(ctx, in.OpenIDConnectProviderArn, func(_ *store.Tx, p *oidcProvider) error {
		p.ClientIDs = slices.DeleteFunc(p.ClientIDs, func(id string) bool { return id == aws.ToString(in.ClientID) })
		return nil
	})
	return answer(&iam.RemoveClientIDFromOpenIDConnectProviderOutput{}, err)
}

// UpdateOpenIDConnectProviderThumbprint replaces all thumbprints.
func (s *Service) UpdateOpenIDConnectProviderThumbprint(ctx context.Context, in *iam.UpdateOpenIDConnectProviderThumbprintInput) (*iam.UpdateOpenIDConnectProviderThumbprintOutput, error) {
	if err := checkThumbprints(in.ThumbprintList); err != nil {
		return nil, err
	}
	err := s.changeOIDCProvider(ctx, in.OpenIDConnectProviderArn, func(_ *store.Tx, p *oidcProvider) error {
		p.Thumbprints = in.ThumbprintList
		return nil
	})
	return answer(&iam.UpdateOpenIDConnectProviderThumbprintOutput{}, err)
}

// DeleteOpenIDConnectProvider deletes a provider. To delete one that is not there is no error, and roles that trust it stay
// as they are.
func (s *Service) DeleteOpenIDConnectProvider(ctx context.Context, in *iam.DeleteOpenIDConnectProviderInput) (*iam.DeleteOpenIDConnectProviderOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		p, err := oidcProviderOf(tx, callerAccount(ctx), aws.ToString(in.OpenIDConnectProviderArn))
		if errors.Is(err, awserr.NoSuchEntity) {
			return nil
		} else if err != nil {
			return err
		}
		return oidcProviders.Delete(tx, p.key())
	})
	return answer(&iam.DeleteOpenIDConnectProviderOutput{}, err)
}

// TagOpenIDConnectProvider adds tags to a provider, or replaces their values.
func (s *Service) TagOpenIDConnectProvider(ctx context.Context, in *iam.TagOpenIDConnectProviderInput) (*iam.TagOpenIDConnectProviderOutput, error) {
	err := s.changeOIDCProvider(ctx, in.OpenIDConnectProviderArn, adding[oidcProvider](exact, in.Tags))
	return answer(&iam.TagOpenIDConnectProviderOutput{}, err)
}

// UntagOpenIDConnectProvider removes tags from a provider.
func (s *Service) UntagOpenIDConnectProvider(ctx context.Context, in *iam.UntagOpenIDConnectProviderInput) (*iam.UntagOpenIDConnectProviderOutput, error) {
	err := s.changeOIDCProvider(ctx, in.OpenIDConnectProviderArn, removing[oidcProvider](exact, in.TagKeys))
	return answer(&iam.UntagOpenIDConnectProviderOutput{}, err)
}

// ListOpenIDConnectProviderTags returns the tags of a provider by key.
func (s *Service) ListOpenIDConnectProviderTags(ctx context.Context, in *iam.ListOpenIDConnectProviderTagsInput) (*iam.ListOpenIDConnectProviderTagsOutput, error) {
	p, err := read(ctx, s, oidcProviderOf, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	tags, marker, err := tagPage(exact, in.Marker, in.MaxItems, p.Tags)
	return answer(&iam.ListOpenIDConnectProviderTagsOutput{Tags: tags, Marker: marker, IsTruncated: marker != nil}, err)
}

// OIDCProvider is an OpenID Connect provider as STS needs it.
type OIDCProvider struct {
	ARN                    string
	ClientIDs, Thumbprints []string
}

// OIDCProvider returns the provider of an account whose URL, without the scheme, is name.
func (s *Service) OIDCProvider(ctx context.Context, account, name string) (p OIDCProvider, ok bool, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		var stored oidcProvider
		stored, ok, err = oidcProviders.Get(tx, nameKey(account, name))
		p = OIDCProvider{ARN: stored.arn(), ClientIDs: stored.ClientIDs, Thumbprints: stored.Thumbprints}
		return err
	})
	return p, ok, err
}
