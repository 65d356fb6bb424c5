package s3

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// randomKeys are keys of few characters, so that prefixes and delimiters meet.
func randomKeys(r *rand.Rand, n int) []string {
	const letters = "ab/-% +é\x01"
	alphabet := []rune(letters)
	keys := map[string]bool{}
	for range n {
		var key []rune
		for range 1 + r.IntN(6) {
			key = append(key, alphabet[r.IntN(len(alphabet)-1)]) // \x01 cannot be in XML
		}
		keys[string(key)] = true
	}
	var all []string
	for k := range keys {
		if k != "." && k != ".." {
			all = append(all, k)
		}
	}
	slices.Sort(all)
	return all
}

// modelList is what a listing is by its definition: keys and common prefixes behind after, in order.
func modelList(keys []string, prefix, delimiter, after string) []string {
	var all []string
	for _, k := range keys {
		if !strings.HasPrefix(k, prefix) || k <= after {
			continue
		}
		if rest := k[len(prefix):]; delimiter != "" && strings.Contains(rest, delimiter) {
			common := prefix + rest[:strings.Index(rest, delimiter)+len(delimiter)]
			if common != after && !slices.Contains(all, "prefix "+common) {
				all = append(all, "prefix "+common)
			}
			continue
		}
		all = append(all, "key "+k)
	}
	return all
}

// TestListProperty lists buckets with random keys in random pages and compares with the model.
func TestListProperty(t *testing.T) {
	_, c := begin(t)
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	r := rand.New(rand.NewPCG(7, 11))
	keys := randomKeys(r, 60)
	for i, k := range keys {
		put(t, c, k, k)
		if i%5 == 0 {
			put(t, c, k, "again")
		}
	}
	for _, k := range randomKeys(r, 20) { // deleted ones are not listed
		ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: &k}))(t)
		keys = slices.DeleteFunc(keys, func(other string) bool { return other == k })
	}
	choose := func(choices ...string) string { return choices[r.IntN(len(choices))] }
	for range 150 {
		prefix, delimiter, after := choose("", "", "a", "a/", "/", "b ", "é", "none"), choose("", "/", "a", "a/", "é", "//", "%"), choose("", "", "a", "a/", "b", "é", "%", "zz")
		size, encoding := int32(1+r.IntN(9)), types.EncodingType(choose("", "url"))
		want := modelList(keys, prefix, delimiter, after)
		name := fmt.Sprintf("prefix %q delimiter %q after %q by %d %s", prefix, delimiter, after, size, encoding)
		if got := listV2(t, c, prefix, delimiter, after, size, encoding); !slices.Equal(got, want) {
			t.Errorf("version 2, %s:\n got %q\nwant %q", name, got, want)
		}
		if got := listV1(t, c, prefix, delimiter, after, size, encoding); !slices.Equal(got, want) {
			t.Errorf("version 1, %s:\n got %q\nwant %q", name, got, want)
		}
	}
}

// page is the keys and prefixes of a page in one order, decoded.
func page(t *testing.T, keys []string, prefixes []types.CommonPrefix, encoding types.EncodingType) []string {
	t.Helper()
	decode := func(s string) string {
		if encoding == types.EncodingTypeUrl {
			return ok(url.QueryUnescape(s))(t)
		}
		return s
	}
	type item struct{ sort, shown string }
	var items []item
	for _, k := range keys {
		items = append(items, item{decode(k), "key " + decode(k)})
	}
	for _, p := range prefixes {
		items = append(items, item{decode(*p.Prefix), "prefix " + decode(*p.Prefix)})
	}
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(a.sort, b.sort) })
	var all []string
	for _, i := range items {
		all = append(all, i.shown)
	}
	return all
}

// maxPages is more than any listing here has.
const maxPages = 200

func listV2(t *testing.T, c *s3.Client, prefix, delimiter, after string, size int32, encoding types.EncodingType) (all []string) {
	t.Helper()
	in := &s3.ListObjectsV2Input{Bucket: theBucket, Prefix: &prefix, Delimiter: &delimiter, StartAfter: &after, MaxKeys: &size, EncodingType: encoding}
	for range maxPages {
		out := ok(c.ListObjectsV2(t.Context(), in))(t)
		var keys []string
		for _, o := range out.Contents {
			keys = append(keys, *o.Key)
		}
		got := page(t, keys, out.CommonPrefixes, encoding)
		equal(t, "KeyCount", int(*out.KeyCount), len(got))
		all = append(all, got...)
		if !*out.IsTruncated {
			equal(t, "token at the end", out.NextContinuationToken, (*string)(nil))
			return all
		}
		equal(t, "size of a page that is not the last", len(got), int(size))
		in.ContinuationToken = out.NextContinuationToken
	}
	t.Fatal("the listing has no end")
	return nil
}

func listV1(t *testing.T, c *s3.Client, prefix, delimiter, after string, size int32, encoding types.EncodingType) (all []string) {
	t.Helper()
	in := &s3.ListObjectsInput{Bucket: theBucket, Prefix: &prefix, Delimiter: &delimiter, Marker: &after, MaxKeys: &size, EncodingType: encoding}
	for range maxPages {
		out := ok(c.ListObjects(t.Context(), in))(t)
		var keys []string
		for _, o := range out.Contents {
			keys = append(keys, *o.Key)
		}
		got := page(t, keys, out.CommonPrefixes, encoding)
		all = append(all, got...)
		if !*out.IsTruncated {
			return all
		}
		next := strings.TrimPrefix(got[len(got)-1], "key ")
		if delimiter != "" {
			next = aws.ToString(out.NextMarker)
			if encoding == types.EncodingTypeUrl {
				next = ok(url.QueryUnescape(next))(t)
			}
		} else {
			equal(t, "NextMarker without a delimiter", out.NextMarker, (*string)(nil))
		}
		in.Marker = &next
	}
	t.Fatal("the listing has no end")
	return nil
}

