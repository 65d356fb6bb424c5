package awserr

// Errors of STS (AWS STS API Reference, the Errors section of each operation).
var (
	InvalidAuthorizationMessage = Kind{"InvalidAuthorizationMessageException", 400}
	PackedPolicyTooLarge        = Kind{"PackedPolicyTooLarge", 400}
	RegionDisabled              = Kind{"RegionDisabledException", 403}
)
