package reference

import "strings"

// KeyType is the type of a condition key's values, as the reference writes it: "String", "ArrayOfString".
type KeyType string

// The types of single values.
const (
	String    KeyType = "String"
	Numeric   KeyType = "Numeric"
	Date      KeyType = "Date"
	Bool      KeyType = "Bool"
	Binary    KeyType = "Binary"
	IPAddress KeyType = "IPAddress"
	ARN       KeyType = "ARN"
)

// Multivalued reports whether a request can have several values of the key, so that conditions need a set operator.
func (t KeyType) Multivalued() bool { return strings.HasPrefix(string(t), "ArrayOf") }

// Single is the type of one value.
func (t KeyType) Single() KeyType { return KeyType(strings.TrimPrefix(string(t), "ArrayOf")) }

// Key returns the type of a condition key: global ("aws:SourceIp"), a service's ("s3:prefix"), or an identity provider's
// ("token.actions.githubusercontent.com:sub"). A part that the reference leaves open may be anything
// ("aws:ResourceTag/team"). Case does not matter.
func Key(name string) (KeyType, bool) {
	lower := strings.ToLower(name)
	if g, ok := globalKey(lower); ok {
		return g.kind, true
	}
	for _, owner := range []string{serviceOfKey(lower), index().foreign[lower]} {
		if kind, ok := load(owner).key(lower); ok {
			return kind, true
		}
	}
	return claim(lower)
}

// key returns the type of a key that the service defines, given in lower case. s may be nil.
func (s *service) key(lower string) (KeyType, bool) {
	if s == nil {
		return "", false
	}
	if kind, ok := s.keys[lower]; ok {
		return kind, true
	}
	for _, k := range s.openKeys {
		if matches(k, lower) {
			return s.keys[k], true
		}
	}
	return "", false
}

// claim returns the type of a claim that every OpenID Connect provider's tokens can have ("Available keys for AWS OIDC
// federation"). Its key is prefixed with the provider's host name and path.
func claim(lower string) (KeyType, bool) {
	colon := strings.LastIndexByte(lower, ':') // a host on this machine may have a port
	if colon < 0 || !strings.Contains(lower[:colon], ".") {
		return "", false
	}
	switch lower[colon+1:] {
	case "aud", "sub", "azp", "oaud", "email":
		return String, true
	case "amr":
		return "ArrayOfString", true
	}
	return "", false
}

// serviceOfKey names the service that defines a key, given in lower case: usually its prefix. Identity providers' keys are
// defined by STS.
func serviceOfKey(lower string) string {
	prefix, _, _ := strings.Cut(lower, ":")
	x := index()
	if _, ok := x.services[prefix]; ok {
		return prefix
	}
	for _, p := range x.keyPrefixes {
		if matches(p.pattern, prefix) {
			return p.service
		}
	}
	return ""
}

// IsKeyPrefix reports whether condition keys begin with prefix: "aws", a service's or an identity provider's.
func IsKeyPrefix(prefix string) bool {
	lower := strings.ToLower(prefix)
	return lower == "aws" || serviceOfKey(lower) != ""
}

func matchesAny(patterns []string, key string) bool {
	lower := strings.ToLower(key)
	for _, p := range patterns {
		if matches(strings.ToLower(p), lower) {
			return true
		}
	}
	return false
}

// matches reports whether name is pattern, in which ${…} and <…> stand for any text but none. Both are in lower case.
func matches(pattern, name string) bool {
	for {
		before, after, open := cutPlaceholder(pattern)
		if !open {
			return pattern == name
		}
		rest, ok := strings.CutPrefix(name, before)
		if !ok || rest == "" {
			return false
		}
		if after == "" {
			return true
		}
		literal, _, _ := cutPlaceholder(after)
		i := strings.LastIndex(rest, literal)
		if literal == "" || i < 1 {
			return false
		}
		pattern, name = after, rest[i:]
	}
}

// cutPlaceholder splits a pattern around its first ${…} or <…>.
func cutPlaceholder(pattern string) (before, after string, found bool) {
	for i := range pattern {
		end := ""
		switch {
		case strings.HasPrefix(pattern[i:], "${"):
			end = "}"
		case pattern[i] == '<':
			end = ">"
		default:
			continue
		}
		if n := strings.Index(pattern[i:], end); n > 0 {
			return pattern[:i], pattern[i+n+1:], true
		}
	}
	return pattern, "", false
}

func isOpen(pattern string) bool {
	_, _, open := cutPlaceholder(pattern)
	return open
}
