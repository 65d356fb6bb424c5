package awserr

// Errors of S3's bucket operations (Amazon S3 API Reference, "Error responses" and the operations' own pages).
var (
	AccessControlListNotSupported              = Kind{"AccessControlListNotSupported", 400}
	IllegalLocationConstraintException         = Kind{"IllegalLocationConstraintException", 400}
	IllegalVersioningConfigurationException    = Kind{"IllegalVersioningConfigurationException", 400}
	InvalidBucketAclWithBlockPublicAccessError = Kind{"InvalidBucketAclWithBlockPublicAccessError", 400}
	InvalidBucketAclWithObjectOwnership        = Kind{"InvalidBucketAclWithObjectOwnership", 400}
	InvalidBucketState                         = Kind{"InvalidBucketState", 409}
	InvalidBucketOwnerAWSAccountID             = Kind{"InvalidBucketOwnerAWSAccountID", 400}
	InvalidLocationConstraint                  = Kind{"InvalidLocationConstraint", 400}
	MalformedACLError                          = Kind{"MalformedACLError", 400}
	MalformedPolicy                            = Kind{"MalformedPolicy", 400}
	MissingSecurityHeader                      = Kind{"MissingSecurityHeader", 400}
	NoSuchCORSConfiguration                    = Kind{"NoSuchCORSConfiguration", 404}
	NoSuchLifecycleConfiguration               = Kind{"NoSuchLifecycleConfiguration", 404}
	NoSuchPublicAccessBlockConfiguration       = Kind{"NoSuchPublicAccessBlockConfiguration", 404}
	NoSuchTagSet                               = Kind{"NoSuchTagSet", 404}
	NoSuchWebsiteConfiguration                 = Kind{"NoSuchWebsiteConfiguration", 404}
	ObjectLockConfigurationNotFoundError       = Kind{"ObjectLockConfigurationNotFoundError", 404}
	OwnershipControlsNotFoundError             = Kind{"OwnershipControlsNotFoundError", 404}
	ReplicationConfigurationNotFoundError      = Kind{"ReplicationConfigurationNotFoundError", 404}
	UnexpectedContent                          = Kind{"UnexpectedContent", 400}
	AccessPointAlreadyOwnedByYou               = Kind{"AccessPointAlreadyOwnedByYou", 409}
	BucketHasAccessPointsAttached              = Kind{"BucketHasAccessPointsAttached", 400}
	InvalidAccessPoint                         = Kind{"InvalidAccessPoint", 400}
	NoSuchAccessPoint                          = Kind{"NoSuchAccessPoint", 404}
	NoSuchAccessPointPolicy                    = Kind{"NoSuchAccessPointPolicy", 404}
	NoSuchConfiguration                        = Kind{"NoSuchConfiguration", 404}
	InvalidTargetBucketForLogging              = Kind{"InvalidTargetBucketForLogging", 400}
)
