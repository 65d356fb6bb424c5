package awserr

// Errors of Organizations (AWS Organizations API Reference, the Errors section of each operation).
var (
	AWSOrganizationsNotInUseException              = Kind{"AWSOrganizationsNotInUseException", 400}
	AccountAlreadyClosedException                  = Kind{"AccountAlreadyClosedException", 400}
	AccountNotFoundException                       = Kind{"AccountNotFoundException", 400}
	AccountAlreadyRegisteredException              = Kind{"AccountAlreadyRegisteredException", 400}
	AccountNotRegisteredException                  = Kind{"AccountNotRegisteredException", 400}
	AlreadyInOrganizationException                 = Kind{"AlreadyInOrganizationException", 400}
	ChildNotFoundException                         = Kind{"ChildNotFoundException", 400}
	ConflictException                              = Kind{"ConflictException", 400}
	ConstraintViolationException                   = Kind{"ConstraintViolationException", 400}
	CreateAccountStatusNotFoundException           = Kind{"CreateAccountStatusNotFoundException", 400}
	DestinationParentNotFoundException             = Kind{"DestinationParentNotFoundException", 400}
	DuplicateAccountException                      = Kind{"DuplicateAccountException", 400}
	DuplicateHandshakeException                    = Kind{"DuplicateHandshakeException", 400}
	DuplicateOrganizationalUnitException           = Kind{"DuplicateOrganizationalUnitException", 400}
	DuplicatePolicyAttachmentException             = Kind{"DuplicatePolicyAttachmentException", 400}
	DuplicatePolicyException                       = Kind{"DuplicatePolicyException", 400}
	HandshakeAlreadyInStateException               = Kind{"HandshakeAlreadyInStateException", 400}
	HandshakeConstraintViolationException          = Kind{"HandshakeConstraintViolationException", 400}
	HandshakeNotFoundException                     = Kind{"HandshakeNotFoundException", 400}
	InvalidHandshakeTransitionException            = Kind{"InvalidHandshakeTransitionException", 400}
	InvalidInputException                          = Kind{"InvalidInputException", 400}
	MalformedPolicyDocumentException               = Kind{"MalformedPolicyDocumentException", 400}
	MasterCannotLeaveOrganizationException         = Kind{"MasterCannotLeaveOrganizationException", 400}
	OrganizationNotEmptyException                  = Kind{"OrganizationNotEmptyException", 400}
	OrganizationalUnitNotEmptyException            = Kind{"OrganizationalUnitNotEmptyException", 400}
	OrganizationalUnitNotFoundException            = Kind{"OrganizationalUnitNotFoundException", 400}
	ParentNotFoundException                        = Kind{"ParentNotFoundException", 400}
	PolicyInUseException                           = Kind{"PolicyInUseException", 400}
	PolicyNotAttachedException                     = Kind{"PolicyNotAttachedException", 400}
	PolicyNotFoundException                        = Kind{"PolicyNotFoundException", 400}
	PolicyTypeAlreadyEnabledException              = Kind{"PolicyTypeAlreadyEnabledException", 400}
	PolicyTypeNotAvailableForOrganizationException = Kind{"PolicyTypeNotAvailableForOrganizationException", 400}
	PolicyTypeNotEnabledException                  = Kind{"PolicyTypeNotEnabledException", 400}
	RootNotFoundException                          = Kind{"RootNotFoundException", 400}
	SourceParentNotFoundException                  = Kind{"SourceParentNotFoundException", 400}
	TargetNotFoundException                        = Kind{"TargetNotFoundException", 400}
)
