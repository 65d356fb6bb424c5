package authz

import (
	"fmt"
	"slices"
	"strings"
)

// ValidateBucketPolicy checks a bucket policy in the words of S3's MalformedPolicy: grammar, actions that are not S3's,
// resources that are not of the bucket, actions that do not apply to any resource.
func ValidateBucketPolicy(text, bucket string) (*Policy, error) {
	if !strings.HasPrefix(text, "{") {
		return nil, &SyntaxError{"Policies must be valid JSON and the first byte must be '{'"}
	}
	document, err := readJSON(text)
	if err != nil {
		return nil, &SyntaxError{"This policy contains invalid Json"}
	}
	if message := bucketDocumentProblem(document); message != "" {
		return nil, &SyntaxError{message}
	}
	p, err := Parse(text)
	if err != nil {
		return nil, &SyntaxError{"This policy contains invalid Json"}
	}
	if message := p.each(func(s *statement) string { return s.bucketProblem(bucket) }); message != "" {
		return nil, &SyntaxError{message}
	}
	return p, nil
}

// bucketDocumentProblem names what S3 misses or refuses before it looks into actions and resources.
func bucketDocumentProblem(document object) string {
	if version, ok := document.get("Version"); ok && version != version2008 && version != version2012 {
		return "The policy must contain a valid version string"
	}
	for _, m := range document {
		if m.key != "Version" && m.key != "Id" && m.key != "Statement" {
			return "Unknown field " + m.key
		}
	}
	value, ok := document.get("Statement")
	if !ok {
		return "Missing required field Statement"
	}
	statements, isList := value.([]any)
	if !isList {
		statements = []any{value}
	}
	if len(statements) == 0 {
		return "Could not parse the policy: Statement is empty!"
	}
	for _, value := range statements {
		if message := bucketStatementProblem(value); message != "" {
			return message
		}
	}
	return ""
}

