package managed

import (
	"bufio"
	"compress/flate"
	"crypto/sha256"
	_ "embed"
	"encoding/base32"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/xemu-aws/xemu/emulator/iam"
)

// The archive is two files. The index has a line for each policy: name, path, id, default version, times of creation and
// update in Unix seconds, length of the document's block, description; tabs between. The blocks, each deflated by itself,
// follow one another in the same order. So nothing is decompressed but the documents that are asked for.
//
//go:embed policies.tsv
var index string

//go:embed policies.flate
var blocks string

// details.json is the output of: aws iam get-account-authorization-details --filter AWSManagedPolicy
//
//go:generate go run ./gen details.json

// arnPrefix begins the ARNs of AWS managed policies; the path follows.
const arnPrefix = "arn:aws:iam::aws:policy"

// builtIn reads the index at its first call. Its strings are parts of the embedded files, not copies.
var builtIn = sync.OnceValue(func() set {
	policies, err := readArchive(index, blocks)
	if err != nil {
		panic(err) // the generator wrote it, and a test reads it
	}
	return policies
})

func readArchive(index, blocks string) (set, error) {
	policies := make(set, 0, strings.Count(index, "\n"))
	for line := range strings.Lines(index) {
		var f [8]string
		n, rest := 0, strings.TrimSuffix(line, "\n")
		for more := true; more && n < len(f); n++ {
			f[n], rest, more = strings.Cut(rest, "\t")
		}
		if n != len(f) || rest != "" {
			return nil, fmt.Errorf("managed: bad line in the index: %q", line)
		}
		var numbers [3]int64
		for i := range numbers {
			n, err := strconv.ParseInt(f[4+i], 10, 64)
			if err != nil {
				return nil, fmt.Errorf("managed: %s: %w", f[0], err)
			}
			numbers[i] = n
		}
		size := numbers[2]
		if size > int64(len(blocks)) {
			return nil, fmt.Errorf("managed: %s: its document is cut off", f[0])
		}
		block := blocks[:size]
		blocks = blocks[size:]
		policies = append(policies, iam.ManagedPolicy{
			Name: f[0], Path: f[1], ARN: arnPrefix + f[1] + f[0], ID: f[2], DefaultVersion: f[3], Description: f[7],
			Created: time.Unix(numbers[0], 0).UTC(), Updated: time.Unix(numbers[1], 0).UTC(),
			Document: func() string { return inflate(block) },
		})
	}
	return policies, nil
}

func inflate(block string) string {
	text, err := io.ReadAll(flate.NewReader(strings.NewReader(block)))
	if err != nil {
		panic(err)
	}
	return string(text)
}

// WriteArchive writes the two files of the archive. The policies are sorted by name without regard to case.
func WriteArchive(index, blocks io.Writer, policies []iam.ManagedPolicy) error {
	lines, documents := bufio.NewWriter(index), bufio.NewWriter(blocks)
	for _, p := range policies {
		block, err := deflate(p.Document())
		if err != nil {
			return err
		}
		documents.WriteString(block)
		fmt.Fprintf(lines, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n",
			p.Name, p.Path, p.ID, p.DefaultVersion, p.Created.Unix(), p.Updated.Unix(), len(block), strings.Join(strings.Fields(p.Description), " "))
	}
	if err := lines.Flush(); err != nil {
		return err
	}
	return documents.Flush()
}

func deflate(text string) (string, error) {
	var out strings.Builder
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return "", err
	}
	err = w.Close()
	return out.String(), err
}

// idOf returns a unique id for a policy whose own is not known: the same each time.
func idOf(arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return "ANPA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}
