package admin

import "net/http"

// delegationToken shows the token that AWS would send to a partner's SNS topic.
func (a *api) delegationToken(w http.ResponseWriter, r *http.Request) {
	token, err := a.backend.DelegationToken(r.PathValue("id"))
	if err != nil {
		fail(w, http.StatusNotFound, "%v", err)
		return
	}
	write(w, http.StatusOK, map[string]string{"token": token})
}
