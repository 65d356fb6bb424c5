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

// Denied says whether a decision went against the request.
func (e Event) Denied() bool {
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
