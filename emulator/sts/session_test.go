package sts_test

import (
	"context"
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/sts"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var (
	sessionPrincipal = authz.Principal{
		Type: authz.AssumedRole, Account: production, ARN: "arn:aws:sts::111122223333:assumed-role/R/s", ID: "AROAR:s",
		RoleARN: "arn:aws:iam::111122223333:role/R", RoleID: "AROAR",
	}
	wholeSession = wire.Session{
		Issued: now, Expires: now.Add(time.Hour), Policy: `{"Statement":[]}`, PolicyARNs: []string{"arn:aws:iam::aws:policy/P"},
		Tags: map[string]string{"Team": "red", "Ünïcode": "✓"}, TransitiveTagKeys: []string{"Team"}, SourceIdentity: "alice",
		MFAAuthenticated: true, MFATime: now.Add(-time.Minute), Chained: true, Console: true,
	}
)

func TestSealAndOpen(t *testing.T) {
	w := newWorld(t)
	for name, session := range map[string]wire.Session{"whole": wholeSession, "bare": {Issued: now, Expires: now.Add(time.Hour)}} {
		t.Run(name, func(t *testing.T) {
			c, err := w.sts.Issue(context.Background(), sessionPrincipal, session)
			if err != nil {
				t.Fatal(err)
			}
			if account, ok := ids.AccountOf(*c.AccessKeyId); !ok || account != production || !strings.HasPrefix(*c.AccessKeyId, "ASIA") {
				t.Errorf("access key id %s", *c.AccessKeyId)
			}
			if len(*c.SecretAccessKey) != 40 || !c.Expiration.Equal(session.Expires) {
				t.Errorf("secret of %d characters, expires %s", len(*c.SecretAccessKey), c.Expiration)
			}
			for range 2 { // once unsealed, once from the cache
				secret, caller, err := w.sts.Open(*c.SessionToken, *c.AccessKeyId, now)
				if err != nil || secret != *c.SecretAccessKey {
					t.Fatalf("Open: %q, %v", secret, err)
				}
				if caller.Principal != sessionPrincipal || caller.AccessKeyID != *c.AccessKeyId || !reflect.DeepEqual(*caller.Session, session) {
					t.Errorf("caller %+v with session %+v", caller, caller.Session)
				}
			}
		})
	}
}

