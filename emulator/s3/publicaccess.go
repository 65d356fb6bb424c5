package s3

// PublicAccess is a Block Public Access configuration.
type PublicAccess struct {
	BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets bool
}
