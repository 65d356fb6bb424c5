package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/xemutest"
)

// browser is the console's front end as the server sees it: cookies, and the header with the session's token.
type browser struct {
	t      *testing.T
	url    string
	client *http.Client
	token  string
	header http.Header // further headers
	host   string
}

func newBrowser(t *testing.T, url string) *browser {
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &browser{t: t, url: url, client: &http.Client{Jar: jar}, token: "none", header: http.Header{}}
}

// problem is an error's answer.
type problem struct {
	Code, Message, RequestID string
	Status                   int
}

// call calls the console's API. out is filled in from a success.
func (b *browser) call(method, path string, in, out any) (p problem) {
	b.t.Helper()
	body, err := json.Marshal(in)
	must(b.t, err)
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+"/console/api/"+path, bytes.NewReader(body))
	must(b.t, err)
	r.Header = b.header.Clone()
	if b.token != "" {
		r.Header.Set("X-Xemu-Console", b.token)
	}
	r.Host = b.host
	answer, err := b.client.Do(r)
	must(b.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(b.t, err)
	p.Status = answer.StatusCode
	if p.Status != http.StatusOK {
		var failure struct{ Error problem }
		must(b.t, json.Unmarshal(text, &failure))
		failure.Error.Status = p.Status
		return failure.Error
	}
	if out != nil {
		must(b.t, json.Unmarshal(text, out))
	}
	return p
}

// session is what the console tells of a session.
type session struct {
	Identity, SignedIn struct{ Type, Account, AccountName, Name, ARN string }
	Role               *struct{ DisplayName string }
	Token, Next        string
}

func (b *browser) signIn(in map[string]string) (s session, p problem) {
	b.t.Helper()
	p = b.call("POST", "signin", in, &s)
	if s.Token != "" {
		b.token = s.Token
	}
	return s, p
}

func (b *browser) mustSignIn(in map[string]string) session {
	b.t.Helper()
	s, p := b.signIn(in)
	if s.Token == "" {
		b.t.Fatalf("sign-in: %+v %+v", s, p)
	}
	return s
}

func worldAccount(t *testing.T, x *xemutest.Emulator, name string) emulator.WorldAccount {
	for _, a := range x.Server.World().Accounts {
		if a.Name == name {
			return a
		}
	}
	t.Fatalf("no account %s", name)
	return emulator.WorldAccount{}
}

func asAdmin(a emulator.WorldAccount) map[string]string {
	return map[string]string{"type": "iam", "account": a.ID, "userName": a.Admin.Name, "password": a.Admin.Password}
}

func TestConsoleSignIn(t *testing.T) {
	x := xemutest.New(t)
	production := worldAccount(t, x, "production")
	b := newBrowser(t, x.URL)
	if p := b.call("GET", "session", nil, nil); p.Code != "SessionOver" || p.Status != 401 {
		t.Errorf("before the sign-in: %+v", p)
	}
	for name, in := range map[string]map[string]string{
		"wrong password": {"type": "iam", "account": production.ID, "userName": "admin", "password": production.Admin.Password + "x"},
		"no user":        {"type": "iam", "account": production.ID, "userName": "nobody", "password": production.Admin.Password},
		"other account":  {"type": "iam", "account": "444455556666", "userName": "admin", "password": production.Admin.Password},
		"no account":     {"type": "iam", "account": "999999999999", "userName": "admin", "password": production.Admin.Password},
		"other case":     {"type": "iam", "account": production.ID, "userName": "Admin", "password": production.Admin.Password},
		"wrong root":     {"type": "root", "email": production.Root.Email, "password": production.Admin.Password},
		"no email":       {"type": "root", "password": production.Root.Password},
		"no type":        {"account": production.ID, "userName": "admin", "password": production.Admin.Password},
		"empty":          {"type": "iam"},
	} {
		if s, p := b.signIn(in); p.Code != "AuthFailure" || p.Status != 401 || s.Token != "" || !strings.HasPrefix(p.Message, "Your authentication information is incorrect") {
			t.Errorf("%s: %+v %+v", name, s, p)
		}
	}
	s := b.mustSignIn(asAdmin(production))
	if s.Identity.ARN != "arn:aws:iam::111122223333:user/admin" || s.Identity.Type != "IAMUser" || s.Identity.AccountName != "production" {
		t.Errorf("signed in as %+v", s.Identity)
	}
	root := newBrowser(t, x.URL).mustSignIn(map[string]string{"type": "root", "email": production.Root.Email, "password": production.Root.Password})
	if root.Identity.ARN != "arn:aws:iam::111122223333:root" || root.Identity.Type != "Root" {
		t.Errorf("signed in as %+v", root.Identity)
	}
	var users struct{ Users []struct{ UserName string } }
	if p := b.call("POST", "iam/ListUsers", struct{}{}, &users); p.Status != 200 || len(users.Users) != 1 {
		t.Errorf("ListUsers: %+v %+v", users, p)
	}
	var who struct{ Arn string }
	if b.call("POST", "sts/GetCallerIdentity", struct{}{}, &who); who.Arn != s.Identity.ARN {
		t.Errorf("GetCallerIdentity: %s", who.Arn)
	}

	user, err := iam.NewFromConfig(x.Account("production").Admin().Config()).GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("admin")})
	if err != nil || user.User.PasswordLastUsed == nil {
		t.Errorf("PasswordLastUsed: %v, %v", user, err)
	}
	if p := b.call("POST", "signout", struct{}{}, nil); p.Status != 200 {
		t.Errorf("sign-out: %+v", p)
	}
	if p := b.call("POST", "iam/ListUsers", struct{}{}, nil); p.Code != "SessionOver" {
		t.Errorf("after the sign-out: %+v", p)
	}
}

