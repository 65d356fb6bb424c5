package wire

import (
	"net/http"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// Codec is one AWS protocol for one service.
type Codec interface {
	// Route names the operation that r asks for. Errors: InvalidAction, NotImplemented, MethodNotAllowed and the like.
	// It may parse a form body (IAM, STS), never an object's.
	Route(r *http.Request) (operation string, err error)
	// Decode fills in, a pointer to the SDK's Input struct, and checks it against the model: ValidationError, MalformedXML,
	// InvalidArgument. A streamed body is handed over unread, as the struct's io.Reader.
	Decode(r *http.Request, operation string, in any) error
	// Encode writes out, a pointer to the SDK's Output struct, as the response. An io.ReadCloser in it is copied and closed.
	Encode(w http.ResponseWriter, req *Request, operation string, out any) error
	// EncodeError writes an error response.
	EncodeError(w http.ResponseWriter, req *Request, err *awserr.Error)
}
