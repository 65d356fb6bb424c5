package sts_test

//lint:file-ignore SA1019 PackedPolicySize is deprecated, and what clients of before SessionTokenUtilization read

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
)

func assume(arn string, change ...func(*api.AssumeRoleInput)) *api.AssumeRoleInput {
	in := &api.AssumeRoleInput{RoleArn: &arn, RoleSessionName: aws.String("session")}
	for _, c := range change {
		c(in)
	}
	return in
}

func TestAssumeRoleAcrossAccounts(t *testing.T) {
	w := newWorld(t)
	arn := w.role(production, "/team/", "Reader", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole"}`)
	alice := w.user(development, "alice", `{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"`+arn+`"}`)
	out := do[api.AssumeRoleOutput](alice, "AssumeRole", assume(arn))

	if got := aws.ToString(out.AssumedRoleUser.Arn); got != "arn:aws:sts::111122223333:assumed-role/Reader/session" {
		t.Errorf("session ARN %s", got)
	}
	if got := aws.ToString(out.AssumedRoleUser.AssumedRoleId); got != "AROAREADERXXXX:session" {
		t.Errorf("session id %s", got)
	}
	if out.PackedPolicySize != nil || out.SourceIdentity != nil {
		t.Errorf("PackedPolicySize %v and SourceIdentity %v without policies, tags and identity", out.PackedPolicySize, out.SourceIdentity)
	}
	if !out.Credentials.Expiration.Equal(now.Add(time.Hour)) {
		t.Errorf("expires %s", out.Credentials.Expiration)
	}
	if int(*out.SessionTokenSize) != len(*out.Credentials.SessionToken) || *out.SessionTokenUtilization < 1 || *out.SessionTokenUtilization > 20 {
		t.Errorf("token of %d bytes, said to be %d, %d%%", len(*out.Credentials.SessionToken), *out.SessionTokenSize, *out.SessionTokenUtilization)
	}
	session := alice.session(out.Credentials)
	want := authz.Principal{
		Type: authz.AssumedRole, Account: production, ARN: "arn:aws:sts::111122223333:assumed-role/Reader/session",
		ID: "AROAREADERXXXX:session", RoleARN: arn, RoleID: "AROAREADERXXXX",
	}
	if session.caller.Principal != want {
		t.Errorf("the session's principal is %+v, want %+v", session.caller.Principal, want)
	}
	who := do[api.GetCallerIdentityOutput](session, "GetCallerIdentity", &api.GetCallerIdentityInput{})
	if *who.Account != production || *who.Arn != want.ARN || *who.UserId != want.ID {
		t.Errorf("GetCallerIdentity: %s %s %s", *who.Account, *who.Arn, *who.UserId)
	}
}

// TestAssumeRoleDenied: each mistake of the cross-account lesson, all in the same words.
func TestAssumeRoleDenied(t *testing.T) {
	for name, test := range map[string]struct {
		trust, identity string
		account         string // the caller's
		arn             string // "" for the role's
	}{
		"trust names another account":     {strings.ReplaceAll(trustAssume, development, "777788889999"), allowAssume, development, ""},
		"trust policy denies":             {trustAssume + `,{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}`, allowAssume, development, ""},
		"no identity policy":              {trustAssume, readOneThing, development, ""},
		"identity policy for no role":     {trustAssume, `{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::111122223333:role"}`, development, ""},
		"identity policy denies":          {trustAssume, allowAssume + `,{"Effect":"Deny","Action":"sts:*","Resource":"*"}`, development, ""},
		"no such role":                    {trustAssume, allowAssume, development, "arn:aws:iam::111122223333:role/Nobody"},
		"no such role, one's own account": {trustAssume, allowSTS, production, "arn:aws:iam::111122223333:role/Nobody"},
		"no such account":                 {trustAssume, allowAssume, development, "arn:aws:iam::999999999999:role/Reader"},
		"without the role's path":         {trustAssume, allowAssume, development, "arn:aws:iam::111122223333:role/Reader"},
		"in other letters":                {trustAssume, allowAssume, development, "arn:aws:iam::111122223333:role/team/reader"},
		"identity policy alone":           {`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"sts:AssumeRole"}`, allowSTS, production, ""},
		"trust asks for an external id":   {strings.TrimSuffix(trustAssume, "}") + `,"Condition":{"StringEquals":{"sts:ExternalId":"x1"}}}`, allowAssume, development, ""},
		"trust asks for MFA":              {strings.TrimSuffix(trustAssume, "}") + `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`, allowAssume, development, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			arn := w.role(production, "/team/", "Reader", test.trust)
			if test.arn != "" {
				arn = test.arn
			}
			w.user(test.account, "alice", test.identity).refused("AssumeRole", assume(arn), "AccessDenied",
				"User: arn:aws:iam::"+test.account+":user/alice is not authorized to perform: sts:AssumeRole on resource: "+arn)
		})
	}
}

