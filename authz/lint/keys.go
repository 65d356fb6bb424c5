package lint

import (
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/authz/reference"
)

// checkKeys checks the condition keys of a statement against its actions and against each other.
func (s *statement) checkKeys() {
	for _, c := range s.conditions {
		kind, known := reference.Key(c.key)
		if !known || kind == "" {
			continue
		}
		if isResourceTag(c.key) {
			s.checkResourceTag(c)
		} else {
			s.unsupportedActions(c)
		}
		s.checkKnownKey(c)
	}
}

func isResourceTag(key string) bool {
	return strings.HasPrefix(strings.ToLower(key), "aws:resourcetag/")
}

// listed are the statement's actions without wildcards that exist. A key that any of them lacks is in no request for them.
func (s *statement) listed() []*node {
	if s.notAction {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.actions), func(n *node) bool {
		_, ok := reference.Lookup(n.text)
		return !ok
	})
}

func (s *statement) unsupportedActions(c *condition) {
	var unsupported []*node
	for _, n := range s.listed() {
		a, _ := reference.Lookup(n.text)
		if !a.Supports(c.key) && !isClaimOf(a, c.key) {
			unsupported = append(unsupported, n)
		}
	}
	if unsupported != nil {
		s.report(unsupportedActionForConditionKey, append(at(unsupported...), at(c.member.value)...), join(unsupported), c.key)
	}
}

// isClaimOf reports whether the key is a claim of an identity provider that the reference does not know, and the action is the
// one that has such claims.
func isClaimOf(a reference.Action, key string) bool {
	prefix, _, _ := strings.Cut(key, ":")
	return a.String() == "sts:AssumeRoleWithWebIdentity" && strings.Contains(prefix, ".")
}

// checkResourceTag finds services that do not tell their resources' tags, so that the condition never holds for them.
func (s *statement) checkResourceTag(c *condition) {
	if c.negated() || c.ifExists || c.base == "Null" || s.effect == "" {
		return
	}
	if s.notAction {
		i := allowNotActionWithUnsupportedTagConditionKeyForService
		if s.denies() {
			i = denyNotActionWithUnsupportedTagConditionKeyForService
		}
		s.report(i, append(atKey(c.member), at(s.action)...), c.key)
		return
	}
	var services []string
	var actions []*node
	for _, n := range s.actions {
		prefix, name, ok := strings.Cut(strings.ToLower(n.text), ":")
		if !ok || !reference.IsService(prefix) || supportsAny(prefix, name, c.key) {
			continue
		}
		actions = append(actions, n)
		if !contains(services, prefix) {
			services = append(services, prefix)
		}
	}
	if services == nil {
		return
	}
	i := allowWithUnsupportedTagConditionKeyForService
	if s.denies() {
		i = denyWithUnsupportedTagConditionKeyForService
	}
	s.report(i, append(at(actions...), atKey(c.member)...), c.key, strings.Join(services, ", "))
}

// supportsAny reports whether an action of the pattern has the key; what matches no action counts as supported, since it has a
// finding of its own.
func supportsAny(prefix, pattern, key string) bool {
	none := true
	for _, a := range reference.Actions(prefix) {
		if matchesFold(pattern, a.Name) {
			if a.Supports(key) {
				return true
			}
			none = false
		}
	}
	return none
}

// checkKnownKey checks what is known of single keys.
func (s *statement) checkKnownKey(c *condition) {
	key := atKey(c.member)
	switch lower := strings.ToLower(c.key); lower {
	case "aws:referer", "aws:useragent":
		s.report(untrustworthyConditionKey, key, c.key)
	case "aws:vpcsourceip":
		if !s.hasKey("aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn") {
			s.report(missingPairedConditionKeys, key, c.key, "aws:SourceVpc")
		}
	case "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths":
		if s.notAction || slices.ContainsFunc(s.actions, func(n *node) bool { return strings.HasPrefix(n.text, "*") }) {
			s.report(useConditionKeyOnlyWithSupportedServices, key, c.key)
		}
	case "dynamodb:attributes":
		if s.allows() && !s.hasKey("dynamodb:Select") {
			s.report(dynamoDBAttributesWithoutSelect, key)
		}
	case "s3:prefix":
		if c.kind() == reference.String && (s.denies() && !c.negated() || s.allows() && c.negated()) {
			s.report(s3PrefixInNegativeContext, key)
		}
	case "s3:resourceaccount":
		if s.ResourceType == Bucket || s.ResourceType == AccessPoint {
			s.report(irrelevantConditionKeyInPolicy, key, c.key, s.ResourceType)
		}
	}
}
