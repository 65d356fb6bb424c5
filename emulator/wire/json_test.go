package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// TestJSONRoundTrip encodes the filled input of every operation and decodes it again, and the filled output too.
func TestJSONRoundTrip(t *testing.T) {
	for _, client := range []struct {
		model *Model
		typ   reflect.Type
	}{{IAM(), reflect.TypeFor[*iam.Client]()}, {STS(), reflect.TypeFor[*sts.Client]()}, {S3(), reflect.TypeFor[*s3.Client]()}} {
		for i := range client.typ.NumMethod() {
			m := client.typ.Method(i)
			if m.Type.NumIn() != 4 || !strings.HasSuffix(m.Type.In(2).String(), "Input") || impossible[m.Name] != "" {
				continue
			}
			t.Run(client.model.Service+"/"+m.Name, func(t *testing.T) {
				for _, typ := range []reflect.Type{m.Type.In(2).Elem(), m.Type.Out(0).Elem()} {
					v, got := reflect.New(typ), reflect.New(typ)
					fill(v.Elem(), m.Name, 0)
					adjust(m.Name, v.Interface(), v.Interface())
					text, err := EncodeJSON(v.Interface())
					if err != nil {
						t.Fatal(err)
					}
					var document any
					d := json.NewDecoder(bytes.NewReader(text))
					d.UseNumber()
					if err := d.Decode(&document); err != nil {
						t.Fatalf("%v: %s", err, text)
					}
					p, err := client.model.planOf(typ)
					if err != nil {
						t.Fatal(err)
					}
					// Not DecodeJSON: made-up values do not meet the constraints, and it is for inputs.
					if err := fromJSON(p, got.Elem(), document, ""); err != nil {
						t.Fatalf("%v: %s", err, text)
					}
					for i := range typ.NumField() {
						if typ.Field(i).Type.Kind() == reflect.Interface && strings.HasPrefix(typ.Field(i).Type.String(), "io.") {
							v.Elem().Field(i).SetZero() // streams are left out
						}
					}
					compare(t, typ.Name(), v.Elem(), got.Elem())
				}
			})
		}
	}
}

func TestEncodeJSON(t *testing.T) {
	created := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, test := range []struct {
		value any
		want  string
	}{
		{&iam.ListUsersOutput{Users: []iamtypes.User{{UserName: aws.String("a"), CreateDate: &created}}},
			`{"Users":[{"UserName":"a","CreateDate":"2026-02-03T04:05:06+00:00"}],"IsTruncated":false}`},
		{&iam.ListUsersOutput{}, `{"Users":[],"IsTruncated":false}`},
		{&iam.GetAccountSummaryOutput{SummaryMap: map[string]int32{"Users": 1, "Groups": 2}}, `{"SummaryMap":{"Groups":2,"Users":1}}`},
		{&iam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(`{"Resource":"<&>"}`)}, `{"PolicyName":"p","PolicyDocument":"{\"Resource\":\"<&>\"}"}`},
		{&iam.GetCredentialReportOutput{Content: []byte("a,b")}, `{"Content":"YSxi"}`},
		{&s3.GetObjectOutput{ContentLength: aws.Int64(3), Body: &closing{Reader: strings.NewReader("abc")}, Metadata: map[string]string{"k": "v"}}, `{"ContentLength":3,"Metadata":{"k":"v"}}`},
	} {
		if got, err := EncodeJSON(test.value); err != nil || string(got) != test.want {
			t.Errorf("%T: %v\ngot  %s\nwant %s", test.value, err, got, test.want)
		}
	}
	for _, value := range []any{nil, iam.GetUserOutput{}, &struct{}{}, &iamtypes.User{}, (*iam.GetUserOutput)(nil)} {
		if got, err := EncodeJSON(value); err == nil {
			t.Errorf("%T: no error, %s", value, got)
		}
	}
}

