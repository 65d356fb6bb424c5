package iam

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var serviceCredentialOps = wire.Ops(
	wire.Op((*Service).CreateServiceSpecificCredential, on(aUser, "UserName", credentialKeys)),
	wire.Op((*Service).ListServiceSpecificCredentials, onCredentialLists),
	wire.Op((*Service).ResetServiceSpecificCredential, on(aUser, "UserName")),
	wire.Op((*Service).UpdateServiceSpecificCredential, on(aUser, "UserName")),
	wire.Op((*Service).DeleteServiceSpecificCredential, on(aUser, "UserName")),
)

// serviceCredential is a name and password, or an API key, for one service.
type serviceCredential struct {
	Account, UserID, ID string
	Service             string
	Name                string // jane-at-111122223333
	Active              bool
	Created             time.Time
	Expires             time.Time // of API keys; zero: never
}

var serviceCredentials = store.NewTable("iam.servicecredential",
	func(c *serviceCredential) string { return store.Key(c.Account, c.UserID, c.ID) })

// maxServiceCredentials is the number of credentials of a user for one service (CreateServiceSpecificCredential, IAM API
// Reference); maxCredentialAge the longest life of an API key, in days.
const (
	maxServiceCredentials = 2
	maxCredentialAge      = 36600
)

// apiKeyPrefixes are the services that have such credentials: those with API keys have the prefix of their keys.
var apiKeyPrefixes = map[string]string{
	"codecommit.amazonaws.com": "",
	"cassandra.amazonaws.com":  "",
	"bedrock.amazonaws.com":    "ABSK",
	"logs.amazonaws.com":       "ACWL",
}

func credentialKeys(c *call) {
	in := c.in.(*iam.CreateServiceSpecificCredentialInput)
	c.keys["iam:servicespecificcredentialservicename"] = []string{aws.ToString(in.ServiceName)}
	if in.CredentialAgeDays != nil {
		c.keys["iam:servicespecificcredentialagedays"] = []string{strconv.Itoa(int(*in.CredentialAgeDays))}
	}
}

// onCredentialLists: the list of all users' credentials is decided as a list of users.
var onCredentialLists = wire.For(func(ctx context.Context, s *Service, in *iam.ListServiceSpecificCredentialsInput) ([]wire.Need, error) {
	if aws.ToBool(in.AllUsers) {
		return []wire.Need{{Action: "iam:ListServiceSpecificCredentials", Resource: arn(callerAccount(ctx), "user", "/", "")}}, nil
	}
	return s.needs(ctx, aUser, "UserName", in, nil)
})

func (c *serviceCredential) apiKey() bool { return apiKeyPrefixes[c.Service] != "" }

func (c *serviceCredential) status(now time.Time) types.StatusType {
	if !c.Expires.IsZero() && !now.Before(c.Expires) {
		return types.StatusTypeExpired
	}
	return status(c.Active)
}

// describe shows the credential to its user.
func (c *serviceCredential) describe(user string, now time.Time) types.ServiceSpecificCredentialMetadata {
	shown := types.ServiceSpecificCredentialMetadata{
		CreateDate: &c.Created, ServiceName: &c.Service, ServiceSpecificCredentialId: &c.ID, Status: c.status(now), UserName: &user,
	}
	if !c.Expires.IsZero() {
		shown.ExpirationDate = &c.Expires
	}
	if c.apiKey() {
		shown.ServiceCredentialAlias = &c.Name
	} else {
		shown.ServiceUserName = &c.Name
	}
	return shown
}

// withSecret shows the credential with a new secret. xemu has none of these services, so nothing keeps the secret.
func (c *serviceCredential) withSecret(user string, now time.Time) *types.ServiceSpecificCredential {
	shown := c.describe(user, now)
	full := &types.ServiceSpecificCredential{
		CreateDate: shown.CreateDate, ServiceName: shown.ServiceName, ServiceSpecificCredentialId: shown.ServiceSpecificCredentialId,
		Status: shown.Status, UserName: shown.UserName, ExpirationDate: shown.ExpirationDate,
		ServiceCredentialAlias: shown.ServiceCredentialAlias, ServiceUserName: shown.ServiceUserName,
	}
	var secret [32]byte
	rand.Read(secret[:])
	password := base64.StdEncoding.EncodeToString(secret[:])
	if c.apiKey() {
		full.ServiceCredentialSecret = aws.String(apiKeyPrefixes[c.Service] + base64.StdEncoding.EncodeToString([]byte(c.Name+":"+password)))
	} else {
		full.ServicePassword = &password
	}
	return full
}

