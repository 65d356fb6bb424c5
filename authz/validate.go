package authz

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Validate checks the text as AWS does when a policy of this kind is stored: JSON, grammar, elements that the kind
// requires and refuses. It does not check sizes or whether principals exist. The error is a *SyntaxError in the words of
// IAM's MalformedPolicyDocument; S3's words for bucket policies are those of [ValidateBucketPolicy].
//
// A resource-based policy of kind Resource is held to the grammar alone, since each service has words of its own.
func Validate(text string, kind PolicyKind) (*Policy, error) {
	p, err := Parse(text)
	if err != nil {
		return nil, err
	}
	checks := identityChecks
	switch kind {
	case Trust:
		checks = trustChecks
	case Resource, ACL, Endpoint:
		checks = resourceChecks
	case RCP:
		checks = rcpChecks
	}
	for _, check := range checks {
		if wrong := check(p); wrong != nil {
			return nil, wrong.in(text)
		}
	}
	return p, nil
}

// The checks in IAM's order: the first that fails gives the message. A check returns nil when it finds nothing.
var (
	identityChecks = []func(*Policy) *fault{
		checkVersion, checkNoPrincipal, checkDates, checkLegacyResources, checkSids, checkActionsPresent, checkResources,
		checkResourcesPresent, checkActions,
	}
	trustChecks = []func(*Policy) *fault{
		checkDates, checkSids, checkActionsPresent, checkActions, checkPrincipal, checkTrustActions, checkNoResource,
	}
	resourceChecks = []func(*Policy) *fault{checkDates, checkActionsPresent, checkActions, checkPrincipal, checkResourcesPresent}
)

// each runs a check on every statement.
func (p *Policy) each(check func(*statement) *fault) *fault {
	for i := range p.statements {
		if wrong := check(&p.statements[i]); wrong != nil {
			return wrong
		}
	}
	return nil
}

func checkVersion(p *Policy) *fault {
	if p.version != version2012 {
		return &fault{message: "Policy document must be version 2012-10-17 or greater.", statement: -1, element: "Version"}
	}
	return nil
}

func checkNoPrincipal(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		if s.principals != nil {
			return s.fault("Principal", "", "Policy document should not specify a principal.")
		}
		return nil
	})
}

// checkPrincipal: a statement of a resource-based policy names somebody. That IAM refuses a bare star in a trust policy,
// but takes {"AWS": "*"}, is seen of it, not documented.
func checkPrincipal(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		switch {
		case s.principals == nil:
			return s.fault("Principal", "", "Missing required field Principal")
		case s.principals.everyone && !s.resources.present:
			return s.fault("Principal", "", `AssumeRolepolicy contained an invalid principal: "STAR".`)
		case s.principals.empty():
			return s.fault("Principal", "", "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: The "+
				"passed in policy has a statement with no principals!")
		}
		return nil
	})
}

func (p *principals) empty() bool {
	return !p.everyone && len(p.aws)+len(p.service)+len(p.federated)+len(p.canonical) == 0
}

// checkDates: values of date operators that are no dates fail IAM's legacy parsing.
func checkDates(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		for i := range s.conditions {
			c := &s.conditions[i]
			if c.test < dateEquals || c.test > dateGreaterEquals {
				continue
			}
			if slices.ContainsFunc(c.values, func(o operand) bool { return !o.valid }) {
				return s.fault("Condition", "", legacyParsing)
			}
		}
		return nil
	})
}

// checkLegacyResources: a resource that is well-formed otherwise but lacks parts of an ARN.
func checkLegacyResources(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		for i := range s.resources.list {
			text := s.resources.list[i].text
			if resourceProblem(text) != "" {
				return nil // has a message of its own
			}
			parts := strings.Split(text, ":")
			if text != "*" && (len(parts) < 6 && strings.Contains(text, "::") || len(parts) > 2 && parts[2] == "") {
				return s.fault("Resource", text, legacyParsing)
			}
		}
		return nil
	})
}

// checkSids: alphanumeric, and unique within the document.
func checkSids(p *Policy) *fault {
	seen := map[string]bool{}
	for i := range p.statements {
		s := &p.statements[i]
		sid := s.sid
		if strings.ContainsFunc(sid, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		}) {
			return s.fault("Sid", "", "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "+
				"expression [0-9A-Za-z]*")
		}
		if sid != "" && seen[sid] {
			return s.fault("Sid", "", "Statement IDs (SID) in a single policy must be unique.")
		}
		seen[sid] = true
	}
	return nil
}