// TestConsoleRecordsSignIns: in CloudTrail's form, successes and failures.
func TestConsoleRecordsSignIns(t *testing.T) {
	x := xemutest.New(t)
	production := worldAccount(t, x, "production")
	b := newBrowser(t, x.URL)
	b.signIn(map[string]string{"type": "iam", "account": production.ID, "userName": "hunter2", "password": "no"})
	b.signIn(map[string]string{"type": "iam", "account": production.ID, "userName": "admin", "password": "no"})
	b.mustSignIn(asAdmin(production))
	var events []emulator.Event
	if p := b.call("GET", "events", nil, &events); p.Status != 200 {
		t.Fatalf("events: %+v", p)
	}
	var got []string
	for _, e := range events {
		if e.EventName == "ConsoleLogin" {
			got = append(got, fmt.Sprint(e.EventSource, " ", e.EventType, " ", e.UserIdentity.UserName, " ", e.ErrorMessage, " ", string(e.ResponseElements)))
		}
	}
	want := []string{
		`signin.amazonaws.com AwsConsoleSignIn admin  {"ConsoleLogin":"Success"}`,
		`signin.amazonaws.com AwsConsoleSignIn admin Failed authentication {"ConsoleLogin":"Failure"}`,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("events of sign-ins:\n%q\nwant\n%q", got, want)
	}
}

