package sts

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// federated is somebody whom an identity provider vouches for, and the session of a role that is asked for in that name.
type federated struct {
	action    string // "sts:AssumeRoleWithWebIdentity"
	principal authz.Principal
	keys      authz.Keys // the provider's, for the trust policy
	role      iam.Role
	exists    bool // the role does
	name      string
	source    string
	tags      sessionTags
	session   wire.Federation // what the session keeps
	longest   time.Duration   // what the provider allows, 0 for no limit
}

// needs makes the caller of the request the one whom the provider vouches for, and returns what that one needs: the role's
// trust policy must allow the operation, and what the session brings along.
func (s *Service) needs(ctx context.Context, who *federated, account, arn string) ([]wire.Need, error) {
	req := wire.RequestFrom(ctx)
	var err error
	if who.role, who.exists, err = s.directory.RoleByARN(ctx, arn); err != nil {
		return nil, err
	}
	req.Caller = wire.Caller{Principal: who.principal}
	keys := roleKeys(who.role, who.name, who.tags, who.source)
	for key, v := range who.keys {
		keys[key] = v
	}
	need := wire.Need{
		Resource: arn, Account: account, Keys: keys,
		// The same text whether the role refuses, and what, or does not exist.
		Denied: func(authz.Decision) error { return who.refused() },
	}
	if who.exists {
		need.Policies = []authz.Attached{who.role.Trust}
	} else {
		need.Veto = "there is no role " + arn + ": are its account id, its path and its name right, in capitals and small letters too?"
	}
	var needs []wire.Need
	for _, action := range sessionActions(who.action, who.tags, who.source) {
		need.Action = action
		needs = append(needs, need)
	}
	return needs, nil
}

func (who *federated) refused() error {
	return awserr.AccessDenied.Errorf("Not authorized to perform %s", who.action)
}

// assume makes the session. It cannot be longer than the provider allows.
func (s *Service) assume(ctx context.Context, who *federated, seconds *int32, r roleSession) (started, error) {
	if !who.exists {
		return started{}, who.refused()
	}
	duration, err := roleDuration(seconds, who.role.MaxSessionDuration, false)
	if err != nil {
		return started{}, err
	}
	if who.longest > 0 {
		duration = min(duration, who.longest)
	}
	now := wire.RequestFrom(ctx).Now
	r.role, r.name = who.role, who.name
	r.session = wire.Session{Issued: now, Expires: now.Add(duration), SourceIdentity: who.source, Federation: &who.session}
	r.session.Tags, r.session.TransitiveTagKeys = who.tags.all()
	return s.start(ctx, r)
}

// accountOfRole returns the account of a role's ARN.
func accountOfRole(arn *string) (string, error) {
	parts := roleARN.FindStringSubmatch(aws.ToString(arn))
	if parts == nil {
		return "", awserr.ValidationError.Errorf("%s is invalid", aws.ToString(arn))
	}
	return parts[1], nil
}

// Limits of session tags ("Pass session tags in AWS STS", IAM User Guide); those of AssumeRole are in its model.
const (
	maxSessionTags = 50
	maxTagKey      = 128
	maxTagValue    = 256
)

// providerTags checks the session tags that a provider passes. What is wrong with them is wrong with the provider's token.
func providerTags(pairs [][2]string, transitive []string) (sessionTags, error) {
	invalid := func(text string) error { return awserr.InvalidIdentityToken.Errorf("%s", text) }
	if len(pairs) > maxSessionTags || len(transitive) > maxSessionTags {
		return sessionTags{}, invalid("The token has more than 50 session tags.")
	}
	var tags []types.Tag
	for _, pair := range pairs {
		if n := utf8.RuneCountInString(pair[0]); n == 0 || n > maxTagKey || utf8.RuneCountInString(pair[1]) > maxTagValue {
			return sessionTags{}, invalid("The key or value of a session tag is too long.")
		}
		tags = append(tags, types.Tag{Key: aws.String(pair[0]), Value: aws.String(pair[1])})
	}
	t, err := newSessionTags(tags, transitive, nil)
	if err != nil {
		return t, invalid(awserr.From(err).Message)
	}
	return t, nil
}

// isSessionName reports whether text has the form of names of sessions and of source identities.
func isSessionName(text string) bool {
	return len(text) >= 2 && len(text) <= 64 && strings.IndexFunc(text, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || slices.Contains([]rune("_+=,.@-"), c))
	}) < 0
}

// providerSource checks the source identity that a provider sets.
func providerSource(source string) error {
	if source != "" && (!isSessionName(source) || strings.HasPrefix(strings.ToLower(source), "aws:")) {
		return awserr.InvalidIdentityToken.Errorf(`Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`)
	}
	return nil
}
