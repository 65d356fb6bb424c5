// Package authz decides AWS IAM requests. Use [Parse] on the text of a policy, then [Evaluate] on a request and all
// policies that apply to it; the [Decision] says whether it is allowed, and its Explain and String say why. [Validate] and
// [ValidateBucketPolicy] check a policy before it is stored.
//
// The package is pure: no clock, no network, no store. It follows "Policy evaluation logic" and "IAM JSON policy
// reference" of the AWS IAM User Guide.
package authz

// Request is one action on one resource by one principal.
type Request struct {
	Principal Principal
	// Action is the service prefix and the operation, as in "s3:GetObject".
	Action string
	// Resource is the ARN acted on, or "*" for an action without resource types.
	Resource string
	// ResourceAccount is the 12-digit id of the account that owns the resource. Empty: the principal's own account.
	ResourceAccount string
	// Context supplies condition keys. nil: none.
	Context Context
}

// Context supplies the values of condition keys and policy variables.
type Context interface {
	// Lookup returns the values of key, which is given in lower case ("aws:sourceip", "s3:prefix",
	// "aws:principaltag/team"). ok is false when the request has no such key, which differs from a key with no values.
	Lookup(key string) (values []string, ok bool)
}

// Keys is a Context that is a map. Its keys are in lower case.
type Keys map[string][]string

// Lookup implements Context.
func (k Keys) Lookup(key string) ([]string, bool) { v, ok := k[key]; return v, ok }

// PrincipalType is the value of the condition key aws:PrincipalType, or Service.
type PrincipalType string

// The kinds of principals.
const (
	Anonymous     PrincipalType = "Anonymous"
	Account       PrincipalType = "Account" // the account's root user
	User          PrincipalType = "User"
	AssumedRole   PrincipalType = "AssumedRole"
	FederatedUser PrincipalType = "FederatedUser"
	Federated     PrincipalType = "Federated" // a web identity or SAML subject that asks for a role
	Service       PrincipalType = "Service"
)

// Principal is who asks. Anonymous has nothing but its Type.
type Principal struct {
	Type    PrincipalType
	Account string // 12 digits
	// ARN is what GetCallerIdentity shows: for an assumed role the session's (arn:aws:sts::…:assumed-role/Role/session),
	// for a root user arn:aws:iam::…:root.
	ARN string
	// ID is aws:userid: AIDA…, AROA…:session, the account id for a root user, account:name for a federated user. Those who
	// have no identity in AWS, Service and Federated, have no such key.
	ID string
	// Name is the IAM user's name (aws:username), else empty.
	Name string
	// RoleARN and RoleID are those of the role of an AssumedRole, with its path.
	RoleARN, RoleID string
	// IssuerARN is, for a FederatedUser, the ARN of the user (or root) that called GetFederationToken.
	IssuerARN string
	// Service is the host name of a Service principal, Federated the provider's ARN or host name of a Federated one.
	Service, Federated string
}

// PolicyKind says which part a policy plays in an evaluation. Its text is the one in AWS's access denied messages.
type PolicyKind string

// The kinds of policies.
const (
	Identity PolicyKind = "identity-based policy"
	Resource PolicyKind = "resource-based policy"
	Trust    PolicyKind = "role trust policy"
	Boundary PolicyKind = "permissions boundary"
	Session  PolicyKind = "session policy"
	SCP      PolicyKind = "service control policy"
	RCP      PolicyKind = "resource control policy"
	Endpoint PolicyKind = "VPC endpoint policy"
	ACL      PolicyKind = "access control list" // grants turned into statements by the service
)

// Attached is a policy where it stands. One without a Policy allows and denies nothing, so that what it limits is denied.
type Attached struct {
	Policy *Policy
	Kind   PolicyKind
	// Name is the policy's name and ARN its ARN, if it has them; an inline policy has no ARN.
	Name, ARN string
	// Account is the account in which the policy stands.
	Account string
	// To says what it is attached to, for the trace: "user alice", "group admins", "bucket reports", "role R".
	To string
	// Bound holds the unique ids of the users and roles that the policy's principals named when it was stored, by ARN.
	// A principal found here matches only while its id is the same ("IAM JSON policy elements: Principal"). A nil map,
	// or an ARN that is not in it, matches by ARN alone. Under the canonical user ids that the principals name it holds the
	// accounts that they stand for; without that a CanonicalUser matches nobody.
	Bound map[string]string
}

// Policies are all policies that apply to a request. The zero value allows nothing, except to a root user within its own
// account.
type Policies struct {
	// Identity are the managed, inline and group policies of the principal: for a role session those of the role, for a
	// federated user those of the user that it was issued by.
	Identity []Attached
	// Boundary is the permissions boundary of the user or role, nil for none.
	Boundary *Attached
	// Session are the session policies; HasSession says that the session was made with any (a federated user's session
	// made without one has none of its issuer's rights through Identity).
	Session    []Attached
	HasSession bool
	// Resource are the resource-based policies: a bucket policy, ACL statements, a role's trust policy. A policy of kind
	// Trust must itself allow: for it an identity policy never suffices alone.
	Resource []Attached
	// SCPs and RCPs hold one list per level of the organization, root first; each level must allow. nil: no organization.
	SCPs, RCPs [][]Attached
	// Endpoint is the policy of the VPC endpoint that the request came through, nil for none.
	Endpoint *Attached
}
