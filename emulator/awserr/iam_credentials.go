package awserr

// Errors of IAM's operations on MFA devices, keys and certificates (IAM API Reference, the Errors section of each
// operation).
var (
	CredentialReportNotReady      = Kind{"ReportInProgress", 404}
	DuplicateCertificate          = Kind{"DuplicateCertificate", 409}
	DuplicateSSHPublicKey         = Kind{"DuplicateSSHPublicKey", 400}
	NotSupportedService           = Kind{"NotSupportedService", 404}
	InvalidAuthenticationCode     = Kind{"InvalidAuthenticationCode", 403}
	InvalidCertificate            = Kind{"InvalidCertificate", 400}
	InvalidPublicKey              = Kind{"InvalidPublicKey", 400}
	KeyPairMismatch               = Kind{"KeyPairMismatch", 400}
	MalformedCertificate          = Kind{"MalformedCertificate", 400}
	UnrecognizedPublicKeyEncoding = Kind{"UnrecognizedPublicKeyEncoding", 400}
)
