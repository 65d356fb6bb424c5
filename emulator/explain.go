package emulator

import (
	"fmt"
	"strings"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/admin"
)

// String explains how the request was decided, for a human.
func (e Event) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s  %s\n", e.EventTime.Local().Format("15:04:05"), e.RequestID, e.Operation())
	if e.ErrorCode != "" {
		fmt.Fprintf(&b, "answered %s: %s\n", e.ErrorCode, e.ErrorMessage)
	}
	if e.Mode == Off {
		fmt.Fprintln(&b, "enforcement was off: no policy was evaluated")
	} else if len(e.Decisions) == 0 {
		fmt.Fprintln(&b, "no policy was evaluated for it")
	}
	if hint := refusals[e.ErrorCode]; hint != "" && len(e.Decisions) == 0 {
		fmt.Fprintf(&b, "\nhint     %s\n", hint)
	}
	for _, d := range e.Decisions {
		text := d.Text
		if text == "" {
			text = fmt.Sprintf("%s on %s: %s by %s %s", d.Action, d.Resource, d.Effect, d.By, d.Policy)
		}
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(text))
	}
	return strings.TrimSpace(b.String())
}

// Operation is the service and the name: "iam:CreateUser".
func (e Event) Operation() string {
	return strings.TrimSuffix(e.EventSource, ".amazonaws.com") + ":" + e.EventName
}

// refusals are the errors of requests whose caller was not believed, each with what is most often wrong.
var refusals = map[string]string{
	"SignatureDoesNotMatch":        "The access key exists, and the request was signed with another secret. 'xemu env --profiles' shows both.",
	"InvalidClientTokenId":         noSuchKey,
	"InvalidAccessKeyId":           noSuchKey,
	"InvalidToken":                 "The session token is not of this server, or its user or role is gone: get new credentials.",
	"ExpiredToken":                 "The session is over: get new credentials.",
	"RequestTimeTooSkewed":         "The clock of the client differs from the server's by more than 15 minutes.",
	"MissingAuthenticationToken":   "The request was not signed. 'eval \"$(xemu env)\"' gives the AWS CLI and the SDKs credentials.",
	"IncompleteSignature":          "The Authorization header is not complete.",
	"AuthorizationHeaderMalformed": "The credential scope in the Authorization header is for another service or region.",
}

const noSuchKey = "No active access key of this server has this id: is it deactivated, deleted, of AWS itself, or of another data " +
	"directory? 'xemu env --profiles' shows this server's."

// Denied says whether a decision went against the request, or its caller was not believed.
func (e Event) Denied() bool {
	if refusals[e.ErrorCode] != "" {
		return true
	}
	for _, d := range e.Decisions {
		if d.Effect != authz.Allowed {
			return true
		}
	}
	return false
}

// Events returns the newest events of a running server, newest first, at most limit of 1,000.
func Events(c *admin.Client, limit int) ([]Event, error) {
	var events []Event
	err := c.Call("GET", fmt.Sprintf("/_xemu/events?limit=%d", limit), nil, &events)
	return events, err
}

// LastDenial returns the newest event that was denied.
func LastDenial(c *admin.Client) (Event, error) {
	events, err := Events(c, 1000)
	if err != nil {
		return Event{}, err
	}
	for _, e := range events {
		if e.Denied() {
			return e, nil
		}
	}
	return Event{}, fmt.Errorf("none of the last %d requests was denied", len(events))
}