func TestTokenIsCompact(t *testing.T) {
	w := newWorld(t)
	c, err := w.sts.Issue(context.Background(), sessionPrincipal, wire.Session{Issued: now, Expires: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(*c.SessionToken); n > 300 {
		t.Errorf("the token of a plain session has %d characters", n)
	}
}

func TestOpenRefuses(t *testing.T) {
	w := newWorld(t)
	issue := func() (token, key string) {
		c, err := w.sts.Issue(context.Background(), sessionPrincipal, wholeSession)
		if err != nil {
			t.Fatal(err)
		}
		return *c.SessionToken, *c.AccessKeyId
	}
	token, key := issue()
	_, otherKey := issue()
	foreign, foreignKey := func() (string, string) {
		c, err := newWorld(t).sts.Issue(context.Background(), sessionPrincipal, wholeSession)
		if err != nil {
			t.Fatal(err)
		}
		return *c.SessionToken, *c.AccessKeyId
	}()
	for name, test := range map[string]struct {
		token, key string
		now        time.Time
		want       awserr.Kind
	}{
		"another's key id":        {token, otherKey, now, awserr.InvalidClientTokenId},
		"a long-term key id":      {token, "AKIAIOSFODNN7EXAMPLE", now, awserr.InvalidClientTokenId},
		"no key id":               {token, "", now, awserr.InvalidClientTokenId},
		"no token":                {"", key, now, awserr.InvalidClientTokenId},
		"only the beginning":      {token[:16], key, now, awserr.InvalidClientTokenId},
		"cut off":                 {token[:len(token)-4], key, now, awserr.InvalidClientTokenId},
		"longer":                  {token + "AAAA", key, now, awserr.InvalidClientTokenId},
		"with a line break":       {token + "\n", key, now, awserr.InvalidClientTokenId},
		"in other letters":        {strings.ToLower(token), key, now, awserr.InvalidClientTokenId},
		"endless":                 {token + strings.Repeat("A", 1<<20), key, now, awserr.InvalidClientTokenId},
		"another server's":        {foreign, foreignKey, now, awserr.InvalidClientTokenId},
		"at its end":              {token, key, now.Add(time.Hour), awserr.ExpiredToken},
		"long after its end":      {token, key, now.Add(1000 * time.Hour), awserr.ExpiredToken},
		"expired, not this key's": {token, otherKey, now.Add(2 * time.Hour), awserr.InvalidClientTokenId},
	} {
		t.Run(name, func(t *testing.T) {
			if secret, caller, err := w.sts.Open(test.token, test.key, test.now); !errors.Is(err, test.want) || secret != "" || caller.Session != nil {
				t.Errorf("%q, %+v, %v, want %v", secret, caller, err, test.want)
			}
		})
	}
	if _, _, err := w.sts.Open(token, key, now.Add(time.Hour-time.Second)); err != nil {
		t.Errorf("in its last second: %v", err)
	}
}

// TestTamper changes each byte of a token in turn.
func TestTamper(t *testing.T) {
	w := newWorld(t)
	c, err := w.sts.Issue(context.Background(), sessionPrincipal, wholeSession)
	if err != nil {
		t.Fatal(err)
	}
	const prefix = 16
	sealed, err := base64.RawURLEncoding.DecodeString((*c.SessionToken)[prefix:])
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		sealed[i] ^= 1
		token := (*c.SessionToken)[:prefix] + base64.RawURLEncoding.EncodeToString(sealed)
		sealed[i] ^= 1
		if _, _, err := w.sts.Open(token, *c.AccessKeyId, now); !errors.Is(err, awserr.InvalidClientTokenId) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
}

func TestOpenMessages(t *testing.T) {
	w := newWorld(t)
	c, err := w.sts.Issue(context.Background(), sessionPrincipal, wholeSession)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = w.sts.Open("nonsense", *c.AccessKeyId, now)
	if e := awserr.From(err); e.Message != "The security token included in the request is invalid." || e.Status != 403 {
		t.Errorf("%d %s", e.Status, e.Message)
	}
	_, _, err = w.sts.Open(*c.SessionToken, *c.AccessKeyId, now.Add(time.Hour))
	if e := awserr.From(err); e.Message != "The security token included in the request is expired" || e.Status != 403 {
		t.Errorf("%d %s", e.Status, e.Message)
	}
}

// TestReset: a token of before is worth nothing after a reset of the world, though it was opened before.
func TestReset(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	old, err := w.sts.Issue(ctx, sessionPrincipal, wholeSession)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.sts.Open(*old.SessionToken, *old.AccessKeyId, now); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Clear(ctx); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.sts.Open(*old.SessionToken, *old.AccessKeyId, now); !errors.Is(err, awserr.InvalidClientTokenId) {
		t.Errorf("after a reset: %v", err)
	}
	c, err := w.sts.Issue(ctx, sessionPrincipal, wholeSession)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.sts.Open(*c.SessionToken, *c.AccessKeyId, now); err != nil {
		t.Errorf("a session of after the reset: %v", err)
	}
	if _, _, err := w.sts.Open(*old.SessionToken, *old.AccessKeyId, now); !errors.Is(err, awserr.InvalidClientTokenId) {
		t.Errorf("with a new key: %v", err)
	}
}

// TestAnotherService: a token outlives the server, since the key is in the store.
func TestAnotherService(t *testing.T) {
	w := newWorld(t)
	c, err := w.sts.Issue(context.Background(), sessionPrincipal, wholeSession)
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := sts.New(w.store, sts.Options{Directory: w}).Open(*c.SessionToken, *c.AccessKeyId, now)
	if err != nil || secret != *c.SecretAccessKey {
		t.Errorf("%q, %v", secret, err)
	}
}

// TestFirstUse: many first sessions at once agree on one key.
func TestFirstUse(t *testing.T) {
	for range 20 {
		w := newWorld(t)
		var wait sync.WaitGroup
		start := make(chan struct{})
		var issued [16]*types.Credentials
		for i := range issued {
			wait.Go(func() {
				<-start
				c, err := w.sts.Issue(context.Background(), sessionPrincipal, wholeSession)
				if err != nil {
					t.Error(err)
				}
				issued[i] = c
			})
		}
		close(start)
		wait.Wait()
		for _, c := range issued {
			if _, _, err := w.sts.Open(*c.SessionToken, *c.AccessKeyId, now); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add("IQoJb3JpZ2luX2Vj", "ASIARTX3GSDSV2T573VK")
	f.Add("IQoJb3JpZ2luX2VjAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "ASIARTX3GSDSV2T573VK")
	st, err := store.Open(f.TempDir(), store.Options{Durability: store.Memory})
	if err != nil {
		f.Fatal(err)
	}
	service := sts.New(st, sts.Options{})
	if _, err := service.Issue(context.Background(), sessionPrincipal, wholeSession); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token, key string) {
		if _, _, err := service.Open(token, key, now); !errors.Is(err, awserr.InvalidClientTokenId) {
			t.Errorf("Open(%q, %q): %v", token, key, err)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	st, err := store.Open(b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	service := sts.New(st, sts.Options{})
	c, err := service.Issue(context.Background(), sessionPrincipal, wholeSession)
	if err != nil {
		b.Fatal(err)
	}
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, _, err := service.Open(*c.SessionToken, *c.AccessKeyId, now); err != nil {
				b.Error(err)
			}
		}
	})
}
