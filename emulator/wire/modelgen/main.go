// Modelgen writes the tables of package wire from botocore's model files:
//
//	go run ./modelgen [-botocore DIR]
//
// DIR is botocore's package directory; without it, python3 is asked where botocore is. newer-SERVICE.json holds, in the
// same form, what the Go SDK's version has and botocore's has not yet, where there is any; it only adds.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	botocore := flag.String("botocore", "", "botocore's package directory (default: ask python3)")
	flag.Parse()
	if err := run(*botocore); err != nil {
		log.Fatal("modelgen: ", err)
	}
}

func run(botocore string) error {
	if botocore == "" {
		out, err := exec.Command("python3", "-c", "import botocore; print(botocore.__path__[0])").Output()
		if err != nil {
			return fmt.Errorf("asking python3 for botocore: %w", err)
		}
		botocore = strings.TrimSpace(string(out))
	}
	for _, s := range []struct{ service, version string }{
		{"iam", "2010-05-08"}, {"sts", "2011-06-15"}, {"s3", "2006-03-01"}, {"organizations", "2016-11-28"},
		{"accessanalyzer", "2019-11-01"}, {"s3control", "2018-08-20"},
	} {
		m, err := load(filepath.Join(botocore, "data", s.service, s.version, "service-2.json"))
		if err != nil {
			return err
		}
		if err := merge(m, filepath.Join("modelgen", "newer-"+s.service+".json")); err != nil {
			return err
		}
		source, err := format.Source(generate(s.service, m))
		if err != nil {
			return fmt.Errorf("%s: %w", s.service, err)
		}
		if err := os.WriteFile("model_"+s.service+"_gen.go", source, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// load reads a model file, gzipped or not.
func load(path string) (*model, error) {
	f, err := os.Open(path + ".gz")
	if errors.Is(err, os.ErrNotExist) {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		return parse(data)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	return parse(data)
}

func parse(data []byte) (*model, error) {
	m := new(model)
	return m, json.Unmarshal(data, m)
}

// merge adds to m what the file at path has beyond it.
func merge(m *model, path string) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	newer, err := parse(data)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for name, op := range newer.Operations {
		if _, ok := m.Operations[name]; !ok {
			m.Operations[name] = op
		}
	}
	for name, s := range newer.Shapes {
		old, ok := m.Shapes[name]
		if !ok {
			m.Shapes[name] = s
			continue
		}
		for _, value := range s.Enum {
			if !slices.Contains(old.Enum, value) {
				old.Enum = append(old.Enum, value)
			}
		}
		for _, f := range s.Members {
			if !old.Members.has(f.Name) {
				old.Members = append(old.Members, f)
			}
		}
	}
	return nil
}

// model is a service-2.json file.
type model struct {
	Metadata struct {
		APIVersion     string
		Protocol       string
		XMLNamespace   string
		TargetPrefix   string
		EndpointPrefix string
	}
	Operations map[string]*operation
	Shapes     map[string]*shape
}

type operation struct {
	Name string
	HTTP struct {
		Method       string
		RequestURI   string
		ResponseCode int
	}
	Input, Output *struct{ Shape string }
	Deprecated    bool
	HTTPChecksum  struct{ RequestChecksumRequired bool }
}

type shape struct {
	Type            string
	Members         members
	Required        []string
	Member          *member // of a list
	Value           *member // of a map
	Min, Max        *float64
	Pattern         string
	Enum            []string
	Payload         string
	Flattened       bool
	Union           bool
	Sensitive       bool
	EventStream     bool
	TimestampFormat string
	Exception       bool
	Error           *struct {
		Code           string
		HTTPStatusCode int
	}
}

type member struct {
	Name         string `json:"-"`
	Shape        string
	Location     string
	LocationName string
	Flattened    bool
	XMLAttribute bool
	Streaming    bool
}

// members keeps the file's order, which is that of AWS's documents.
type members []member

func (ms members) has(name string) bool {
	for _, m := range ms {
		if m.Name == name {
			return true
		}
	}
	return false
}

func (ms *members) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil { // {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		m := member{}
		if err := d.Decode(&m); err != nil {
			return err
		}
		m.Name = name.(string)
		*ms = append(*ms, m)
	}
	return nil
}
