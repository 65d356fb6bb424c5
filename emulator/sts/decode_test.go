package sts_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sts"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// decode opens a message as somebody of an account.
func decode(t testing.TB, s *sts.Service, account, encoded string) (string, error) {
	t.Helper()
	ctx := wire.WithRequest(t.Context(), &wire.Request{Caller: wire.Caller{Principal: authz.Principal{Type: authz.Account, Account: account}}})
	out, err := s.DecodeAuthorizationMessage(ctx, &api.DecodeAuthorizationMessageInput{EncodedMessage: aws.String(encoded)})
	if err != nil {
		return "", err
	}
	return *out.DecodedMessage, nil
}

// denial is an explicit denial of a role's session by n statements.
func denial(t *testing.T, n int) sts.Denial {
	var statements []string
	for i := range n {
		statements = append(statements, fmt.Sprintf(`{"Sid":"Deny%d%x","Effect":"Deny","Action":"ec2:*","Resource":"*","Condition":{"NumericLessThan":{"aws:Random":[%d,%q]},"Bool":{"aws:Other":false}}}`, i, i*i*7919, i, fmt.Sprint(i*31)))
	}
	p, err := authz.Parse(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	d := sts.Denial{
		Principal: authz.Principal{Type: authz.AssumedRole, Account: development, ARN: "arn:aws:sts::444455556666:assumed-role/R/s", ID: "AROAR:s",
			RoleARN: "arn:aws:iam::444455556666:role/R", RoleID: "AROAR"},
		Action: "ec2:RunInstances", Resource: "*", Conditions: []sts.Condition{{Key: "aws:Region", Value: "us-east-1"}},
	}
	d.Decision = authz.Evaluate(authz.Request{Principal: d.Principal, Action: d.Action, Resource: d.Resource,
		Context: authz.Keys{"aws:random": {"-1"}, "aws:other": {"false"}}}, authz.Policies{Identity: []authz.Attached{{Policy: p, Kind: authz.Identity}}})
	return d
}

func TestAuthorizationMessage(t *testing.T) {
	w := newWorld(t)
	if _, err := decode(t, w.sts, development, "AAAA"); !errors.Is(err, awserr.InvalidAuthorizationMessage) {
		t.Errorf("before there is a key: %v", err)
	}
	encoded, err := w.sts.EncodeAuthorizationMessage(t.Context(), denial(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	text, err := decode(t, w.sts, development, encoded)
	if want := `{"allowed":false,"explicitDeny":true,"matchedStatements":{"items":[{"statementId":"Deny00","effect":"DENY",` +
		`"principals":{"items":[{"value":"AROAR"}]},"principalGroups":{"items":[]},"actions":{"items":[{"value":"ec2:*"}]},"resources":{"items":[{"value":"*"}]},` +
		`"conditions":{"items":[{"key":"aws:Other","values":{"items":[{"value":"false"}]}},{"key":"aws:Random","values":{"items":[{"value":"0"},{"value":"0"}]}}]}}]},` +
		`"failures":{"items":[]},"context":{"principal":{"id":"AROAR:s","arn":"arn:aws:sts::444455556666:assumed-role/R/s"},"action":"ec2:RunInstances","resource":"*",` +
		`"conditions":{"items":[{"key":"aws:Region","values":{"items":[{"value":"us-east-1"}]}}]}}}`; err != nil || text != want {
		t.Errorf("%v\n got %s\nwant %s", err, text, want)
	}
	if _, err := decode(t, w.sts, production, encoded); !errors.Is(err, awserr.InvalidAuthorizationMessage) {
		t.Errorf("by another account: %v", err)
	}
	if _, _, err := w.sts.Open(encoded, "ASIARTX3GSDSV2T573VK", now); !errors.Is(err, awserr.InvalidClientTokenId) {
		t.Errorf("a message as a session token: %v", err)
	}
}

// TestLongAuthorizationMessage: what is sent can be decoded, whose EncodedMessage has at most 10,240 characters.
func TestLongAuthorizationMessage(t *testing.T) {
	w := newWorld(t)
	encoded, err := w.sts.EncodeAuthorizationMessage(t.Context(), denial(t, 2000))
	if err != nil || len(encoded) > 10240 {
		t.Fatalf("%d characters, %v", len(encoded), err)
	}
	text, err := decode(t, w.sts, development, encoded)
	var message struct {
		ExplicitDeny      bool
		MatchedStatements struct{ Items []any }
	}
	if err != nil || json.Unmarshal([]byte(text), &message) != nil || !message.ExplicitDeny || len(message.MatchedStatements.Items) != 0 {
		t.Errorf("%v %s", err, text)
	}
}

func FuzzDecodeAuthorizationMessage(f *testing.F) {
	st, err := store.Open(f.TempDir(), store.Options{Durability: store.Memory})
	if err != nil {
		f.Fatal(err)
	}
	service := sts.New(st, sts.Options{})
	if _, err := service.EncodeAuthorizationMessage(f.Context(), sts.Denial{Principal: authz.Principal{Account: production}}); err != nil {
		f.Fatal(err)
	}
	f.Add("x")
	f.Add(strings.Repeat("A", 100))
	f.Fuzz(func(t *testing.T, encoded string) {
		if _, err := decode(t, service, production, encoded); !errors.Is(err, awserr.InvalidAuthorizationMessage) {
			t.Errorf("%q: %v", encoded, err)
		}
	})
}
