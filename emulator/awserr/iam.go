package awserr

// Errors of IAM (IAM API Reference, the Errors section of each operation).
var (
	AccountNotManagementOrDelegatedAdministratorException = Kind{"AccountNotManagementOrDelegatedAdministratorException", 400}
	CallerIsNotManagementAccountException                 = Kind{"CallerIsNotManagementAccountException", 400}
	ConcurrentModification                                = Kind{"ConcurrentModification", 409}
	CredentialReportExpired                               = Kind{"ReportExpired", 410}
	CredentialReportNotPresent                            = Kind{"ReportNotPresent", 410}
	DeleteConflict                                        = Kind{"DeleteConflict", 409}
	EntityAlreadyExists                                   = Kind{"EntityAlreadyExists", 409}
	EntityTemporarilyUnmodifiable                         = Kind{"EntityTemporarilyUnmodifiable", 409}
	FeatureDisabled                                       = Kind{"FeatureDisabled", 404}
	FeatureEnabled                                        = Kind{"FeatureEnabled", 409}
	InvalidInput                                          = Kind{"InvalidInput", 400}
	InvalidUserType                                       = Kind{"InvalidUserType", 400}
	LimitExceeded                                         = Kind{"LimitExceeded", 409}
	MalformedPolicyDocument                               = Kind{"MalformedPolicyDocument", 400}
	NoSuchEntity                                          = Kind{"NoSuchEntity", 404}
	OrganizationNotFoundException                         = Kind{"OrganizationNotFoundException", 400}
	OrganizationNotInAllFeaturesModeException             = Kind{"OrganizationNotInAllFeaturesModeException", 400}
	PasswordPolicyViolation                               = Kind{"PasswordPolicyViolation", 400}
	PolicyEvaluation                                      = Kind{"PolicyEvaluation", 500}
	PolicyNotAttachable                                   = Kind{"PolicyNotAttachable", 400}
	ReportGenerationLimitExceeded                         = Kind{"ReportGenerationLimitExceeded", 409}
	ServiceAccessNotEnabledException                      = Kind{"ServiceAccessNotEnabledException", 400}
	ServiceFailure                                        = Kind{"ServiceFailure", 500}
	UnmodifiableEntity                                    = Kind{"UnmodifiableEntity", 400}
)
