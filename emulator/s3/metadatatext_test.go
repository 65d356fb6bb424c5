package s3

import (
	"strings"
	"testing"
	"unicode/utf8"

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

// FuzzMetadataText: what is shown can stand in a header and means what was stored.
func FuzzMetadataText(f *testing.F) {
	for _, header := range []string{"plain", "\xe9", "=?UTF-8?Q?=C3=A9?=", "=?UTF-8?B?w6k=?= x", "=?", strings.Repeat("ä", 200)} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		text := metadataText(header)
		shown := metadataHeaders(map[string]string{"a": text})["a"]
		if !plain(shown) {
			t.Errorf("%q is shown as %q", header, shown)
		}
		if again := metadataText(shown); !plain(text) && utf8.ValidString(text) && again != text {
			t.Errorf("%q is shown as %q, which means %q", text, shown, again)
		}
	})
}
