package awserr

// Errors of IAM (IAM API Reference, the Errors section of each operation).
var (
	ConcurrentModification        = Kind{"ConcurrentModification", 409}
	CredentialReportExpired       = Kind{"ReportExpired", 410}
	CredentialReportNotPresent    = Kind{"ReportNotPresent", 410}
	DeleteConflict                = Kind{"DeleteConflict", 409}
	EntityAlreadyExists           = Kind{"EntityAlreadyExists", 409}
	EntityTemporarilyUnmodifiable = Kind{"EntityTemporarilyUnmodifiable", 409}
	InvalidInput                  = Kind{"InvalidInput", 400}
	InvalidUserType               = Kind{"InvalidUserType", 400}
	LimitExceeded                 = Kind{"LimitExceeded", 409}
	MalformedPolicyDocument       = Kind{"MalformedPolicyDocument", 400}
	NoSuchEntity                  = Kind{"NoSuchEntity", 404}
	PasswordPolicyViolation       = Kind{"PasswordPolicyViolation", 400}
	PolicyEvaluation              = Kind{"PolicyEvaluation", 500}
	PolicyNotAttachable           = Kind{"PolicyNotAttachable", 400}
	ServiceFailure                = Kind{"ServiceFailure", 500}
	UnmodifiableEntity            = Kind{"UnmodifiableEntity", 400}
)
