package iam

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/saml"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var samlProviderOps = wire.Ops(
	wire.Op((*Service).CreateSAMLProvider, on(newSAMLProvider, "Name", createTags("iam:TagSAMLProvider"))),
	wire.Op((*Service).GetSAMLProvider, on(aSAMLProvider, "SAMLProviderArn")),
	wire.Op((*Service).ListSAMLProviders, anywhere),
	wire.Op((*Service).UpdateSAMLProvider, on(aSAMLProvider, "SAMLProviderArn")),
	wire.Op((*Service).DeleteSAMLProvider, on(aSAMLProvider, "SAMLProviderArn")),
	wire.Op((*Service).TagSAMLProvider, on(aSAMLProvider, "SAMLProviderArn", requestTags)),
	wire.Op((*Service).UntagSAMLProvider, on(aSAMLProvider, "SAMLProviderArn", tagKeys)),
	wire.Op((*Service).ListSAMLProviderTags, on(aSAMLProvider, "SAMLProviderArn")),
)

// samlProvider is a SAML identity provider that an account trusts.
type samlProvider struct {
	entity
	Metadata   string
	ValidUntil time.Time
	Encryption types.AssertionEncryptionModeType `json:",omitempty"`
	Keys       []samlKey                         `json:",omitempty"`
}

// samlKey is a private key that assertions are decrypted with.
type samlKey struct {
	ID    string
	PEM   string
	Added time.Time
}

var samlProviders = store.NewTable("iam.samlprovider", (*samlProvider).key)

const (
	maxSAMLProviders = 100 // "IAM and AWS STS quotas"
	maxSAMLKeys      = 2   // so that one can take the other's place (UpdateSAMLProvider, IAM API Reference)
	// samlYears is how long a provider is shown to be good whose metadata do not say it.
	samlYears = 100
)

func newSAMLProvider(ctx context.Context, _ *store.Tx, _ any, name *string) (resource, error) {
	return resource{kind: samlKind, arn: arn(callerAccount(ctx), samlKind, "/", aws.ToString(name))}, nil
}

// aSAMLProvider is the provider of an ARN.
func aSAMLProvider(ctx context.Context, tx *store.Tx, _ any, arn *string) (resource, error) {
	return aProvider(ctx, tx, samlProviders, samlKind, arn)
}

// samlProviderOf returns the provider of an ARN in the account.
func samlProviderOf(tx *store.Tx, account, arn string) (p samlProvider, err error) {
	owner, name, ok := parseProviderARN(arn, samlKind)
	if !ok {
		return p, invalidProviderARN(arn)
	}
	if owner == account {
		p, ok, err = samlProviders.Get(tx, nameKey(account, name))
	}
	if err == nil && (!ok || owner != account) {
		err = awserr.NoSuchEntity.Errorf("Manifest not found for arn %s", arn)
	}
	return p, err
}

func (p *samlProvider) arn() string { return p.arnOf(samlKind + "/") }

// setMetadata replaces the metadata document.
func (p *samlProvider) setMetadata(text string) error {
	m, err := saml.ParseMetadata(text)
	if err != nil {
		return awserr.InvalidInput.Errorf("Could not parse metadata")
	}
	p.Metadata, p.ValidUntil = text, m.ValidUntil
	if p.ValidUntil.IsZero() {
		p.ValidUntil = p.Created.AddDate(samlYears, 0, 0)
	}
	return nil
}

// addKey adds a private key in PEM, not encrypted.
func (p *samlProvider) addKey(text string, now time.Time) error {
	if rsaKey(text) == nil {
		return awserr.InvalidInput.Errorf("Invalid private key.")
	}
	if len(p.Keys) >= maxSAMLKeys {
		return awserr.LimitExceeded.Errorf("Private key limit of %d is reached.", maxSAMLKeys)
	}
	p.Keys = append(p.Keys, samlKey{ID: rand.Text(), PEM: text, Added: now})
	return nil
}

// removeKey removes a private key by its id.
func (p *samlProvider) removeKey(id string) error {
	i := slices.IndexFunc(p.Keys, func(k samlKey) bool { return k.ID == id })
	if i < 0 {
		return awserr.InvalidInput.Errorf("Failed to remove private key because the Key ID does not match a private key.")
	}
	p.Keys = slices.Delete(p.Keys, i, i+1)
	return nil
}

