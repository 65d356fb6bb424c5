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
		err = terminated()
	}
	c.err = err
	return n, err
}

// next ends the chunk under way and begins the one after it. With the last it reads the trailers and returns io.EOF.
func (c *chunkReader) next() error {
	if c.count > 0 {
		line, err := c.chunkLine()
		if err != nil {
			return err
		}
		if line != "" {
			return terminated()
		}
		if err := c.chain.checkChunk(c.signature); err != nil {
			return err
		}
	}
	if err := c.begin(); err != nil || c.size > 0 {
		return err
	}
	if c.length > 0 {
		return wrongLength()
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
	line, err := c.chunkLine()
	if err != nil {
		return err
	}
	digits, extension, extended := strings.Cut(line, ";")
	signature, named := strings.CutPrefix(extension, "chunk-signature=")
	if extended != (c.chain != nil) || extended && !named {
		return terminated()
	}
	size, err := strconv.ParseUint(digits, 16, 63)
	if err != nil {
		return terminated()
	}
	if int64(size) > c.length {
		return wrongLength()
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
	values := map[string]string{}
	var text strings.Builder // what the signature is over
	signature, line, size := "", "x", 0
	for {
		previous := line
		var err error
		if line, err = c.line(); err == io.EOF {
			if previous != "" && signature == "" {
				return terminated()
			}
			break
		}
		if err != nil {
			return err
		}
		if size += len(line) + 1; size > maxTrailer || signature != "" && line != "" {
			return malformedTrailer()
		}
		if line == "" {
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch {
		case value == "":
			return malformedTrailer()
		case name == "x-amz-trailer-signature" && c.signed:
			signature = value
		case slices.Contains(c.announced, name) && values[name] == "":
			values[name] = value
			text.WriteString(name + ":" + value + "\n")
		default:
			return malformedTrailer()
		}
	}
	if len(values) < len(c.announced) {
		return malformedTrailer()
	}
	if c.signed {
		if err := c.chain.checkTrailer(text.String(), signature); err != nil {
			return err
		}
	}
	clear(c.trailer) // of what net/http has put there, which nobody signed
	for name, value := range values {
		c.trailer.Set(name, value)
	}
	return nil
}

// line reads a line without its end. Its error is io.EOF only where a line would begin.
func (c *chunkReader) line() (string, error) {
	line, err := c.from.ReadSlice('\n')
	switch {
	case err == nil:
		return strings.TrimSuffix(string(line[:len(line)-1]), "\r"), nil
	case err == io.EOF && len(line) > 0, err == bufio.ErrBufferFull:
		return "", terminated()
	}
	return "", err
}

// chunkLine is line where the body cannot end.
func (c *chunkReader) chunkLine() (string, error) {
	line, err := c.line()
	if err == io.EOF {
		err = terminated()
	}
	return line, err
}

// terminated is the error of a body that is not aws-chunked or ends in the midst.
func terminated() error {
	return awserr.IncompleteBody.Errorf("The request body terminated unexpectedly")
}

func malformedTrailer() error {
	return awserr.MalformedTrailerError.Errorf("The request contained trailing data that was not well-formed or did not conform to our published schema.")
}
