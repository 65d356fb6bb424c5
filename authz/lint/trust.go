package lint

import (
	"slices"
	"strings"
)

// checkTrust checks a statement of a role's trust policy: the actions must be those that its principals can call.
func (s *statement) checkTrust() {
	s.mismatchedActions()
	s.sessionActions()
	s.assumedRoles()
	if s.allows() && s.covers("sts:AssumeRoleWithWebIdentity") {
		s.checkWebIdentity()
	}
}

// mismatchedActions: SAML and OpenID Connect providers have an operation each, everybody else has AssumeRole.
func (s *statement) mismatchedActions() {
	var saml, oidc, others []*node
	for _, p := range s.principals("Federated") {
		if samlARN.MatchString(p.text) {
			saml = append(saml, p)
		} else {
			oidc = append(oidc, p)
		}
	}
	for _, key := range []string{"AWS", "Service", "CanonicalUser"} {
		others = append(others, s.principals(key)...)
	}
	for _, m := range []struct {
		action string
		wrong  []*node
	}{
		{"sts:AssumeRole", slices.Concat(saml, oidc)},
		{"sts:AssumeRoleWithSAML", slices.Concat(oidc, others)},
		{"sts:AssumeRoleWithWebIdentity", slices.Concat(saml, others)},
	} {
		if a := s.lists(m.action); a != nil && len(m.wrong) > 0 {
			s.report(mismatchedActionForPrincipal, at(append([]*node{a}, m.wrong...)...), a.text, join(m.wrong))
		}
	}
}

func join(nodes []*node) string {
	var texts []string
	for _, n := range nodes {
		texts = append(texts, n.text)
	}
	return strings.Join(texts, ", ")
}

// sessionKeys are keys whose values a caller may set only with an action besides that of assuming the role.
var sessionKeys = map[string]string{
	"sts:sourceidentity":    "sts:SetSourceIdentity",
	"sts:transitivetagkeys": "sts:TagSession",
	"aws:tagkeys":           "sts:TagSession",
	"aws:requesttag/":       "sts:TagSession",
}

func (s *statement) sessionActions() {
	if !s.allows() || s.notAction {
		return
	}
	for _, c := range s.conditions {
		key := strings.ToLower(c.key)
		if i := strings.IndexByte(key, '/'); i >= 0 {
			key = key[:i+1]
		}
		if action := sessionKeys[key]; action != "" && !s.covers(action) {
			s.report(missingActionForConditionKey, append(atKey(c.member), at(s.action)...), action, c.key)
		}
	}
}

// assumedRoles: a session is redundant next to its role.
func (s *statement) assumedRoles() {
	roles := map[string]*node{}
	for _, p := range s.principals("AWS") {
		if account, role, ok := cutARN(p.text, ":iam::", ":role/"); ok {
			roles[account+"/"+role[strings.LastIndexByte(role, '/')+1:]] = p
		}
	}
	for _, p := range s.principals("AWS") {
		account, session, ok := cutARN(p.text, ":sts::", ":assumed-role/")
		role, _, _ := strings.Cut(session, "/")
		if parent := roles[account+"/"+role]; ok && parent != nil {
			s.report(redundantPrincipalInRoleTrustPolicy, at(p, parent), p.text, parent.text)
		}
	}
}

// cutARN returns the account and what follows the resource type, of an ARN of a service and a type.
func cutARN(arn, service, kind string) (account, name string, ok bool) {
	_, rest, ok := strings.Cut(arn, service)
	if !ok || !strings.HasPrefix(arn, "arn:") {
		return "", "", false
	}
	return strings.Cut(rest, kind)
}

const github = "token.actions.githubusercontent.com"

// checkWebIdentity: whoever has a token of a public provider could ask for the role, if nothing of the token is compared.
func (s *statement) checkWebIdentity() {
	for _, p := range s.principals("Federated") {
		if samlARN.MatchString(p.text) || hasWildcard(p.text) {
			continue
		}
		provider := p.text
		if _, name, ok := strings.Cut(p.text, ":oidc-provider/"); ok {
			provider = name
		}
		if !slices.ContainsFunc(s.conditions, func(c *condition) bool {
			return strings.HasPrefix(strings.ToLower(c.key), strings.ToLower(provider)+":")
		}) {
			s.report(missingConditionKeyForOIDCPrincipal, at(p))
		}
		if provider == github {
			s.checkGithub(p)
		}
	}
}

// checkGithub: the subject says which repository and branch the workflow is of: repo:ORG/REPO:ref:refs/heads/BRANCH. One that
// names an environment instead leaves the branch open, as Access Analyzer sees it.
func (s *statement) checkGithub(p *node) {
	sub := s.condition(github + ":sub")
	if sub == nil {
		s.report(missingGithubRepoConditionKey, at(p))
		return
	}
	hasRef := s.hasKey(github + ":ref")
	for _, v := range sub.strings() {
		parts := strings.SplitN(v.text, ":", 3)
		repoOpen := len(parts) < 2 || hasWildcard(parts[0]) || hasWildcard(parts[1])
		restOpen := len(parts) == 3 && (hasWildcard(parts[2]) || strings.HasPrefix(parts[2], "environment:"))
		if repoOpen && hasWildcard(v.text) || restOpen && !hasRef {
			s.report(specificGithubRepoAndBranchRecommended, at(v))
		}
	}
}

// rolesAnywhere: IAM Roles Anywhere needs three actions, in any statements of the policy.
func (l *linter) rolesAnywhere(statements []*statement) {
	needed := []string{"sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"}
	var named []*node
	for _, s := range statements {
		for _, p := range s.principals("Service") {
			if p.text == "rolesanywhere.amazonaws.com" && s.allows() {
				named = append(named, p)
				needed = slices.DeleteFunc(needed, s.covers)
			}
		}
	}
	if len(named) > 0 && len(needed) > 0 {
		l.report(missingActionForRolesAnywhereTrustPolicy, at(named...))
	}
}