func TestDecodeJSON(t *testing.T) {
	var in iam.TagUserInput
	err := DecodeJSON(IAM(), "TagUser", []byte(`{"UserName": "alice", "Tags": [{"Key": "team", "Value": ""}]}`), &in)
	if err != nil || *in.UserName != "alice" || *in.Tags[0].Key != "team" || *in.Tags[0].Value != "" {
		t.Errorf("%v %+v", err, in)
	}
	var empty iam.ListUsersInput
	for _, text := range []string{"", " ", "null", "{}", `{"Marker": null}`} {
		if err := DecodeJSON(IAM(), "ListUsers", []byte(text), &empty); err != nil || empty.Marker != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, test := range []struct{ text, want string }{
		{`{"UserName": "alice"`, "ValidationError: Invalid JSON: unexpected EOF"},
		{`{} {}`, "ValidationError: Invalid JSON: more than one value"},
		{`[]`, "ValidationError: Invalid type for parameter , value: [], must be an object"},
		{`{"userName": "alice"}`, `ValidationError: Unknown parameter in input: "userName", must be one of: UserName, Tags`},
		{`{"UserName": 7}`, "ValidationError: Invalid type for parameter UserName, value: 7, must be a string"},
		{`{"UserName": "a", "Tags": {}}`, "ValidationError: Invalid type for parameter Tags, value: {}, must be a list"},
		{`{"UserName": "a", "Tags": ["x"]}`, `ValidationError: Invalid type for parameter Tags[0], value: "x", must be an object`},
		{`{"UserName": "a", "Tags": [{"Key": "k", "Value": "v", "Colour": 1}]}`, `ValidationError: Unknown parameter in input: "Tags[0].Colour", must be one of: Key, Value`},
		{`{"Tags": [{"Key": "k", "Value": "v"}]}`, "ValidationError: 1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null"},
	} {
		if got := message(DecodeJSON(IAM(), "TagUser", []byte(test.text), new(iam.TagUserInput))); got != test.want {
			t.Errorf("%s\ngot  %s\nwant %s", test.text, got, test.want)
		}
	}
	for _, text := range []string{`{"MaxItems": 1.5}`, `{"MaxItems": "1"}`, `{"MaxItems": 1e30}`, `{"OnlyAttached": "true"}`} {
		if err := DecodeJSON(IAM(), "ListPolicies", []byte(text), new(iam.ListPoliciesInput)); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
	if err := DecodeJSON(IAM(), "TagUser", []byte(`{}`), new(iam.TagRoleInput)); err == nil {
		t.Error("the input of another operation: no error")
	}
}

func TestDecodeJSONBody(t *testing.T) {
	var in s3.PutObjectInput
	if err := DecodeJSON(S3(), "PutObject", []byte(`{"Bucket": "b", "Key": "k", "Body": "aGVsbG8=", "Expires": "2026-02-03T04:05:06Z"}`), &in); err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 10)
	n, _ := in.Body.Read(data)
	if string(data[:n]) != "hello" || !in.Expires.Equal(modified) {
		t.Errorf("%q %v", data[:n], in.Expires)
	}
}

func FuzzDecodeForm(f *testing.F) {
	f.Add("Action=CreateRole&Version=2010-05-08&RoleName=r&Tags.member.1.Key=k&Tags.member.1.Value=v")
	f.Add("Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicyExclusionList.member.1.PolicyArn=a&ContextEntries.member.2.ContextKeyValues.member.1=x")
	f.Add("Action=AcquireRole&Version=2010-05-08&ReplacementValues.entry.1.key=k&ReplacementValues.entry.1.value.Values.member.1=v")
	f.Add("Action=UploadSigningCertificate&Version=2010-05-08&CertificateBody.member=&Tags=")
	types := map[string]reflect.Type{}
	client := reflect.TypeFor[*iam.Client]()
	for i := range client.NumMethod() {
		if m := client.Method(i); m.Type.NumIn() == 4 && strings.HasSuffix(m.Type.In(2).String(), "Input") {
			types[m.Name] = m.Type.In(2).Elem()
		}
	}
	c := NewQuery(IAM())
	f.Fuzz(func(t *testing.T, form string) {
		r := formRequest(form)
		op, err := c.Route(r)
		if err != nil {
			return
		}
		in := reflect.New(types[op]).Interface()
		if err := c.Decode(r, op, in); err != nil {
			return
		}
		text, err := EncodeJSON(in)
		if err != nil {
			t.Fatal(err)
		}
		again := reflect.New(types[op]).Interface()
		if err := DecodeJSON(IAM(), op, text, again); err != nil && strings.ToValidUTF8(form, "") == form {
			t.Errorf("%s: %v", text, err)
		}
	})
}
