package emulator

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// Event is the record of a request in CloudTrail's form ("CloudTrail record contents", CloudTrail User Guide), with what
// xemu knows beyond it: how the request was decided.
type Event struct {
	EventVersion        string          `json:"eventVersion"`
	UserIdentity        UserIdentity    `json:"userIdentity"`
	EventTime           time.Time       `json:"eventTime"`
	EventSource         string          `json:"eventSource"`
	EventName           string          `json:"eventName"`
	AWSRegion           string          `json:"awsRegion"`
	SourceIPAddress     string          `json:"sourceIPAddress"`
	UserAgent           string          `json:"userAgent"`
	ErrorCode           string          `json:"errorCode,omitempty"`
	ErrorMessage        string          `json:"errorMessage,omitempty"`
	RequestParameters   json.RawMessage `json:"requestParameters"`
	ResponseElements    json.RawMessage `json:"responseElements,omitempty"`    // of sign-ins alone
	AdditionalEventData json.RawMessage `json:"additionalEventData,omitempty"` // of sign-ins alone
	RequestID           string          `json:"requestID"`
	EventID             string          `json:"eventID"`
	ReadOnly            bool            `json:"readOnly"`
	EventType           string          `json:"eventType"`
	ManagementEvent     bool            `json:"managementEvent"`
	RecipientAccountID  string          `json:"recipientAccountId,omitempty"`
	VPCEndpointID       string          `json:"vpcEndpointId,omitempty"`
	EventCategory       string          `json:"eventCategory"`
	Mode                Mode            `json:"xemuMode"`
	Decisions           []Evidence      `json:"xemuDecisions,omitempty"`
}

// UserIdentity is who asked ("CloudTrail userIdentity element").
type UserIdentity struct {
	Type           string          `json:"type"`
	PrincipalID    string          `json:"principalId,omitempty"`
	ARN            string          `json:"arn,omitempty"`
	AccountID      string          `json:"accountId,omitempty"`
	AccessKeyID    string          `json:"accessKeyId,omitempty"`
	UserName       string          `json:"userName,omitempty"`
	Provider       string          `json:"identityProvider,omitempty"`
	SessionContext *SessionContext `json:"sessionContext,omitempty"`
}

// SessionContext tells of temporary credentials.
type SessionContext struct {
	SessionIssuer   *UserIdentity    `json:"sessionIssuer,omitempty"`
	WebIDFederation *WebIDFederation `json:"webIdFederationData,omitempty"`
	SourceIdentity  string           `json:"sourceIdentity,omitempty"`
	Attributes      struct {
		CreationDate     time.Time `json:"creationDate"`
		MFAAuthenticated string    `json:"mfaAuthenticated"`
	} `json:"attributes"`
}

// WebIDFederation names the identity provider that vouched for the session's user.
type WebIDFederation struct {
	Provider   string   `json:"federatedProvider"`
	Attributes struct{} `json:"attributes"` // empty, but for Cognito on AWS
}

// Evidence is one decision of a request. Text is the explanation for a human and Trace the same as data; an allowed
// request for an object's data has neither, only what allowed it.
type Evidence struct {
	Action   string       `json:"action"`
	Resource string       `json:"resource"`
	Effect   authz.Effect `json:"effect"`
	By       string       `json:"by,omitempty"`
	Policy   string       `json:"policy,omitempty"`
	Text     string       `json:"text,omitempty"`
	Trace    *authz.Trace `json:"trace,omitempty"`
}

// record writes the request's event.
func (s *Server) record(c *call) {
	e := &Event{
		EventVersion: "1.11", UserIdentity: c.identity(), EventTime: c.Now, EventSource: c.service.name + ".amazonaws.com",
		EventName: c.operation, AWSRegion: c.Region, SourceIPAddress: c.address(), UserAgent: c.HTTP.UserAgent(),
		RequestID: c.ID, EventID: ids.NewRequestID(), ReadOnly: readOnly(c.operation),
		EventType: "AwsApiCall", ManagementEvent: !c.data(), RecipientAccountID: c.Caller.Account,
		EventCategory: "Management", Mode: s.config.Mode,
	}
	if c.data() {
		e.EventCategory = "Data"
	}
	if c.endpoint != nil {
		e.VPCEndpointID = c.endpoint.ID
	}
	if c.err != nil {
		e.ErrorCode, e.ErrorMessage = c.err.Code, c.err.Message
	}
	e.RequestParameters = c.parameters()
	for _, d := range c.decisions {
		e.Decisions = append(e.Decisions, c.evidence(d))
		if d.need.Account != "" {
			e.RecipientAccountID = d.need.Account
		}
	}
	s.events.append(e)
}