// TestConsolePasswords: a new password is due after a reset and when one has expired, and needs iam:ChangePassword.
func TestConsolePasswords(t *testing.T) {
	var days atomic.Int64
	start := time.Now()
	x := xemutest.New(t, xemutest.Now(func() time.Time { return start.AddDate(0, 0, int(days.Load())) }))
	admin := iam.NewFromConfig(x.Account("production").Admin().Config())
	ctx := t.Context()
	const old, fresh = "Old-Passw0rd!", "New-Passw0rd!"
	make := func(name string, reset bool, policies ...string) {
		x.Account("production").User(name, policies...)
		_, err := admin.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: &name, Password: aws.String(old), PasswordResetRequired: reset})
		must(t, err)
	}
	in := func(name, password, newPassword string) map[string]string {
		return map[string]string{"type": "iam", "account": "111122223333", "userName": name, "password": password, "newPassword": newPassword}
	}
	make("may", true, xemutest.Allow("iam:ChangePassword", "arn:aws:iam::111122223333:user/${aws:username}"))
	make("maynot", true)
	make("later", false)
	b := newBrowser(t, x.URL)
	if s, p := b.signIn(in("may", old, "")); s.Next != "newPassword" || s.Token != "" {
		t.Errorf("a password to change: %+v %+v", s, p)
	}
	if s, p := b.signIn(in("may", old, "weak")); s.Token != "" || !strings.HasPrefix(p.Message, "Either user is not authorized to perform iam:ChangePassword") {
		t.Errorf("a weak new password: %+v %+v", s, p)
	}
	if s, p := b.signIn(in("maynot", old, fresh)); s.Token != "" || !strings.HasPrefix(p.Message, "Either user is not authorized to perform iam:ChangePassword") {
		t.Errorf("without permission: %+v %+v", s, p)
	}
	b.mustSignIn(in("may", old, fresh))
	b.mustSignIn(in("may", fresh, ""))
	b.mustSignIn(in("later", old, ""))

	// From here on the clients' signatures are out of date; the root user's password does not expire.
	root := worldAccount(t, x, "production").Root
	owner := newBrowser(t, x.URL)
	rules := func(in map[string]any) {
		t.Helper()
		owner.mustSignIn(map[string]string{"type": "root", "email": root.Email, "password": root.Password})
		if p := owner.call("POST", "iam/UpdateAccountPasswordPolicy", in, nil); p.Status != 200 {
			t.Fatalf("UpdateAccountPasswordPolicy: %+v", p)
		}
		days.Add(91)
	}
	rules(map[string]any{"MaxPasswordAge": 90, "AllowUsersToChangePassword": true})
	if p := b.call("GET", "session", nil, nil); p.Code != "SessionOver" {
		t.Errorf("a session after 91 days: %+v", p)
	}
	if s, p := b.signIn(in("later", old, "")); s.Next != "newPassword" {
		t.Errorf("an expired password: %+v %+v", s, p)
	}
	b.mustSignIn(in("later", old, fresh))
	rules(map[string]any{"MaxPasswordAge": 90, "HardExpiry": true})
	if s, p := b.signIn(in("later", fresh, old)); s.Token != "" || !strings.HasPrefix(p.Message, "Your password has expired") {
		t.Errorf("a password that has expired for good: %+v %+v", s, p)
	}
}

