package iam

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/authz/reference"
	"github.com/xemu-aws/xemu/emulator/awserr"
)

// trial is an action on resources of one type: what becomes an EvaluationResult.
type trial struct {
	action    string
	template  string   // the type's form of ARNs, "*" without one
	resources []string // nil: "*" alone
	// whole: the action has no resource types, so that its requests are not for the resource given.
	whole bool
}

// trials are the actions, each with the resources given, which are grouped by their type ("EvaluationResult", IAM API
// Reference).
func (sim *simulation) trials() []trial {
	var all []trial
	for _, name := range sim.actions {
		action, known := reference.Lookup(name)
		whole := known && len(action.ResourceTypes) == 0
		if len(sim.resources) == 0 || len(sim.resources) == 1 && sim.resources[0] == "*" {
			all = append(all, trial{action: name, template: "*", whole: whole})
			continue
		}
		first := len(all)
		for _, arn := range sim.resources {
			template := templateOf(&action, arn)
			i := first + slices.IndexFunc(all[first:], func(t trial) bool { return t.template == template })
			if i < first {
				i = len(all)
				all = append(all, trial{action: name, template: template, whole: whole})
			}
			all[i].resources = append(all[i].resources, arn)
		}
	}
	return all
}

// templateOf is the form of the resource type that an ARN is of, the one with the most text of its own; "*" if the action
// has no such type.
func templateOf(action *reference.Action, arn string) string {
	best, most := "*", -1
	for i := range action.ResourceTypes {
		for _, template := range action.ResourceTypes[i].ARNs {
			if literals, ok := fits(template, arn); ok && literals > most {
				best, most = template, literals
			}
		}
	}
	return best
}

// fits reports whether an ARN has the form of a template, in which ${Name} stands for any text, and how much text is the
// template's own.
func fits(template, arn string) (literals int, ok bool) {
	text, rest, variable := strings.Cut(template, "${")
	if !strings.HasPrefix(arn, text) {
		return 0, false
	}
	literals, arn = len(text), arn[len(text):]
	for variable {
		_, rest, _ = strings.Cut(rest, "}")
		text, rest, variable = strings.Cut(rest, "${")
		literals += len(text)
		if !variable { // what follows the last variable ends the ARN
			return literals, strings.HasSuffix(arn, text) && len(arn) > len(text)
		}
		at := strings.Index(arn, text)
		if at < 0 {
			return 0, false
		}
		arn = arn[at+len(text):]
	}
	return literals, arn == ""
}

// maxEvaluations bounds the work of one call and the size of its answer, in statements times resources.
const maxEvaluations = 200_000

// page runs a page of the trials.
func (sim *simulation) page(marker *string, maxItems *int32) (results []types.EvaluationResult, next *string, err error) {
	p, err := pageOf(marker, maxItems)
	if err != nil {
		return nil, nil, err
	}
	start := 0
	if p.from != "" {
		if start, err = strconv.Atoi(p.from); err != nil || start < 0 {
			return nil, nil, awserr.ValidationError.Errorf("Invalid Marker.")
		}
	}
	w := sim.writer()
	results = []types.EvaluationResult{}
	all, cost := sim.trials(), 0
	for i := start; i < len(all); i++ {
		one := w.statements * max(1, len(all[i].resources))
		if one > maxEvaluations {
			return nil, nil, awserr.InvalidInput.Errorf("The simulation of %d statements on %d resources is too large.", w.statements, len(all[i].resources))
		}
		if cost += one; len(results) == p.max || cost > maxEvaluations { // IAM may return fewer results than MaxItems
			return results, aws.String(newMarker(strconv.Itoa(i))), nil
		}
		results = append(results, w.run(&all[i]))
	}
	return results, nil, nil
}

