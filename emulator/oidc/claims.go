package oidc

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/authz/reference"
	"github.com/xemu-aws/xemu/emulator/awserr"
)

// Claims that AWS reads beyond the standard ones ("Pass session tags in AWS STS" and "Monitor and control actions taken with
// assumed roles", IAM User Guide).
const (
	tagsClaim           = "https://aws.amazon.com/tags"
	sourceIdentityClaim = "https://aws.amazon.com/source_identity"
	rolesClaim          = "https://aws.amazon.com/roles"
)

// TrustKeys returns the condition keys that the token gives to the decision on a trust policy, in lower case: the default ones,
// and the claims that AWS lists for the provider, such as actor for GitHub's ("Available keys for AWS OIDC federation").
func (t *Token) TrustKeys() map[string][]string {
	name := strings.ToLower(Name(t.Issuer))
	keys := t.SessionKeys()
	keys[name+":oaud"] = t.strings("aud")
	if email := t.strings("email"); email != nil {
		keys[name+":email"] = email
	}
	for claim := range t.claims {
		if slices.Contains([]string{"aud", "azp", "oaud", "sub", "amr"}, claim) {
			continue
		}
		// Google's claim has a colon where the key has a slash.
		key := name + ":" + strings.ReplaceAll(strings.ToLower(claim), ":", "/")
		if _, listed := reference.Key(key); listed {
			if v := t.strings(claim); v != nil {
				keys[key] = v
			}
		}
	}
	return keys
}

// SessionKeys returns the keys that requests of the session still have.
func (t *Token) SessionKeys() map[string][]string {
	name := strings.ToLower(Name(t.Issuer))
	keys := map[string][]string{name + ":aud": {t.Audience()}, name + ":sub": {t.Subject()}}
	if methods := t.strings("amr"); methods != nil {
		keys[name+":amr"] = methods
	}
	return keys
}

// SourceIdentity returns the source identity that the session is to have, "" for none.
func (t *Token) SourceIdentity() string { return t.text(sourceIdentityClaim) }

// Roles returns the ARNs of the roles that the issuer authorizes; ok is false when the token does not say.
func (t *Token) Roles() (arns []string, ok bool) {
	raw, ok := t.claims[rolesClaim]
	for _, text := range values(raw) {
		for arn := range strings.SplitSeq(text, ";") {
			arns = append(arns, strings.TrimSpace(arn))
		}
	}
	return arns, ok
}

// Tags returns the session tags as pairs of key and value, by key, and the keys that are transitive. They come in one claim,
// or flattened in several.
func (t *Token) Tags() (pairs [][2]string, transitive []string, err error) {
	var nested struct {
		Tags       map[string]json.RawMessage `json:"principal_tags"`
		Transitive []string                   `json:"transitive_tag_keys"`
	}
	if raw, ok := t.claims[tagsClaim]; ok && json.Unmarshal(raw, &nested) != nil {
		return nil, nil, awserr.InvalidIdentityToken.Errorf("Session tags passed in claim are not in correct format.")
	}
	tags := nested.Tags
	if tags == nil {
		tags = map[string]json.RawMessage{}
	}
	transitive = nested.Transitive
	for claim, raw := range t.claims {
		if key, ok := strings.CutPrefix(claim, tagsClaim+"/principal_tags/"); ok {
			tags[key] = raw
		}
	}
	if raw, ok := t.claims[tagsClaim+"/transitive_tag_keys"]; ok {
		transitive = values(raw)
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		value := values(tags[key])
		if len(value) != 1 {
			return nil, nil, awserr.InvalidIdentityToken.Errorf("principal_tags passed in claim is not in correct format.")
		}
		pairs = append(pairs, [2]string{key, value[0]})
	}
	return pairs, transitive, nil
}
