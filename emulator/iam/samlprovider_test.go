package iam

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/saml"
)

// metadata returns a SAML metadata document.
func metadata(w *world) string {
	w.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	w.must(err)
	text, err := saml.Practice{Key: key}.Metadata()
	w.must(err)
	return text
}

func privateKey(w *world) string {
	w.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	w.must(err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	w.must(err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestSAMLProvider(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	document := metadata(w)
	made, err := c.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{
		Name: aws.String("Corp"), SAMLMetadataDocument: &document, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}},
	})
	w.must(err)
	arn := made.SAMLProviderArn
	if *arn != "arn:aws:iam::111122223333:saml-provider/Corp" || len(made.Tags) != 1 {
		t.Errorf("made %s with %v", *arn, made.Tags)
	}
	get := func() *iam.GetSAMLProviderOutput {
		t.Helper()
		out, err := c.GetSAMLProvider(ctx, &iam.GetSAMLProviderInput{SAMLProviderArn: arn})
		w.must(err)
		return out
	}
	p := get()
	if *p.SAMLMetadataDocument != document || !p.CreateDate.Equal(day(10)) || p.ValidUntil.Year() != day(10).Year()+100 || len(*p.SAMLProviderUUID) < 22 || len(p.Tags) != 1 {
		t.Errorf("got %+v", p)
	}
	_, err = c.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{Name: aws.String("corp"), SAMLMetadataDocument: &document})
	w.check("again", err, "EntityAlreadyExists: SAMLProvider with name corp already exists.")

	until := strings.Replace(document, "entityID=", `validUntil="2031-02-03T04:05:06Z" entityID=`, 1)
	_, err = c.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn, SAMLMetadataDocument: &until})
	w.must(err)
	if p := get(); !p.ValidUntil.Equal(time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)) || *p.SAMLMetadataDocument != until {
		t.Errorf("after the update it is valid until %v", p.ValidUntil)
	}

	one, two := privateKey(w), privateKey(w)
	_, err = c.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn, AddPrivateKey: &one, AssertionEncryptionMode: types.AssertionEncryptionModeTypeRequired})
	w.must(err)
	w.must(second(c.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn, AddPrivateKey: &two})))
	_, err = c.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn, AddPrivateKey: &two})
	w.check("a third key", err, "LimitExceeded: Private key limit of 2 is reached.")
	p = get()
	if p.AssertionEncryptionMode != types.AssertionEncryptionModeTypeRequired || len(p.PrivateKeyList) != 2 || *p.SAMLMetadataDocument != until {
		t.Errorf("with keys %+v", p)
	}
	w.must(second(c.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn, RemovePrivateKey: p.PrivateKeyList[0].KeyId})))
	_, err = c.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn, RemovePrivateKey: p.PrivateKeyList[0].KeyId})
	w.check("a key that is gone", err, "InvalidInput: Failed to remove private key because the Key ID does not match a private key.")
	_, err = c.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn, RemovePrivateKey: p.PrivateKeyList[1].KeyId})
	w.check("the last key, which is needed", err, "InvalidInput: Unable to set assertion encryption mode to Required because no private key is provided.")
	_, err = c.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn, RemovePrivateKey: p.PrivateKeyList[1].KeyId, AddPrivateKey: &one})
	w.check("both", err, "InvalidInput: Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.")
	_, err = c.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn})
	w.check("nothing", err, "InvalidInput: Unable to update identity provider. No updates are defined for metadata or encryption assertion.")
	_, err = c.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn, AddPrivateKey: aws.String("no key")})
	w.check("what is no key", err, "InvalidInput: Invalid private key.")
	if n := len(get().PrivateKeyList); n != 1 {
		t.Errorf("%d keys are left", n)
	}
	_, err = c.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{
		Name: aws.String("other"), SAMLMetadataDocument: &document, AssertionEncryptionMode: types.AssertionEncryptionModeTypeRequired,
	})
	w.check("encryption without a key", err, "InvalidInput: Unable to set assertion encryption mode to Required because no private key is provided.")

	w.must(second(c.TagSAMLProvider(ctx, &iam.TagSAMLProviderInput{SAMLProviderArn: arn, Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}}})))
	w.must(second(c.UntagSAMLProvider(ctx, &iam.UntagSAMLProviderInput{SAMLProviderArn: arn, TagKeys: []string{"a"}})))
	tags, err := c.ListSAMLProviderTags(ctx, &iam.ListSAMLProviderTagsInput{SAMLProviderArn: arn})
	w.must(err)
	if len(tags.Tags) != 1 || *tags.Tags[0].Key != "b" {
		t.Errorf("tags %v", tags.Tags)
	}
	list, err := c.ListSAMLProviders(ctx, &iam.ListSAMLProvidersInput{})
	w.must(err)
	if len(list.SAMLProviderList) != 1 || *list.SAMLProviderList[0].Arn != *arn || list.SAMLProviderList[0].ValidUntil == nil || summary(w)["Providers"] != 1 {
		t.Errorf("listed %v", list.SAMLProviderList)
	}
	w.must(second(c.DeleteSAMLProvider(ctx, &iam.DeleteSAMLProviderInput{SAMLProviderArn: arn})))
	missing := "NoSuchEntity: Manifest not found for arn " + *arn
	w.check("delete", second(c.DeleteSAMLProvider(ctx, &iam.DeleteSAMLProviderInput{SAMLProviderArn: arn})), missing)
	w.check("get", second(c.GetSAMLProvider(ctx, &iam.GetSAMLProviderInput{SAMLProviderArn: arn})), missing)
	w.check("update", second(c.UpdateSAMLProvider(ctx, &iam.UpdateSAMLProviderInput{SAMLProviderArn: arn, SAMLMetadataDocument: &document})), missing)
	w.check("tag", second(c.TagSAMLProvider(ctx, &iam.TagSAMLProviderInput{SAMLProviderArn: arn, Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}}})), missing)
	w.check("tags", second(c.ListSAMLProviderTags(ctx, &iam.ListSAMLProviderTagsInput{SAMLProviderArn: arn})), missing)
}