// CreateServiceSpecificCredential makes a credential of a user for a service. Only this answer has its secret.
func (s *Service) CreateServiceSpecificCredential(ctx context.Context, in *iam.CreateServiceSpecificCredentialInput) (*iam.CreateServiceSpecificCredentialOutput, error) {
	service, days := aws.ToString(in.ServiceName), in.CredentialAgeDays
	prefix, ok := apiKeyPrefixes[service]
	if !ok {
		return nil, awserr.NotSupportedService.Errorf("No such service %s is supported for Service Specific Credentials", service)
	}
	if days != nil && (prefix == "" || *days < 1 || *days > maxCredentialAge) {
		return nil, awserr.ValidationError.Errorf("CredentialAgeDays %d is not valid for %s.", *days, service)
	}
	out := &iam.CreateServiceSpecificCredentialOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		u, err := userNamed(tx, callerAccount(ctx), aws.ToString(in.UserName))
		if err != nil {
			return err
		}
		have, err := collect(serviceCredentials.Scan(tx, store.Key(u.Account, u.ID), ""))
		if err != nil {
			return err
		}
		names := map[string]bool{}
		for _, h := range have {
			if h.Service == service {
				names[h.Name] = true
			}
		}
		if len(names) >= maxServiceCredentials {
			return quotaExceeded("ServiceSpecificCredentialsPerUser", maxServiceCredentials)
		}
		c := serviceCredential{
			Account: u.Account, UserID: u.ID, ID: ids.New(serviceCredentialPrefix), Service: service, Name: u.Name + "-at-" + u.Account,
			Active: true, Created: tx.Now,
		}
		if names[c.Name] {
			c.Name = u.Name + "+1-at-" + u.Account
		}
		if days != nil {
			c.Expires = tx.Now.AddDate(0, 0, int(*days))
		}
		out.ServiceSpecificCredential = c.withSecret(u.Name, tx.Now)
		return serviceCredentials.Put(tx, &c)
	})
	return answer(out, err)
}

// serviceCredentialPrefix begins the ids of service-specific credentials ("IAM identifiers", IAM User Guide).
const serviceCredentialPrefix = "ACCA"

// ListServiceSpecificCredentials returns the credentials of a user, of the caller when none is named, or of all users.
func (s *Service) ListServiceSpecificCredentials(ctx context.Context, in *iam.ListServiceSpecificCredentialsInput) (*iam.ListServiceSpecificCredentialsOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	all := aws.ToBool(in.AllUsers)
	if all && in.UserName != nil {
		return nil, awserr.InvalidInput.Errorf("UserName and AllUsers cannot be specified together.")
	}
	out := &iam.ListServiceSpecificCredentialsOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		within := store.Key(callerAccount(ctx))
		if !all {
			who, err := subjectOf(ctx, tx, in.UserName)
			if err != nil {
				return err
			}
			within = store.Key(who.account, who.id())
		}
		found, marker, err := take(p, as(serviceCredentials.Scan(tx, within, p.from), func(c *serviceCredential) item[serviceCredential] {
			return item[serviceCredential]{store.Key(c.Account, c.UserID, c.ID), *c}
		}), func(c *serviceCredential) (bool, error) {
			return in.ServiceName == nil || *in.ServiceName == c.Service, nil
		})
		if err != nil {
			return err
		}
		out.Marker, out.IsTruncated = marker, marker != nil
		out.ServiceSpecificCredentials = make([]types.ServiceSpecificCredentialMetadata, len(found))
		for i := range found {
			u, _, err := userByID(tx, found[i].UserID)
			if err != nil {
				return err
			}
			out.ServiceSpecificCredentials[i] = found[i].describe(u.Name, tx.Now)
		}
		return nil
	})
	return answer(out, err)
}

// serviceCredentialOf returns the user, without a name the caller, and its credential of that id.
func serviceCredentialOf(ctx context.Context, tx *store.Tx, userName, id *string) (who subject, c serviceCredential, err error) {
	if who, err = subjectOf(ctx, tx, userName); err != nil {
		return who, c, err
	}
	c, ok, err := serviceCredentials.Get(tx, store.Key(who.account, who.id(), aws.ToString(id)))
	if err == nil && !ok {
		err = awserr.NoSuchEntity.Errorf("No such credential %s exists", aws.ToString(id))
	}
	return who, c, err
}

// ResetServiceSpecificCredential gives a credential a new secret.
func (s *Service) ResetServiceSpecificCredential(ctx context.Context, in *iam.ResetServiceSpecificCredentialInput) (*iam.ResetServiceSpecificCredentialOutput, error) {
	out := &iam.ResetServiceSpecificCredentialOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		who, c, err := serviceCredentialOf(ctx, tx, in.UserName, in.ServiceSpecificCredentialId)
		if err == nil {
			out.ServiceSpecificCredential = c.withSecret(who.user.Name, tx.Now)
		}
		return err
	})
	return answer(out, err)
}

// UpdateServiceSpecificCredential activates or deactivates a credential.
func (s *Service) UpdateServiceSpecificCredential(ctx context.Context, in *iam.UpdateServiceSpecificCredentialInput) (*iam.UpdateServiceSpecificCredentialOutput, error) {
	active, err := activates(in.Status)
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		_, c, err := serviceCredentialOf(ctx, tx, in.UserName, in.ServiceSpecificCredentialId)
		if err != nil {
			return err
		}
		c.Active = active
		return serviceCredentials.Put(tx, &c)
	})
	return answer(&iam.UpdateServiceSpecificCredentialOutput{}, err)
}

// DeleteServiceSpecificCredential deletes a credential.
func (s *Service) DeleteServiceSpecificCredential(ctx context.Context, in *iam.DeleteServiceSpecificCredentialInput) (*iam.DeleteServiceSpecificCredentialOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		_, c, err := serviceCredentialOf(ctx, tx, in.UserName, in.ServiceSpecificCredentialId)
		if err != nil {
			return err
		}
		return serviceCredentials.Delete(tx, store.Key(c.Account, c.UserID, c.ID))
	})
	return answer(&iam.DeleteServiceSpecificCredentialOutput{}, err)
}
