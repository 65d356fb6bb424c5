package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// Simulate implements admin.Backend: it decides as the request itself would be, under all that the world has for it.
func (b backend) Simulate(in admin.Simulation) (admin.Simulated, error) {
	ctx, services := context.Background(), b.services.Load()
	who, err := services.simulated(ctx, in)
	if err != nil {
		return admin.Simulated{}, err
	}
	grants, err := services.iam.Grants(ctx, who)
	if err != nil {
		return admin.Simulated{}, err
	}
	c := &call{ctx: ctx, services: services, Request: wire.Request{Now: b.config.Now().UTC(), Caller: wire.Caller{Principal: who}}}
	need, err := c.standing(in)
	if err != nil {
		return admin.Simulated{}, err
	}
	policies := authz.Policies{Identity: grants.Identity, Boundary: grants.Boundary, Resource: need.Policies}
	if _, err := c.organizationPolicies(&policies, need); err != nil {
		return admin.Simulated{}, err
	}
	keys := c.usualKeys(&grants)
	if known, ok := need.Keys.(authz.Keys); ok {
		maps.Copy(keys, known)
	}
	return simulate(in, who, need, policies, keys)
}

// SimulateAlone decides under the policies of the simulation and nothing else, for somebody of the account 111122223333.
func SimulateAlone(in admin.Simulation) (admin.Simulated, error) {
	const account = "111122223333"
	who := authz.Principal{Type: authz.User, Account: account, ARN: "arn:aws:iam::" + account + ":user/somebody", ID: "AIDASOMEBODY", Name: "somebody"}
	return simulate(in, who, needOf(in), authz.Policies{}, authz.Keys{})
}

// simulate adds what the simulation brings along, and decides.
func simulate(in admin.Simulation, who authz.Principal, need wire.Need, policies authz.Policies, keys authz.Keys) (out admin.Simulated, err error) {
	if service, operation, ok := strings.Cut(in.Action, ":"); !ok || service == "" || operation == "" || strings.ContainsAny(in.Action, "*?") {
		return out, fmt.Errorf("%q is not an action: name one as s3:GetObject", in.Action)
	}
	add := func(text, name string, kind authz.PolicyKind) authz.Attached {
		p, wrong := authz.Validate(text, kind)
		if wrong != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", name, wrong))
		}
		return authz.Attached{Policy: p, Kind: kind, Name: name, Account: who.Account, To: "the simulation"}
	}
	policies.Identity = policies.Identity[:len(policies.Identity):len(policies.Identity)] // it is shared
	for i, text := range in.Policies {
		policies.Identity = append(policies.Identity, add(text, fmt.Sprintf("policy %d", i+1), authz.Identity))
	}
	if in.Boundary != "" {
		boundary := add(in.Boundary, "boundary", authz.Boundary)
		policies.Boundary = &boundary
	}
	if in.ResourcePolicy != "" {
		kind := authz.Resource
		if strings.HasPrefix(strings.ToLower(in.Action), "sts:") {
			kind = authz.Trust
		}
		at := add(in.ResourcePolicy, "resource policy", kind)
		at.Account = need.Account
		policies.Resource = []authz.Attached{at}
	}
	for name, values := range in.Context {
		keys[strings.ToLower(name)] = values
	}
	if err != nil {
		return out, err
	}
	d := authz.Evaluate(authz.Request{Principal: who, Action: need.Action, Resource: need.Resource, ResourceAccount: need.Account, Context: keys}, policies)
	out = admin.Simulated{Effect: string(d.Effect), Text: d.String(), Missing: d.MissingKeys()}
	if need.Veto != "" && d.Allowed() {
		out.Effect, out.Text = string(authz.ImplicitDeny), "denied: "+need.Veto+"\n\n"+out.Text
	}
	out.Trace, err = json.Marshal(d.Explain())
	return out, err
}

// simulated is who asks.
func (v *services) simulated(ctx context.Context, in admin.Simulation) (authz.Principal, error) {
	if in.Principal != "" {
		p, ok, err := v.iam.PrincipalByARN(ctx, in.Principal)
		if err == nil && !ok {
			err = fmt.Errorf("there is no user, role or root user %s", in.Principal)
		}
		return p, err
	}
	c, ok, err := v.iam.Credential(ctx, in.AccessKeyID)
	if err == nil && !ok {
		err = fmt.Errorf("the server knows no access key %q", in.AccessKeyID)
	}
	return c.Principal, err
}

// needOf is what the simulation asks for, as far as it says so itself.
func needOf(in admin.Simulation) wire.Need {
	need := wire.Need{Action: in.Action, Resource: in.Resource, Account: in.Owner}
	if need.Resource == "" {
		need.Resource = "*"
	}
	if parts := strings.SplitN(need.Resource, ":", 6); need.Account == "" && len(parts) == 6 {
		need.Account = parts[4]
	}
	return need
}

// standing is what the simulation asks for, with what the world knows of the resource: a bucket's policies, a role's trust.
func (c *call) standing(in admin.Simulation) (wire.Need, error) {
	need := needOf(in)
	service, _, _ := strings.Cut(strings.ToLower(in.Action), ":")
	switch service {
	case "s3":
		known, ok, err := c.services.s3.Standing(c.ctx, c.Caller, in.Action, need.Resource)
		if err != nil || !ok {
			return need, err
		}
		if in.Owner != "" {
			known.Account = in.Owner
		}
		return known, nil
	case "sts":
		role, ok, err := c.services.iam.RoleByARN(c.ctx, need.Resource)
		if ok {
			need.Policies = []authz.Attached{role.Trust}
		}
		return need, err
	}
	return need, nil
}

// usualKeys are the condition keys that a request to this server has, from this machine and without MFA.
func (c *call) usualKeys(grants *iam.Grants) authz.Keys {
	keys := authz.Keys{
		"aws:sourceip": {"127.0.0.1"}, "aws:securetransport": {"false"}, "aws:requestedregion": {Region},
		"aws:currenttime": {c.Now.Format(time.RFC3339)}, "aws:epochtime": {strconv.FormatInt(c.Now.Unix(), 10)},
		"aws:viaawsservice": {"false"}, "aws:principalisawsservice": {"false"},
	}
	if c.Caller.Type == authz.AssumedRole {
		keys["aws:multifactorauthpresent"], keys["aws:tokenissuetime"] = []string{"false"}, keys["aws:currenttime"]
	}
	for name, value := range grants.Tags {
		keys["aws:principaltag/"+strings.ToLower(name)] = []string{value}
	}
	return keys
}
