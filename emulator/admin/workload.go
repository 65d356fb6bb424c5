package admin

import (
	"encoding/json"
	"io"
	"net/http"
)

// Workload is a program that runs as a role: on an EC2 instance with an instance profile, or as an ECS task with a role.
type Workload struct {
	ID              string            `json:"id"`                        // "i-…", or a task's id
	InstanceProfile string            `json:"instanceProfile,omitempty"` // its ARN
	TaskRole        string            `json:"taskRole,omitempty"`        // its ARN
	Account         string            `json:"account"`
	Region          string            `json:"region"`
	Environment     map[string]string `json:"environment,omitempty"` // what SDKs find it by
}

func (a *api) workloads(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, a.backend.Workloads())
}

func (a *api) runWorkload(w http.ResponseWriter, r *http.Request) {
	var in Workload
	decoder := json.NewDecoder(io.LimitReader(r.Body, 64<<10))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		fail(w, http.StatusBadRequest, "the workload is not valid JSON: %v", err)
		return
	}
	out, err := a.backend.RunWorkload(in)
	if err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	write(w, http.StatusCreated, out)
}

func (a *api) stopWorkload(w http.ResponseWriter, r *http.Request) {
	found, err := a.backend.StopWorkload(r.PathValue("id"))
	if err == nil && !found {
		fail(w, http.StatusNotFound, "no instance or task has the id %q", r.PathValue("id"))
		return
	}
	answer(w, struct{}{}, err)
}
