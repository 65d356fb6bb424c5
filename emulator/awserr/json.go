package awserr

import "net/http"

// jsonCodes are the JSON protocols' names of the common errors ("Common Errors" in, for instance, the DynamoDB API
// Reference).
var jsonCodes = map[string]string{
	AccessDenied.Code:               "AccessDeniedException",
	ExpiredToken.Code:               "ExpiredTokenException",
	IncompleteSignature.Code:        "IncompleteSignatureException",
	InvalidClientTokenId.Code:       "UnrecognizedClientException",
	MissingAuthenticationToken.Code: "MissingAuthenticationTokenException",
	NotImplemented.Code:             "NotImplementedException",
	SignatureDoesNotMatch.Code:      "InvalidSignatureException",
}

// InJSON returns e as the JSON protocols name it: a common error has a code of its own there, and the status refused, which
// is 400 in AWS JSON 1.1 and 403 in REST JSON. e itself stays as it is.
func (e *Error) InJSON(refused int) *Error {
	own := *e
	if code, ok := jsonCodes[e.Code]; ok {
		own.Code = code
		if own.Status != http.StatusNotImplemented {
			own.Status = refused
		}
	}
	return &own
}
