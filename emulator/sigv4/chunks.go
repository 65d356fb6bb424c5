package sigv4

import (
	"bufio"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

const (
	minChunk   = 8 << 10 // of every chunk but the last
	maxLine    = 4 << 10 // the head of a chunk, or a trailer
	maxTrailer = 16 << 10
)

// chunkReader decodes an aws-chunked body (S3 API Reference, "Signature Calculations for the Authorization Header:
// Transferring Payload in Multiple Chunks"). A chunk's signature is checked when the chunk has been read, which is before
// io.EOF, so that a chunk of any size needs no memory.
type chunkReader struct {
	from   *bufio.Reader
	chain  *chain // nil when chunks are not signed
	length int64  // decoded, that is yet to come

	count     int    // chunks so far, and of the last of them
	size      int64  // its size,
	left      int64  // what is yet to be read of it,
	signature string // and its signature

	announced []string // trailers that X-Amz-Trailer names, in lower case
	signed    bool     // the trailers have a signature of their own
	trailer   http.Header
	err       error
}

// openChunks takes the aws-chunked coding off r: its headers then describe the decoded body. The announced trailers are in
// r.Trailer, without values until the end of the body.
func openChunks(r *http.Request, declared string, chain *chain) (*chunkReader, error) {
	length, err := decodedLength(r.Header)
	if err != nil {
		return nil, err
	}
	c := &chunkReader{chain: chain, length: length, signed: declared == signedChunksTrailer, trailer: http.Header{}}
	if declared != signedChunks {
		if c.announced, err = announcedTrailers(r.Header); err != nil {
			return nil, err
		}
	}
	for _, name := range c.announced {
		c.trailer[http.CanonicalHeaderKey(name)] = nil
	}
	var sent io.Reader = http.NoBody
	if r.Body != nil {
		sent = r.Body
	}
	c.from = bufio.NewReaderSize(sent, maxLine)
	r.Trailer = c.trailer
	r.ContentLength = length
	removeChunkedCoding(r.Header)
	return c, nil
}

func decodedLength(h http.Header) (int64, error) {
	value := h.Get("X-Amz-Decoded-Content-Length")
	if value == "" {
		return 0, awserr.MissingContentLength.Errorf("You must provide the Content-Length HTTP header.")
	}
	length, err := strconv.ParseUint(value, 10, 63)
	if err != nil {
		return 0, invalidArgument("The value of x-amz-decoded-content-length must be a number of bytes.",
			"x-amz-decoded-content-length", value)
	}
	return int64(length), nil
}

// announcedTrailers reads X-Amz-Trailer. S3 takes no trailers but checksums.
func announcedTrailers(h http.Header) ([]string, error) {
	var names []string
	for _, value := range h["X-Amz-Trailer"] {
		for name := range strings.SplitSeq(value, ",") {
			name = strings.ToLower(strings.TrimSpace(name))
			if !strings.HasPrefix(name, "x-amz-checksum-") || slices.Contains(names, name) {
				return nil, awserr.InvalidRequest.Errorf("The value specified in the x-amz-trailer header is not supported")
			}
			names = append(names, name)
		}
	}
	return names, nil
}

// removeChunkedCoding leaves Content-Encoding as it is to be stored.
func removeChunkedCoding(h http.Header) {
	var kept []string
	for _, value := range h["Content-Encoding"] {
		for coding := range strings.SplitSeq(value, ",") {
			if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, "aws-chunked") {
				kept = append(kept, coding)
			}
		}
	}
	if kept == nil {
		h.Del("Content-Encoding")
		return
	}
	h.Set("Content-Encoding", strings.Join(kept, ","))
}

// Read gives out decoded bytes. All errors but io.EOF are final and AWS's.
func (c *chunkReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, c.err
	}
	if c.err == nil && c.left == 0 {
		c.err = c.next()
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.from.Read(p[:min(int64(len(p)), c.left)])
	c.chain.write(p[:n])
	c.left -= int64(n)
	c.length -= int64(n)
	if err == io.EOF {
		err = errBody
	}
	c.err = err
	return n, err
}

