package awserr

// Errors of signature verification and of the payloads that signatures cover (Amazon S3 API Reference, "Error responses";
// IAM User Guide, "Troubleshoot Signature Version 4 signing for AWS API requests").
var (
	AuthorizationHeaderMalformed      = Kind{"AuthorizationHeaderMalformed", 400}
	AuthorizationQueryParametersError = Kind{"AuthorizationQueryParametersError", 400}
	BadDigest                         = Kind{"BadDigest", 400}
	IncompleteBody                    = Kind{"IncompleteBody", 400}
	InvalidChunkSizeError             = Kind{"InvalidChunkSizeError", 403}
	InvalidDigest                     = Kind{"InvalidDigest", 400}
	MalformedTrailerError             = Kind{"MalformedTrailerError", 400}
	MissingContentLength              = Kind{"MissingContentLength", 411}
	RequestEntityTooLarge             = Kind{"RequestEntityTooLarge", 413}
	XAmzContentSHA256Mismatch         = Kind{"XAmzContentSHA256Mismatch", 400}
)
