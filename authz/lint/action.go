package lint

import (
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/authz/reference"
)

// checkActions checks the Action or NotAction element.
func (s *statement) checkActions() {
	if s.action == nil {
		s.report(missingAction, at(s.node))
		return
	}
	if isEmpty(s.action) {
		s.report(emptyArrayAction, at(s.action))
	}
	for _, a := range s.actions {
		s.noVariables(a)
		if s.actionExists(a) {
			s.actionOfResource(a)
		}
	}
	if redundant := s.redundant(s.actions, strings.ToLower, includes); redundant != nil {
		s.report(redundantAction, at(redundant...), len(redundant), redundant[0].text)
	}
}

// actionExists looks an action up, or, of one with wildcards, whether it stands for any.
func (s *statement) actionExists(a *node) bool {
	if a.text == "*" || strings.Contains(a.text, "${") {
		return false
	}
	prefix, name, ok := strings.Cut(a.text, ":")
	switch {
	case !ok:
		s.report(invalidAction, at(a), a.text, "")
	case prefix == "*":
		s.report(wildcardInServiceName, at(a))
	case !reference.IsService(prefix):
		s.report(invalidServiceInAction, at(a), prefix, didYouMean(nearest(prefix, reference.Services(), 2)))
	case hasWildcard(name):
		if !slices.ContainsFunc(reference.Actions(prefix), func(r reference.Action) bool { return matchesFold(name, r.Name) }) {
			s.report(invalidAction, at(a), a.text, "")
			return false
		}
		return true
	default:
		if _, ok := reference.Lookup(a.text); ok {
			return true
		}
		s.report(invalidAction, at(a), a.text, suggestion(prefix, name))
	}
	return false
}

// matchesFold reports whether a name matches a pattern, in any case.
func matchesFold(pattern, name string) bool {
	return includes(strings.ToLower(pattern), strings.ToLower(name))
}

// suggestion is the end of the text on an action that does not exist: the action that authorizes the operation of that name,
// or one with a similar name.
func suggestion(prefix, name string) string {
	if action := actionOfOperation(strings.ToLower(prefix), strings.ToLower(name)); action != "" {
		return " Did you mean " + action + "? The API called " + name + " authorizes against the IAM action " + action + "."
	}
	var names []string
	for _, a := range reference.Actions(prefix) {
		names = append(names, a.Name)
	}
	if near := nearest(name, names, 3); near != "" {
		return didYouMean(strings.ToLower(prefix) + ":" + near)
	}
	return ""
}

func didYouMean(what string) string {
	if what == "" {
		return ""
	}
	return " Did you mean " + what + "?"
}

// actionOfOperation returns the action that authorizes an operation of S3 whose name is no action ("Actions, resources, and
// condition keys for Amazon S3"). Names are in lower case.
func actionOfOperation(prefix, name string) string {
	if prefix != "s3" {
		return ""
	}
	return s3Operations[name]
}

