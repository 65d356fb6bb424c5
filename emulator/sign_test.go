package emulator_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/xemu-aws/xemu/xemutest"
)

// signedForm makes a signed query call to any service.
func signedForm(who *xemutest.Identity, url, service, body string) (*http.Request, error) {
	r, err := http.NewRequest(http.MethodPost, url+"/", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	credentials, err := who.Config().Credentials.Retrieve(context.Background())
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(body))
	return r, v4.NewSigner().SignHTTP(context.Background(), credentials, r, hex.EncodeToString(sum[:]), service, "us-east-1", time.Now())
}
