package lint

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
)

func TestAccessNotGranted(t *testing.T) {
	var tests []struct {
		Name      string
		Type      PolicyType
		Policy    json.RawMessage
		Actions   []string
		Resources []string
		Fails     []int // the statements; none: the check passes
	}
	if err := json.Unmarshal([]byte(readFile(t, "testdata/access-not-granted.json")), &tests); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) {
			if tt.Type == "" {
				tt.Type = Identity
			}
			r, err := CheckAccessNotGranted(string(tt.Policy), tt.Type, []Access{{tt.Actions, tt.Resources}})
			wantResult(t, r, err, tt.Fails)
		})
	}
}

func TestNoNewAccess(t *testing.T) {
	var tests []struct {
		Name          string
		Type          PolicyType
		Existing, New json.RawMessage
		Fails         []int
	}
	if err := json.Unmarshal([]byte(readFile(t, "testdata/no-new-access.json")), &tests); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) {
			if tt.Type == "" {
				tt.Type = Identity
			}
			r, err := CheckNoNewAccess(string(tt.New), string(tt.Existing), tt.Type)
			wantResult(t, r, err, tt.Fails)
			same, err := CheckNoNewAccess(string(tt.New), string(tt.New), tt.Type)
			if err != nil || !same.Pass {
				t.Errorf("a policy grants new access compared to itself: %+v, %v", same, err)
			}
		})
	}
}

func TestNoPublicAccess(t *testing.T) {
	var tests []struct {
		Name   string
		Policy json.RawMessage
		Fails  []int
	}
	if err := json.Unmarshal([]byte(readFile(t, "testdata/no-public-access.json")), &tests); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) {
			r, err := CheckNoPublicAccess(string(tt.Policy))
			wantResult(t, r, err, tt.Fails)
		})
	}
}

func wantResult(t *testing.T, r Result, err error, fails []int) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, reason := range r.Reasons {
		got = append(got, reason.Index)
	}
	if !slices.Equal(got, fails) || r.Pass != (len(fails) == 0) {
		t.Errorf("%+v, want statements %v to fail", r, fails)
	}
}

// TestAccessMessages are the words of AWS's examples.
func TestAccessMessages(t *testing.T) {
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"},
		{"Sid":"Put","Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]}`
	r, err := CheckAccessNotGranted(policy, Identity, []Access{{Actions: []string{"s3:DeleteBucket"}}})
	if err != nil || r.Message != "The policy document does not grant access to perform one or more of the listed actions." {
		t.Errorf("%+v, %v", r, err)
	}
	r, err = CheckAccessNotGranted(policy, Identity, []Access{{Actions: []string{"s3:*"}}})
	want := []Reason{
		{"One or more of the listed actions in the statement with index: 0.", 0, ""},
		{"One or more of the listed actions in the statement with sid: Put.", 1, "Put"},
	}
	if err != nil || r.Message != "The policy document grants access to perform one or more of the listed actions." ||
		!slices.Equal(r.Reasons, want) {
		t.Errorf("%+v, %v", r, err)
	}
	r, err = CheckNoNewAccess(policy, `{"Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}}`, Identity)
	if err != nil || r.Message != "The modified permissions grant new access compared to your existing policy." ||
		r.Reasons[0].Description != "New access in the statement with index: 0." {
		t.Errorf("%+v, %v", r, err)
	}
	r, err = CheckNoPublicAccess(`{"Statement":{"Sid":"Bob","Effect":"Allow","Principal":"*","Action":"s3:GetObject"}}`)
	if err != nil || r.Message != "The resource policy grants public access for the given resource type." ||
		r.Reasons[0].Description != "Public access granted in the following statement with sid: Bob." {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAccessErrors(t *testing.T) {
	for _, text := range []string{
		"", "{", `{"Statement":[]}`, `{"Statement":{"Effect":"Maybe","Action":"*","Resource":"*"}}`,
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}`,
	} {
		var wrong *PolicyError
		if _, err := CheckAccessNotGranted(text, Identity, nil); !errors.As(err, &wrong) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := CheckNoPublicAccess(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`); err == nil {
		t.Error("a resource policy without a principal was taken")
	}
}