func TestAssumeRoleAllowed(t *testing.T) {
	withMFA := strings.TrimSuffix(trustAssume, "}") + `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`
	condition := func(c string) string { return strings.TrimSuffix(trustAll, "}") + `,"Condition":{` + c + `}}` }
	for name, test := range map[string]struct {
		account, trust, identity string
		mfa                      []string
		change                   func(*api.AssumeRoleInput)
	}{
		"same account, trust names the user": {production, `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"},"Action":"sts:AssumeRole"}`, "", nil, nil},
		"same account, trust delegates":      {production, trustAssume, allowAssume, nil, nil},
		"other account":                      {development, trustAssume, allowAssume, nil, nil},
		"MFA":                                {development, withMFA, allowAssume, []string{"true"}, nil},
		"external id": {development, condition(`"StringEquals":{"sts:ExternalId":"x1"}`), allowAssume, nil,
			func(in *api.AssumeRoleInput) { in.ExternalId = aws.String("x1") }},
		"session name": {development, condition(`"StringEquals":{"sts:RoleSessionName":"session"}`), allowAssume, nil, nil},
		"source identity": {development, condition(`"StringEquals":{"sts:SourceIdentity":"alice"}`), allowSTS, nil,
			func(in *api.AssumeRoleInput) { in.SourceIdentity = aws.String("alice") }},
		"tags": {development, condition(`"StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"aws:TagKeys":["Team"],"sts:TransitiveTagKeys":["team"]}`), allowSTS, nil,
			func(in *api.AssumeRoleInput) {
				in.Tags, in.TransitiveTagKeys = tags("Team", "red"), []string{"team"}
			}},
		"the role's tag": {development, condition(`"StringEquals":{"aws:ResourceTag/Owner":"ops","iam:ResourceTag/owner":"ops"}`), allowAssume, nil, nil},
		"no duration key": {development, condition(`"Null":{"sts:DurationSeconds":"true"}`), allowAssume, nil,
			func(in *api.AssumeRoleInput) { in.DurationSeconds = aws.Int32(900) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			arn := w.role(production, "/", "R", test.trust)
			role := w.roles[arn]
			role.Tags = map[string]string{"Owner": "ops"}
			w.roles[arn] = role
			var identity []string
			if test.identity != "" {
				identity = []string{test.identity}
			}
			alice := w.user(test.account, "alice", identity...)
			alice.hasMFA = test.mfa
			in := assume(arn)
			if test.change != nil {
				test.change(in)
			}
			do[api.AssumeRoleOutput](alice, "AssumeRole", in)
		})
	}
}