func readOnly(operation string) bool {
	for _, verb := range [...]string{"Get", "List", "Head", "Describe", "Simulate", "Generate", "Decode"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}

// data says whether the request is for an object rather than for the account's set-up; CloudTrail calls it a data event.
func (c *call) data() bool {
	return c.service.name == "s3" && !c.control() && strings.Count(strings.TrimPrefix(c.HTTP.URL.Path, "/"), "/") > 0
}

// control says whether the request is for S3 Control.
func (c *call) control() bool { return c.service == c.services.byName["s3control"] }

func (c *call) identity() UserIdentity {
	p := c.Caller.Principal
	id := UserIdentity{
		Type: string(p.Type), PrincipalID: p.ID, ARN: p.ARN, AccountID: p.Account,
		AccessKeyID: c.Caller.AccessKeyID, UserName: p.Name,
	}
	switch p.Type {
	case authz.Account:
		id.Type = "Root"
	case authz.User:
		id.Type = "IAMUser"
	case authz.Anonymous:
		id.Type, id.PrincipalID, id.AccountID = "AWSAccount", "", "anonymous"
	case authz.Federated:
		id.Type, id.Provider = "WebIdentityUser", p.Federated
		if strings.Contains(p.Federated, ":saml-provider/") {
			id.Type = "SAMLUser"
			id.Provider, _, _ = strings.Cut(p.ID, ":") // its NameQualifier
		}
	}
	if s := c.Caller.Session; s != nil {
		id.SessionContext = &SessionContext{SourceIdentity: s.SourceIdentity}
		id.SessionContext.Attributes.CreationDate = s.Issued
		if s.Federation != nil && s.Federation.Provider != "" {
			id.SessionContext.WebIDFederation = &WebIDFederation{Provider: s.Federation.Provider}
		}
		id.SessionContext.Attributes.MFAAuthenticated = "false"
		if s.MFAAuthenticated {
			id.SessionContext.Attributes.MFAAuthenticated = "true"
		}
		if p.RoleARN != "" {
			id.SessionContext.SessionIssuer = &UserIdentity{
				Type: "Role", PrincipalID: p.RoleID, ARN: p.RoleARN, AccountID: p.Account,
				UserName: p.RoleARN[strings.LastIndex(p.RoleARN, "/")+1:],
			}
		}
	}
	return id
}

// parameters returns the request's parameters as JSON, without secrets. For an object it is the bucket and the key.
func (c *call) parameters() json.RawMessage {
	if c.service.name == "s3" && !c.control() {
		bucket, key, _ := strings.Cut(strings.TrimPrefix(c.HTTP.URL.Path, "/"), "/")
		o := jsonObject{append(make([]byte, 0, 64), '{')}
		o.optional("bucketName", bucket)
		o.optional("key", key)
		o.end('}')
		return o.b
	}
	if c.in == nil {
		return json.RawMessage("null")
	}
	text, err := wire.EncodeJSON(c.in)
	if err != nil {
		return json.RawMessage("null")
	}
	return lowerNames(secrets.ReplaceAll(text, []byte(`$1:"`+hidden+`"`)))
}

// lowerNames writes the names of parameters as CloudTrail does: userName.
func lowerNames(text json.RawMessage) json.RawMessage {
	var parameters map[string]json.RawMessage
	if json.Unmarshal(text, &parameters) != nil {
		return text
	}
	lower := make(map[string]json.RawMessage, len(parameters))
	for name, value := range parameters {
		lower[strings.ToLower(name[:1])+name[1:]] = value
	}
	text, _ = json.Marshal(lower) // it was JSON before
	return text
}

// hidden stands for what must not be read in events.
const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

var secrets = regexp.MustCompile(`("(?:Old|New)?Password"|"TokenCode"|"PrivateKey"|"AuthenticationCode[12]"|"WebIdentityToken"|"SAMLAssertion")\s*:\s*"(?:[^"\\]|\\.)*"`)

func (c *call) evidence(d decision) Evidence {
	e := Evidence{Action: d.need.Action, Resource: d.need.Resource, Effect: d.Effect, By: string(d.By)}
	if d.Policy != nil {
		e.Policy = d.Policy.ARN
		if e.Policy == "" {
			e.Policy = d.Policy.Name
		}
	}
	if d.allowed() && c.data() {
		return e
	}
	e.Trace = d.Explain()
	if d.need.Veto == "" {
		e.Text = e.Trace.String()
		return e
	}
	e.Trace.Changes = nil // what is not a policy refuses: no change of a policy helps
	e.Effect, e.By, e.Text = authz.ExplicitDeny, d.need.Veto, d.need.Veto+"\n\n"+e.Trace.String()
	return e
}

var _ http.Handler = (*Server)(nil)
