package lint

import (
	"encoding/base64"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/authz/reference"
)

// checkValues checks the values of a condition: first whether the operator can read them, then what they mean.
func (s *statement) checkValues(c *condition) {
	for _, v := range c.values {
		if isVariable(v.text) {
			continue
		}
		switch c.kind() {
		case reference.Bool:
			if !strings.EqualFold(v.text, "true") && !strings.EqualFold(v.text, "false") {
				s.report(typeMismatchBoolean, at(v), c.operator)
			}
		case reference.Numeric:
			if _, err := strconv.ParseFloat(v.text, 64); err != nil {
				s.report(typeMismatchNumber, at(v), c.operator)
			}
		case reference.Date:
			s.checkDate(v)
		case reference.Binary:
			if _, err := base64.StdEncoding.DecodeString(v.text); err != nil {
				s.report(typeMismatchString, at(v), c.operator)
			}
		case reference.IPAddress:
			s.checkRange(c, v)
		case reference.String:
			if !c.like() && hasWildcard(v.text) {
				s.report(wildcardWithoutLikeOperator, at(v))
			}
		}
	}
	s.redundantNumbers(c)
	s.checkEverything(c)
	s.checkSourceIP(c)
	s.checkFormats(c)
	s.checkSensitive(c)
}

var dateForms = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02", "2006-01",
	"2006",
}

func (s *statement) checkDate(v *node) {
	if _, err := strconv.ParseFloat(v.text, 64); err == nil && len(v.text) != 4 {
		s.report(invalidDateValue, at(v), v.text)
		return
	}
	for _, form := range dateForms {
		if _, err := time.Parse(form, strings.ToUpper(v.text)); err == nil {
			return
		}
	}
	s.report(typeMismatchDate, at(v))
}

