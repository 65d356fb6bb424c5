package awserr

// Errors of STS (AWS STS API Reference, the Errors section of each operation).
var (
	ExpiredIdentityToken                  = Kind{"ExpiredTokenException", 400} // of an identity provider's token, not of a session's
	IDPCommunicationError                 = Kind{"IDPCommunicationError", 400}
	IDPRejectedClaim                      = Kind{"IDPRejectedClaim", 403}
	ExpiredTradeInToken                   = Kind{"ExpiredTradeInTokenException", 400}
	InvalidAuthorizationMessage           = Kind{"InvalidAuthorizationMessageException", 400}
	InvalidIdentityToken                  = Kind{"InvalidIdentityToken", 400}
	JWTPayloadSizeExceeded                = Kind{"JWTPayloadSizeExceededException", 400}
	OutboundWebIdentityFederationDisabled = Kind{"OutboundWebIdentityFederationDisabledException", 403}
	PackedPolicyTooLarge                  = Kind{"PackedPolicyTooLarge", 400}
	RegionDisabled                        = Kind{"RegionDisabledException", 403}
	SessionDurationEscalation             = Kind{"SessionDurationEscalationException", 403}
)
