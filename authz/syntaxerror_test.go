package authz_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/authz"
)

// In each text ¦ stands before the fault.
func TestFaultsHaveAPosition(t *testing.T) {
	const statement = `{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}`
	for _, c := range []struct {
		kind authz.PolicyKind
		text string
	}{
		{authz.Identity, `¦`},
		{authz.Identity, `  ¦[]`},
		{authz.Identity, "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [" + statement + "],\n¦}"},
		{authz.Identity, "{\n \"Version\": \"2012-10-17\"\n ¦\"Statement\": []}"},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": [` + statement + `¦`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": [` + statement + `]} ¦x`},
		{authz.Identity, `{"Version": "2012-10-17", ¦"Version": "2012-10-17", "Statement": [` + statement + `]}`},
		{authz.Identity, `{"Version": ¦"2012-10-18", "Statement": [` + statement + `]}`},
		{authz.Identity, `{"Version": ¦"2008-10-17", "Statement": [` + statement + `]}`},
		{authz.Identity, `{"Statement": [` + statement + `], ¦"Statements": []}`},
		{authz.Identity, `{"Id": ¦1, "Version": "2012-10-17", "Statement": ` + statement + `}`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": [` + statement + `, ¦1]}`},
		{authz.Identity, "{\"Version\": \"2012-10-17\",\n\"Statement\": [" + statement + ",\n ¦{\"Action\": \"s3:*\", \"Resource\": \"*\"}]}"},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": {"Effect": ¦"Permit", "Action": "s3:*", "Resource": "*"}}`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": {"Effect": ¦"allow", "Action": "s3:*", "Resource": "*"}}`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", ¦"Actions": "s3:*", "Resource": "*"}}`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ¦{}, "Resource": "*"}}`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"é": ¦1}}}`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {¦"StringIs": {"k:x": "v"}}}}`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"k:x": ¦{}}}}}`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": ¦"*", "Action": "s3:*", "Resource": "*"}}`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": [` + statement + `, {"Effect": "Allow", "Action": ["s3:*", ¦"GetObject"], "Resource": "*"}]}`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": [` + statement + `, {"Effect": "Allow", "Action": "s3:*", "Resource": ["*", ¦"reports"]}]}`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": [` + statement + `, ¦{"Effect": "Allow", "Action": "s3:*"}]}`},
		{authz.Identity, `{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Sid": ¦"A", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}`},
		{authz.Trust, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {¦"User": "x"}, "Action": "sts:AssumeRole"}}`},
		{authz.Trust, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Resource": ¦"*"}}`},
		{"bucket", `{"Version": ¦"2012", "Statement": []}`},
		{"bucket", `{"Statement": ¦[]}`},
		{"bucket", `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::reports/*", ¦"arn:aws:s3:::other/*"]}]}`},
		{"bucket", `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", ¦"Ressource": "*"}]}`},
		{"bucket", `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject" ¦"s3:PutObject"], "Resource": "*"}]}`},
	} {
		before, after, _ := strings.Cut(c.text, "¦")
		lines := strings.Split(before, "\n")
		_, err := validate(before+after, c.kind)
		var got *authz.SyntaxError
		if !errors.As(err, &got) {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		offset, line, column := len(before), len(lines), 1+len([]rune(lines[len(lines)-1]))
		if got.Offset != offset || got.Line != line || got.Column != column {
			t.Errorf("%s\n%s: offset %d line %d column %d, want %d %d %d", c.text, got.Message, got.Offset, got.Line, got.Column, offset, line, column)
		}
	}
}