// decide is the engine's decision on a trial's action and a resource.
func (sim *simulation) decide(t *trial, resource string) authz.Decision {
	owner := sim.ownerOf(resource)
	service, _, _ := strings.Cut(fold(t.action), ":")
	if t.whole {
		resource, owner = "*", sim.principal.Account
		if service == "s3" {
			resource = "arn:aws:s3:::*" // which is what S3 asks for where it names no bucket
		}
	}
	policies := sim.policies
	policies.Resource = sim.resourcePolicy(t.action, owner)
	if reference.SupportsRCP(service) {
		policies.RCPs = sim.rcps[owner]
	}
	return authz.Evaluate(authz.Request{
		Principal: sim.principal, Action: t.action, Resource: resource, ResourceAccount: owner, Context: sim.keys,
	}, policies)
}

// ownerOf is the account that a resource belongs to: its ARN's, or the one that the request names.
func (sim *simulation) ownerOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && isAccountID(parts[4]) {
		return parts[4]
	}
	return sim.owner
}

// writer makes the results of a simulation.
type writer struct {
	*simulation
	spans      map[*authz.Policy][]authz.Span
	statements int
	missing    []string
}

func (sim *simulation) writer() *writer {
	w := &writer{simulation: sim, spans: map[*authz.Policy][]authz.Span{}, missing: []string{}}
	shown := slices.Concat(sim.policies.Identity, sim.resourcePolicy("", ""))
	for _, name := range contextKeys(shown) {
		if !sim.knows(fold(name)) {
			w.missing = append(w.missing, name)
		}
	}
	if sim.policies.Boundary != nil {
		shown = append(shown, *sim.policies.Boundary)
	}
	for i := range shown {
		if p := shown[i].Policy; w.spans[p] == nil {
			w.spans[p] = p.Spans()
		}
		w.statements += len(w.spans[shown[i].Policy])
	}
	return w
}

// knows reports whether the simulated request has a condition key, in lower case.
func (sim *simulation) knows(key string) bool {
	switch key {
	case "aws:principalarn":
		if sim.principal.ARN != "" {
			return true
		}
	case "aws:userid":
		if sim.principal.ID != "" {
			return true
		}
	case "aws:username":
		if sim.principal.Name != "" {
			return true
		}
	case "aws:principalaccount", "aws:principaltype", "aws:resourceaccount":
		return true
	}
	_, ok := sim.keys[key]
	return ok
}

// run decides a trial on each of its resources.
func (w *writer) run(t *trial) types.EvaluationResult {
	out := types.EvaluationResult{
		EvalActionName: aws.String(t.action), EvalResourceName: aws.String(t.template),
		EvalDecision: types.PolicyEvaluationDecisionTypeAllowed, MatchedStatements: []types.Statement{}, MissingContextValues: w.missing,
	}
	if t.resources == nil {
		r := w.result(t, "*")
		r.addTo(&out)
		return out
	}
	for _, resource := range t.resources {
		r := w.result(t, resource)
		r.addTo(&out)
		out.ResourceSpecificResults = append(out.ResourceSpecificResults, r.ResourceSpecificResult)
	}
	return out
}

// verdict is the result on one resource, with what AWS shows of it for the whole action only.
type verdict struct {
	types.ResourceSpecificResult
	organization *types.OrganizationsDecisionDetail
}

func (w *writer) result(t *trial, resource string) verdict {
	d := w.decide(t, resource)
	r := verdict{ResourceSpecificResult: types.ResourceSpecificResult{
		EvalResourceName: aws.String(resource), EvalResourceDecision: types.PolicyEvaluationDecisionType(d.Effect),
		MatchedStatements: w.matched(d), MissingContextValues: w.missing,
	}}
	boundary, bounded := d.Verdict(authz.Boundary)
	if bounded {
		r.PermissionsBoundaryDecisionDetail = &types.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: boundary == authz.Allowed}
	}
	organization, member := d.Verdict(authz.SCP)
	if member {
		r.organization = &types.OrganizationsDecisionDetail{AllowedByOrganizations: organization == authz.Allowed}
		if organization != authz.Allowed {
			return r // "the simulation ends"
		}
	}
	if resource == "*" {
		return r
	}
	r.EvalDecisionDetails = map[string]types.PolicyEvaluationDecisionType{}
	if w.ownerOf(resource) == w.principal.Account {
		return r
	}
	for name, kind := range map[string]authz.PolicyKind{identitySource: authz.Identity, resourceSource: authz.Resource} {
		effect, _ := d.Verdict(kind)
		r.EvalDecisionDetails[name] = types.PolicyEvaluationDecisionType(effect)
	}
	if bounded {
		r.EvalDecisionDetails[boundarySource] = types.PolicyEvaluationDecisionType(boundary)
	}
	return r
}

