package emulator

import (
	"encoding/json"
	"slices"
	"time"
)

// appendJSON appends e as encoding/json writes it. Data events are most of all events, so those that need no explanation
// are written here by hand; the others are encoding/json's.
func (e *Event) appendJSON(b []byte) ([]byte, error) {
	explained := slices.ContainsFunc(e.Decisions, func(d Evidence) bool { return d.Trace != nil })
	if e.EventCategory != "Data" || e.UserIdentity.SessionContext != nil || explained {
		text, err := json.Marshal(e)
		return append(b, text...), err
	}
	o := jsonObject{append(b, '{')}
	o.text("eventVersion", e.EventVersion)
	o.begin("userIdentity", '{')
	o.text("type", e.UserIdentity.Type)
	o.optional("principalId", e.UserIdentity.PrincipalID)
	o.optional("arn", e.UserIdentity.ARN)
	o.optional("accountId", e.UserIdentity.AccountID)
	o.optional("accessKeyId", e.UserIdentity.AccessKeyID)
	o.optional("userName", e.UserIdentity.UserName)
	o.optional("identityProvider", e.UserIdentity.Provider)
	o.end('}')
	o.text("eventTime", e.EventTime.Format(time.RFC3339Nano))
	o.text("eventSource", e.EventSource)
	o.text("eventName", e.EventName)
	o.text("awsRegion", e.AWSRegion)
	o.text("sourceIPAddress", e.SourceIPAddress)
	o.text("userAgent", e.UserAgent)
	o.optional("errorCode", e.ErrorCode)
	o.optional("errorMessage", e.ErrorMessage)
	o.raw("requestParameters", string(e.RequestParameters))
	o.text("requestID", e.RequestID)
	o.text("eventID", e.EventID)
	o.flag("readOnly", e.ReadOnly)
	o.text("eventType", e.EventType)
	o.flag("managementEvent", e.ManagementEvent)
	o.optional("recipientAccountId", e.RecipientAccountID)
	o.optional("vpcEndpointId", e.VPCEndpointID)
	o.text("eventCategory", e.EventCategory)
	o.text("xemuMode", string(e.Mode))
	if len(e.Decisions) > 0 {
		o.begin("xemuDecisions", '[')
		for _, d := range e.Decisions {
			o.element()
			o.text("action", d.Action)
			o.text("resource", d.Resource)
			o.text("effect", string(d.Effect))
			o.optional("by", d.By)
			o.optional("policy", d.Policy)
			o.optional("text", d.Text)
			o.end('}')
		}
		o.end(']')
	}
	o.end('}')
	return o.b, nil
}

// jsonObject is a JSON object that is being written.
type jsonObject struct{ b []byte }

// comma separates what comes from what was before it, if anything was.
func (o *jsonObject) comma() {
	if last := o.b[len(o.b)-1]; last != '{' && last != '[' {
		o.b = append(o.b, ',')
	}
}

func (o *jsonObject) name(name string) {
	o.comma()
	o.b = append(append(append(o.b, '"'), name...), '"', ':')
}

func (o *jsonObject) begin(name string, bracket byte) {
	o.name(name)
	o.b = append(o.b, bracket)
}

func (o *jsonObject) element() {
	o.comma()
	o.b = append(o.b, '{')
}

func (o *jsonObject) end(bracket byte) { o.b = append(o.b, bracket) }

func (o *jsonObject) raw(name, value string) {
	o.name(name)
	o.b = append(o.b, value...)
}

func (o *jsonObject) flag(name string, value bool) {
	if value {
		o.raw(name, "true")
	} else {
		o.raw(name, "false")
	}
}

func (o *jsonObject) optional(name, value string) {
	if value != "" {
		o.text(name, value)
	}
}

func (o *jsonObject) text(name, value string) {
	o.name(name)
	o.b = appendQuoted(o.b, value)
}

// appendQuoted appends a string as encoding/json writes it.
func appendQuoted(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			text, _ := json.Marshal(s) // a string never fails
			return append(b, text...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
