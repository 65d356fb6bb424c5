package s3

import (
	"maps"
	"mime"
	"strings"
)

// User-defined metadata is text, its headers are ASCII: S3 decodes encoded words (RFC 2047) before it stores a value, reads
// other bytes as ISO 8859-1, and encodes what is not ASCII when it shows it ("Working with object metadata", "User-defined
// object metadata").

// metadataText is the text that a header's value means.
func metadataText(header string) string {
	if strings.Contains(header, "=?") {
		if text, err := new(mime.WordDecoder).DecodeHeader(header); err == nil {
			return text
		}
	}
	if plain(header) {
		return header
	}
	runes := make([]rune, len(header))
	for i := range len(header) {
		runes[i] = rune(header[i])
	}
	return string(runes)
}

// metadataHeaders are the values as headers show them.
func metadataHeaders(user map[string]string) map[string]string {
	var shown map[string]string // a copy, when one is needed
	for name, text := range user {
		if plain(text) {
			continue
		}
		if shown == nil {
			shown = maps.Clone(user)
		}
		shown[name] = encodedWord(text)
	}
	if shown == nil {
		return user
	}
	return shown
}

func encodedWord(text string) string {
	ascii, other := 0, 0
	for _, c := range text {
		if c < 0x80 {
			ascii++
		} else {
			other++
		}
	}
	if ascii > other {
		return strings.ReplaceAll(mime.QEncoding.Encode("UTF-8", text), "=?UTF-8?q?", "=?UTF-8?Q?")
	}
	return strings.ReplaceAll(mime.BEncoding.Encode("UTF-8", text), "=?UTF-8?b?", "=?UTF-8?B?")
}

// plain says whether s can stand in a header as it is.
func plain(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' && c != '\t' || c > '~' })
}