var s3Operations = map[string]string{
	"completemultipartupload":         "s3:PutObject",
	"copyobject":                      "s3:PutObject",
	"createmultipartupload":           "s3:PutObject",
	"deletebucketcors":                "s3:PutBucketCORS",
	"deletebucketencryption":          "s3:PutEncryptionConfiguration",
	"deletebucketlifecycle":           "s3:PutLifecycleConfiguration",
	"deletebucketreplication":         "s3:PutReplicationConfiguration",
	"deletebuckettagging":             "s3:PutBucketTagging",
	"deleteobjects":                   "s3:DeleteObject",
	"deletepublicaccessblock":         "s3:PutBucketPublicAccessBlock",
	"getbucketencryption":             "s3:GetEncryptionConfiguration",
	"getbucketlifecycleconfiguration": "s3:GetLifecycleConfiguration",
	"getbucketreplication":            "s3:GetReplicationConfiguration",
	"getobjectlockconfiguration":      "s3:GetBucketObjectLockConfiguration",
	"getpublicaccessblock":            "s3:GetBucketPublicAccessBlock",
	"headbucket":                      "s3:ListBucket",
	"headobject":                      "s3:GetObject",
	"listbuckets":                     "s3:ListAllMyBuckets",
	"listmultipartuploads":            "s3:ListBucketMultipartUploads",
	"listobjects":                     "s3:ListBucket",
	"listobjectsv2":                   "s3:ListBucket",
	"listobjectversions":              "s3:ListBucketVersions",
	"listparts":                       "s3:ListMultipartUploadParts",
	"putbucketencryption":             "s3:PutEncryptionConfiguration",
	"putbucketlifecycleconfiguration": "s3:PutLifecycleConfiguration",
	"putbucketreplication":            "s3:PutReplicationConfiguration",
	"putobjectlockconfiguration":      "s3:PutBucketObjectLockConfiguration",
	"putpublicaccessblock":            "s3:PutBucketPublicAccessBlock",
	"selectobjectcontent":             "s3:GetObject",
	"uploadpart":                      "s3:PutObject",
	"uploadpartcopy":                  "s3:PutObject",
}

// policyService is the service whose actions a policy of a resource type can name.
var policyService = map[string]string{
	Bucket: "s3", AccessPoint: "s3", MultiRegion: "s3", ObjectLambda: "s3-object-lambda", AssumeRolePolicy: "sts", Table: "dynamodb",
}

// actionOfResource checks that the policy's resource can be acted upon.
func (s *statement) actionOfResource(a *node) {
	resourceType := s.ResourceType
	if s.trust {
		resourceType = AssumeRolePolicy
	}
	service := policyService[resourceType]
	prefix, name, _ := strings.Cut(a.text, ":")
	if service == "" || strings.EqualFold(prefix, service) && (hasWildcard(name) || actsOn(a.text, resourceType)) {
		return
	}
	s.report(unsupportedActionInPolicy, at(a), a.text, resourceType)
}

// actsOn reports whether an action concerns what a policy is attached to.
func actsOn(action, resourceType string) bool {
	if resourceType != Bucket {
		return true
	}
	r, _ := reference.Lookup(action)
	return slices.ContainsFunc(r.ResourceTypes, func(t reference.ResourceType) bool {
		return t.Name == "bucket" || t.Name == "object"
	})
}

// maxComparisons bounds what is spent on redundancy in one element; AWS's longest policies take a hundredth of it.
const maxComparisons = 2_000_000

// redundant returns the items that another item includes; of equal ones the later. fold brings them into one form.
func (s *statement) redundant(items []*node, fold func(string) string, includes func(a, b string) bool) []*node {
	folded := make([]string, len(items))
	var wild []int // only what has a wildcard includes anything else
	for i, n := range items {
		if folded[i] = fold(n.text); hasWildcard(folded[i]) {
			wild = append(wild, i)
		}
	}
	var redundant []*node
	first := map[string]bool{}
	for i, b := range folded {
		covered := first[b]
		first[b] = true
		if len(wild)*len(items) <= maxComparisons {
			covered = covered || slices.ContainsFunc(wild, func(j int) bool {
				a := folded[j]
				return i != j && a != b && includes(a, b) && (j < i || !includes(b, a))
			})
		}
		if covered {
			redundant = append(redundant, items[i])
		}
	}
	return redundant
}

// nearest returns the name that differs from text by the fewest characters, but at most by most, "" for none.
func nearest(text string, names []string, most int) string {
	best, distance := "", min(most, len(text)/3)+1
	lower := strings.ToLower(text)
	for _, name := range names {
		if d := editDistance(lower, strings.ToLower(name), distance); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// editDistance counts insertions, deletions and replacements, up to limit.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal, best := row[0], limit
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
			best = min(best, row[j+1])
		}
		if best >= limit {
			return limit
		}
	}
	return min(row[len(b)], limit)
}
