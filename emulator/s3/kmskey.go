package s3

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// KMS keys stand in for keys of AWS KMS, which xemu is not: any key that could exist does. What a caller may do with one is
// decided as KMS decides it, on the caller's policies and on the policy that KMS gives a key by default.

var (
	keyIDForm    = regexp.MustCompile(`^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$`)
	keyARNForm   = regexp.MustCompile(`^arn:aws:kms:([a-z0-9-]+):([0-9]{12}):(key/[a-zA-Z0-9-]+|alias/[a-zA-Z0-9/_-]+)$`)
	keyAliasForm = regexp.MustCompile(`^alias/[a-zA-Z0-9/_-]{1,250}$`)
)

// managedAlias is the alias of the key that S3 uses when none is named ("AWS managed keys").
const managedAlias = "alias/aws/s3"

// kmsKey returns the ARN of the key that a request of account calls name: a key id, a key's ARN, an alias or an alias's ARN;
// "" is the AWS managed key. Errors: KMS.NotFoundException.
func kmsKey(name, account, region string) (arn string, err error) {
	parts := keyARNForm.FindStringSubmatch(name)
	switch {
	case name == "":
		return aliasedKey(managedAlias, account, region), nil
	case keyIDForm.MatchString(name):
		return keyARN(region, account, name), nil
	case keyAliasForm.MatchString(name):
		return aliasedKey(name, account, region), nil
	case parts != nil && parts[1] != region:
		return "", awserr.KMSNotFoundException.Errorf("Invalid arn %s", parts[1])
	case parts != nil && strings.HasPrefix(parts[3], "alias/"):
		return aliasedKey(parts[3], parts[2], region), nil
	case parts != nil:
		return name, nil
	}
	return "", awserr.KMSNotFoundException.Errorf("Invalid keyId '%s'", name)
}

func keyARN(region, account, id string) string {
	return "arn:aws:kms:" + region + ":" + account + ":key/" + id
}

// aliasedKey returns the key behind an alias: always the same one.
func aliasedKey(alias, account, region string) string {
	h := sha256.Sum256([]byte(account + " " + region + " " + alias))
	h[6], h[8] = h[6]&0x0f|0x40, h[8]&0x3f|0x80 // as a random UUID has it
	return keyARN(region, account, fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16]))
}

// keyPolicy is the policy of a key, in the words of KMS: that of the AWS managed key lets in whoever comes through S3 from
// its account, any other one leaves it to the policies of its account ("Default key policy" and "AWS managed keys", AWS KMS
// Developer Guide).
func keyPolicy(arn string) authz.Attached {
	parts := keyARNForm.FindStringSubmatch(arn)
	region, account := parts[1], parts[2]
	text := `{"Version":"2012-10-17","Statement":{"Sid":"Enable IAM User Permissions","Effect":"Allow",` +
		`"Principal":{"AWS":"arn:aws:iam::` + account + `:root"},"Action":"kms:*","Resource":"*"}}`
	if arn == aliasedKey(managedAlias, account, region) {
		text = `{"Version":"2012-10-17","Statement":{"Sid":"Allow access through S3 for all principals in the account that are authorized to use S3",` +
			`"Effect":"Allow","Principal":{"AWS":"*"},` +
			`"Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*",` +
			`"Condition":{"StringEquals":{"kms:CallerAccount":"` + account + `","kms:ViaService":"s3.` + region + `.amazonaws.com"}}}}`
	}
	policy, err := authz.Parse(text)
	if err != nil {
		panic(err) // the text is ours
	}
	return authz.Attached{Policy: policy, Kind: authz.Resource, Name: "key policy", Account: account, To: "key " + arn}
}

// needKey is the permission for an action of KMS on the key of an object at key in b, which S3 asks for in the caller's
// name ("Using server-side encryption with AWS KMS keys", "Permissions").
func (sub *subject) needKey(b *bucket, key, action string, e *Encryption) wire.Need {
	policy := keyPolicy(e.Key)
	source := b.arn
	if !e.BucketKey {
		source += "/" + key
	}
	return wire.Need{
		Action: action, Resource: e.Key, Account: policy.Account, Policies: []authz.Attached{policy},
		Keys: &kmsKeys{caller: sub.request.Caller.Account, region: b.Region, encryption: e, source: source},
	}
}

// kmsKeys supplies the condition keys of KMS ("Condition keys for AWS KMS").
type kmsKeys struct {
	caller, region string
	encryption     *Encryption
	source         string // the encryption context that S3 adds: the object, or the bucket whose key it is
}

// Lookup implements authz.Context.
func (k *kmsKeys) Lookup(key string) ([]string, bool) {
	switch key {
	case "kms:calleraccount":
		return one(k.caller)
	case "kms:viaservice":
		return one("s3." + k.region + ".amazonaws.com")
	case "kms:encryptionalgorithm":
		return one("SYMMETRIC_DEFAULT")
	case "kms:encryptioncontextkeys":
		var names []string
		for name := range k.context() {
			names = append(names, name)
		}
		return names, true
	case "aws:viaawsservice":
		return one("true")
	}
	if name, ok := strings.CutPrefix(key, "kms:encryptioncontext:"); ok {
		for known, value := range k.context() {
			if strings.EqualFold(known, name) {
				return []string{value}, true
			}
		}
	}
	return nil, false
}

// contextOfS3 is the name of what S3 adds to the encryption context.
const contextOfS3 = "aws:s3:arn"

func (k *kmsKeys) context() map[string]string {
	pairs := map[string]string{}
	if k.encryption.Context != "" {
		given, _ := encryptionContext(k.encryption.Context)
		for name, value := range given {
			if !strings.EqualFold(name, contextOfS3) { // nobody else says which object it is
				pairs[name] = value
			}
		}
	}
	pairs[contextOfS3] = k.source
	return pairs
}