func TestSAMLProviderMetadata(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	good := metadata(w)
	for what, document := range map[string]string{
		"no XML":            strings.Repeat("x", 1000),
		"a byte order mark": "\ufeff" + good,
		"no entity id":      strings.Replace(good, "entityID=", "ID=", 1),
		"no certificate":    strings.Replace(good, `use="signing"`, `use="encryption"`, 1),
		"a bad certificate": strings.Replace(good, "<X509Certificate>", "<X509Certificate>AAAA", 1),
		"a bad date":        strings.Replace(good, "entityID=", `validUntil="soon" entityID=`, 1),
		"another root":      strings.ReplaceAll(good, "EntityDescriptor", "EntitiesDescriptor"),
	} {
		_, err := c.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{Name: aws.String("corp"), SAMLMetadataDocument: &document})
		w.check(what, err, "InvalidInput: Could not parse metadata")
	}
	_, err := c.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{Name: aws.String("corp"), SAMLMetadataDocument: aws.String("short")})
	if !strings.HasPrefix(show(err), "ValidationError: 1 validation error detected: ") {
		t.Errorf("a short document: %v", err)
	}
	for i := range 100 {
		w.must(second(c.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{Name: aws.String(fmt.Sprint("p", i)), SAMLMetadataDocument: &good})))
	}
	_, err = c.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{Name: aws.String("corp"), SAMLMetadataDocument: &good})
	w.check("the 101st", err, "LimitExceeded: Cannot exceed quota for SAMLProvidersPerAccount: 100")
}

func TestOutboundFederation(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	off := "FeatureDisabled: Outbound identity federation is disabled for your AWS account."
	w.check("disable", second(c.DisableOutboundWebIdentityFederation(ctx, &iam.DisableOutboundWebIdentityFederationInput{})), off)
	w.check("info", second(c.GetOutboundWebIdentityFederationInfo(ctx, &iam.GetOutboundWebIdentityFederationInfoInput{})), off)
	made, err := c.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
	w.must(err)
	info, err := c.GetOutboundWebIdentityFederationInfo(ctx, &iam.GetOutboundWebIdentityFederationInfoInput{})
	w.must(err)
	if id := *made.IssuerIdentifier; id != *info.IssuerIdentifier || !info.JwtVendingEnabled || !strings.HasPrefix(id, "https://") || !strings.HasSuffix(id, ".tokens.sts.global.api.aws") {
		t.Errorf("made %s, info %+v", id, info)
	}
	w.check("enable again", second(c.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})),
		"FeatureEnabled: Outbound identity federation is already enabled for your AWS account.")
	w.must(second(c.DisableOutboundWebIdentityFederation(ctx, &iam.DisableOutboundWebIdentityFederationInput{})))
	w.check("info", second(c.GetOutboundWebIdentityFederationInfo(ctx, &iam.GetOutboundWebIdentityFederationInfoInput{})), off)
	again, err := c.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
	w.must(err)
	theirs, err := w.admin(development).EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
	w.must(err)
	if *again.IssuerIdentifier != *made.IssuerIdentifier || *theirs.IssuerIdentifier == *made.IssuerIdentifier {
		t.Errorf("the issuers are %s, %s again, and %s of another account", *made.IssuerIdentifier, *again.IssuerIdentifier, *theirs.IssuerIdentifier)
	}
}
