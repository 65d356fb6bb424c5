package wire

import (
	"encoding/base64"
	"errors"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// errScalar says that a text is not of its member's type; the codec that meets it knows the protocol's words for it.
var errScalar = errors.New("not of the member's type")

// setScalar parses s into v, a field or element of p's type that is not a pointer.
func setScalar(p *plan, v reflect.Value, s string) error {
	switch p.kind {
	case String:
		if p.Type == Integer {
			if _, err := strconv.ParseInt(s, 10, 32); err != nil {
				return errScalar
			}
		}
		v.SetString(s)
	case Integer:
		n, err := strconv.ParseInt(s, 10, v.Type().Bits())
		if err != nil {
			return errScalar
		}
		v.SetInt(n)
	case Double:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return errScalar
		}
		v.SetFloat(n)
	case Boolean:
		switch {
		case strings.EqualFold(s, "true"):
			v.SetBool(true)
		case strings.EqualFold(s, "false"):
			v.SetBool(false)
		default:
			return errScalar
		}
	case Timestamp:
		t, ok := parseTime(s)
		if !ok {
			return errScalar
		}
		*v.Addr().Interface().(*time.Time) = t
	case Blob:
		data, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return errScalar
		}
		v.SetBytes(data)
	default:
		return errScalar
	}
	return nil
}

// appendScalar writes v, resolved of pointers, as text.
func appendScalar(b []byte, p *plan, v reflect.Value, layout string) []byte {
	switch p.kind {
	case String:
		return append(b, v.String()...)
	case Integer:
		return strconv.AppendInt(b, v.Int(), 10)
	case Double:
		return strconv.AppendFloat(b, v.Float(), 'g', -1, 64)
	case Boolean:
		return strconv.AppendBool(b, v.Bool())
	case Timestamp:
		return v.Addr().Interface().(*time.Time).UTC().AppendFormat(b, layout)
	case Blob:
		return base64.StdEncoding.AppendEncode(b, v.Bytes())
	}
	return b
}

// The layouts of times: query services write whole seconds, S3's documents milliseconds.
const (
	secondsLayout = "2006-01-02T15:04:05Z"
	millisLayout  = "2006-01-02T15:04:05.000Z"
)

// isoLayouts are the forms of ISO 8601 that AWS reads.
var isoLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02", "20060102T150405Z"}

// parseTime reads a time in any form that AWS reads: ISO 8601, RFC 7231, seconds since the epoch.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range isoLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	if t, err := http.ParseTime(s); err == nil {
		return t.UTC(), true
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && n >= 0 && n < 1<<36 {
		return time.UnixMilli(int64(math.Round(n * 1000))).UTC(), true
	}
	return time.Time{}, false
}

func (s *Shape) enumerates(value string) bool {
	return len(s.Enum) == 0 || slices.Contains(s.Enum, value)
}
