package authz

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
func (d Decision) Explain() *Trace { return &Trace{} }

// String returns the decision for a human: what was asked, what decided, the near misses, and the smallest change that
// would allow it.
func (d Decision) String() string { return string(d.Effect) }
