// Package wire translates between AWS's protocols on HTTP and the Go SDK's input and output structs, which are the
// emulator's API types, and holds the form of the table rows ([Op]) that tie operations to their authorization rules.
package wire

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/xemu-aws/xemu/authz"
)

// Need is one decision that a request stands on: an action on a resource.
type Need struct {
	Action   string // "iam:CreateUser"
	Resource string // an ARN, or "*" for an action without resource types
	// Account is the 12-digit id of the resource's owner. Empty: the caller's own account.
	Account string
	// Keys are the service's condition keys, such as iam:PolicyARN, s3:prefix and aws:ResourceTag/…. May be nil.
	Keys authz.Context
	// Policies are the resource-based policies: bucket policy, ACL statements, trust policy.
	Policies []authz.Attached
	// Veto is set when something that is not a policy refuses, such as Block Public Access; it is the explanation.
	Veto string
	// And is a further need that the same permission stands on, such as that of the access point that a request for a bucket
	// comes through. ResourceSide says that the caller's own policies count there, not here.
	And          *Need
	ResourceSide bool
	// Denied makes the error of a denial when it is not the usual AccessDenied.
	Denied func(authz.Decision) error
	// Optional says that a denial only leaves something out of the answer: it is not recorded as one of the request.
	Optional bool
}

// Rule says what an operation needs to be authorized for.
type Rule struct {
	in    reflect.Type // the Input struct that it reads
	needs func(ctx context.Context, service, in any) ([]Need, error)
}

// For makes a Rule of a function. An error that it returns is the answer to the request (such as NoSuchBucket); no needs
// means that the operation is open to every authenticated caller (GetCallerIdentity) or decides by itself with
// Request.Authorize (DeleteObjects), which the row's comment says.
func For[S, I any](needs func(context.Context, *S, *I) ([]Need, error)) Rule {
	return Rule{
		in: reflect.TypeFor[I](),
		needs: func(ctx context.Context, service, in any) ([]Need, error) {
			return needs(ctx, service.(*S), in.(*I))
		},
	}
}

// Any makes a Rule that serves operations of different inputs; in is a pointer to the SDK's Input struct.
func Any[S any](needs func(ctx context.Context, service *S, in any) ([]Need, error)) Rule {
	return Rule{needs: func(ctx context.Context, service, in any) ([]Need, error) {
		return needs(ctx, service.(*S), in)
	}}
}

// Row is an operation of service S: its method and its rule.
type Row[S any] struct {
	Name    string // "CreateUser"
	In, Out reflect.Type
	rule    Rule
	call    func(context.Context, *S, any) (any, error)
}

// Op makes a Row. The operation's name is that of its input struct without "Input". It panics when the rule is missing or
// is for another input: a row without authorization cannot exist.
func Op[S, I, O any](method func(*S, context.Context, *I) (*O, error), rule Rule) Row[S] {
	in := reflect.TypeFor[I]()
	name := strings.TrimSuffix(in.Name(), "Input")
	if rule.needs == nil {
		panic("wire: " + name + " has no authorization rule")
	}
	if rule.in != nil && rule.in != in {
		panic(fmt.Sprintf("wire: the rule of %s is for %s", name, rule.in))
	}
	return Row[S]{
		Name: name,
		In:   in,
		Out:  reflect.TypeFor[O](),
		rule: rule,
		call: func(ctx context.Context, s *S, in any) (any, error) {
			out, err := method(s, ctx, in.(*I))
			if err != nil {
				return nil, err
			}
			return out, nil
		},
	}
}

// Ops groups rows: one group for each noun of a service.
func Ops[S any](rows ...Row[S]) []Row[S] { return rows }

// Operation is a Row bound to its service.
type Operation struct {
	Name    string
	In, Out reflect.Type // the SDK's Input and Output structs
	Needs   func(ctx context.Context, in any) ([]Need, error)
	Call    func(ctx context.Context, in any) (any, error)
}

// NewInput returns a pointer to a new Input struct.
func (o Operation) NewInput() any { return reflect.New(o.In).Interface() }

// Bind ties rows to a service. It panics when two rows have the same name.
func Bind[S any](service *S, groups ...[]Row[S]) map[string]Operation {
	ops := map[string]Operation{}
	for _, group := range groups {
		for _, row := range group {
			if _, ok := ops[row.Name]; ok {
				panic("wire: two rows for " + row.Name)
			}
			ops[row.Name] = Operation{
				Name: row.Name, In: row.In, Out: row.Out,
				Needs: func(ctx context.Context, in any) ([]Need, error) { return row.rule.needs(ctx, service, in) },
				Call:  func(ctx context.Context, in any) (any, error) { return row.call(ctx, service, in) },
			}
		}
	}
	return ops
}
