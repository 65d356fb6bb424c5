package emulator

import (
	"context"
	"maps"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// asRole returns a context in which a service works as a session of a role: its request's caller is the session, and its
// Authorize decides as for everybody else. Errors: AccessDenied when there is no such role, or it does not trust the service
// ("Create a role to delegate permissions to an AWS service", IAM User Guide).
func (s *Server) asRole(ctx context.Context, v *services, service, roleARN, session string) (context.Context, error) {
	who, err := s.assumedBy(ctx, v, service, roleARN, session, nil)
	if err != nil {
		return nil, err
	}
	c, err := v.simulatedCall(who, s.config.Now().UTC())
	if err != nil {
		return nil, err
	}
	c.ID = ids.NewRequestID()
	c.Authorize = func(_ context.Context, need wire.Need) error { return s.decide(c, need) }
	c.ctx = wire.WithRequest(ctx, &c.Request)
	return c.ctx, nil
}

// assumedBy returns the session of a role that a service asks for, if the role trusts the service; keys are what the service
// says besides. Errors: AccessDenied.
func (s *Server) assumedBy(ctx context.Context, v *services, service, roleARN, session string, keys authz.Keys) (who authz.Principal, err error) {
	role, ok, err := v.iam.RoleByARN(ctx, roleARN)
	if err != nil {
		return who, err
	}
	refused := awserr.AccessDenied.Errorf("%s is not authorized to perform: sts:AssumeRole on resource: %s", service, roleARN)
	if !ok {
		return who, refused
	}
	place, err := v.organizations.Place(ctx, role.Account)
	if err != nil {
		return who, err
	}
	all := authz.Keys{
		"sts:rolesessionname": {session}, "aws:sourceaccount": {role.Account}, "aws:principalisawsservice": {"true"},
		"aws:principalservicename": {service},
	}
	maps.Copy(all, keys)
	trust := authz.Evaluate(authz.Request{
		Principal: authz.Principal{Type: authz.Service, Service: service},
		Action:    "sts:AssumeRole", Resource: roleARN, ResourceAccount: role.Account,
		Context: all,
	}, authz.Policies{Resource: []authz.Attached{role.Trust}, RCPs: place.RCPs})
	if (!trust.Allowed() || place.Closed) && s.config.Mode == Strict {
		return who, refused
	}
	return authz.Principal{
		Type:    authz.AssumedRole,
		Account: role.Account,
		ARN:     "arn:aws:sts::" + role.Account + ":assumed-role/" + role.Name + "/" + session,
		ID:      role.ID + ":" + session,
		RoleARN: role.ARN, RoleID: role.ID,
	}, nil
}
