package awserr

// Errors of IAM Access Analyzer ("Errors" in the IAM Access Analyzer API Reference).
var (
	InvalidParameterException = Kind{"InvalidParameterException", 400}
	ValidationException       = Kind{"ValidationException", 400}
)
