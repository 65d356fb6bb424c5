package emulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/encoding/httpbinding"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/console"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// consoleBackend is the server as the console sees it. Whatever it does, it does as who has signed in, on the way of every
// other request.
type consoleBackend struct{ *Server }

// signsIn is how long a session of the console lasts ("Signing in to the AWS Management Console").
const signsIn = 12 * time.Hour

// toConsole says whether a request is the console's. One that is signed is S3's: a bucket may have the name too.
func (s *Server) toConsole(r *http.Request) bool {
	if r.URL.Path != "/console" && !strings.HasPrefix(r.URL.Path, "/console/") || s.hosts.parse(r.Host).bucket != "" {
		return false
	}
	_, _, signed := sigv4.Scope(r)
	return !signed && r.Header.Get("Authorization") == "" && !r.URL.Query().Has("Signature") && (r.URL.Path != "/console" || r.Method == http.MethodGet)
}

// sandbox keeps an object that a browser opens from being a page of the console's origin, whose scripts could act as who
// has signed in there.
func sandbox(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Sec-Fetch-Mode") == "navigate" {
		w.Header().Set("Content-Security-Policy", "sandbox allow-scripts allow-forms allow-popups allow-downloads allow-modals")
	}
}

// SignIn implements console.Backend.
func (b consoleBackend) SignIn(r *http.Request, in console.SignIn) (console.SignedIn, error) {
	v := b.services.Load()
	now := b.config.Now().UTC()
	claim := iam.SignIn{Account: in.Account, UserName: in.UserName, Password: in.Password, MFACode: in.MFACode}
	if in.Type == "root" {
		claim = iam.SignIn{Email: in.Email, Password: in.Password, MFACode: in.MFACode}
	}
	who, err := v.iam.SignIn(r.Context(), claim)
	if err == nil {
		err = v.open(r.Context(), who.Account)
	}
	switch {
	case errors.Is(err, iam.ErrPasswordExpired):
		b.recordSignIn(r, who, in.UserName, "Failed authentication")
		return console.SignedIn{}, console.AuthFailure.Errorf("Your password has expired. Please contact your administrator to reset your password.")
	case errors.Is(err, iam.ErrSignIn), errors.Is(err, iam.ErrWrongCode), errors.Is(err, awserr.InvalidClientTokenId):
		return console.SignedIn{}, b.refuseSignIn(r, who, in.UserName)
	case err != nil:
		return console.SignedIn{}, err
	case who.NeedsMFA:
		return console.SignedIn{Next: "mfa"}, nil
	}
	session := wire.Session{Issued: now, Expires: now.Add(signsIn), Console: true, MFAAuthenticated: who.MFA}
	if who.MFA {
		session.MFATime = now
	}
	if who.NeedsNewPassword {
		if in.NewPassword == "" {
			return console.SignedIn{Next: "newPassword"}, nil
		}
		if err := b.changePassword(r, wire.Caller{Principal: who.Principal, Session: &session}, in); err != nil {
			return console.SignedIn{}, err
		}
	}
	if who.MFA {
		if err := v.iam.UseMFA(r.Context(), who.Principal, who.Device, in.MFACode); err != nil {
			return console.SignedIn{}, b.refuseSignIn(r, who, in.UserName)
		}
	}
	credentials, err := v.sts.Issue(r.Context(), who.Principal, session)
	if err != nil {
		return console.SignedIn{}, err
	}
	v.iam.PasswordUsed(who.ID, now)
	b.recordSignIn(r, who, in.UserName, "")
	return console.SignedIn{
		Credentials: console.Credentials{AccessKeyID: *credentials.AccessKeyId, SessionToken: *credentials.SessionToken},
		Expires:     time.Now().Add(signsIn),
	}, nil
}

// refuseSignIn records a failure and returns what AWS says to it.
func (b consoleBackend) refuseSignIn(r *http.Request, who iam.SignedIn, name string) error {
	b.recordSignIn(r, who, name, "Failed authentication")
	return console.AuthFailure.Errorf("Your authentication information is incorrect. Please try again.")
}

// changePassword is iam:ChangePassword of a user whose password is due, and who needs the permission for it all the same.
func (b consoleBackend) changePassword(r *http.Request, caller wire.Caller, in console.SignIn) error {
	input, err := json.Marshal(map[string]string{"OldPassword": in.Password, "NewPassword": in.NewPassword})
	if err != nil {
		return err
	}
	_, _, err = b.perform(r.Context(), performance{caller: caller, service: "iam", operation: "ChangePassword", input: input, from: r})
	if errors.Is(err, awserr.AccessDenied) || errors.Is(err, awserr.PasswordPolicyViolation) {
		return console.AuthFailure.Errorf("Either user is not authorized to perform iam:ChangePassword or entered password does not comply with account password policy set by administrator")
	}
	return err
}

