package admin

import (
	"net/http"
)

// Endpoint is a VPC endpoint that requests may say they come through.
type Endpoint struct {
	ID      string `json:"id"`                // "vpce-…"
	VPC     string `json:"vpc"`               // "vpc-…"
	Account string `json:"account,omitempty"` // its owner
	Policy  string `json:"policy,omitempty"`  // JSON; "" allows everything
}

func (a *api) endpoints(w http.ResponseWriter, r *http.Request) {
	write(w, http.StatusOK, a.backend.Endpoints())
}

func (a *api) putEndpoint(w http.ResponseWriter, r *http.Request) {
	var in Endpoint
	if !read(w, r, "endpoint", 256<<10, &in) {
		return
	}
	if err := a.backend.PutEndpoint(in); err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	write(w, http.StatusCreated, in)
}

func (a *api) deleteEndpoint(w http.ResponseWriter, r *http.Request) {
	found, err := a.backend.DeleteEndpoint(r.PathValue("id"))
	if err == nil && !found {
		fail(w, http.StatusNotFound, "no VPC endpoint has the id %q", r.PathValue("id"))
		return
	}
	answer(w, struct{}{}, err)
}