func TestConsoleMFA(t *testing.T) {
	var ahead atomic.Int64 // steps of 30 seconds
	start := time.Now()
	now := func() time.Time { return start.Add(time.Duration(ahead.Load()) * 30 * time.Second) }
	x := xemutest.New(t, xemutest.Now(now))
	x.Account("production").User("mia", xemutest.Allow("iam:*", "*"))
	admin := iam.NewFromConfig(x.Account("production").Admin().Config())
	ctx := t.Context()
	const password = "Some-Passw0rd!"
	_, err := admin.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("mia"), Password: aws.String(password)})
	must(t, err)
	device, err := admin.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("phone")})
	must(t, err)
	seed := device.VirtualMFADevice.Base32StringSeed
	_, err = admin.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{UserName: aws.String("mia"), SerialNumber: device.VirtualMFADevice.SerialNumber,
		AuthenticationCode1: code(t, seed, now().Add(-30*time.Second)), AuthenticationCode2: code(t, seed, now())})
	must(t, err)
	ahead.Add(1)
	in := func(code string) map[string]string {
		return map[string]string{"type": "iam", "account": "111122223333", "userName": "mia", "password": password, "mfaCode": code}
	}
	b := newBrowser(t, x.URL)
	if s, p := b.signIn(in("")); s.Next != "mfa" || s.Token != "" {
		t.Errorf("without a code: %+v %+v", s, p)
	}
	if s, p := b.signIn(in("000000")); s.Token != "" || p.Code != "AuthFailure" {
		t.Errorf("with a wrong code: %+v %+v", s, p)
	}
	right := *code(t, seed, now())
	b.mustSignIn(in(right))
	if s, p := newBrowser(t, x.URL).signIn(in(right)); s.Token != "" || p.Code != "AuthFailure" {
		t.Errorf("with a code that was used: %+v %+v", s, p)
	}
	for name, value := range map[string]bool{"true": true, "false": false} {
		_, err := admin.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("mia"), PolicyName: aws.String("policy-1"), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"` + name + `"}}}}`)})
		must(t, err)
		if p := b.call("POST", "iam/ListUsers", struct{}{}, nil); (p.Status == 200) != value {
			t.Errorf("ListUsers with MFA %s: %+v", name, p)
		}
	}
}

// TestConsoleGuard: only the front end's own pages, at a name of this machine, can act for who has signed in.
func TestConsoleGuard(t *testing.T) {
	x := xemutest.New(t)
	b := newBrowser(t, x.URL)
	b.mustSignIn(asAdmin(worldAccount(t, x, "production")))
	token := b.token
	other := newBrowser(t, x.URL)
	other.mustSignIn(asAdmin(worldAccount(t, x, "development")))
	_, port, _ := strings.Cut(strings.TrimPrefix(x.URL, "http://"), ":")
	for name, test := range map[string]struct {
		token, host string
		header      http.Header
		status      int
	}{
		"as it is":             {token, "", nil, 200},
		"own origin":           {token, "", http.Header{"Origin": {x.URL}}, 200},
		"localhost":            {token, "localhost:" + port, nil, 401}, // let in, without the cookies of 127.0.0.1
		"no token":             {"", "", nil, 403},
		"another token":        {other.token, "", nil, 403},
		"part of the token":    {token[:8], "", nil, 403},
		"another site":         {token, "", http.Header{"Origin": {"https://evil.example"}}, 403},
		"another port":         {token, "", http.Header{"Origin": {"http://127.0.0.1:1"}}, 403},
		"a sandboxed page":     {token, "", http.Header{"Origin": {"null"}}, 403},
		"another name":         {token, "evil.example", nil, 403},
		"an address elsewhere": {token, "192.0.2.1", nil, 403},
	} {
		b.token, b.host, b.header = test.token, test.host, test.header
		if b.header == nil {
			b.header = http.Header{}
		}
		if p := b.call("POST", "iam/ListUsers", struct{}{}, nil); p.Status != test.status {
			t.Errorf("%s: %+v", name, p)
		}
	}
	// A cookie of the session is no use without its key id.
	r, err := http.NewRequest("GET", x.URL+"/console/api/session", nil)
	must(t, err)
	r.Header.Set("X-Xemu-Console", "none")
	r.AddCookie(&http.Cookie{Name: "xemu-console-" + port, Value: "ASIAZZZZZZZZZZZZZZZZ.forged"})
	answer, err := http.DefaultClient.Do(r)
	must(t, err)
	answer.Body.Close()
	if answer.StatusCode != 401 {
		t.Errorf("a forged cookie: %s", answer.Status)
	}
}

// TestConsoleCookies cannot be read by scripts, nor sent by other sites.
func TestConsoleCookies(t *testing.T) {
	x := xemutest.New(t)
	body, err := json.Marshal(asAdmin(worldAccount(t, x, "production")))
	must(t, err)
	r, err := http.NewRequest("POST", x.URL+"/console/api/signin", bytes.NewReader(body))
	must(t, err)
	r.Header.Set("X-Xemu-Console", "none")
	answer, err := http.DefaultClient.Do(r)
	must(t, err)
	answer.Body.Close()
	var names []string
	for _, c := range answer.Cookies() {
		names = append(names, c.Name)
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/console/" {
			t.Errorf("the cookie %+v", c)
		}
	}
	if len(names) != 2 {
		t.Errorf("cookies %q", names)
	}
}

func TestConsoleLimitsTries(t *testing.T) {
	x := xemutest.New(t)
	production := worldAccount(t, x, "production")
	b := newBrowser(t, x.URL)
	wrong := map[string]string{"type": "iam", "account": production.ID, "userName": "admin", "password": "no"}
	for i := range 10 {
		if _, p := b.signIn(wrong); p.Code != "AuthFailure" {
			t.Fatalf("try %d: %+v", i, p)
		}
	}
	if _, p := b.signIn(asAdmin(production)); p.Status != 429 {
		t.Errorf("after ten wrong passwords: %+v", p)
	}
	b.mustSignIn(asAdmin(worldAccount(t, x, "development")))
}

// TestConsolePermissions: what the console does is decided like everything else, and a denial explains itself to who was denied.
func TestConsolePermissions(t *testing.T) {
	x := xemutest.New(t)
	admin := iam.NewFromConfig(x.Account("production").Admin().Config())
	const password = "Some-Passw0rd!"
	x.Account("production").User("reader", xemutest.Allow("s3:GetObject", "arn:aws:s3:::reports/*"))
	_, err := admin.CreateLoginProfile(t.Context(), &iam.CreateLoginProfileInput{UserName: aws.String("reader"), Password: aws.String(password)})
	must(t, err)
	buckets := pathStyle(x.Account("production").Admin().Config())
	_, err = buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("reports")})
	must(t, err)
	_, err = buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("reports"), Key: aws.String("a b/c+d.txt"), Body: strings.NewReader("content")})
	must(t, err)

	reader, owner := newBrowser(t, x.URL), newBrowser(t, x.URL)
	reader.mustSignIn(map[string]string{"type": "iam", "account": "111122223333", "userName": "reader", "password": password})
	owner.mustSignIn(asAdmin(worldAccount(t, x, "production")))
	stranger := newBrowser(t, x.URL)
	stranger.mustSignIn(asAdmin(worldAccount(t, x, "development")))

	denied := reader.call("POST", "iam/CreateUser", map[string]string{"UserName": "made"}, nil)
	if denied.Code != "AccessDenied" || denied.Status != 403 || denied.RequestID == "" || !strings.Contains(denied.Message, "because no identity-based policy allows the iam:CreateUser action") {
		t.Errorf("CreateUser: %+v", denied)
	}
	if p := owner.call("POST", "iam/CreateUser", map[string]string{"UserName": "made"}, nil); p.Status != 200 {
		t.Errorf("CreateUser of the administrator: %+v", p)
	}
	if p := owner.call("POST", "iam/CreateUser", map[string]string{"UserName": "made"}, nil); p.Code != "EntityAlreadyExists" || p.Status != 409 {
		t.Errorf("CreateUser again: %+v", p)
	}
	if p := owner.call("POST", "iam/CreateUser", map[string]string{"Nonsense": "x"}, nil); p.Code != "ValidationError" {
		t.Errorf("CreateUser with nonsense: %+v", p)
	}
	if p := owner.call("POST", "ec2/RunInstances", struct{}{}, nil); p.Code != "NotImplemented" {
		t.Errorf("another service: %+v", p)
	}

	var e emulator.Event
	if p := reader.call("GET", "events/"+denied.RequestID, nil, &e); p.Status != 200 || len(e.Decisions) != 1 || e.Decisions[0].Trace == nil || len(e.Decisions[0].Trace.Changes) == 0 {
		t.Errorf("why: %+v %+v", p, e)
	}
	if p := owner.call("GET", "events/"+denied.RequestID, nil, &e); p.Status != 200 {
		t.Errorf("why, to the administrator: %+v", p)
	}
	if p := stranger.call("GET", "events/"+denied.RequestID, nil, nil); p.Code != "NoSuchEvent" {
		t.Errorf("why, to another account: %+v", p)
	}
	if p := reader.call("GET", "events", nil, nil); p.Code != "AccessDenied" {
		t.Errorf("events without permission: %+v", p)
	}

	get := func(b *browser, method, key, body string) (int, string) {
		var out struct{ URL string }
		if p := b.call("POST", "presign", map[string]string{"method": method, "bucket": "reports", "key": key}, &out); p.Status != 200 {
			t.Fatalf("presign: %+v", p)
		}
		r, err := http.NewRequest(method, out.URL, strings.NewReader(body))
		must(t, err)
		answer, err := http.DefaultClient.Do(r)
		must(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		must(t, err)
		return answer.StatusCode, string(text)
	}
	if status, text := get(reader, "GET", "a b/c+d.txt", ""); status != 200 || text != "content" {
		t.Errorf("a download: %d %s", status, text)
	}
	if status, text := get(reader, "PUT", "new", "x"); status != 403 {
		t.Errorf("an upload without permission: %d %s", status, text)
	}
	if status, text := get(owner, "PUT", "new/ä ö.txt", "x"); status != 200 {
		t.Errorf("an upload: %d %s", status, text)
	}
	if status, text := get(stranger, "GET", "new/ä ö.txt", ""); status != 403 {
		t.Errorf("a download from another account: %d %s", status, text)
	}
}

// TestConsoleSwitchRole: the role's session takes over, and one can switch back.
func TestConsoleSwitchRole(t *testing.T) {
	x := xemutest.New(t)
	x.Account("production").Role("auditor", xemutest.Trust("444455556666"), xemutest.Allow("iam:ListUsers", "*"))
	b := newBrowser(t, x.URL)
	b.mustSignIn(asAdmin(worldAccount(t, x, "development")))
	to := func(account, role string) (s session, p problem) {
		p = b.call("POST", "switch", map[string]string{"account": account, "roleName": role, "displayName": "audit", "color": "#f2b0a9"}, &s)
		return s, p
	}
	_, p := to("111122223333", "other")
	if p.Code != "AccessDenied" || p.RequestID == "" {
		t.Errorf("a role that there is not: %+v", p)
	}
	var why emulator.Event
	if p := b.call("GET", "events/"+p.RequestID, nil, &why); p.Status != 200 || !strings.Contains(why.Decisions[0].By+why.Decisions[0].Text, "there is no role") {
		t.Errorf("why: %+v %+v", p, why)
	}
	s, p := to("111122223333", "auditor")
	if p.Status != 200 || s.Identity.ARN != "arn:aws:sts::111122223333:assumed-role/auditor/admin" || s.Role == nil || s.Role.DisplayName != "audit" || s.SignedIn.Account != "444455556666" {
		t.Fatalf("switch: %+v %+v", s, p)
	}
	var users struct{ Users []struct{ Arn string } }
	if p := b.call("POST", "iam/ListUsers", struct{}{}, &users); p.Status != 200 || users.Users[0].Arn != "arn:aws:iam::111122223333:user/admin" {
		t.Errorf("ListUsers of the role: %+v %+v", users, p)
	}
	if p := b.call("POST", "iam/ListRoles", struct{}{}, nil); p.Code != "AccessDenied" {
		t.Errorf("ListRoles of the role: %+v", p)
	}
	if p := b.call("GET", "session", nil, &s); p.Status != 200 || s.Role.DisplayName != "audit" {
		t.Errorf("the session: %+v %+v", s, p)
	}
	s = session{}
	if p := b.call("POST", "switchback", struct{}{}, &s); p.Status != 200 || s.Role != nil || s.Identity.ARN != "arn:aws:iam::444455556666:user/admin" {
		t.Errorf("switch back: %+v %+v", s, p)
	}
	if p := b.call("POST", "iam/ListRoles", struct{}{}, nil); p.Status != 200 {
		t.Errorf("ListRoles of the user: %+v", p)
	}
	if _, p := to("111122223333", "auditor"); p.Status != 200 {
		t.Fatalf("switch again: %+v", p)
	}
	// A role that is gone ends the session instead of falling back to somebody else unasked.
	admin := iam.NewFromConfig(x.Account("production").Admin().Config())
	_, err := admin.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: aws.String("auditor"), PolicyName: aws.String("policy-1")})
	must(t, err)
	_, err = admin.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("auditor")})
	must(t, err)
	if p := b.call("POST", "iam/ListUsers", struct{}{}, nil); p.Code != "SessionOver" {
		t.Errorf("as a role that is gone: %+v", p)
	}
}

// TestConsolePages are served at every path of the console, and S3 keeps what is signed, and opens as no page of its origin.
func TestConsolePages(t *testing.T) {
	x := xemutest.New(t)
	get := func(path string, header http.Header) *http.Response {
		r, err := http.NewRequest("GET", x.URL+path, nil)
		must(t, err)
		r.Header = header
		answer, err := http.DefaultTransport.RoundTrip(r)
		must(t, err)
		t.Cleanup(func() { answer.Body.Close() })
		return answer
	}
	for _, path := range []string{"/console/", "/console/home", "/console/iam/roles/details/x", "/console/switchrole?account=111122223333"} {
		answer := get(path, http.Header{})
		text, err := io.ReadAll(answer.Body)
		must(t, err)
		policy := answer.Header.Get("Content-Security-Policy")
		if answer.StatusCode != 200 || !strings.Contains(string(text), `<div id="app">`) || !strings.Contains(policy, "script-src http://") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: %s %s %s", path, answer.Status, policy, text)
		}
	}
	if answer := get("/console/assets/none.js", http.Header{}); answer.StatusCode != 404 {
		t.Errorf("a file that there is not: %s", answer.Status)
	}
	if answer := get("/console", http.Header{}); answer.StatusCode != http.StatusMovedPermanently && answer.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("/console: %s", answer.Status)
	}
	if answer := get("/bucket/page.html", http.Header{"Sec-Fetch-Mode": {"navigate"}}); !strings.HasPrefix(answer.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("an object that a browser opens: %v", answer.Header)
	}
	if answer := get("/bucket/page.html", http.Header{}); answer.Header.Get("Content-Security-Policy") != "" {
		t.Errorf("an object that a client reads: %v", answer.Header)
	}
	c := pathStyle(x.Account("production").Admin().Config())
	_, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("console")})
	must(t, err)
	_, err = c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("console"), Key: aws.String("home"), Body: strings.NewReader("x")})
	must(t, err)
	_, err = c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("console"), Key: aws.String("home")})
	must(t, err)
}
