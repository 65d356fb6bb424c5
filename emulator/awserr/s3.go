package awserr

// Errors of S3 (Amazon S3 API Reference, "Error responses").
var (
	BucketAlreadyExists     = Kind{"BucketAlreadyExists", 409}
	BucketAlreadyOwnedByYou = Kind{"BucketAlreadyOwnedByYou", 409}
	BucketNotEmpty          = Kind{"BucketNotEmpty", 409}
	InvalidAccessKeyId      = Kind{"InvalidAccessKeyId", 403}
	InvalidArgument         = Kind{"InvalidArgument", 400}
	InvalidBucketName       = Kind{"InvalidBucketName", 400}
	InvalidRequest          = Kind{"InvalidRequest", 400}
	InvalidToken            = Kind{"InvalidToken", 400}
	MalformedXML            = Kind{"MalformedXML", 400}
	MethodNotAllowed        = Kind{"MethodNotAllowed", 405}
	NoSuchBucket            = Kind{"NoSuchBucket", 404}
	NoSuchBucketPolicy      = Kind{"NoSuchBucketPolicy", 404}
	NoSuchKey               = Kind{"NoSuchKey", 404}
	NoSuchUpload            = Kind{"NoSuchUpload", 404}
	NoSuchVersion           = Kind{"NoSuchVersion", 404}
	PermanentRedirect       = Kind{"PermanentRedirect", 301}
	PreconditionFailed      = Kind{"PreconditionFailed", 412}
	RequestTimeTooSkewed    = Kind{"RequestTimeTooSkewed", 403}
)
