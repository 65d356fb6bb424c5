package reference

import (
	"bytes"
	"compress/flate"
	_ "embed" // for reference.bin
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// data is a head of lines, an empty line, and the services, each compressed by itself.
//
//go:embed reference.bin
var data []byte

// contents is the head of data.
type contents struct {
	prefixes    []string
	services    map[string]entry
	keyPrefixes []keyPrefix
	foreign     map[string]string   // key under another service's prefix, in lower case → the service that defines it
	arns        map[string][]string // third part of an ARN → the services that define types with it
	body        []byte
}

// entry is where a service is in the body.
type entry struct {
	name          string
	start, length int
	rcp           bool
}

// keyPrefix is a prefix of condition keys that is no service's: an identity provider's. It may have placeholders.
type keyPrefix struct{ pattern, service string }

// index reads the head, once.
var index = sync.OnceValue(func() contents {
	head, body, _ := bytes.Cut(data, []byte("\n\n"))
	c := contents{services: map[string]entry{}, foreign: map[string]string{}, arns: map[string][]string{}, body: body}
	for line := range strings.Lines(string(head)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch f[0] {
		case "service":
			c.prefixes = append(c.prefixes, f[1])
			c.services[f[1]] = entry{name: f[5], start: number(f[2]), length: number(f[3]), rcp: f[4] == "rcp"}
		case "keys":
			c.keyPrefixes = append(c.keyPrefixes, keyPrefix{strings.ToLower(f[1]), f[2]})
		case "foreign":
			c.foreign[strings.ToLower(f[1])] = f[2]
		case "arn":
			c.arns[f[1]] = strings.Fields(f[2])
		}
	}
	return c
})

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic("reference: the head is damaged: " + err.Error())
	}
	return n
}

// service is what the reference says of one.
type service struct {
	actions  []Action
	byName   map[string]int // in lower case → index of actions
	types    []ResourceType
	keys     map[string]KeyType // in lower case
	keyNames []string
	openKeys []string // those of keys that have placeholders
}

// maxLoaded bounds the services that are held decompressed: the largest takes about a megabyte.
const maxLoaded = 32

// loaded are the services last asked for, the latest at the end.
var loaded struct {
	sync.Mutex
	byPrefix map[string]*service
	order    []string
}

// load returns a service by its prefix in lower case, nil for an unknown one.
func load(prefix string) *service {
	e, ok := index().services[prefix]
	if !ok {
		return nil
	}
	loaded.Lock()
	defer loaded.Unlock()
	if s := loaded.byPrefix[prefix]; s != nil {
		if last := len(loaded.order) - 1; loaded.order[last] != prefix {
			i := slices.Index(loaded.order, prefix)
			loaded.order = append(slices.Delete(loaded.order, i, i+1), prefix)
		}
		return s
	}
	s := parse(prefix, inflate(index().body[e.start:e.start+e.length]))
	if loaded.byPrefix == nil {
		loaded.byPrefix = map[string]*service{}
	}
	if len(loaded.order) == maxLoaded {
		delete(loaded.byPrefix, loaded.order[0])
		loaded.order = slices.Delete(loaded.order, 0, 1)
	}
	loaded.byPrefix[prefix] = s
	loaded.order = append(loaded.order, prefix)
	return s
}

func inflate(compressed []byte) string {
	var text strings.Builder
	if _, err := io.Copy(&text, flate.NewReader(bytes.NewReader(compressed))); err != nil {
		panic("reference: a service is damaged: " + err.Error())
	}
	return text.String()
}

// parse reads the lines that gen wrote. What it returns are parts of text.
func parse(prefix, text string) *service {
	s := &service{byName: map[string]int{}, keys: map[string]KeyType{}}
	types := map[string]ResourceType{}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch f[0] {
		case "key":
			lower := strings.ToLower(f[1])
			s.keys[lower] = KeyType(f[2])
			s.keyNames = append(s.keyNames, f[1])
			if isOpen(lower) {
				s.openKeys = append(s.openKeys, lower)
			}
		case "type":
			t := ResourceType{Name: f[1], ARNs: []string{f[2]}, ConditionKeys: strings.Fields(f[3])}
			types[strings.ToLower(t.Name)] = t
			s.types = append(s.types, t)
		case "action":
			s.byName[strings.ToLower(f[1])] = len(s.actions)
			s.actions = append(s.actions, Action{
				Service: prefix, Name: f[1], AccessLevel: AccessLevel(f[2]),
				ConditionKeys: strings.Fields(f[3]), DependentActions: strings.Fields(f[4]),
			})
		case "on":
			a := &s.actions[len(s.actions)-1]
			t := types[strings.ToLower(f[1])]
			t.Name, t.Required = f[1], f[2] == "required"
			if own := strings.Fields(f[3]); len(own) > 0 {
				t.ConditionKeys = slices.Concat(t.ConditionKeys, own)
			}
			a.ResourceTypes = append(a.ResourceTypes, t)
			for _, d := range strings.Fields(f[4]) {
				if !slices.Contains(a.DependentActions, d) {
					a.DependentActions = append(a.DependentActions, d)
				}
			}
		}
	}
	return s
}