func TestAssumeRoleNeeds(t *testing.T) {
	w := newWorld(t)
	arn := w.role(production, "/", "R", trustAll)
	alice := w.user(development, "alice", allowSTS)
	first := assume(arn, func(in *api.AssumeRoleInput) {
		in.Tags, in.TransitiveTagKeys, in.SourceIdentity = tags("Team", "red", "Cost", "7"), []string{"Team"}, aws.String("alice")
		in.ExternalId = aws.String("x1")
	})
	session := alice.session(do[api.AssumeRoleOutput](alice, "AssumeRole", first).Credentials)

	for name, test := range map[string]struct {
		by   actor
		in   *api.AssumeRoleInput
		want []string
		keys authz.Keys
	}{
		"plain": {alice, assume(arn), []string{"sts:AssumeRole"}, authz.Keys{"sts:rolesessionname": {"session"}}},
		"everything": {alice, first, []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}, authz.Keys{
			"sts:rolesessionname": {"session"}, "sts:externalid": {"x1"}, "sts:sourceidentity": {"alice"},
			"sts:transitivetagkeys": {"Team"}, "aws:tagkeys": {"Team", "Cost"}, "aws:requesttag/team": {"red"}, "aws:requesttag/cost": {"7"},
		}},
		"inherited": {session, assume(arn), []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}, authz.Keys{
			"sts:rolesessionname": {"session"}, "sts:sourceidentity": {"alice"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			needs, err := test.by.needs("AssumeRole", test.in)
			if err != nil {
				t.Fatal(err)
			}
			var actions []string
			for _, n := range needs {
				actions = append(actions, n.Action)
				if n.Resource != arn || n.Account != production || len(n.Policies) != 1 || n.Policies[0].Kind != authz.Trust || n.Veto != "" {
					t.Errorf("%s: resource %s of %s, %d policies, veto %q", n.Action, n.Resource, n.Account, len(n.Policies), n.Veto)
				}
				if !reflect.DeepEqual(n.Keys, test.keys) {
					t.Errorf("%s: keys %v, want %v", n.Action, n.Keys, test.keys)
				}
			}
			if !slices.Equal(actions, test.want) {
				t.Errorf("needs %v, want %v", actions, test.want)
			}
		})
	}

	needs, err := alice.needs("AssumeRole", assume("arn:aws:iam::111122223333:role/Nobody"))
	if err != nil || len(needs) != 1 || needs[0].Veto == "" {
		t.Errorf("a role that does not exist: %+v, %v", needs, err)
	}
}

// TestTagSessionDenied: tags and a source identity need an allow of their own on both sides.
func TestTagSessionDenied(t *testing.T) {
	withTags := func(in *api.AssumeRoleInput) { in.Tags = tags("Team", "red") }
	withSource := func(in *api.AssumeRoleInput) { in.SourceIdentity = aws.String("alice") }
	for name, test := range map[string]struct {
		trust, identity, action string
		change                  func(*api.AssumeRoleInput)
	}{
		"tags, trust":               {trustAssume, allowSTS, "sts:TagSession", withTags},
		"tags, identity":            {trustAll, allowAssume, "sts:TagSession", withTags},
		"source identity, trust":    {trustAssume, allowSTS, "sts:SetSourceIdentity", withSource},
		"source identity, identity": {trustAll, allowAssume, "sts:SetSourceIdentity", withSource},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			arn := w.role(production, "/", "R", test.trust)
			w.user(development, "alice", test.identity).refused("AssumeRole", assume(arn, test.change), "AccessDenied",
				"User: arn:aws:iam::444455556666:user/alice is not authorized to perform: "+test.action+" on resource: "+arn)
		})
	}
}

