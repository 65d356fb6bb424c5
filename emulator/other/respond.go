package other

import (
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// Respond answers a request whose action, as [Describe] returned it, is allowed. Its error is what [Deny] is to write.
func Respond(w http.ResponseWriter, r *http.Request, req *wire.Request, action string) error {
	drain(r)
	if operation, ok := strings.CutPrefix(action, "ec2:"); ok {
		if ok, err := respondEC2(w, r, req, operation); ok {
			return err
		}
	}
	return awserr.NotImplemented.Errorf("xemu does not emulate %s.", action)
}

// Deny writes err in the form, and with the code, that the service of the signing name uses. It returns the error as it
// was written.
func Deny(w http.ResponseWriter, r *http.Request, req *wire.Request, service string, err *awserr.Error) *awserr.Error {
	for name, values := range err.Header {
		w.Header()[name] = values
	}
	w.Header().Set("X-Amzn-Requestid", req.ID)
	return protocolOf(r, service)(w, req, err)
}

// A protocol writes an error, and returns it as it was written.
type protocol func(w http.ResponseWriter, req *wire.Request, err *awserr.Error) *awserr.Error

// protocolOf returns the protocol that r speaks.
func protocolOf(r *http.Request, service string) protocol {
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		return func(w http.ResponseWriter, _ *wire.Request, err *awserr.Error) *awserr.Error {
			return writeJSON(w, r.Header.Get("Content-Type"), err, http.StatusBadRequest)
		}
	case isCBOR(r):
		return writeCBOR
	case service == "ec2":
		return writeEC2
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/x-www-form-urlencoded" || r.URL.Query().Has("Action") {
		return writeQuery
	}
	xml := false
	routes(service, func(c route) bool {
		xml = c.protocol == "rest-xml"
		return false
	})
	if xml {
		return writeQuery // rest-xml has the same error document
	}
	return func(w http.ResponseWriter, _ *wire.Request, err *awserr.Error) *awserr.Error {
		return writeJSON(w, "application/json", err, http.StatusForbidden)
	}
}

// isCBOR says whether r is in the Smithy RPC v2 CBOR protocol.
func isCBOR(r *http.Request) bool {
	return r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor"
}

func writeJSON(w http.ResponseWriter, contentType string, err *awserr.Error, refused int) *awserr.Error {
	own := err.InJSON(refused)
	if !strings.HasPrefix(contentType, "application/x-amz-json") {
		contentType = "application/json"
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Amzn-Errortype", own.Code)
	body, e := json.Marshal(struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}{own.Code, own.Message})
	if e != nil {
		panic(e) // two strings always have a JSON form
	}
	w.WriteHeader(own.Status)
	w.Write(body)
	return own
}

// writeCBOR writes a map of two text strings (RFC 8949).
func writeCBOR(w http.ResponseWriter, _ *wire.Request, err *awserr.Error) *awserr.Error {
	own := err.InJSON(http.StatusBadRequest)
	w.Header().Set("Content-Type", "application/cbor")
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	body := []byte{5<<5 | 2}
	for _, text := range []string{"__type", own.Code, "message", own.Message} {
		body = append(body, 3<<5|26)
		body = binary.BigEndian.AppendUint32(body, uint32(len(text)))
		body = append(body, text...)
	}
	w.WriteHeader(own.Status)
	w.Write(body)
	return own
}

func writeQuery(w http.ResponseWriter, req *wire.Request, err *awserr.Error) *awserr.Error {
	kind := "Sender"
	if err.Status >= 500 {
		kind = "Receiver"
	}
	type detail struct{ Type, Code, Message string }
	writeXML(w, err.Status, struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Error     detail
		RequestID string `xml:"RequestId"`
	}{Error: detail{kind, err.Code, err.Message}, RequestID: req.ID})
	return err
}

// writeXML writes a document that encoding/xml can write.
func writeXML(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	text, err := xml.Marshal(document)
	if err != nil {
		panic(err) // a programming error in the document's type
	}
	w.WriteHeader(status)
	io.WriteString(w, xml.Header)
	w.Write(text)
}
