package s3

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// TestMetadataText: the first row is the example of the User Guide.
func TestMetadataText(t *testing.T) {
	_, c := begin(t)
	for sent, shown := range map[string]string{
		"ÄMÄZÕÑ S3":                "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=",
		"AMAZONS3":                 "AMAZONS3",
		"=?UTF-8?B?w4RNw4RaIFMz?=": "=?UTF-8?Q?=C3=84M=C3=84Z_S3?=",
		"=?UTF-8?Q?plain?=":        "plain",
		"=?KOI9?Q?x?=":             "=?KOI9?Q?x?=",
		"Hello World\xe9":          "=?UTF-8?Q?Hello_World=C3=A9?=",
	} {
		put(t, c, "k", "", func(in *s3.PutObjectInput) { in.Metadata = map[string]string{"a": sent} })
		for name, head := range map[string]func() (map[string]string, error){
			"head": func() (map[string]string, error) {
				out, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("k")})
				return out.Metadata, err
			},
			"copy": func() (map[string]string, error) {
				ok(c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("copy"), CopySource: aws.String("reports/k")}))(t)
				out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("copy")})
				return out.Metadata, err
			},
		} {
			if got := ok(head())(t)["a"]; got != shown {
				t.Errorf("%s of %q: %q, want %q", name, sent, got, shown)
			}
		}
	}
}
