package emulator

import (
	"strings"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/authz/reference"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/organizations"
	"github.com/xemu-aws/xemu/emulator/sts"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// decision is what was decided on one need.
type decision struct {
	need wire.Need
	authz.Decision
}

// allowed says whether the need is met: its policies allow, and nothing that is not a policy refuses.
func (d decision) allowed() bool { return d.Allowed() && d.need.Veto == "" }

// authorize asks the operation's row what it needs and decides each of it.
func (s *Server) authorize(c *call, operation wire.Operation) error {
	needs, err := operation.Needs(c.ctx, c.in)
	if err != nil {
		return err
	}
	if err := s.exists(c); err != nil {
		return err
	}
	if err := sts.Restrict(c.Caller, c.service.name+":"+c.operation); err != nil {
		return err
	}
	for _, need := range needs {
		if err := s.decide(c, need); err != nil {
			return err
		}
	}
	return nil
}

// exists refuses the session of a user or role that is gone. The sessions of a role that was re-created under its name are
// those of another role.
func (s *Server) exists(c *call) error {
	if c.Caller.Session == nil {
		return nil
	}
	grants, err := c.services.iam.Grants(c.ctx, c.Caller.Principal)
	if err != nil || grants.Exists {
		return err
	}
	return c.wording(invalidToken(), c.Caller.AccessKeyID)
}

// decide is the only meeting of the requests and the policy engine: it gathers every policy that applies to the need and
// asks authz. The decision is kept for the record.
func (s *Server) decide(c *call, need wire.Need) error {
	if s.config.Mode == Off {
		return nil
	}
	grants, err := c.services.iam.Grants(c.ctx, c.Caller.Principal)
	if err != nil {
		return err
	}
	policies := authz.Policies{Identity: grants.Identity, Boundary: grants.Boundary, Resource: need.Policies}
	if need.ResourceSide {
		policies = authz.Policies{Identity: elsewhere, Resource: need.Policies}
	}
	// What a service asks of another one in the caller's name, as S3 does of KMS, does not come through the endpoint.
	if c.endpoint != nil && strings.HasPrefix(need.Action, c.service.name+":") {
		policies.Endpoint = &c.endpoint.policy
	}
	places, err := c.organizationPolicies(&policies, need)
	if err != nil {
		return err
	}
	if places.owner.Closed {
		need.Veto, need.Denied = "the account that owns it is closed", closed(need.Action)
	}
	if !need.ResourceSide {
		if err := c.sessionPolicies(&policies); err != nil {
			return err
		}
	}
	d := decision{need: need, Decision: authz.Evaluate(authz.Request{
		Principal:       c.Caller.Principal,
		Action:          need.Action,
		Resource:        need.Resource,
		ResourceAccount: need.Account,
		Context:         &keys{call: c, service: need.Keys, grants: &grants, places: places},
	}, policies)}
	if d.allowed() || !need.Optional {
		c.decisions = append(c.decisions, d)
	}
	if d.allowed() || s.config.Mode == Audit {
		if need.And != nil {
			return s.decide(c, *need.And)
		}
		return nil
	}
	if need.Denied != nil {
		return need.Denied(d.Decision)
	}
	return awserr.AccessDenied.Errorf("%s", d.Message())
}

// elsewhere stands for the caller's policies where they are decided on with another need.
var elsewhere = func() []authz.Attached {
	policy, err := authz.Parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	if err != nil {
		panic(err)
	}
	return []authz.Attached{{Policy: policy, Kind: authz.Identity, Name: "decided on the access point"}}
}()

// places are where the caller's account and the resource's owner stand in an organization.
type places struct{ caller, owner *organizations.Place }

// nowhere is where anonymous callers stand.
var nowhere organizations.Place

// closed makes the answer to who asks for something in a closed account.
func closed(action string) func(authz.Decision) error {
	return func(authz.Decision) error {
		if strings.HasPrefix(action, "s3:") {
			return awserr.Kind{Code: "AllAccessDisabled", Status: 403}.Errorf("All access to this object has been disabled")
		}
		return awserr.AccessDenied.Errorf("The account that owns the resource is closed.")
	}
}

// organizationPolicies adds what limits the caller's account and the resource's ("Service control policies" and "Resource
// control policies", AWS Organizations User Guide). That service-linked roles are exempt has no place here: only services can
// assume them, and none does.
func (c *call) organizationPolicies(policies *authz.Policies, need wire.Need) (p places, err error) {
	p.caller = &nowhere
	if c.Caller.Account != "" {
		if p.caller, err = c.services.organizations.Place(c.ctx, c.Caller.Account); err != nil {
			return p, err
		}
	}
	p.owner = p.caller
	if need.Account != "" && need.Account != c.Caller.Account {
		if p.owner, err = c.services.organizations.Place(c.ctx, need.Account); err != nil {
			return p, err
		}
	}
	policies.SCPs = p.caller.SCPs
	if service, _, _ := strings.Cut(need.Action, ":"); p.owner.RCPs != nil && reference.SupportsRCP(service) {
		policies.RCPs = p.owner.RCPs
	}
	return p, nil
}

// sessionPolicies adds what the caller's session was narrowed with.
func (c *call) sessionPolicies(policies *authz.Policies) error {
	session := c.Caller.Session
	if session == nil {
		return nil
	}
	add := func(text, name, arn string) error {
		p, err := authz.Parse(text)
		if err != nil {
			return err
		}
		policies.HasSession = true
		policies.Session = append(policies.Session, authz.Attached{
			Policy: p, Kind: authz.Session, Name: name, ARN: arn, Account: c.Caller.Account, To: "session " + c.Caller.ARN,
		})
		return nil
	}
	if session.TaskPolicy != "" {
		if err := c.taskPolicy(policies, session.TaskPolicy); err != nil {
			return err
		}
	}
	if session.Policy != "" {
		if err := add(session.Policy, "session policy", ""); err != nil {
			return err
		}
	}
	for _, arn := range session.PolicyARNs {
		text, ok, err := c.services.iam.PolicyDocument(c.ctx, arn)
		if err != nil {
			return err
		}
		policies.HasSession = true // a policy that is gone allows nothing
		if !ok {
			continue
		}
		if err := add(text, "", arn); err != nil {
			return err
		}
	}
	return nil
}

// taskPolicy adds the policy that a session of AssumeRoot is scoped to. It denies all but the task; what the root user may do
// otherwise stays, so it stands with the identity-based policies.
func (c *call) taskPolicy(policies *authz.Policies, arn string) error {
	text, ok, err := c.services.iam.PolicyDocument(c.ctx, arn)
	if err != nil {
		return err
	}
	if !ok {
		return c.wording(invalidToken(), c.Caller.AccessKeyID)
	}
	p, err := authz.Parse(text)
	policies.Identity = append(policies.Identity, authz.Attached{
		Policy: p, Kind: authz.Identity, ARN: arn, Account: c.Caller.Account, To: "root session of " + c.Caller.Account,
	})
	return err
}

var _ sts.Directory = (*iam.Service)(nil)
