package awserr

// Errors of S3's object operations (Amazon S3 API Reference, "Error responses").
var (
	BadRequest                        = Kind{"BadRequest", 400}
	ConditionalRequestConflict        = Kind{"ConditionalRequestConflict", 409}
	EntityTooLarge                    = Kind{"EntityTooLarge", 400}
	EntityTooSmall                    = Kind{"EntityTooSmall", 400}
	InvalidPolicyDocument             = Kind{"InvalidPolicyDocument", 400}
	InvalidEncryptionAlgorithmError   = Kind{"InvalidEncryptionAlgorithmError", 400}
	InternalError                     = Kind{"InternalError", 500}
	InvalidObjectState                = Kind{"InvalidObjectState", 403}
	InvalidPart                       = Kind{"InvalidPart", 400}
	InvalidPartNumber                 = Kind{"InvalidPartNumber", 416}
	InvalidPartOrder                  = Kind{"InvalidPartOrder", 400}
	InvalidRange                      = Kind{"InvalidRange", 416}
	InvalidStorageClass               = Kind{"InvalidStorageClass", 400}
	InvalidTag                        = Kind{"InvalidTag", 400}
	InvalidURI                        = Kind{"InvalidURI", 400}
	KMSNotFoundException              = Kind{"KMS.NotFoundException", 400}
	KeyTooLongError                   = Kind{"KeyTooLongError", 400}
	MalformedPOSTRequest              = Kind{"MalformedPOSTRequest", 400}
	MaxPostPreDataLengthExceededError = Kind{"MaxPostPreDataLengthExceededError", 400}
	MetadataTooLarge                  = Kind{"MetadataTooLarge", 400}
	NotModified                       = Kind{"NotModified", 304} // has no body
	RequestTimeout                    = Kind{"RequestTimeout", 400}
	NoSuchObjectLockConfiguration     = Kind{"NoSuchObjectLockConfiguration", 404}
	ObjectNotInActiveTierError        = Kind{"ObjectNotInActiveTierError", 403}
	RestoreAlreadyInProgress          = Kind{"RestoreAlreadyInProgress", 409}
)