// recordSignIn writes the event of a sign-in ("AWS Management Console sign-in events", CloudTrail User Guide). A name that
// there is no user of may be a password that was typed in its place.
func (b consoleBackend) recordSignIn(r *http.Request, who iam.SignedIn, name, failure string) {
	c := b.begin(r)
	c.Caller = wire.Caller{Principal: who.Principal}
	e := &Event{
		EventVersion: "1.11", UserIdentity: c.identity(), EventTime: c.Now, EventSource: "signin.amazonaws.com", EventName: "ConsoleLogin",
		AWSRegion: Region, SourceIPAddress: c.address(), UserAgent: r.UserAgent(), RequestParameters: json.RawMessage("null"),
		RequestID: ids.NewRequestID(), EventID: ids.NewRequestID(), EventType: "AwsConsoleSignIn", ManagementEvent: true,
		RecipientAccountID: who.Account, EventCategory: "Management", Mode: b.config.Mode,
		ResponseElements: json.RawMessage(`{"ConsoleLogin":"Success"}`), ErrorMessage: failure,
	}
	if failure != "" {
		e.ResponseElements = json.RawMessage(`{"ConsoleLogin":"Failure"}`)
	}
	if who.Account == "" {
		e.UserIdentity = UserIdentity{Type: "IAMUser", UserName: hidden}
	}
	mfa := "No"
	if who.MFA {
		mfa = "Yes"
	}
	e.AdditionalEventData, _ = json.Marshal(map[string]string{"LoginTo": "http://" + r.Host + "/console/home", "MobileVersion": "No", "MFAUsed": mfa})
	b.events.append(e)
}

// caller opens the credentials of a cookie. Errors: they are not of this server, or over, or whose they were is gone.
func (b consoleBackend) caller(r *http.Request, credentials console.Credentials) (wire.Caller, string, error) {
	v := b.services.Load()
	secret, caller, err := v.sts.Open(credentials.SessionToken, credentials.AccessKeyID, b.config.Now().UTC())
	if err != nil {
		return caller, "", err
	}
	if err := v.open(r.Context(), caller.Account); err != nil {
		return caller, "", err
	}
	grants, err := v.iam.Grants(r.Context(), caller.Principal)
	if err == nil && !grants.Exists {
		err = invalidToken()
	}
	return caller, secret, err
}

// Identity implements console.Backend.
func (b consoleBackend) Identity(r *http.Request, credentials console.Credentials) (console.Identity, error) {
	caller, _, err := b.caller(r, credentials)
	if err != nil {
		return console.Identity{}, err
	}
	left := caller.Session.Expires.Sub(b.config.Now())
	out := console.Identity{Account: caller.Account, ARN: caller.ARN, Name: caller.Name, Expires: time.Now().Add(left)}
	switch caller.Type {
	case authz.Account:
		out.Type, out.Name = "Root", "root"
	case authz.User:
		out.Type = "IAMUser"
	default:
		out.Type = "AssumedRole"
		_, out.Name, _ = strings.Cut(caller.ARN, ":assumed-role/")
	}
	err = b.store.View(r.Context(), func(tx *store.Tx) error {
		a, _, err := account.Get(tx, caller.Account)
		out.AccountName, out.Alias = a.Name, a.Alias
		return err
	})
	return out, err
}

// SwitchRole implements console.Backend.
func (b consoleBackend) SwitchRole(r *http.Request, credentials console.Credentials, name, role string) (out console.Credentials, err error) {
	caller, _, err := b.caller(r, credentials)
	if err != nil {
		return out, err
	}
	err = b.store.View(r.Context(), func(tx *store.Tx) error {
		if a, ok, err := iam.AccountNamed(tx, name); err != nil || ok {
			name = a.ID
			return err
		}
		return nil // an account that there is not is refused like a role that there is not
	})
	if err != nil {
		return out, err
	}
	session := caller.Name
	if caller.Type == authz.Account {
		session = "root"
	}
	input, err := json.Marshal(map[string]string{"RoleArn": "arn:aws:iam::" + name + ":role/" + role, "RoleSessionName": session})
	if err != nil {
		return out, err
	}
	text, id, err := b.perform(r.Context(), performance{caller: caller, service: "sts", operation: "AssumeRole", input: input, from: r})
	if err != nil {
		return out, console.Failed(err, id)
	}
	var answer struct {
		Credentials struct{ AccessKeyId, SessionToken string }
	}
	err = json.Unmarshal(text, &answer)
	return console.Credentials{AccessKeyID: answer.Credentials.AccessKeyId, SessionToken: answer.Credentials.SessionToken}, err
}

