package tutorial

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// goSDK is the Client of the AWS SDK for Go v2.
type goSDK struct{ profiles *emulator.Profiles }

func (c *goSDK) Text(profile, service, operation string, input map[string]any) string {
	text, _ := json.Marshal(input)
	return fmt.Sprintf("%s: %s.%s(%s)", profile, service, operation, text)
}

func (c *goSDK) Call(ctx context.Context, profile, service, operation string, input map[string]any) (map[string]any, error) {
	configured, err := config.LoadDefaultConfig(ctx,
		config.WithSharedConfigFiles([]string{c.profiles.ConfigFile()}),
		config.WithSharedCredentialsFiles([]string{c.profiles.CredentialsFile()}),
		config.WithSharedConfigProfile(profile))
	if err != nil {
		return nil, err
	}
	var client any
	var model *wire.Model
	switch service {
	case "iam":
		client, model = iam.NewFromConfig(configured), wire.IAM()
	case "sts":
		client, model = sts.NewFromConfig(configured), wire.STS()
	case "s3":
		client, model = s3.NewFromConfig(configured), wire.S3()
	default:
		return c.query(ctx, configured, service, operation)
	}
	method := reflect.ValueOf(client).MethodByName(operation)
	in := reflect.New(method.Type().In(1).Elem())
	if err := fillInput(model, operation, input, in); err != nil {
		return nil, err
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), in})
	if err, _ := results[1].Interface().(error); err != nil {
		return nil, apiError(err)
	}
	return outputOf(results[0])
}

// fillInput decodes the JSON names into the SDK's struct; a Body becomes a reader.
func fillInput(model *wire.Model, operation string, input map[string]any, in reflect.Value) error {
	members := map[string]any{}
	for name, value := range input {
		if name == "Body" {
			in.Elem().FieldByName("Body").Set(reflect.ValueOf(strings.NewReader(value.(string))))
			continue
		}
		members[name] = value
	}
	text, err := json.Marshal(members)
	if err != nil {
		return err
	}
	return wire.DecodeJSON(model, operation, text, in.Interface())
}

func outputOf(out reflect.Value) (map[string]any, error) {
	output := map[string]any{}
	if body := out.Elem().FieldByName("Body"); body.IsValid() {
		reader := body.Interface().(io.ReadCloser)
		defer reader.Close()
		text, err := io.ReadAll(reader)
		if err != nil {
			return nil, err
		}
		output["Body"] = string(text)
		body.SetZero()
	}
	text, err := wire.EncodeJSON(out.Interface())
	if err != nil {
		return nil, err
	}
	return output, json.Unmarshal(text, &output)
}

func apiError(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	code := api.ErrorCode()
	if code == "NotFound" { // the SDK's word for a HEAD that has no error document
		code = "404"
	}
	return &APIError{Code: code, Message: api.ErrorMessage()}
}

// query makes a signed call to a service that the module has no client for.
func (c *goSDK) query(ctx context.Context, configured aws.Config, service, operation string) (map[string]any, error) {
	credentials, err := configured.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	body := "Action=" + operation + "&Version=2016-11-15"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.profiles.URL+"/", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, r, hex.EncodeToString(sum[:]), service, emulator.Region, time.Now()); err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode == http.StatusOK && bytes.Contains(text, []byte(operation+"Response")) {
		return map[string]any{}, nil
	}
	var document struct {
		Code    string `xml:"Errors>Error>Code"`
		Message string `xml:"Errors>Error>Message"`
	}
	if err := xml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	return nil, &APIError{Code: document.Code, Message: document.Message}
}