// statementElements are the elements of a statement.
var statementElements = []string{
	"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}

func bucketStatementProblem(value any) string {
	o, isObject := value.(object)
	if !isObject {
		return "This policy contains invalid Json"
	}
	for _, m := range o {
		if !slices.Contains(statementElements, m.key) {
			return "Unknown field " + m.key
		}
	}
	effect, hasEffect := o.get("Effect")
	if !hasEffect {
		return "Missing required field Effect"
	}
	if effect != "Allow" && effect != "Deny" {
		return fmt.Sprintf("Invalid effect: %v", effect)
	}
	for _, element := range []string{"Principal", "Action", "Resource"} {
		_, has := o.get(element)
		if _, hasNot := o.get("Not" + element); !has && !hasNot {
			return "Missing required field " + element
		}
	}
	for _, name := range []string{"Principal", "NotPrincipal"} {
		if value, ok := o.get(name); ok {
			if p, err := compilePrincipals(value); err != nil || p.empty() {
				return "Invalid principal in policy"
			}
		}
	}
	return conditionProblem(o)
}

func conditionProblem(o object) string {
	value, ok := o.get("Condition")
	if !ok {
		return ""
	}
	byOperator, isObject := value.(object)
	if !isObject {
		return "This policy contains invalid Json"
	}
	for _, m := range byOperator {
		if _, err := compileCondition(m.key, "", nil, false); err != nil {
			return "Invalid Condition type : " + m.key
		}
		keys, isObject := m.value.(object)
		if !isObject {
			return "This policy contains invalid Json"
		}
		for _, key := range keys {
			if !strings.Contains(key.key, ":") {
				return "Policy has an invalid condition key"
			}
		}
	}
	return ""
}

// bucketProblem is S3's message for a statement's actions and resources.
func (s *statement) bucketProblem(bucket string) string {
	onBucket, onObjects := false, false
	for i := range s.resources.list {
		isBucket, isObjects := bucketResource(s.resources.list[i].text, bucket)
		if !isBucket && !isObjects {
			return "Policy has invalid resource"
		}
		onBucket, onObjects = onBucket || isBucket, onObjects || isObjects
	}
	if len(s.resources.list) == 0 {
		return "Policy has invalid resource"
	}
	if len(s.actions.texts) == 0 {
		return "Policy has invalid action"
	}
	for _, text := range s.actions.texts {
		ofBucket, ofObjects := bucketAction(text)
		switch {
		case !ofBucket && !ofObjects:
			return "Policy has invalid action"
		case s.actions.not || s.resources.not:
		case !(ofBucket && onBucket) && !(ofObjects && onObjects):
			return "Action does not apply to any resource(s) in statement"
		}
	}
	return ""
}

// bucketResource says whether text names the bucket, objects in it, or, ending in a star right after the bucket's name,
// both. A policy's resources must be of its own bucket.
func bucketResource(text, bucket string) (isBucket, isObjects bool) {
	a, ok := parseARN(text)
	if !ok || !slices.Contains(partitions, a.partition) || a.service != "s3" || a.region != "" || a.account != "" {
		return false, false
	}
	rest, ok := strings.CutPrefix(a.resource, bucket)
	switch {
	case !ok:
		return false, false
	case rest == "":
		return true, false
	case rest[0] == '/':
		return false, true
	case rest[0] == '*':
		return true, true
	}
	return false, false
}

// bucketAction says what an action or a pattern of actions is on.
func bucketAction(text string) (ofBucket, ofObjects bool) {
	if text == "*" {
		return true, true
	}
	service, operation, ok := strings.Cut(strings.ToLower(text), ":")
	if !ok || service != "s3" {
		return false, false
	}
	pattern := newPattern(likePattern(operation))
	covers := func(action string) bool { return pattern.matches(strings.ToLower(action)) }
	return slices.ContainsFunc(bucketActions, covers), slices.ContainsFunc(objectActions, covers)
}

// objectActions and bucketActions are S3's actions by the resource type that they are on ("Actions, resources, and
// condition keys for Amazon S3"). Actions on neither, such as ListAllMyBuckets, have no place in a bucket policy.
var objectActions = []string{
	"AbortMultipartUpload", "BypassGovernanceRetention", "DeleteObject", "DeleteObjectTagging", "DeleteObjectVersion",
	"DeleteObjectVersionTagging", "GetObject", "GetObjectAcl", "GetObjectAttributes", "GetObjectLegalHold",
	"GetObjectRetention", "GetObjectTagging", "GetObjectTorrent", "GetObjectVersion", "GetObjectVersionAcl",
	"GetObjectVersionAttributes", "GetObjectVersionForReplication", "GetObjectVersionTagging", "GetObjectVersionTorrent",
	"InitiateReplication", "ListMultipartUploadParts", "ObjectOwnerOverrideToBucketOwner", "PutObject", "PutObjectAcl",
	"PutObjectLegalHold", "PutObjectRetention", "PutObjectTagging", "PutObjectVersionAcl", "PutObjectVersionTagging",
	"ReplicateDelete", "ReplicateObject", "ReplicateTags", "RestoreObject", "UpdateObjectEncryption",
}

var bucketActions = []string{
	"CreateBucket", "CreateBucketMetadataTableConfiguration", "DeleteBucket", "DeleteBucketMetadataTableConfiguration",
	"DeleteBucketPolicy", "DeleteBucketWebsite", "GetAccelerateConfiguration", "GetAnalyticsConfiguration", "GetBucketAbac",
	"GetBucketAcl", "GetBucketCORS", "GetBucketLocation", "GetBucketLogging", "GetBucketMetadataTableConfiguration",
	"GetBucketNotification", "GetBucketObjectLockConfiguration", "GetBucketOwnershipControls", "GetBucketPolicy",
	"GetBucketPolicyStatus", "GetBucketPublicAccessBlock", "GetBucketRequestPayment", "GetBucketTagging",
	"GetBucketVersioning", "GetBucketWebsite", "GetEncryptionConfiguration", "GetIntelligentTieringConfiguration",
	"GetInventoryConfiguration", "GetLifecycleConfiguration", "GetMetricsConfiguration", "GetReplicationConfiguration",
	"ListBucket", "ListBucketMultipartUploads", "ListBucketVersions", "ListTagsForResource", "PauseReplication",
	"PutAccelerateConfiguration", "PutAnalyticsConfiguration", "PutBucketAbac", "PutBucketAcl", "PutBucketCORS",
	"PutBucketLogging", "PutBucketNotification", "PutBucketObjectLockConfiguration", "PutBucketOwnershipControls",
	"PutBucketPolicy", "PutBucketPublicAccessBlock", "PutBucketRequestPayment", "PutBucketTagging", "PutBucketVersioning",
	"PutBucketWebsite", "PutEncryptionConfiguration", "PutIntelligentTieringConfiguration", "PutInventoryConfiguration",
	"PutLifecycleConfiguration", "PutMetricsConfiguration", "PutReplicationConfiguration", "TagResource", "UntagResource",
	"UpdateBucketMetadataInventoryTableConfiguration", "UpdateBucketMetadataJournalTableConfiguration",
}
