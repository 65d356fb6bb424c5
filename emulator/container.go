package emulator

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// The credentials endpoint of containers ("Container credential provider", AWS SDKs and Tools Reference Guide).

// task answers a task's request for its credentials, which must show its token.
func (w *workloads) task(out http.ResponseWriter, r *http.Request, load *workload, path string) {
	switch {
	case path != "credentials":
		http.NotFound(out, r)
		return
	case r.Method != http.MethodGet:
		http.Error(out, "Method Not Allowed", http.StatusMethodNotAllowed)
		return
	case subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(load.Token)) != 1:
		sayTask(out, http.StatusUnauthorized, map[string]string{"code": "Unauthorized", "message": "The authorization token is missing or wrong."})
		return
	}
	c, err := w.credentials(r.Context(), load, load.Role)
	switch {
	case denied(err):
		sayTask(out, http.StatusForbidden, map[string]string{
			"code": "AccessDenied", "message": "ECS was unable to assume the role '" + load.Role + "' that was provided for this task. " +
				"Please verify that the role being passed has the proper trust relationship and permissions.",
		})
	case err != nil:
		sayTask(out, http.StatusInternalServerError, map[string]string{"code": "InternalServerError", "message": "The credentials could not be made."})
	default:
		sayTask(out, http.StatusOK, map[string]string{
			"RoleArn": load.Role, "AccessKeyId": *c.AccessKeyId, "SecretAccessKey": *c.SecretAccessKey, "Token": *c.SessionToken,
			"Expiration": c.Expiration.UTC().Format(time.RFC3339),
		})
	}
}

func sayTask(out http.ResponseWriter, status int, v map[string]string) {
	out.Header().Set("Content-Type", "application/json")
	out.Header().Set("Cache-Control", "no-store")
	out.WriteHeader(status)
	json.NewEncoder(out).Encode(v) // a client that has gone needs no answer
}

// denied says whether the role does not trust the service, or is not there.
func denied(err error) bool { return errors.Is(err, awserr.AccessDenied) }