// checkEncryption wants a private key where assertions must be encrypted.
func (p *samlProvider) checkEncryption() error {
	if p.Encryption == types.AssertionEncryptionModeTypeRequired && len(p.Keys) == 0 {
		return awserr.InvalidInput.Errorf("Unable to set assertion encryption mode to Required because no private key is provided.")
	}
	return nil
}

func rsaKey(text string) *rsa.PrivateKey {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil
	}
	key, _ := parsePrivateKey(block.Bytes).(*rsa.PrivateKey)
	return key
}

// CreateSAMLProvider makes a provider that roles of the account can trust.
func (s *Service) CreateSAMLProvider(ctx context.Context, in *iam.CreateSAMLProviderInput) (*iam.CreateSAMLProviderOutput, error) {
	tags, err := newTags(exact, in.Tags)
	if err != nil {
		return nil, err
	}
	account, name := callerAccount(ctx), aws.ToString(in.Name)
	out := &iam.CreateSAMLProviderOutput{Tags: showTags(tags)}
	err = s.update(ctx, func(tx *store.Tx) error {
		p := samlProvider{
			entity:     entity{Account: account, Name: name, ID: rand.Text(), Created: tx.Now, Tags: tags},
			Encryption: in.AssertionEncryptionMode,
		}
		if err := p.setMetadata(aws.ToString(in.SAMLMetadataDocument)); err != nil {
			return err
		}
		if in.AddPrivateKey != nil {
			if err := p.addKey(*in.AddPrivateKey, tx.Now); err != nil {
				return err
			}
		}
		if err := p.checkEncryption(); err != nil {
			return err
		}
		if _, taken, err := samlProviders.Get(tx, p.key()); err != nil {
			return err
		} else if taken {
			return awserr.EntityAlreadyExists.Errorf("SAMLProvider with name %s already exists.", name)
		}
		if n, err := count(tx, samlProviders, account); err != nil {
			return err
		} else if n >= maxSAMLProviders {
			return quotaExceeded("SAMLProvidersPerAccount", maxSAMLProviders)
		}
		out.SAMLProviderArn = aws.String(p.arn())
		return samlProviders.Put(tx, &p)
	})
	return answer(out, err)
}

// GetSAMLProvider returns a provider with its metadata, and its private keys by their ids.
func (s *Service) GetSAMLProvider(ctx context.Context, in *iam.GetSAMLProviderInput) (*iam.GetSAMLProviderOutput, error) {
	p, err := read(ctx, s, samlProviderOf, in.SAMLProviderArn)
	out := &iam.GetSAMLProviderOutput{
		SAMLMetadataDocument: &p.Metadata, SAMLProviderUUID: &p.ID, CreateDate: &p.Created, ValidUntil: &p.ValidUntil, Tags: showTags(p.Tags),
		AssertionEncryptionMode: p.Encryption,
	}
	for _, k := range p.Keys {
		out.PrivateKeyList = append(out.PrivateKeyList, types.SAMLPrivateKey{KeyId: &k.ID, Timestamp: &k.Added})
	}
	return answer(out, err)
}

// ListSAMLProviders returns all providers of the account.
func (s *Service) ListSAMLProviders(ctx context.Context, _ *iam.ListSAMLProvidersInput) (*iam.ListSAMLProvidersOutput, error) {
	out := &iam.ListSAMLProvidersOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		all, err := collect(samlProviders.Scan(tx, store.Key(callerAccount(ctx)), ""))
		out.SAMLProviderList = convert(all, func(p *samlProvider) types.SAMLProviderListEntry {
			return types.SAMLProviderListEntry{Arn: aws.String(p.arn()), CreateDate: &p.Created, ValidUntil: &p.ValidUntil}
		})
		return err
	})
	return answer(out, err)
}

func (s *Service) changeSAMLProvider(ctx context.Context, arn *string, fn func(*store.Tx, *samlProvider) error) error {
	return change(ctx, s, samlProviders, samlProviderOf, arn, fn)
}

