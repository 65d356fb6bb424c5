package authz

import (
	"fmt"
	"slices"
	"strings"
)

// ValidateBucketPolicy checks a bucket policy in the words of S3's MalformedPolicy: grammar, actions that are not S3's,
// resources that are not of the bucket, actions that do not apply to any resource. The error is a *SyntaxError.
func ValidateBucketPolicy(text, bucket string) (*Policy, error) {
	return validateS3Policy(text, func(resource string) (bool, bool) { return bucketResource(resource, bucket) })
}

// ValidateAccessPointPolicy is ValidateBucketPolicy for the policy of an S3 access point: its resources are the access point,
// by its ARN, and what is under ARN/object/.
func ValidateAccessPointPolicy(text, arn string) (*Policy, error) {
	return validateS3Policy(text, func(resource string) (isPoint, isObjects bool) {
		return resource == arn || resource == arn+"*", strings.HasPrefix(resource, arn+"/object/") || resource == arn+"*" || resource == arn+"/*"
	})
}

// validateS3Policy is told by resource whether a text names what the policy is on, or objects in it.
func validateS3Policy(text string, resource func(string) (bool, bool)) (*Policy, error) {
	if !strings.HasPrefix(text, "{") {
		return nil, faultAt(0, "Policies must be valid JSON and the first byte must be '{'").in(text)
	}
	document, wrong := readJSON(text)
	if wrong != nil {
		return nil, faultAt(wrong.Offset, invalidJSON).in(text)
	}
	if wrong := bucketDocumentFault(text, document); wrong != nil {
		return nil, wrong.in(text)
	}
	p, err := Parse(text)
	if err != nil {
		return nil, faultAt(err.(*SyntaxError).Offset, invalidJSON).in(text)
	}
	if wrong := p.each(func(s *statement) *fault { return s.bucketFault(resource) }); wrong != nil {
		return nil, wrong.in(text)
	}
	return p, nil
}

const invalidJSON = "This policy contains invalid Json"

func faultAt(offset int, message string) *SyntaxError {
	return &SyntaxError{Message: message, Offset: offset}
}

// bucketDocumentFault names what S3 misses or refuses before it looks into actions and resources.
func bucketDocumentFault(text string, document object) *SyntaxError {
	if version := document.member("Version"); version != nil && version.value != version2008 && version.value != version2012 {
		return faultAt(version.at, "The policy must contain a valid version string")
	}
	for _, m := range document {
		if m.key != "Version" && m.key != "Id" && m.key != "Statement" {
			return faultAt(m.keyAt, "Unknown field "+m.key)
		}
	}
	list := document.member("Statement")
	if list == nil {
		return faultAt(0, "Missing required field Statement")
	}
	statements := valuesAt(text, list.at)
	if len(statements) == 0 {
		return faultAt(list.at, "Could not parse the policy: Statement is empty!")
	}
	for _, statement := range statements {
		if wrong := bucketStatementFault(statement); wrong != nil {
			return wrong
		}
	}
	return nil
}

// statementElements are the elements of a statement.
var statementElements = []string{
	"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}

func bucketStatementFault(statement member) *SyntaxError {
	o, isObject := statement.value.(object)
	if !isObject {
		return faultAt(statement.at, invalidJSON)
	}
	for _, m := range o {
		if !slices.Contains(statementElements, m.key) {
			return faultAt(m.keyAt, "Unknown field "+m.key)
		}
	}
	effect := o.member("Effect")
	if effect == nil {
		return faultAt(statement.at, "Missing required field Effect")
	}
	if effect.value != "Allow" && effect.value != "Deny" {
		return faultAt(effect.at, fmt.Sprintf("Invalid effect: %v", effect.value))
	}
	for _, element := range []string{"Principal", "Action", "Resource"} {
		if o.member(element) == nil && o.member("Not"+element) == nil {
			return faultAt(statement.at, "Missing required field "+element)
		}
	}
	for _, name := range []string{"Principal", "NotPrincipal"} {
		if m := o.member(name); m != nil {
			if p, err := compilePrincipals(m.value); err != nil || p.empty() {
				return faultAt(m.at, "Invalid principal in policy")
			}
		}
	}
	return conditionFault(o.member("Condition"))
}

func conditionFault(element *member) *SyntaxError {
	if element == nil {
		return nil
	}
	byOperator, isObject := element.value.(object)
	if !isObject {
		return faultAt(element.at, invalidJSON)
	}
	for _, m := range byOperator {
		if _, err := compileCondition(m.key, "", nil, false); err != nil {
			return faultAt(m.keyAt, "Invalid Condition type : "+m.key)
		}
		keys, isObject := m.value.(object)
		if !isObject {
			return faultAt(m.at, invalidJSON)
		}
		for _, key := range keys {
			if !strings.Contains(key.key, ":") {
				return faultAt(key.keyAt, "Policy has an invalid condition key")
			}
		}
	}
	return nil
}

// bucketFault is what S3 finds wrong with a statement's actions and resources.
func (s *statement) bucketFault(resource func(string) (isBucket, isObjects bool)) *fault {
	onBucket, onObjects := false, false
	for i := range s.resources.list {
		text := s.resources.list[i].text
		isBucket, isObjects := resource(text)
		if !isBucket && !isObjects {
			return s.fault("Resource", text, "Policy has invalid resource")
		}
		onBucket, onObjects = onBucket || isBucket, onObjects || isObjects
	}
	if len(s.resources.list) == 0 {
		return s.fault("Resource", "", "Policy has invalid resource")
	}
	if len(s.actions.texts) == 0 {
		return s.fault("Action", "", "Policy has invalid action")
	}
	for _, text := range s.actions.texts {
		ofBucket, ofObjects := bucketAction(text)
		switch {
		case !ofBucket && !ofObjects:
			return s.fault("Action", text, "Policy has invalid action")
		case s.actions.not || s.resources.not:
		case !(ofBucket && onBucket) && !(ofObjects && onObjects):
			return s.fault("Action", text, "Action does not apply to any resource(s) in statement")
		}
	}
	return nil
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
	pattern := newLikePattern(operation)
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
