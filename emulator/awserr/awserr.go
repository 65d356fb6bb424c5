// Package awserr holds the errors that xemu answers with: for each the code, the HTTP status and the message, as AWS
// documents them. An operation returns one with
//
//	return nil, awserr.NoSuchEntity.Errorf("The user with name %s cannot be found.", name)
//
// and a caller tests for it with errors.Is(err, awserr.NoSuchEntity).
package awserr

import (
	"errors"
	"fmt"
	"net/http"
	"syscall"
)

// Kind is an error code with the HTTP status that belongs to it.
type Kind struct {
	Code   string
	Status int
}

// Error makes a Kind usable as the target of errors.Is.
func (k Kind) Error() string { return k.Code }

// Errorf returns an error of this kind with the message that the client is to see.
func (k Kind) Errorf(format string, args ...any) *Error {
	return &Error{Code: k.Code, Status: k.Status, Message: fmt.Sprintf(format, args...)}
}

// Error is what a client gets, and, apart from it, what is logged.
type Error struct {
	Code    string
	Message string
	Status  int

	// Fields are further elements of the error document, in order: S3's BucketName, Key, StringToSign, Condition and
	// so on. They are sent.
	Fields []Field
	// Header holds further response headers, such as x-amz-delete-marker or Allow.
	Header http.Header
	// Cause is logged and never sent.
	Cause error
}

// Field is an element of an error document.
type Field struct{ Name, Value string }

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Code + ": " + e.Message + ": " + e.Cause.Error()
	}
	return e.Code + ": " + e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is the Kind of e.
func (e *Error) Is(target error) bool {
	k, ok := target.(Kind)
	return ok && k.Code == e.Code
}

// With adds an element to the error document and returns e.
func (e *Error) With(name, value string) *Error {
	e.Fields = append(e.Fields, Field{name, value})
	return e
}

// WithHeader adds a response header and returns e.
func (e *Error) WithHeader(name, value string) *Error {
	if e.Header == nil {
		e.Header = http.Header{}
	}
	e.Header.Set(name, value)
	return e
}

// From returns err as an *Error. One that is not an *Error becomes InternalFailure, its text kept for the log only, but for
// a full disk, of which no client can know otherwise.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	internal := InternalFailure.Errorf(unknownFailure)
	if errors.Is(err, syscall.ENOSPC) {
		internal.Message = "The disk that holds the data directory of xemu is full."
	}
	internal.Cause = err
	return internal
}

const unknownFailure = "The request processing has failed because of an unknown error, exception or failure."

// InS3 returns e as S3 has it: what is internal has another code and other words there ("Error responses", Amazon S3 API
// Reference).
func (e *Error) InS3() *Error {
	if e.Code != InternalFailure.Code {
		return e
	}
	own := *e
	own.Code = InternalError.Code
	if own.Message == unknownFailure {
		own.Message = "We encountered an internal error. Please try again."
	}
	return &own
}