// The types of policies, as IAM's answers name them. They are not those of the enumeration in the API Reference.
const (
	identitySource = "IAM Policy"
	resourceSource = "Resource Policy"
	boundarySource = "Permissions Boundary Policy"
)

// matched are the statements that contributed to a decision: those that deny, or those that allow.
func (w *writer) matched(d authz.Decision) []types.Statement {
	list := []types.Statement{}
	contributes := map[authz.Effect]string{authz.Allowed: "Allow", authz.ExplicitDeny: "Deny"}[d.Effect]
	for _, m := range d.Matches() {
		kind := identitySource
		switch m.In.Kind {
		case authz.Identity:
		case authz.Resource, authz.Trust:
			kind = resourceSource
		case authz.Boundary:
			if m.Effect == "Allow" {
				continue // it limits, but grants nothing
			}
		default:
			continue
		}
		if m.Effect != contributes {
			continue
		}
		span := w.spans[m.In.Policy][m.Index]
		list = append(list, types.Statement{
			SourcePolicyId: aws.String(sourceID(m.In)), SourcePolicyType: types.PolicySourceType(kind),
			StartPosition: position(span.Simulator), EndPosition: position(span.End),
		})
	}
	return list
}

func position(p authz.Position) *types.Position {
	return &types.Position{Line: int32(p.Line), Column: int32(p.Column)}
}

// sourceID names a policy as IAM does: an inline policy of alice as user_alice_NAME, any other by its name.
func sourceID(at *authz.Attached) string {
	if at.ARN == "" && at.Kind == authz.Identity && at.To != "" {
		return strings.Replace(at.To, " ", "_", 1) + "_" + at.Name
	}
	return at.Name
}

// addTo merges the result on a resource into that on the action: the most restrictive decision wins.
func (r *verdict) addTo(out *types.EvaluationResult) {
	out.EvalDecision = stricter(out.EvalDecision, r.EvalResourceDecision)
	for _, s := range r.MatchedStatements {
		if !slices.ContainsFunc(out.MatchedStatements, func(known types.Statement) bool { return reflect.DeepEqual(known, s) }) {
			out.MatchedStatements = append(out.MatchedStatements, s)
		}
	}
	for name, effect := range r.EvalDecisionDetails {
		if known, ok := out.EvalDecisionDetails[name]; ok {
			effect = stricter(known, effect)
		}
		if out.EvalDecisionDetails == nil {
			out.EvalDecisionDetails = map[string]types.PolicyEvaluationDecisionType{}
		}
		out.EvalDecisionDetails[name] = effect
	}
	if r.EvalDecisionDetails != nil && out.EvalDecisionDetails == nil {
		out.EvalDecisionDetails = map[string]types.PolicyEvaluationDecisionType{}
	}
	if d := r.PermissionsBoundaryDecisionDetail; d != nil {
		allowed := d.AllowedByPermissionsBoundary && (out.PermissionsBoundaryDecisionDetail == nil || out.PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary)
		out.PermissionsBoundaryDecisionDetail = &types.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: allowed}
	}
	if d := r.organization; d != nil {
		allowed := d.AllowedByOrganizations && (out.OrganizationsDecisionDetail == nil || out.OrganizationsDecisionDetail.AllowedByOrganizations)
		out.OrganizationsDecisionDetail = &types.OrganizationsDecisionDetail{AllowedByOrganizations: allowed}
	}
}

// strictness orders decisions.
var strictness = []types.PolicyEvaluationDecisionType{
	types.PolicyEvaluationDecisionTypeAllowed, types.PolicyEvaluationDecisionTypeImplicitDeny, types.PolicyEvaluationDecisionTypeExplicitDeny,
}

func stricter(a, b types.PolicyEvaluationDecisionType) types.PolicyEvaluationDecisionType {
	return strictness[max(slices.Index(strictness, a), slices.Index(strictness, b))]
}
