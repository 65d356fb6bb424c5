package sigv4

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// The errors come in two vocabularies: that of S3 (S3 API Reference, "Error responses") and that of the query services
// (IAM User Guide, "Troubleshoot Signature Version 4 signing for AWS API requests"). claim.s3 chooses.

// MissingAuthenticationToken is a query service's answer to a request without any signature.
func MissingAuthenticationToken() error {
	return awserr.MissingAuthenticationToken.Errorf("Request is missing Authentication Token")
}

// malformed is S3's error for a credential that it cannot read, or IncompleteSignature with query's text.
func (c *claim) malformed(kind awserr.Kind, query, s3 string) *awserr.Error {
	switch {
	case !c.s3:
		return kind.Errorf("%s", query)
	case c.presigned:
		return awserr.AuthorizationQueryParametersError.Errorf("Error parsing the X-Amz-Credential parameter; %s", s3)
	}
	return awserr.AuthorizationHeaderMalformed.Errorf("The authorization header is malformed; %s", s3)
}

func (c *claim) malformedCredential(credential string) error {
	return c.malformed(awserr.IncompleteSignature,
		"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '"+credential+"'",
		`the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`)
}

func (c *claim) wrongTerminator() error {
	return c.malformed(awserr.SignatureDoesNotMatch,
		"Credential should be scoped with a valid terminator: 'aws4_request', not '"+c.end+"'.",
		fmt.Sprintf(`incorrect terminal "%s". This endpoint uses "aws4_request".`, c.end))
}

func (c *claim) malformedDay() error {
	return c.malformed(awserr.SignatureDoesNotMatch,
		"Credential should be scoped with a date in the format 'yyyyMMdd', not '"+c.day+"'.",
		fmt.Sprintf(`incorrect date format "%s". This date in the credential must be in the format "yyyyMMdd".`, c.day))
}

func (c *claim) wrongDay() error {
	day := c.date.Format(dayFormat)
	switch {
	case !c.s3:
		return awserr.SignatureDoesNotMatch.Errorf(
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
			c.day, day, c.date.Format(timeFormat))
	case c.presigned:
		return awserr.AuthorizationQueryParametersError.Errorf(
			`Invalid credential date "%s". This date is not the same as X-Amz-Date: "%s".`, c.day, day)
	}
	return awserr.AuthorizationHeaderMalformed.Errorf(
		"The authorization header is malformed; Invalid credential date. Date is not the same as X-Amz-Date.")
}

func (c *claim) wrongRegion(want string) error {
	err := c.malformed(awserr.SignatureDoesNotMatch,
		"Credential should be scoped to a valid region, not '"+c.region+"'.",
		fmt.Sprintf("the region '%s' is wrong; expecting '%s'", c.region, want))
	if c.s3 {
		err.With("Region", want)
	}
	return err
}

func (c *claim) severalMechanisms(auth string) error {
	const text = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified"
	if !c.s3 {
		return awserr.IncompleteSignature.Errorf("%s", text)
	}
	return invalidArgument(text, "Authorization", auth)
}

