package admin

import (
	"encoding/json"
	"net/http"
)

// Simulation is a request to be decided, not made.
type Simulation struct {
	// Principal is the ARN of a user, a role, a root user or an identity provider, or the provider's host name; without one
	// AccessKeyID says who asks.
	Principal   string `json:"principal,omitempty"`
	AccessKeyID string `json:"accessKeyId,omitempty"`
	Action      string `json:"action"`
	Resource    string `json:"resource"`        // "" for "*"
	Owner       string `json:"owner,omitempty"` // the account of the resource, where the world does not know it
	// Context holds condition keys, beside those that every request to the server has.
	Context map[string][]string `json:"context,omitempty"`
	// Policies are identity-based policies beside the principal's own; Boundary and ResourcePolicy take the place of those
	// that there are.
	Policies       []string `json:"policies,omitempty"`
	Boundary       string   `json:"boundary,omitempty"`
	ResourcePolicy string   `json:"resourcePolicy,omitempty"`
}

// Simulated is the decision.
type Simulated struct {
	Effect  string          `json:"effect"` // "allowed", "implicitDeny" or "explicitDeny"
	Text    string          `json:"text"`   // the explanation for a human
	Missing []string        `json:"missing,omitempty"`
	Trace   json.RawMessage `json:"trace"` // the explanation as data
}

// maxSimulation is how large a simulation may be, in bytes: some policies of the greatest size fit.
const maxSimulation = 1 << 20

func (a *api) simulate(w http.ResponseWriter, r *http.Request) {
	var in Simulation
	if !read(w, r, "simulation", maxSimulation, &in) {
		return
	}
	out, err := a.backend.Simulate(in)
	if err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	write(w, http.StatusOK, out)
}
