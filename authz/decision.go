package authz

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