func TestAssumeRoleErrors(t *testing.T) {
	long := func(n int) *string {
		return aws.String(policyText(`{"Sid":"` + strings.Repeat("x", n) + `","Effect":"Allow","Action":"s3:*","Resource":"*"}`))
	}
	for name, test := range map[string]struct {
		change        func(*api.AssumeRoleInput)
		code, message string
	}{
		"no ARN": {func(in *api.AssumeRoleInput) { in.RoleArn = aws.String("nothing-valid-in-here") },
			"ValidationError", "nothing-valid-in-here is invalid"},
		"a user's ARN": {func(in *api.AssumeRoleInput) { in.RoleArn = aws.String("arn:aws:iam::111122223333:user/alice") },
			"ValidationError", "arn:aws:iam::111122223333:user/alice is invalid"},
		"no role's name": {func(in *api.AssumeRoleInput) { in.RoleArn = aws.String("arn:aws:iam::111122223333:role") },
			"ValidationError", "arn:aws:iam::111122223333:role is invalid"},
		"an empty name": {func(in *api.AssumeRoleInput) { in.RoleArn = aws.String("arn:aws:iam::111122223333:role/") },
			"ValidationError", "arn:aws:iam::111122223333:role/ is invalid"},
		"a short account": {func(in *api.AssumeRoleInput) { in.RoleArn = aws.String("arn:aws:iam::1111:role/Reader") },
			"ValidationError", "arn:aws:iam::1111:role/Reader is invalid"},
		"another service": {func(in *api.AssumeRoleInput) { in.RoleArn = aws.String("arn:aws:s3:::111122223333:role/Reader") },
			"ValidationError", "arn:aws:s3:::111122223333:role/Reader is invalid"},
		"longer than the role's maximum": {func(in *api.AssumeRoleInput) { in.DurationSeconds = aws.Int32(7201) },
			"ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
		"malformed policy": {func(in *api.AssumeRoleInput) { in.Policy = aws.String(`{"Statement":`) },
			"MalformedPolicyDocument", "*"},
		"policy of 2,049 characters": {func(in *api.AssumeRoleInput) { in.Policy = long(2049 - len(*long(0))) },
			"ValidationError", "*"},
		"eleven policies": {func(in *api.AssumeRoleInput) {
			in.PolicyArns = slices.Repeat([]types.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/P")}}, 11)
		}, "ValidationError", "*"},
		"another account's policy": {func(in *api.AssumeRoleInput) {
			in.PolicyArns = []types.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::444455556666:policy/P")}}
		}, "ValidationError", "arn:aws:iam::444455556666:policy/P is invalid"},
		"a policy that is not there": {func(in *api.AssumeRoleInput) {
			in.PolicyArns = []types.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/Q")}}
		}, "MalformedPolicyDocument", "The specified policy arn:aws:iam::aws:policy/Q does not exist."},
		"the same tag twice": {func(in *api.AssumeRoleInput) { in.Tags = tags("Team", "red", "team", "blue") },
			"InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		"a reserved tag": {func(in *api.AssumeRoleInput) { in.Tags = tags("AWS:x", "red") },
			"InvalidParameterValue", "*"},
		"a transitive key without a tag": {func(in *api.AssumeRoleInput) { in.Tags, in.TransitiveTagKeys = tags("Team", "red"), []string{"Cost"} },
			"InvalidParameterValue", "The specified transitive tag key must be included in the requested tags."},
		"a reserved source identity": {func(in *api.AssumeRoleInput) { in.SourceIdentity = aws.String("aws:alice") },
			"ValidationError", "*"},
		"an unknown MFA device": {func(in *api.AssumeRoleInput) {
			in.SerialNumber, in.TokenCode = aws.String("arn:aws:iam::444455556666:mfa/alice"), aws.String("123456")
		}, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."},
		"a code without a device": {func(in *api.AssumeRoleInput) { in.TokenCode = aws.String("123456") },
			"AccessDenied", "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."},
		"contexts": {func(in *api.AssumeRoleInput) { in.ProvidedContexts = []types.ProvidedContext{{}} },
			"NotImplemented", "*"},
		"too large a token": {func(in *api.AssumeRoleInput) { in.MinimumSessionTokenSize = aws.Int32(4097) },
			"ValidationError", "1 validation error detected: Value '4097' at 'minimumSessionTokenSize' failed to satisfy constraint: Member must have value less than or equal to 4096"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policies["arn:aws:iam::aws:policy/P"] = policyText(readOneThing)
			arn := w.role(production, "/", "Reader", trustAll)
			_, err := w.user(development, "alice", allowSTS).call("AssumeRole", assume(arn, test.change))
			var e *awserr.Error
			if !errors.As(err, &e) || e.Code != test.code || test.message != "*" && e.Message != test.message {
				t.Errorf("%v\nwant %s: %s", err, test.code, test.message)
			}
		})
	}
}

// TestMFABeforeTrust: who gives a code to a role that asks for MFA learns that the code is at fault.
func TestMFABeforeTrust(t *testing.T) {
	w := newWorld(t)
	arn := w.role(production, "/", "R", strings.TrimSuffix(trustAssume, "}")+`,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`)
	in := assume(arn)
	in.SerialNumber, in.TokenCode = aws.String("arn:aws:iam::444455556666:mfa/alice"), aws.String("123456")
	w.user(development, "alice", allowAssume).refused("AssumeRole", in, "AccessDenied",
		"MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
}

func TestRootAssumesNoRole(t *testing.T) {
	w := newWorld(t)
	arn := w.role(production, "/", "R", trustAll)
	for _, account := range []string{production, development} {
		w.root(account).refused("AssumeRole", assume(arn), "AccessDenied", "Roles may not be assumed by root accounts.")
	}
	root := w.root(production)
	c := do[api.GetSessionTokenOutput](root, "GetSessionToken", &api.GetSessionTokenInput{}).Credentials
	root.session(c).refused("AssumeRole", assume(arn), "AccessDenied", "Roles may not be assumed by root accounts.")
}

func TestRoleChaining(t *testing.T) {
	w := newWorld(t)
	one, two := w.role(production, "/", "One", trustAll), w.role(development, "/", "Two", trustAll)
	alice := w.user(development, "alice", allowSTS)
	first := do[api.AssumeRoleOutput](alice, "AssumeRole", assume(one, func(in *api.AssumeRoleInput) {
		in.DurationSeconds = aws.Int32(7200)
		in.Tags, in.TransitiveTagKeys = tags("Team", "red", "Cost", "7"), []string{"team"}
		in.SourceIdentity = aws.String("alice")
	}))
	if !first.Credentials.Expiration.Equal(now.Add(2*time.Hour)) || *first.SourceIdentity != "alice" {
		t.Errorf("first session: until %s, source identity %s", first.Credentials.Expiration, *first.SourceIdentity)
	}
	session := alice.session(first.Credentials)
	if session.caller.Session.Chained {
		t.Error("the first session is chained")
	}
	session.refused("AssumeRole", assume(two, func(in *api.AssumeRoleInput) { in.DurationSeconds = aws.Int32(3601) }),
		"ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	session.refused("AssumeRole", assume(two, func(in *api.AssumeRoleInput) { in.Tags = tags("TEAM", "blue") }),
		"InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
	session.refused("AssumeRole", assume(two, func(in *api.AssumeRoleInput) { in.SourceIdentity = aws.String("bob") }),
		"AccessDenied", "The source identity of the calling session is already set and cannot be changed.")

	second := do[api.AssumeRoleOutput](session, "AssumeRole", assume(two, func(in *api.AssumeRoleInput) {
		in.DurationSeconds, in.Tags = aws.Int32(3600), tags("Cost", "8")
	}))
	s := alice.session(second.Credentials).caller.Session
	if !s.Chained || s.SourceIdentity != "alice" || !maps.Equal(s.Tags, map[string]string{"Team": "red", "Cost": "8"}) || !slices.Equal(s.TransitiveTagKeys, []string{"Team"}) {
		t.Errorf("second session: %+v", s)
	}
	third := do[api.AssumeRoleOutput](alice.session(second.Credentials), "AssumeRole", assume(one))
	if s := alice.session(third.Credentials).caller.Session; !maps.Equal(s.Tags, map[string]string{"Team": "red"}) {
		t.Errorf("third session: %+v", s)
	}
}

// TestSessionTokenIsNoChain: the one-hour limit is for roles that assume roles.
func TestSessionTokenIsNoChain(t *testing.T) {
	w := newWorld(t)
	arn := w.role(production, "/", "R", trustAll)
	alice := w.user(development, "alice", allowSTS)
	session := alice.session(do[api.GetSessionTokenOutput](alice, "GetSessionToken", &api.GetSessionTokenInput{}).Credentials)
	out := do[api.AssumeRoleOutput](session, "AssumeRole", assume(arn, func(in *api.AssumeRoleInput) { in.DurationSeconds = aws.Int32(7200) }))
	if alice.session(out.Credentials).caller.Session.Chained {
		t.Error("chained")
	}
}

func TestSessionPolicies(t *testing.T) {
	w := newWorld(t)
	w.policies["arn:aws:iam::aws:policy/P"] = policyText(readOneThing)
	arn := w.role(production, "/", "R", trustAll)
	alice := w.user(development, "alice", allowSTS)
	text := policyText(`{"Sid":"Stmt1","Effect":"Allow","Action":"s3:*","Resource":"*"}`)
	out := do[api.AssumeRoleOutput](alice, "AssumeRole", assume(arn, func(in *api.AssumeRoleInput) {
		in.Policy, in.PolicyArns = &text, []types.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/P")}}
	}))
	s := alice.session(out.Credentials).caller.Session
	if s.Policy != text || !slices.Equal(s.PolicyARNs, []string{"arn:aws:iam::aws:policy/P"}) {
		t.Errorf("session %+v", s)
	}
	if out.PackedPolicySize == nil || *out.PackedPolicySize < 2 || *out.PackedPolicySize > 20 {
		t.Errorf("packed size %v", *out.PackedPolicySize)
	}
}

func TestPackedPolicyTooLarge(t *testing.T) {
	w := newWorld(t)
	arn := w.role(production, "/", "R", trustAll)
	var many []string
	for i := range 50 {
		many = append(many, "key"+strings.Repeat(string(rune('A'+i%26)), 20)+string(rune('a'+i/26)), noise(100, i))
	}
	_, err := w.user(development, "alice", allowSTS).call("AssumeRole", assume(arn, func(in *api.AssumeRoleInput) { in.Tags = tags(many...) }))
	var e *awserr.Error
	if !errors.As(err, &e) || e.Code != "PackedPolicyTooLarge" || !strings.HasPrefix(e.Message, "Packed policy consumes ") ||
		!strings.HasSuffix(e.Message, "% of allotted space, please use smaller policy.") {
		t.Error(err)
	}
}

// noise returns n characters that do not compress.
func noise(n, seed int) string {
	var s strings.Builder
	x := uint32(seed*2654435761 + 1)
	for range n {
		x = x*1664525 + 1013904223
		s.WriteByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[x>>26])
	}
	return s.String()
}

func TestMinimumSessionTokenSize(t *testing.T) {
	w := newWorld(t)
	arn := w.role(production, "/", "R", trustAll)
	alice := w.user(development, "alice", allowSTS)
	for _, size := range []int32{0, 1, 500, 1000, 1001, 1002, 1003, 4096} {
		out := do[api.AssumeRoleOutput](alice, "AssumeRole", assume(arn, func(in *api.AssumeRoleInput) { in.MinimumSessionTokenSize = &size }))
		n := len(*out.Credentials.SessionToken)
		if n < int(size) || *out.SessionTokenSize != int32(n) || size == 4096 && *out.SessionTokenUtilization != 100 {
			t.Errorf("at least %d: %d, said to be %d, %d%%", size, n, *out.SessionTokenSize, *out.SessionTokenUtilization)
		}
		alice.session(out.Credentials)
	}
}