func checkActionsPresent(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		if len(s.actions.texts) == 0 {
			return s.fault("Action", "", "Policy statement must contain actions.")
		}
		return nil
	})
}

func checkResourcesPresent(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		if len(s.resources.list) == 0 {
			return s.fault("Resource", "", "Policy statement must contain resources.")
		}
		return nil
	})
}

func checkNoResource(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		if s.resources.present {
			return s.fault("Resource", "", "Has prohibited field Resource")
		}
		return nil
	})
}

// checkActions: "*", or a vendor, a colon and an operation.
func checkActions(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		for _, text := range s.actions.texts {
			vendor, _, hasColon := strings.Cut(text, ":")
			switch {
			case text == "*":
			case !hasColon:
				return s.fault("Action", text, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
			case strings.Count(text, ":") > 1:
				return s.fault("Action", text, "Actions/Condition can contain only one colon.")
			case vendor != "*" && strings.ContainsFunc(vendor, notOfVendor):
				return s.fault("Action", text, fmt.Sprintf("Vendor %s is not valid", vendor))
			}
		}
		return nil
	})
}

func notOfVendor(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '.'
}

// trustActions are the STS actions that a trust policy may name.
var trustActions = []string{
	"assumerole", "assumerolewithsaml", "assumerolewithwebidentity", "tagsession", "setsourceidentity", "setcontext",
	"decodeauthorizationmessage", "getaccesskeyinfo", "getcalleridentity", "getfederationtoken", "getservicebearertoken",
	"getsessiontoken",
}

func checkTrustActions(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		for _, text := range s.actions.texts {
			vendor, operation, _ := strings.Cut(strings.ToLower(text), ":")
			pattern := newLikePattern(operation)
			if vendor != "sts" || !slices.ContainsFunc(trustActions, pattern.matches) {
				return s.fault("Action", text, "AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
		return nil
	})
}

func checkResources(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		for i := range s.resources.list {
			text := s.resources.list[i].text
			if message := resourceProblem(text); message != "" {
				return s.fault("Resource", text, message)
			}
		}
		return nil
	})
}

// partitions are the first parts that an ARN may have.
var partitions = []string{
	"*", "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc",
}

// iamResourceTypes are what the resource part of an IAM ARN may start with.
var iamResourceTypes = []string{
	"user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/", "sms-mfa/",
	"saml-provider/", "oidc-provider/", "report/", "access-report/",
}

// resourceProblem is IAM's message for a Resource that it refuses, "" for one that it takes.
func resourceProblem(text string) string {
	if text == "*" {
		return ""
	}
	parts := strings.SplitN(text, ":", 6)
	part := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return "*"
	}
	switch {
	case len(parts) == 1:
		return fmt.Sprintf(`Resource %s must be in ARN format or "*".`, text)
	case !slices.Contains(partitions, parts[1]):
		return fmt.Sprintf("Partition %s is not valid for resource %s.", strconv.Quote(parts[1]),
			strconv.Quote(strings.Join([]string{"arn", parts[1], part(2), part(3), part(4), part(5)}, ":")))
	case len(parts) == 2:
		return "Resource vendor must be fully qualified and cannot contain regexes."
	case len(parts) < 5:
		return ""
	}
	service, region, resource := parts[2], parts[3], part(5)
	switch {
	case service == "iam" && region != "":
		return fmt.Sprintf("IAM resource %s cannot contain region information.", text)
	case service == "s3" && region != "" && !hasPrefixOf(resource, regionalS3Types):
		return fmt.Sprintf("Resource %s can not contain region information.", text)
	case service == "iam" && len(parts) == 6 && !isIAMResource(resource):
		return fmt.Sprintf(`IAM resource path must either be "*", root, or start with %s.`, strings.Join(iamResourceTypes, ", "))
	}
	return ""
}

func isIAMResource(resource string) bool {
	return resource == "*" || resource == "root" || hasPrefixOf(resource, iamResourceTypes)
}

// regionalS3Types are the S3 resources that are not buckets or objects, and so have a region.
var regionalS3Types = []string{"accesspoint/", "access-grants/", "async-request/", "job/", "storage-lens/", "storage-lens-group/"}

func hasPrefixOf(text string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}
