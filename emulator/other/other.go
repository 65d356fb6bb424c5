// Package other answers requests to AWS services that xemu does not emulate, so that policies on them can be seen to work:
// [Describe] names the action that a request asks for, the pipeline authorizes it, and [Respond] answers what is allowed,
// with a fixed result for a few reads of EC2 and with NotImplemented for everything else. [Deny] writes an error in the
// form of the service.
package other

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// prefixes are the IAM service prefixes that differ from the signing name ("Actions, resources, and condition keys for AWS
// services", Service Authorization Reference).
var prefixes = map[string]string{
	"aco-automation":          "compute-optimizer",
	"awsssoportal":            "sso",
	"email":                   "ses",
	"iot-jobs-data":           "iot",
	"iotdata":                 "iot",
	"monitoring":              "cloudwatch",
	"tagging":                 "tag",
	"entitlement.marketplace": "aws-marketplace",
	"metering.marketplace":    "aws-marketplace",
	"cloudcontrolapi":         "cloudformation",
	"mturk-requester":         "mechanicalturk",
}

// actions are the operations that are authorized under another action's name.
var actions = map[string]string{
	"bedrock:Converse":                 "bedrock:InvokeModel",
	"bedrock:ConverseStream":           "bedrock:InvokeModelWithResponseStream",
	"lambda:Invoke":                    "lambda:InvokeFunction",
	"lambda:InvokeAsync":               "lambda:InvokeFunction",
	"lambda:InvokeWithResponseStream":  "lambda:InvokeFunction",
	"sns:PublishBatch":                 "sns:Publish",
	"sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
	"sqs:DeleteMessageBatch":           "sqs:DeleteMessage",
	"sqs:SendMessageBatch":             "sqs:SendMessage",
}

// prefixOf returns the IAM service prefix of a signing name: "cloudwatch" for "monitoring".
func prefixOf(signingName string) string {
	name := strings.ToLower(signingName)
	if prefix, ok := prefixes[name]; ok {
		return prefix
	}
	return name
}

// Describe returns the action that a request to the service of the signing name asks for, such as
// "ec2:DescribeInstances". A request in a form of its service's own that is not known here gets the action
// "service:[METHOD path]", which no policy allows but one for all actions of the service. It reads the body of a form. ok is
// false when r names no action, or more than one, or its form cannot be read.
func Describe(r *http.Request, signingName string) (action string, ok bool) {
	prefix := prefixOf(signingName)
	if prefix == "" {
		return "", false
	}
	operation, ok := operationOf(r, signingName)
	if !ok {
		return "", false
	}
	action = prefix + ":" + operation
	if other, ok := actions[action]; ok {
		return other, true
	}
	return action, true
}

func operationOf(r *http.Request, signingName string) (operation string, ok bool) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		operation = target[strings.LastIndexByte(target, '.')+1:]
		return operation, isName(operation)
	}
	if isCBOR(r) {
		operation = r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		return operation, isName(operation)
	}
	if r.URL.Path == "/" {
		if f, ok := form(r); !ok {
			return "", false
		} else if f.Has("Action") {
			return f.Get("Action"), len(f["Action"]) == 1 && isName(f.Get("Action"))
		}
	}
	if signingName == "apigateway" { // its actions are the methods ("Actions, resources, and condition keys for API Gateway")
		return r.Method, isName(r.Method)
	}
	if route, ok := findRoute(signingName, r); ok {
		return route.operation, true
	}
	return "[" + r.Method + " " + r.URL.EscapedPath() + "]", true // the bracket keeps it apart from Get* and the like
}

var name = regexp.MustCompile(`^[A-Za-z0-9_]{1,128}$`)

// isName keeps wildcards and the like out of action names.
func isName(s string) bool { return name.MatchString(s) }

// maxForm is how large a form may be, in bytes.
const maxForm = 1 << 20

// form returns the parameters of r, in query and body; ok is false when they cannot be read, as when the body is not the
// one that was signed.
func form(r *http.Request) (url.Values, bool) {
	if r.Form == nil {
		if r.Body != nil {
			r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
		}
		if err := r.ParseForm(); err != nil {
			return nil, false
		}
	}
	return r.Form, true
}

// drain reads what is left of the body, up to a bound, so that the connection can be used again.
func drain(r *http.Request) {
	if r.Body != nil {
		io.CopyN(io.Discard, r.Body, maxForm)
	}
}