// next ends the chunk under way and begins the one after it. With the last it reads the trailers and returns io.EOF.
func (c *chunkReader) next() error {
	if c.count > 0 {
		line, err := c.line()
		if err != nil {
			return err
		}
		if line != "" {
			return errBody
		}
		if err := c.chain.checkChunk(c.signature); err != nil {
			return err
		}
	}
	if err := c.begin(); err != nil || c.size > 0 {
		return err
	}
	if c.length > 0 {
		return errLength
	}
	if err := c.chain.checkChunk(c.signature); err != nil {
		return err
	}
	if err := c.readTrailers(); err != nil {
		return err
	}
	return io.EOF
}

// begin reads the head of a chunk: "10000;chunk-signature=ad80c730…", or the size alone when chunks are not signed.
func (c *chunkReader) begin() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	digits, extension, extended := strings.Cut(line, ";")
	signature, named := strings.CutPrefix(extension, "chunk-signature=")
	if extended != (c.chain != nil) || extended && !named {
		return errBody
	}
	size, err := strconv.ParseUint(digits, 16, 63)
	if err != nil {
		return errBody
	}
	if int64(size) > c.length {
		return errLength
	}
	if size > 0 && c.count > 0 && c.size < minChunk {
		return awserr.InvalidChunkSizeError.Errorf("Only the last chunk is allowed to have a size less than 8192 bytes").
			With("Chunk", strconv.Itoa(c.count)).
			With("BadChunkSize", strconv.FormatInt(c.size, 10))
	}
	c.count++
	c.size, c.left, c.signature = int64(size), int64(size), signature
	return nil
}

// readTrailers reads what follows the last chunk up to the end of the body: the announced trailers, the signature over
// them, and an empty line.
func (c *chunkReader) readTrailers() error {
	var text strings.Builder // what the signature is over
	signature, line, size := "", "x", 0
	for {
		previous := line
		var err error
		if line, err = c.line(); err == errEnd {
			if previous != "" && signature == "" {
				return errBody
			}
			break
		}
		if err != nil {
			return err
		}
		if size += len(line) + 1; size > maxTrailer || signature != "" && line != "" {
			return errTrailer()
		}
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch {
		case ok && name == "x-amz-trailer-signature" && c.signed && value != "":
			signature = value
		case ok && slices.Contains(c.announced, name) && c.trailer.Get(name) == "" && value != "":
			c.trailer.Set(name, value)
			text.WriteString(name + ":" + value + "\n")
		default:
			return errTrailer()
		}
	}
	for _, name := range c.announced {
		if c.trailer.Get(name) == "" {
			return errTrailer()
		}
	}
	if c.signed {
		return c.chain.checkTrailer(text.String(), signature)
	}
	return nil
}

// line reads a line without its end. At the end of the body it returns errEnd, inside a line errBody.
func (c *chunkReader) line() (string, error) {
	line, err := c.from.ReadSlice('\n')
	switch {
	case err == nil:
		return strings.TrimSuffix(string(line[:len(line)-1]), "\r"), nil
	case err == io.EOF && len(line) == 0:
		return "", errEnd
	case err == io.EOF || err == bufio.ErrBufferFull:
		return "", errBody
	}
	return "", err
}

// errBody is a body that is not aws-chunked or ends in the midst; errEnd is a body that ends where a line would begin,
// which is as bad but after the trailers.
var (
	errBody = awserr.IncompleteBody.Errorf("The request body terminated unexpectedly")
	errEnd  = awserr.IncompleteBody.Errorf("The request body terminated unexpectedly")
)

func errTrailer() error {
	return awserr.MalformedTrailerError.Errorf("The request contained trailing data that was not well-formed or did not conform to our published schema.")
}
