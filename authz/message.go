package authz

import "strings"

// Message returns AWS's access denied text ("Troubleshoot access denied error messages", IAM User Guide):
// "User: ARN is not authorized to perform: ACTION on resource: ARN because no identity-based policy allows the ACTION
// action", and its variants. The reason is shown within an account only; for a resource of another account the text is
// that of [Decision.BriefMessage]. It is empty for an allowed request.
func (d Decision) Message() string {
	e := newEvaluation(d.request, d.policies)
	if !e.sameAccount() {
		return d.BriefMessage()
	}
	return d.DetailedMessage()
}

// DetailedMessage is [Decision.Message] with the reason for a resource of another account too: S3 shows it within an
// organization.
func (d Decision) DetailedMessage() string {
	switch {
	case d.Effect == Allowed:
		return ""
	case d.request.Principal.Type == Anonymous || d.request.Principal.Type == Federated:
		return d.BriefMessage()
	}
	return d.refusal() + " " + d.reason()
}

// BriefMessage returns the text that tells nothing of the policies: S3's is "Access Denied", that of other services
// "User: ARN is not authorized to perform: ACTION on resource: ARN", and STS's to those who have no identity in AWS yet
// "Not authorized to perform ACTION". It is empty for an allowed request.
func (d Decision) BriefMessage() string {
	switch {
	case d.Effect == Allowed:
		return ""
	case d.request.Principal.Type == Federated:
		return "Not authorized to perform " + d.request.Action
	case strings.HasPrefix(d.request.Action, "s3:"):
		return "Access Denied"
	}
	return d.refusal()
}

// refusal says who may not do what. S3 puts the resource in quotation marks; an action without a resource is named alone,
// but by IAM, which writes "*".
func (d Decision) refusal() string {
	text := "User: " + who(&d.request.Principal) + " is not authorized to perform: " + d.request.Action
	resource := d.request.Resource
	switch {
	case resource == "" || resource == "*" && !strings.HasPrefix(d.request.Action, "iam:"):
		return text
	case strings.HasPrefix(d.request.Action, "s3:"):
		resource = `"` + resource + `"`
	}
	return text + " on resource: " + resource
}

// reason is the part of the message that names the kind of policy, and the ARN of one that denies, if it has one
// ("Enhanced access denied error messages with policy ARNs").
func (d Decision) reason() string {
	if d.Effect == ImplicitDeny {
		return "because no " + kindInMessage(d.By) + " allows the " + d.request.Action + " action"
	}
	text := "with an explicit deny in " + article(d.By) + " " + kindInMessage(d.By)
	if d.Policy != nil && d.Policy.ARN != "" && !namesPrincipals(d.By) || d.By == RCP && d.Policy.ARN != "" {
		text += ": " + d.Policy.ARN
	}
	return text
}

// kindInMessage: ACLs are resource-based to the messages.
func kindInMessage(kind PolicyKind) string {
	if kind == ACL {
		kind = Resource
	}
	return string(kind)
}

func article(kind PolicyKind) string {
	switch kind {
	case Identity:
		return "an"
	case Trust:
		return "the"
	}
	return "a"
}
