package iam

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"iter"
	"sort"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// defaultItems is the length of a page without MaxItems, which wire limits to 1,000.
const defaultItems = 100

// scanLimit bounds the entries that one page looks at when a filter drops most of them. IAM may return fewer items than
// MaxItems although there are more ("MaxItems" in the list operations' references).
const scanLimit = 2000

// page is the part of a list that a request asks for.
type page struct {
	from string // the key that it starts at, "" for the first page
	max  int
}

func pageOf(marker *string, maxItems *int32) (page, error) {
	p := page{max: defaultItems}
	if maxItems != nil {
		p.max = int(*maxItems)
	}
	if marker == nil {
		return p, nil
	}
	from, ok := openMarker(*marker)
	if !ok {
		return page{}, awserr.ValidationError.Errorf("Invalid Marker.")
	}
	p.from = from
	return p, nil
}

// newMarker makes the marker of a key. The checksum tells it from what somebody made up, which would otherwise look like the
// end of the list.
func newMarker(key string) string {
	return base64.RawURLEncoding.EncodeToString(append(checksum(key), key...))
}

func openMarker(marker string) (key string, ok bool) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(marker)
	if err != nil || len(data) <= crc32.Size {
		return "", false
	}
	key = string(data[crc32.Size:])
	return key, bytes.Equal(data[:crc32.Size], checksum(key))
}

func checksum(key string) []byte {
	return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(key)))
}

// item is an element of a list with the key that the list is ordered by.
type item[T any] struct {
	key   string
	value T
}

// take collects the page from items, which start at p.from and are in the order of their keys. It drops those that keep
// refuses (nil keeps all). marker is nil at the end of the list.
func take[T any](p page, items iter.Seq2[item[T], error], keep func(*T) (bool, error)) (values []T, marker *string, err error) {
	values = []T{}
	seen := 0
	for it, err := range items {
		if err != nil {
			return nil, nil, err
		}
		if len(values) == p.max || seen == scanLimit {
			return values, aws.String(newMarker(it.key)), nil
		}
		seen++
		if keep != nil {
			ok, err := keep(&it.value)
			if err != nil {
				return nil, nil, err
			}
			if !ok {
				continue
			}
		}
		values = append(values, it.value)
	}
	return values, nil, nil
}

// keyed pairs the values of a table with their keys.
func keyed[T any, P row[T]](values iter.Seq2[T, error]) iter.Seq2[item[T], error] {
	return as(values, func(v *T) item[T] { return item[T]{P(v).key(), *v} })
}

// as turns the values of a table into items.
func as[T, U any](values iter.Seq2[T, error], fn func(*T) item[U]) iter.Seq2[item[U], error] {
	return func(yield func(item[U], error) bool) {
		for v, err := range values {
			var it item[U]
			if err == nil {
				it = fn(&v)
			}
			if !yield(it, err) {
				return
			}
		}
	}
}

// part is one of the lists that make up a joined list. from yields its items from a key of its own on.
type part[T any] struct {
	prefix string // put before the part's keys; parts are in the order of their prefixes
	from   func(start string) iter.Seq2[item[T], error]
}

// joined yields the items of all parts, from a key of the joined list on.
func joined[T any](from string, parts ...part[T]) iter.Seq2[item[T], error] {
	return func(yield func(item[T], error) bool) {
		for _, p := range parts {
			start, in := strings.CutPrefix(from, p.prefix)
			if !in {
				if from > p.prefix {
					continue // the page begins behind this part
				}
				start = ""
			}
			for it, err := range p.from(start) {
				it.key = p.prefix + it.key
				if !yield(it, err) {
					return
				}
			}
		}
	}
}

// sorted pages through a short list that is already in memory, in the order of the keys.
func sorted[T any](p page, values []T, key func(T) string) (part []T, marker *string, err error) {
	items := make([]item[T], 0, len(values))
	for _, v := range values {
		if k := "k" + key(v); k >= p.from { // "k": a key may be empty, a marker may not
			items = append(items, item[T]{k, v})
		}
	}
	sort.SliceStable(items, func(i, j int) bool { return items[i].key < items[j].key })
	return take(p, func(yield func(item[T], error) bool) {
		for _, it := range items {
			if !yield(it, nil) {
				return
			}
		}
	}, nil)
}

// convert maps a slice.
func convert[T, U any](in []T, fn func(*T) U) []U {
	out := make([]U, len(in))
	for i := range in {
		out[i] = fn(&in[i])
	}
	return out
}

// folder is the longest folder that a PathPrefix names: entities are indexed by folder, the rest of the prefix is a filter.
func folder(pathPrefix string) string {
	return pathPrefix[:strings.LastIndexByte(pathPrefix, '/')+1]
}
