package sts

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var messages = wire.Ops(
	wire.Op((*Service).DecodeAuthorizationMessage, wire.For(decodeNeeds)),
)

func decodeNeeds(context.Context, *Service, *sts.DecodeAuthorizationMessageInput) ([]wire.Need, error) {
	return []wire.Need{{Action: "sts:DecodeAuthorizationMessage", Resource: "*"}}, nil
}

// DecodeAuthorizationMessage opens what EncodeAuthorizationMessage made for the caller's account.
// InvalidAuthorizationMessageException for anything else.
func (s *Service) DecodeAuthorizationMessage(ctx context.Context, in *sts.DecodeAuthorizationMessageInput) (*sts.DecodeAuthorizationMessageOutput, error) {
	k, err := s.sealer.current(ctx)
	if err != nil {
		return nil, err
	}
	text, ok := k.openMessage(*in.EncodedMessage, wire.RequestFrom(ctx).Caller.Account)
	if !ok {
		return nil, awserr.InvalidAuthorizationMessage.Errorf("Message is not valid")
	}
	return &sts.DecodeAuthorizationMessageOutput{DecodedMessage: &text}, nil
}

// maxMessage is how long an encoded message may be (EncodedMessage, STS API Reference).
const maxMessage = 10240

// EncodeAuthorizationMessage seals why a request was denied, for whoever may decode it in the requester's account. The
// conditions are the condition keys of the request that are to be told.
func (s *Service) EncodeAuthorizationMessage(ctx context.Context, d Denial) (string, error) {
	k, err := s.sealer.create(ctx)
	if err != nil {
		return "", err
	}
	message := d.message()
	encoded, err := k.sealMessage(message, d.Principal.Account)
	if len(encoded) > maxMessage {
		message.MatchedStatements.Items = []statement{} // a large policy must not make the message too long to be decoded
		encoded, err = k.sealMessage(message, d.Principal.Account)
	}
	return encoded, err
}

// messageKey seals messages; it is not the one of tokens, so that neither is taken for the other.
func (k *keys) messageKey() (cipher.AEAD, error) {
	block, err := aes.NewCipher(mac(k.root[:], "authorization message"))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (k *keys) sealMessage(message *message, account string) (string, error) {
	text, err := json.Marshal(message)
	if err != nil {
		return "", err
	}
	key, err := k.messageKey()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, key.NonceSize())
	rand.Read(nonce)
	return tokenEncoding.EncodeToString(key.Seal(nonce, nonce, compress(text), []byte(account))), nil
}

// openMessage returns the text of a message that was sealed for the account. k may be nil.
func (k *keys) openMessage(encoded, account string) (text string, ok bool) {
	if k == nil || strings.ContainsAny(encoded, "\r\n") { // which base64 would skip
		return "", false
	}
	key, err := k.messageKey()
	if err != nil {
		return "", false
	}
	data, err := tokenEncoding.DecodeString(encoded)
	if err != nil || len(data) < key.NonceSize() {
		return "", false
	}
	plain, err := key.Open(nil, data[:key.NonceSize()], data[key.NonceSize():], []byte(account))
	if err != nil {
		return "", false
	}
	opened, err := io.ReadAll(flate.NewReaderDict(bytes.NewReader(plain), typical))
	return string(opened), err == nil
}

// Denial is a request that was denied.
type Denial struct {
	Principal        authz.Principal
	Action, Resource string
	Decision         authz.Decision
	Conditions       []Condition // keys of the request, in order
}

// Condition is a condition key with its value.
type Condition struct{ Key, Value string }

// message has the form of AWS's ("DecodeAuthorizationMessage", STS API Reference, and AWS CLI's example of it).
type message struct {
	Allowed           bool            `json:"allowed"`
	ExplicitDeny      bool            `json:"explicitDeny"`
	MatchedStatements list[statement] `json:"matchedStatements"`
	Failures          list[struct{}]  `json:"failures"`
	Context           struct {
		Principal struct {
			ID  string `json:"id"`
			ARN string `json:"arn"`
		} `json:"principal"`
		Action     string          `json:"action"`
		Resource   string          `json:"resource"`
		Conditions list[condition] `json:"conditions"`
	} `json:"context"`
}

// statement is one that denies. A list that the policy does not have is empty.
type statement struct {
	ID              string          `json:"statementId"`
	Effect          string          `json:"effect"`
	Principals      list[value]     `json:"principals"`
	PrincipalGroups list[value]     `json:"principalGroups"`
	Actions         list[value]     `json:"actions"`
	Resources       list[value]     `json:"resources"`
	Conditions      list[condition] `json:"conditions"`
}

type list[T any] struct {
	Items []T `json:"items"`
}

type value struct {
	Value string `json:"value"`
}

type condition struct {
	Key    string      `json:"key"`
	Values list[value] `json:"values"`
}

func values(texts ...string) list[value] {
	l := list[value]{[]value{}}
	for _, text := range texts {
		l.Items = append(l.Items, value{text})
	}
	return l
}

func (d Denial) message() *message {
	m := &message{ExplicitDeny: d.Decision.Effect == authz.ExplicitDeny}
	m.MatchedStatements.Items, m.Failures.Items = []statement{}, []struct{}{}
	spans := map[*authz.Policy][]authz.Span{}
	for _, match := range d.Decision.Matches() {
		if !m.ExplicitDeny || match.Effect != "Deny" {
			continue
		}
		p := match.In.Policy
		if spans[p] == nil {
			spans[p] = p.Spans()
		}
		span := spans[p][match.Index]
		m.MatchedStatements.Items = append(m.MatchedStatements.Items, describe(match, p.Text[span.Start.Offset:span.End.Offset], d.Principal))
	}
	c := &m.Context
	c.Principal.ID, c.Principal.ARN = d.Principal.ID, d.Principal.ARN
	c.Action, c.Resource = d.Action, d.Resource
	c.Conditions.Items = []condition{}
	for _, key := range d.Conditions {
		c.Conditions.Items = append(c.Conditions.Items, condition{key.Key, values(key.Value)})
	}
	return m
}

// describe shows a statement as its text has it. Its principal is the requester, for a session the role.
func describe(match authz.Match, text string, who authz.Principal) statement {
	s := statement{ID: match.Sid, Effect: strings.ToUpper(match.Effect), Principals: values(who.ID), PrincipalGroups: values(),
		Actions: values(), Resources: values(), Conditions: list[condition]{[]condition{}}}
	if who.RoleID != "" {
		s.Principals = values(who.RoleID)
	}
	var body struct {
		Action, Resource texts
		Condition        map[string]map[string]texts
	}
	if json.Unmarshal([]byte(text), &body) != nil {
		return s // never: it has been parsed
	}
	s.Actions, s.Resources = values(body.Action...), values(body.Resource...)
	for _, operator := range slices.Sorted(maps.Keys(body.Condition)) {
		for _, key := range slices.Sorted(maps.Keys(body.Condition[operator])) {
			s.Conditions.Items = append(s.Conditions.Items, condition{key, values(body.Condition[operator][key]...)})
		}
	}
	return s
}

// texts is an element of a statement that is one value or a list of values.
type texts []string

func (t *texts) UnmarshalJSON(data []byte) error {
	var all []any
	if json.Unmarshal(data, &all) != nil {
		var one any
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		all = []any{one}
	}
	for _, v := range all {
		*t = append(*t, fmt.Sprint(v))
	}
	return nil
}