// TestListVersionsProperty pages through the versions of random keys and compares with one big page.
func TestListVersionsProperty(t *testing.T) {
	_, c := begin(t)
	r := rand.New(rand.NewPCG(3, 5))
	keys := randomKeys(r, 12)
	for _, status := range []types.BucketVersioningStatus{"", types.BucketVersioningStatusEnabled, types.BucketVersioningStatusSuspended, types.BucketVersioningStatusEnabled} {
		if status != "" {
			setVersioning(t, c, status)
		}
		for range 20 {
			k := keys[r.IntN(len(keys))]
			if r.IntN(4) == 0 {
				ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: &k}))(t)
			} else {
				put(t, c, k, "x")
			}
		}
	}
	list := func(in s3.ListObjectVersionsInput) (all []string) {
		in.Bucket = theBucket
		for range maxPages {
			out := ok(c.ListObjectVersions(t.Context(), &in))(t)
			n := len(out.Versions) + len(out.DeleteMarkers) + len(out.CommonPrefixes)
			for _, v := range out.Versions {
				all = append(all, fmt.Sprintf("%s %s %v", *v.Key, *v.VersionId, *v.IsLatest))
			}
			for _, m := range out.DeleteMarkers {
				all = append(all, fmt.Sprintf("%s %s %v", *m.Key, *m.VersionId, *m.IsLatest))
			}
			for _, p := range out.CommonPrefixes {
				all = append(all, "prefix "+*p.Prefix)
			}
			if !*out.IsTruncated {
				slices.Sort(all)
				return all
			}
			equal(t, "size of a page that is not the last", n, int(*in.MaxKeys))
			in.KeyMarker, in.VersionIdMarker = out.NextKeyMarker, out.NextVersionIdMarker
		}
		t.Fatal("the listing has no end")
		return nil
	}
	whole := list(s3.ListObjectVersionsInput{})
	latest := 0
	for _, v := range whole {
		if strings.HasSuffix(v, " true") {
			latest++
		}
	}
	if len(whole) < 40 || latest > len(keys) {
		t.Fatalf("%d versions, %d of them the latest", len(whole), latest)
	}
	for size := range int32(12) {
		for _, delimiter := range []string{"", "/", "a"} {
			in := s3.ListObjectVersionsInput{MaxKeys: aws.Int32(1000), Delimiter: &delimiter}
			want := list(in)
			in.MaxKeys = aws.Int32(size + 1)
			equal(t, fmt.Sprintf("pages of %d by %q", size+1, delimiter), list(in), want)
		}
	}
	_, err := c.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: theBucket, VersionIdMarker: aws.String("null")})
	wantCode(t, "a version marker without a key marker", err, "InvalidArgument")
}

func TestListParameters(t *testing.T) {
	w, c := begin(t)
	for _, k := range []string{"a b+c", "z"} {
		put(t, c, k, "x")
	}
	for _, test := range []struct {
		query string
		want  []string // what the document holds
		not   []string
	}{
		{"?list-type=2&encoding-type=url", []string{"<Key>a+b%2Bc</Key>", "<Prefix></Prefix>", "<KeyCount>2</KeyCount>", "<IsTruncated>false</IsTruncated>"}, []string{"<Owner>", "<Delimiter>", "<StartAfter>"}},
		{"?list-type=2&fetch-owner=true", []string{"<Key>a b+c</Key>", "<Owner><ID>"}, nil},
		{"?list-type=2&max-keys=0", []string{"<KeyCount>0</KeyCount>", "<IsTruncated>false</IsTruncated>", "<MaxKeys>0</MaxKeys>"}, []string{"<Contents>"}},
		{"?list-type=2&max-keys=5000", []string{"<MaxKeys>1000</MaxKeys>"}, nil},
		{"", []string{"<Marker></Marker>", "<Prefix></Prefix>", "<Owner><ID>", "<StorageClass>STANDARD</StorageClass>"}, []string{"NextMarker"}},
		{"?max-keys=1&delimiter=%2F", []string{"<NextMarker>a b+c</NextMarker>", "<Delimiter>/</Delimiter>"}, nil},
		{"?versions", []string{"<KeyMarker></KeyMarker>", "<VersionIdMarker></VersionIdMarker>", "<VersionId>null</VersionId>", "<IsLatest>true</IsLatest>"}, nil},
	} {
		got := w.raw(t, "GET", "/reports"+test.query, nil)
		for _, s := range test.want {
			if !strings.Contains(got.body, s) && !strings.Contains(got.body, strings.Replace(s, "></"+strings.TrimPrefix(s, "<"), "/>", 1)) {
				t.Errorf("%s: no %s in\n%s", test.query, s, got.body)
			}
		}
		for _, s := range test.not {
			if strings.Contains(got.body, s) {
				t.Errorf("%s: %s in\n%s", test.query, s, got.body)
			}
		}
	}
	for query, want := range map[string]string{
		"?list-type=2&continuation-token=xyz": "The continuation token provided is incorrect",
		"?list-type=2&max-keys=-1":            "Argument maxKeys must be an integer between 0 and 2147483647",
		"?max-keys=many":                      "Provided max-keys not an integer or within integer range",
		"?encoding-type=base64":               "Invalid Encoding Method specified in Request",
	} {
		got := w.raw(t, "GET", "/reports"+query, nil)
		equal(t, query, got.err.Code+": "+got.err.Message, "InvalidArgument: "+want)
	}
}