// UpdateSAMLProvider replaces the metadata, changes the encryption, and adds or removes a private key: what is absent stays
// ("Troubleshoot SAML federation with IAM", IAM User Guide, for what is refused).
func (s *Service) UpdateSAMLProvider(ctx context.Context, in *iam.UpdateSAMLProviderInput) (*iam.UpdateSAMLProviderOutput, error) {
	switch {
	case in.AddPrivateKey != nil && in.RemovePrivateKey != nil:
		return nil, awserr.InvalidInput.Errorf("Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.")
	case in.SAMLMetadataDocument == nil && in.AssertionEncryptionMode == "" && in.AddPrivateKey == nil && in.RemovePrivateKey == nil:
		return nil, awserr.InvalidInput.Errorf("Unable to update identity provider. No updates are defined for metadata or encryption assertion.")
	}
	err := s.changeSAMLProvider(ctx, in.SAMLProviderArn, func(tx *store.Tx, p *samlProvider) error {
		if in.SAMLMetadataDocument != nil {
			if err := p.setMetadata(*in.SAMLMetadataDocument); err != nil {
				return err
			}
		}
		if in.AssertionEncryptionMode != "" {
			p.Encryption = in.AssertionEncryptionMode
		}
		if in.AddPrivateKey != nil {
			if err := p.addKey(*in.AddPrivateKey, tx.Now); err != nil {
				return err
			}
		}
		if in.RemovePrivateKey != nil {
			if err := p.removeKey(*in.RemovePrivateKey); err != nil {
				return err
			}
		}
		return p.checkEncryption()
	})
	return answer(&iam.UpdateSAMLProviderOutput{SAMLProviderArn: in.SAMLProviderArn}, err)
}

// DeleteSAMLProvider deletes a provider. Roles that trust it stay as they are.
func (s *Service) DeleteSAMLProvider(ctx context.Context, in *iam.DeleteSAMLProviderInput) (*iam.DeleteSAMLProviderOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		p, err := samlProviderOf(tx, callerAccount(ctx), aws.ToString(in.SAMLProviderArn))
		if err != nil {
			return err
		}
		return samlProviders.Delete(tx, p.key())
	})
	return answer(&iam.DeleteSAMLProviderOutput{}, err)
}

// TagSAMLProvider adds tags to a provider, or replaces their values.
func (s *Service) TagSAMLProvider(ctx context.Context, in *iam.TagSAMLProviderInput) (*iam.TagSAMLProviderOutput, error) {
	err := s.changeSAMLProvider(ctx, in.SAMLProviderArn, adding[samlProvider](exact, in.Tags))
	return answer(&iam.TagSAMLProviderOutput{}, err)
}

// UntagSAMLProvider removes tags from a provider.
func (s *Service) UntagSAMLProvider(ctx context.Context, in *iam.UntagSAMLProviderInput) (*iam.UntagSAMLProviderOutput, error) {
	err := s.changeSAMLProvider(ctx, in.SAMLProviderArn, removing[samlProvider](exact, in.TagKeys))
	return answer(&iam.UntagSAMLProviderOutput{}, err)
}

// ListSAMLProviderTags returns the tags of a provider by key.
func (s *Service) ListSAMLProviderTags(ctx context.Context, in *iam.ListSAMLProviderTagsInput) (*iam.ListSAMLProviderTagsOutput, error) {
	p, err := read(ctx, s, samlProviderOf, in.SAMLProviderArn)
	if err != nil {
		return nil, err
	}
	tags, marker, err := tagPage(exact, in.Marker, in.MaxItems, p.Tags)
	return answer(&iam.ListSAMLProviderTagsOutput{Tags: tags, Marker: marker, IsTruncated: marker != nil}, err)
}

// SAMLProvider is a SAML provider as STS needs it.
type SAMLProvider struct {
	ARN, Account, Name string
	saml.Provider
}

// SAMLProvider returns the provider of an ARN; ok is false when there is none.
func (s *Service) SAMLProvider(ctx context.Context, arn string) (p SAMLProvider, ok bool, err error) {
	owner, name, ok := parseProviderARN(arn, samlKind)
	if !ok {
		return p, false, nil
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		var stored samlProvider
		if stored, ok, err = samlProviders.Get(tx, nameKey(owner, name)); err != nil || !ok {
			return err
		}
		p = SAMLProvider{ARN: stored.arn(), Account: stored.Account, Name: stored.Name}
		p.MustEncrypt = stored.Encryption == types.AssertionEncryptionModeTypeRequired
		for _, k := range stored.Keys {
			p.Keys = append(p.Keys, rsaKey(k.PEM))
		}
		p.Metadata, err = saml.ParseMetadata(stored.Metadata)
		return err
	})
	return p, ok, err
}