func (c *claim) unsupportedScheme(algorithm, auth string) error {
	switch {
	case strings.HasPrefix(algorithm, ecdsa):
		return asymmetric()
	case !c.s3:
		return awserr.IncompleteSignature.Errorf("Unsupported AWS 'algorithm': '%s'.", algorithm)
	case algorithm == Version2:
		return awserr.InvalidRequest.Errorf(
			"The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
	}
	return invalidArgument("Unsupported Authorization Type", "Authorization", auth)
}

func (c *claim) unsupportedAlgorithm(algorithm string) error {
	switch {
	case strings.HasPrefix(algorithm, ecdsa):
		return asymmetric()
	case !c.s3:
		return awserr.IncompleteSignature.Errorf("Unsupported AWS 'algorithm': '%s'.", algorithm)
	}
	return awserr.AuthorizationQueryParametersError.Errorf(
		`X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"`)
}

func asymmetric() error {
	return awserr.NotImplemented.Errorf(
		"xemu does not verify Signature Version 4A (AWS4-ECDSA-P256-SHA256). Please use AWS4-HMAC-SHA256.")
}

func (c *claim) malformedComponent(part, auth string) error {
	part = strings.TrimSpace(part)
	if c.s3 {
		return awserr.AuthorizationHeaderMalformed.Errorf(
			`The authorization header is malformed; the authorization component "%s" is malformed.`, part)
	}
	return awserr.IncompleteSignature.Errorf(
		"'%s' not a valid key=value pair (missing equal-sign) in Authorization header: '%s'.", part, auth)
}

// missingComponents is the error of an Authorization header, or of a request without a date. A query service lists all that
// is missing, S3 names the first.
func (c *claim) missingComponents(credential, auth string) error {
	var all strings.Builder
	for _, part := range []struct{ name, value string }{
		{"Credential", credential}, {"Signature", c.signature}, {"SignedHeaders", c.signedHeaders},
	} {
		if part.value != "" {
			continue
		}
		if c.s3 {
			return awserr.AuthorizationHeaderMalformed.Errorf("The authorization header is malformed; missing %s.", part.name)
		}
		fmt.Fprintf(&all, "Authorization header requires '%s' parameter. ", part.name)
	}
	if c.s3 {
		return awserr.AccessDenied.Errorf("AWS authentication requires a valid Date or x-amz-date header")
	}
	if c.timestamp == "" {
		all.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	return awserr.IncompleteSignature.Errorf("%sAuthorization=%s", all.String(), auth)
}

// missingParameters returns nil if a presigned URL has all that it needs.
func (c *claim) missingParameters(algorithm, credential, expires string) error {
	var all strings.Builder
	for _, part := range []struct{ name, value string }{
		{"X-Amz-Algorithm", algorithm}, {"X-Amz-Credential", credential}, {"X-Amz-Signature", c.signature},
		{"X-Amz-SignedHeaders", c.signedHeaders}, {"X-Amz-Date", c.timestamp},
	} {
		if part.value == "" {
			fmt.Fprintf(&all, "AWS query-string parameters must include '%s'. ", part.name)
		}
	}
	if c.s3 && (expires == "" || all.Len() > 0) {
		return awserr.AuthorizationQueryParametersError.Errorf("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
	}
	if all.Len() > 0 {
		return awserr.IncompleteSignature.Errorf("%sRe-examine the query-string parameters.", all.String())
	}
	return nil
}

// repeated refuses a header or parameter whose second value would make it ambiguous what was signed.
func (c *claim) repeated(name string, values ...string) error {
	switch {
	case !c.s3:
		return awserr.IncompleteSignature.Errorf("'%s' must be given only once.", name)
	case c.presigned:
		return awserr.AuthorizationQueryParametersError.Errorf("%s must be given only once.", name)
	}
	return invalidArgument(name+" must be given only once.", name, strings.Join(values, ","))
}

func (c *claim) malformedDate() error {
	switch {
	case !c.s3:
		return awserr.IncompleteSignature.Errorf(
			"Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", c.timestamp)
	case c.presigned:
		return awserr.AuthorizationQueryParametersError.Errorf(
			`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`)
	}
	return awserr.AccessDenied.Errorf("AWS authentication requires a valid Date or x-amz-date header")
}

func (c *claim) badExpires(text string) error {
	if c.s3 {
		return awserr.AuthorizationQueryParametersError.Errorf("%s", text)
	}
	return awserr.IncompleteSignature.Errorf("%s", text)
}

func (c *claim) skewed(now time.Time) error {
	if c.s3 {
		return awserr.RequestTimeTooSkewed.Errorf("The difference between the request time and the current time is too large.").
			With("RequestTime", c.timestamp).
			With("ServerTime", now.UTC().Format(time.RFC3339)).
			With("MaxAllowedSkewMilliseconds", fmt.Sprint(maxSkew.Milliseconds()))
	}
	if c.date.After(now) {
		return c.notYetCurrent(now)
	}
	return c.signatureExpired(now, maxSkew)
}

func (c *claim) notYetCurrent(now time.Time) error {
	return awserr.SignatureDoesNotMatch.Errorf("Signature not yet current: %s is still later than %s (%s + 15 min.)",
		c.date.Format(timeFormat), now.UTC().Add(maxSkew).Format(timeFormat), now.UTC().Format(timeFormat))
}

func (c *claim) signatureExpired(now time.Time, life time.Duration) error {
	span := fmt.Sprintf("%d min.", life/time.Minute)
	if life%time.Minute != 0 {
		span = fmt.Sprintf("%d sec.", life/time.Second)
	}
	return awserr.SignatureDoesNotMatch.Errorf("Signature expired: %s is now earlier than %s (%s - %s)",
		c.date.Format(timeFormat), now.UTC().Add(-life).Format(timeFormat), now.UTC().Format(timeFormat), span)
}

func (c *claim) notYetValid(now time.Time) error {
	if !c.s3 {
		return c.notYetCurrent(now)
	}
	return awserr.AccessDenied.Errorf("Request is not valid yet").
		With("X-Amz-Date", c.timestamp).
		With("ServerTime", now.UTC().Format(time.RFC3339))
}

func (c *claim) expired(now time.Time) error {
	if !c.s3 {
		return c.signatureExpired(now, c.expires)
	}
	return requestExpired(c.date.Add(c.expires), now).With("X-Amz-Expires", fmt.Sprint(int64(c.expires/time.Second)))
}

func requestExpired(end, now time.Time) *awserr.Error {
	return awserr.AccessDenied.Errorf("Request has expired").
		With("Expires", end.UTC().Format(time.RFC3339)).
		With("ServerTime", now.UTC().Format(time.RFC3339))
}

func (c *claim) unsignedHeaders(names ...string) error {
	if c.s3 {
		return awserr.AccessDenied.Errorf("There were headers present in the request which were not signed").
			With("HeadersNotSigned", strings.Join(names, ", "))
	}
	if names[0] == "host" {
		return awserr.SignatureDoesNotMatch.Errorf("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	return awserr.SignatureDoesNotMatch.Errorf("'%s' must be a 'SignedHeader' in the AWS Authorization.", names[0])
}

// signatureMismatch tells the client what should have been signed. canonicalRequest is "" where there is none.
func signatureMismatch(c *claim, stringToSign, canonicalRequest string) error {
	if !c.s3 {
		return awserr.SignatureDoesNotMatch.Errorf("The request signature we calculated does not match the signature you provided. "+
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n"+
			"The Canonical String for this request should have been\n'%s'\n\n"+
			"The String-to-Sign should have been\n'%s'\n", canonicalRequest, stringToSign)
	}
	err := awserr.SignatureDoesNotMatch.Errorf(
		"The request signature we calculated does not match the signature you provided. Check your key and signing method.").
		With("AWSAccessKeyId", c.accessKeyID).
		With("StringToSign", stringToSign).
		With("SignatureProvided", c.signature).
		With("StringToSignBytes", spacedHex(stringToSign))
	if canonicalRequest != "" {
		err.With("CanonicalRequest", canonicalRequest).With("CanonicalRequestBytes", spacedHex(canonicalRequest))
	}
	return err
}

// spacedHex writes bytes as S3 does: "41 57 53".
func spacedHex(s string) string {
	b := make([]byte, 0, 3*len(s))
	for i := range len(s) {
		if i > 0 {
			b = append(b, ' ')
		}
		b = hex.AppendEncode(b, []byte{s[i]})
	}
	return string(b)
}

func invalidArgument(text, name, value string) *awserr.Error {
	return awserr.InvalidArgument.Errorf("%s", text).With("ArgumentName", name).With("ArgumentValue", value)
}