// network reads an address or a CIDR range.
func network(text string) (p netip.Prefix, ok bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p, true
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return p, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

func (s *statement) checkRange(c *condition, v *node) {
	p, ok := network(v.text)
	switch {
	case !ok:
		s.report(typeMismatchIPRange, at(v), c.operator)
	case p.Masked() != p:
		s.report(improveIPRange, at(v), p.Masked())
	}
}

// checkSourceIP: requests come to AWS from public addresses.
func (s *statement) checkSourceIP(c *condition) {
	if !strings.EqualFold(c.key, "aws:SourceIp") || c.kind() != reference.IPAddress {
		return
	}
	private, total := 0, 0
	for _, v := range c.values {
		if p, ok := network(v.text); ok {
			total++
			if isPrivate(p) {
				private++
			}
		}
	}
	all, some := privateIPAddress, privateIPAddressSubset
	if c.negated() {
		all, some = privateNotIPAddress, privateNotIPAddressSubset
	}
	switch {
	case private == 0:
	case private == total:
		s.report(all, at(c.member.value))
	default:
		s.report(some, at(c.member.value))
	}
}

// isPrivate reports whether all of a range is private.
func isPrivate(p netip.Prefix) bool {
	for _, r := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"} {
		private := netip.MustParsePrefix(r)
		if p.Bits() >= private.Bits() && private.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

// redundantNumbers: of several bounds only the widest counts.
func (s *statement) redundantNumbers(c *condition) {
	if len(c.values) < 2 {
		return
	}
	switch {
	case strings.HasPrefix(c.base, "NumericLess"):
		s.report(redundantConditionValueNum, at(c.member.value), c.operator, "greatest", c.key)
	case strings.HasPrefix(c.base, "NumericGreater"):
		s.report(redundantConditionValueNum, at(c.member.value), c.operator, "least", c.key)
	}
}

// checkEverything: a lone * says no more than whether the key is there.
func (s *statement) checkEverything(c *condition) {
	if !c.like() || len(c.values) != 1 || c.values[0].text != "*" {
		return
	}
	key := atKey(c.member)
	present := func() { s.report(equivalentToNullFalse, key, c.key, c.operator, c.key) }
	absent := func() { s.report(equivalentToNullTrue, key, c.key, c.operator, c.key) }
	switch {
	case !c.negated() && (c.ifExists || c.set == "ForAllValues"):
		s.report(redundantKeyDueToWildcardInCondition, key, c.key, c.operator)
	case !c.negated():
		present()
	case c.set == "ForAnyValue" && !c.ifExists:
		s.report(redundantStatementDueToWildcardInCondition, key, c.key, c.operator)
	default:
		absent()
	}
}

var (
	vpcID  = regexp.MustCompile(`^vpc-([A-Za-z0-9]{8}|[A-Za-z0-9]{17})$`)
	vpceID = regexp.MustCompile(`^vpce-([A-Za-z0-9]{8}|[A-Za-z0-9]{17})$`)
	kmsKey = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+$`)

	viaService = regexp.MustCompile(`^[a-z0-9-]+\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$`)
)

// checkFormats checks values whose form is known by their key.
func (s *statement) checkFormats(c *condition) {
	if c.kind() != reference.String && c.kind() != reference.ARN {
		return
	}
	for _, v := range c.strings() {
		if isVariable(v.text) || hasWildcard(v.text) {
			continue
		}
		switch strings.ToLower(c.key) {
		case "aws:requestedregion", "ec2:region":
			if !isRegion(v.text) {
				s.report(invalidRegion, at(v), v.text)
			}
		case "aws:sourcevpc":
			if !vpcID.MatchString(v.text) {
				s.report(invalidVPCFormat, at(v))
			}
		case "aws:sourcevpce":
			if !vpceID.MatchString(v.text) {
				s.report(invalidVPCEFormat, at(v))
			}
		case "s3:x-amz-server-side-encryption-aws-kms-key-id":
			if !kmsKey.MatchString(v.text) {
				s.report(invalidKMSKeyValue, at(v), c.key)
			}
		case "iam:passedtoservice", "iam:awsservicename", "aws:principalservicename", "aws:calledviafirst", "aws:calledvialast",
			"aws:calledvia":
			if !servicePrincipals.MatchString(v.text) {
				s.report(invalidServicePrincipalFormat, at(v), "service-name.amazonaws.com")
			}
		case "kms:viaservice":
			if !viaService.MatchString(v.text) {
				s.report(invalidServicePrincipalFormat, at(v), "service-name.AWS_region.amazonaws.com")
			}
		}
	}
}

// sensitiveKeys identify accounts, organizations and networks, whose names have no order that a wildcard could use ("AWS global
// condition context keys", sensitive condition keys).
var sensitiveKeys = []string{
	"aws:principalaccount", "aws:principalorgid", "aws:resourceaccount", "aws:resourceorgid", "aws:sourceaccount",
	"aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid",
}

const (
	sensitiveWildcard = "The wildcard is not allowed in the condition key %s. We consider the key to be sensitive and wildcards are not allowed to be used with sensitive keys. Refer to https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html for the list of sensitive keys."
	sensitiveVariable = "The policy variable is not allowed in the condition key %s. We consider the key to be sensitive and policy variables can be evaluated as effective wildcards. Therefore policy variables are not allowed to be used with sensitive keys. Refer to https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html for the list of sensitive keys."
	userIDWildcard    = "Overly permissive use of wildcard with aws:userID. Use the wildcard on the right side of colon or as the only character on the left side of a colon."
	userIDVariable    = "Overly permissive use of policy variable with aws:userID. Use the policy variable on the right side of colon or as the only character on the left side of a colon."
)

// checkSensitive finds wildcards and variables where they let too much through.
func (s *statement) checkSensitive(c *condition) {
	key := strings.ToLower(c.key)
	sensitive := contains(sensitiveKeys, key)
	if !sensitive && key != "aws:userid" || c.kind() != reference.String {
		return
	}
	for _, v := range c.strings() {
		wild := c.like() && hasWildcard(asPatternless(v.text))
		switch {
		case sensitive && c.like() && isVariable(v.text):
			s.report(variableUsageTooPermissive, at(v), strings.Replace(sensitiveVariable, "%s", c.key, 1))
		case sensitive && wild:
			s.report(wildcardUsageTooPermissive, at(v), strings.Replace(sensitiveWildcard, "%s", c.key, 1))
		case sensitive:
		case c.like() && isVariable(v.text) && !narrowUserID(asPattern(v.text)):
			s.report(variableUsageTooPermissive, at(v), userIDVariable)
		case wild && !narrowUserID(v.text):
			s.report(wildcardUsageTooPermissive, at(v), userIDWildcard)
		}
	}
}

// asPatternless removes ${…}.
func asPatternless(text string) string {
	for _, v := range variables(text) {
		text = strings.Replace(text, "${"+v.name+"}", "", 1)
	}
	return text
}

// narrowUserID reports whether a pattern of user ids, UNIQUEID:NAME, is open at the right of its colon, or all of its left.
func narrowUserID(pattern string) bool {
	left, _, ok := strings.Cut(pattern, ":")
	return ok && (left == "*" || !hasWildcard(left))
}
