package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/admin"
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
	c, err := services.simulatedCall(who, b.config.Now().UTC())
	if err != nil {
		return admin.Simulated{}, err
	}
	need, err := c.standing(in)
	if err != nil {
		return admin.Simulated{}, err
	}
	policies := authz.Policies{Identity: grants.Identity, Boundary: grants.Boundary, Resource: need.Policies}
	places, err := c.organizationPolicies(&policies, need)
	if err != nil {
		return admin.Simulated{}, err
	}
	context := &keys{call: c, service: given(in.Context, need.Keys), grants: &grants, places: places}
	return simulate(in, who, need, policies, context)
}

// SimulateAlone decides under the policies of the simulation and nothing else, for somebody of the account 111122223333.
func SimulateAlone(in admin.Simulation) (admin.Simulated, error) {
	const account = "111122223333"
	who := authz.Principal{Type: authz.User, Account: account, ARN: "arn:aws:iam::" + account + ":user/somebody", ID: "AIDASOMEBODY", Name: "somebody"}
	return simulate(in, who, needOf(in), authz.Policies{}, given(in.Context, nil))
}

// simulate adds what the simulation brings along, and decides.
func simulate(in admin.Simulation, who authz.Principal, need wire.Need, policies authz.Policies, keys authz.Context) (out admin.Simulated, err error) {
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
	if isProvider(in.Principal) {
		return authz.Principal{Type: authz.Federated, Federated: in.Principal}, nil
	}
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

// isProvider says whether a principal is an identity provider, as trust policies name it: by the ARN of one in IAM, or by the
// host name of one that AWS knows by itself.
func isProvider(name string) bool {
	if !strings.HasPrefix(name, "arn:") {
		return strings.Contains(name, ".")
	}
	return strings.Contains(name, ":oidc-provider/") || strings.Contains(name, ":saml-provider/")
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

// simulatedCall is a request from this machine, made without MFA; a role's is that of a new session.
func (v *services) simulatedCall(who authz.Principal, now time.Time) (*call, error) {
	r, err := http.NewRequest(http.MethodGet, "/", nil)
	if err != nil {
		return nil, err
	}
	r.RemoteAddr = "127.0.0.1:0"
	c := &call{ctx: context.Background(), services: v, Request: wire.Request{Now: now, HTTP: r, Region: Region, Caller: wire.Caller{Principal: who}}}
	if who.Type == authz.AssumedRole {
		c.Caller.Session = &wire.Session{Issued: now}
	}
	return c, nil
}

// given are the condition keys that a simulation names, and those of the resource.
func given(named map[string][]string, known authz.Context) authz.Keys {
	keys := authz.Keys{}
	if k, ok := known.(authz.Keys); ok {
		maps.Copy(keys, k)
	}
	for name, values := range named {
		keys[strings.ToLower(name)] = values
	}
	return keys
}
