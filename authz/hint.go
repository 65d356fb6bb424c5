package authz

import (
	"fmt"
	"slices"
	"strings"
)

// miss is how an element did not match: both sides, a sentence, and how near it was (0 to 99). fix is what the element
// should say instead, if that is plain.
type miss struct {
	policy, request string
	why             string
	closeness       int
	fix             string
	replaces        string // the entry that fix stands for
	remedy          string // what to do instead of changing an element
	beside          bool   // fix goes beside it, which may be needed for other actions
}

// operationActions are S3 operations whose name is not that of an action, with the action that they need ("Required
// permissions for Amazon S3 API operations").
var operationActions = map[string]string{
	"s3:listbuckets":             "s3:ListAllMyBuckets",
	"s3:listobjects":             "s3:ListBucket",
	"s3:listobjectsv2":           "s3:ListBucket",
	"s3:listobjectversions":      "s3:ListBucketVersions",
	"s3:headbucket":              "s3:ListBucket",
	"s3:headobject":              "s3:GetObject",
	"s3:deleteobjects":           "s3:DeleteObject",
	"s3:copyobject":              "s3:PutObject",
	"s3:createmultipartupload":   "s3:PutObject",
	"s3:uploadpart":              "s3:PutObject",
	"s3:uploadpartcopy":          "s3:PutObject",
	"s3:completemultipartupload": "s3:PutObject",
	"s3:listmultipartuploads":    "s3:ListBucketMultipartUploads",
	"s3:listparts":               "s3:ListMultipartUploadParts",
	"s3:getbucketencryption":     "s3:GetEncryptionConfiguration",
	"s3:putbucketencryption":     "s3:PutEncryptionConfiguration",
	"s3:getbucketlifecycle":      "s3:GetLifecycleConfiguration",
	"s3:putbucketlifecycle":      "s3:PutLifecycleConfiguration",
	"s3:getpublicaccessblock":    "s3:GetBucketPublicAccessBlock",
	"s3:putpublicaccessblock":    "s3:PutBucketPublicAccessBlock",
}

// actionMiss explains an Action or NotAction that does not cover the request's.
func (x *explainer) actionMiss(s *statement) miss {
	m := miss{policy: quoted(s.actions.texts), request: x.request.Action}
	switch {
	case !s.actions.present:
		m.why = "The statement has no Action."
		return m
	case s.actions.not:
		m.why = "NotAction leaves this action out."
		return m
	}
	for _, text := range s.actions.texts {
		if fix := x.actionEntryMiss(text); fix.why != "" {
			return fix
		}
	}
	m.why = "It is about other actions."
	return m
}

// actionEntryMiss compares one entry with the request's action. It looks closely only at entries of the same service or
// operation, since policies name thousands.
func (x *explainer) actionEntryMiss(text string) miss {
	service, operation, hasColon := strings.Cut(text, ":")
	sameService, sameOperation := strings.EqualFold(service, x.action.service), strings.EqualFold(operation, x.action.operation)
	switch {
	case !hasColon && strings.EqualFold(text, x.action.operation):
		return actionFix(text, x.request.Action, 80, fmt.Sprintf("The service's prefix is missing: write %s.", x.request.Action))
	case hasColon && sameOperation && !sameService && !strings.ContainsAny(text, "*?"):
		return actionFix(text, x.request.Action, 70, fmt.Sprintf("The service's prefix is %s, not %s.", x.action.service, service))
	case !sameService:
		return miss{}
	case strings.EqualFold(operationActions[strings.ToLower(text)], x.request.Action):
		return actionFix(text, x.request.Action, 80, fmt.Sprintf("%s is an operation of the API, not an action: its permission is "+
			"called %s.", text, x.request.Action))
	case misspelt(service, operation, afterLast(x.request.Action, ":")):
		return actionFix(text, x.request.Action, 75, fmt.Sprintf("%s looks like a misspelling of %s.", text, x.request.Action))
	}
	return miss{}
}

func actionFix(text, action string, closeness int, why string) miss {
	return miss{policy: text, request: action, why: why, closeness: closeness, fix: action, replaces: text}
}

// misspelt reports whether the operation a is b with slips of the pen, and not another operation in its own right:
// PutObject is two letters from GetObject.
func misspelt(service, a, b string) bool {
	if !similar(strings.ToLower(a), strings.ToLower(b)) {
		return false
	}
	if ofBucket, ofObjects := bucketAction(service + ":" + a); ofBucket || ofObjects {
		return false
	}
	verbA, verbB := firstWord(a), firstWord(b)
	return verbA == verbB || !slices.Contains(verbs, verbA) || !slices.Contains(verbs, verbB)
}

// verbs are what operations commonly begin with.
var verbs = []string{
	"Add", "Assume", "Attach", "Cancel", "Change", "Copy", "Create", "Deactivate", "Delete", "Describe", "Detach", "Disable",
	"Enable", "Get", "Head", "List", "Pass", "Put", "Remove", "Reset", "Restore", "Run", "Set", "Start", "Stop", "Tag", "Untag",
	"Update", "Upload",
}

func firstWord(name string) string {
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			return name[:i]
		}
	}
	return name
}

// similar reports whether b is a, but for one or two slips of the pen. Numbers that differ make two names, not a slip.
func similar(a, b string) bool {
	if a == b || strings.ContainsAny(a, "*?") || min(len(a), len(b)) <= 4 || distance(a, b, 2) > 2 {
		return false
	}
	return withoutDigits(a) != withoutDigits(b)
}

func withoutDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, text)
}

// distance is the edit distance of a and b, a swap of neighbours counting once; more than limit is limit+1.
func distance(a, b string, limit int) int {
	if max(len(a), len(b))-min(len(a), len(b)) > limit || max(len(a), len(b)) > 512 {
		return limit + 1
	}
	before := make([]int, len(b)+1)
	previous := make([]int, len(b)+1)
	current := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return min(previous[len(b)], limit+1)
}

// quoted lists texts, the first few when there are many.
func quoted(texts []string) string {
	const most = 4
	if len(texts) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(texts[:most], ", "), len(texts)-most)
	}
	return strings.Join(texts, ", ")
}

// differingDigits says in words where two account ids differ.
func differingDigits(inPolicy, real string) string {
	switch {
	case inPolicy == "":
		return "the policy's has no account id"
	case len(inPolicy) != len(real):
		return fmt.Sprintf("the policy's has %d digits instead of %d", len(inPolicy), len(real))
	}
	var places []int
	for i := range inPolicy {
		if inPolicy[i] != real[i] {
			places = append(places, i)
		}
	}
	switch {
	case len(places) == 1:
		i := places[0]
		return fmt.Sprintf("digit %d is %c instead of %c", i+1, inPolicy[i], real[i])
	case len(places) == 2 && distance(inPolicy, real, 2) == 1:
		return fmt.Sprintf("digits %d and %d are swapped", places[0]+1, places[1]+1)
	}
	return "it is another account"
}
