package authz

// Policy is a parsed, compiled policy document. It is immutable and safe for concurrent use.
type Policy struct {
	Text string // as given, byte for byte
}

// Parse compiles the text of a policy of any kind; it is lenient about which elements a kind may have ([Validate] is not).
// Compiled policies are cached by their text. The error is a *SyntaxError.
func Parse(text string) (*Policy, error) { panic("being written") }

// SyntaxError is a policy that AWS would refuse. Message is AWS's text, such as "Syntax errors in policy." or "Policy
// document should not specify a principal."
type SyntaxError struct{ Message string }

func (e *SyntaxError) Error() string { return e.Message }

// Validate checks the text as AWS does when a policy of this kind is stored: JSON, grammar, elements that the kind
// requires and refuses. It does not check sizes or whether principals exist. The error is a *SyntaxError in the words of
// IAM's MalformedPolicyDocument; S3's words for bucket policies are those of [ValidateBucketPolicy].
func Validate(text string, kind PolicyKind) (*Policy, error) { panic("being written") }

// ValidateBucketPolicy checks a bucket policy in the words of S3's MalformedPolicy: grammar, actions that are not S3's,
// resources that are not of the bucket, actions that do not apply to any resource.
func ValidateBucketPolicy(text, bucket string) (*Policy, error) { panic("being written") }

// Principals returns the AWS principals that the policy's statements name (Principal and NotPrincipal): ARNs, 12-digit
// ids and unique ids as written, without "*". For binding to unique ids, and for refusing unknown ones.
func (p *Policy) Principals() []string { panic("being written") }

// IsPublic says whether a resource-based policy grants public access, as S3 Block Public Access defines it ("The meaning
// of 'public'").
func (p *Policy) IsPublic() bool { panic("being written") }

// Size returns the number of characters that count against IAM's quotas: white space outside strings does not.
func Size(text string) int { panic("being written") }

// Effect is the outcome of an evaluation.
type Effect string

// The outcomes.
const (
	Allowed      Effect = "allowed"
	ExplicitDeny Effect = "explicitDeny"
	ImplicitDeny Effect = "implicitDeny"
)

// Decision is the outcome for a request and the reason for it.
type Decision struct {
	Effect Effect
	// By is the kind of policy that decided: the one that allows, that denies explicitly, or, for an implicit deny, the one
	// whose missing allow AWS's message names.
	By PolicyKind
	// Policy is the policy that denies explicitly, or that allows; nil for an implicit deny.
	Policy *Attached

	request  Request
	policies Policies // for Explain, which evaluates once more, with words; an allowed request need not pay for them
}

// Allowed reports whether the request may proceed.
func (d Decision) Allowed() bool { return d.Effect == Allowed }

// Message returns AWS's access denied text ("Troubleshoot access denied error messages", IAM User Guide):
// "User: ARN is not authorized to perform: ACTION on resource: ARN because no identity-based policy allows the ACTION
// action", and its variants.
func (d Decision) Message() string { panic("being written") }

// Evaluate decides request under policies. It evaluates every statement even after a deny, so that the trace is whole.
func Evaluate(request Request, policies Policies) Decision { panic("being written") }

// Trace explains a decision as data (JSON) and, with String, as prose.
type Trace struct {
	Steps []Step `json:"steps"`
}

// Step is the part that one kind of policy played.
type Step struct {
	Kind     PolicyKind      `json:"kind"`
	Outcome  Effect          `json:"outcome"`
	Reason   string          `json:"reason,omitempty"` // a sentence, such as why this step is not needed
	Policies []PolicyVerdict `json:"policies"`
}

// PolicyVerdict is what a policy said.
type PolicyVerdict struct {
	Name       string             `json:"name,omitempty"`
	ARN        string             `json:"arn,omitempty"`
	Account    string             `json:"account,omitempty"`
	To         string             `json:"to,omitempty"`
	Statements []StatementVerdict `json:"statements"`
}

// StatementVerdict is what a statement said. Element names the first element that did not match ("Resource",
// "Condition"), and Why is a sentence with both sides, a hint for near misses included.
type StatementVerdict struct {
	Sid     string `json:"sid,omitempty"`
	Index   int    `json:"index"`
	Effect  string `json:"effect"` // "Allow" or "Deny"
	Matched bool   `json:"matched"`
	Element string `json:"element,omitempty"`
	Why     string `json:"why,omitempty"`
}

// Explain returns the trace as data, near misses first.
func (d Decision) Explain() *Trace { panic("being written") }

// String returns the decision for a human: what was asked, what decided, the near misses, and the smallest change that
// would allow it.
func (d Decision) String() string { panic("being written") }