// Perform implements console.Backend.
func (b consoleBackend) Perform(r *http.Request, credentials console.Credentials, in console.Operation) ([]byte, string, error) {
	caller, _, err := b.caller(r, credentials)
	if err != nil {
		return nil, "", err
	}
	return b.perform(r.Context(), performance{
		caller: caller, region: in.Region, service: in.Service, operation: in.Name, input: in.Input, from: r,
	})
}

// unsignedPayload stands for the hash of a body that is not known yet.
const unsignedPayload = "UNSIGNED-PAYLOAD"

// Presign implements console.Backend: an object's bytes go between the browser and S3 by a presigned URL, as in AWS's console.
func (b consoleBackend) Presign(r *http.Request, credentials console.Credentials, in console.Object) (string, error) {
	_, secret, err := b.caller(r, credentials)
	if err != nil {
		return "", err
	}
	region, err := b.services.Load().s3.RegionOf(r.Context(), in.Bucket)
	if err != nil {
		region = Region // S3 says what is wrong
	}
	u := url.URL{Scheme: "http", Host: r.Host, Path: "/" + in.Bucket + "/" + in.Key}
	u.RawPath = httpbinding.EscapePath(u.Path, false)
	query := url.Values{"X-Amz-Expires": {"300"}}
	if in.VersionID != "" {
		query.Set("versionId", in.VersionID)
	}
	if r.TLS != nil {
		u.Scheme = "https"
	}
	u.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(r.Context(), in.Method, u.String(), nil)
	if err != nil {
		return "", err
	}
	signed, _, err := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).PresignHTTP(r.Context(), aws.Credentials{
		AccessKeyID: credentials.AccessKeyID, SecretAccessKey: secret, SessionToken: credentials.SessionToken,
	}, request, unsignedPayload, "s3", region, b.config.Now().UTC())
	return signed, err
}

// maxHistory is how many of the newest events the event history looks at.
const maxHistory = 1000

// Events implements console.Backend: cloudtrail:LookupEvents, of the account's own events.
func (b consoleBackend) Events(r *http.Request, credentials console.Credentials) ([]json.RawMessage, string, error) {
	caller, _, err := b.caller(r, credentials)
	if err != nil {
		return nil, "", err
	}
	if id, err := b.lookUpEvents(r, caller); err != nil {
		return nil, id, err
	}
	all, err := b.events.last(maxHistory)
	own := []json.RawMessage{}
	for _, text := range all {
		if text, ok := ownEvent(text, caller.Account); ok {
			own = append(own, text)
		}
	}
	return own, "", err
}

// Event implements console.Backend. Everybody may see how one's own request was decided.
func (b consoleBackend) Event(r *http.Request, credentials console.Credentials, requestID string) (json.RawMessage, error) {
	caller, _, err := b.caller(r, credentials)
	if err != nil {
		return nil, err
	}
	text, ok, err := b.events.find(requestID)
	if err != nil {
		return nil, err
	}
	var e struct{ UserIdentity UserIdentity }
	if ok {
		json.Unmarshal(text, &e) // the log's own lines
	}
	if !ok || e.UserIdentity.ARN != caller.ARN {
		if id, err := b.lookUpEvents(r, caller); err != nil {
			return nil, console.Failed(err, id)
		}
	}
	if text, ok = ownEvent(text, caller.Account); !ok {
		return nil, console.NoSuchEvent.Errorf("No event of this account has the request ID %s; the log keeps the newest ones.", requestID)
	}
	return text, nil
}

// ownEvent says whether an event is an account's: what its principals did, with all decisions, or what was done to what it
// owns, without them, since they show policies of others.
func ownEvent(text json.RawMessage, account string) (json.RawMessage, bool) {
	var e Event
	if json.Unmarshal(text, &e) != nil {
		return nil, false
	}
	switch account {
	case e.UserIdentity.AccountID:
		return text, true
	case e.RecipientAccountID:
		e.Decisions = nil
		text, err := json.Marshal(&e)
		return text, err == nil
	}
	return nil, false
}

// lookUpEvents decides cloudtrail:LookupEvents, and records it.
func (b consoleBackend) lookUpEvents(r *http.Request, caller wire.Caller) (id string, err error) {
	c := b.begin(r)
	c.service, c.Service, c.operation, c.Region = &service{name: "cloudtrail"}, "cloudtrail", "LookupEvents", Region
	c.ID = ids.NewRequestID()
	c.Caller = caller
	c.Caller.Related = c.related
	if err = b.decide(c, wire.Need{Action: "cloudtrail:LookupEvents", Resource: "*"}); err != nil {
		c.err = awserr.From(err)
		err = c.err
	}
	b.record(c)
	return c.ID, err
}

var _ console.Backend = consoleBackend{}
