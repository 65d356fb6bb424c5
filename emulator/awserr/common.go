package awserr

// Errors that are common to the query services ("Common Errors" in the IAM and STS API references).
var (
	AccessDenied                = Kind{"AccessDenied", 403}
	AccessDeniedException       = Kind{"AccessDeniedException", 400} // the JSON protocols' name
	ExpiredToken                = Kind{"ExpiredToken", 403}
	IncompleteSignature         = Kind{"IncompleteSignature", 403}
	InternalFailure             = Kind{"InternalFailure", 500}
	InvalidAction               = Kind{"InvalidAction", 400}
	InvalidClientTokenId        = Kind{"InvalidClientTokenId", 403}
	InvalidParameterCombination = Kind{"InvalidParameterCombination", 400}
	InvalidParameterValue       = Kind{"InvalidParameterValue", 400}
	MalformedQueryString        = Kind{"MalformedQueryString", 404}
	MissingAction               = Kind{"MissingAction", 400}
	MissingAuthenticationToken  = Kind{"MissingAuthenticationToken", 403}
	MissingParameter            = Kind{"MissingParameter", 400}
	NotImplemented              = Kind{"NotImplemented", 501}
	OptInRequired               = Kind{"OptInRequired", 403}
	RequestExpired              = Kind{"RequestExpired", 400}
	ServiceUnavailable          = Kind{"ServiceUnavailable", 503}
	SignatureDoesNotMatch       = Kind{"SignatureDoesNotMatch", 403}
	Throttling                  = Kind{"Throttling", 400}
	ValidationError             = Kind{"ValidationError", 400}
)
