package iam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/authz/reference"
	"github.com/xemu-aws/xemu/emulator/awserr"
)

// trial is an action on resources of one type: what becomes an EvaluationResult.
type trial struct {
	action    string
	template  string   // the type's form of ARNs, "*" without one
	resources []string // nil: "*" alone
	// whole: the action has no resource types, so that its requests are for "*" whatever resource is given.
	whole bool
}

// trials are the actions, each with the resources given, which are grouped by their type ("EvaluationResult", IAM API
// Reference).
func (sim *simulation) trials() []trial {
	var all []trial
	for _, name := range sim.actions {
		action, known := reference.Lookup(name)
		if len(sim.resources) == 0 || len(sim.resources) == 1 && sim.resources[0] == "*" {
			all = append(all, trial{action: name, template: "*"})
			continue
		}
		first := len(all)
		for _, arn := range sim.resources {
			template := templateOf(&action, arn)
			i := first + slices.IndexFunc(all[first:], func(t trial) bool { return t.template == template })
			if i < first {
				i = len(all)
				all = append(all, trial{action: name, template: template, whole: known && len(action.ResourceTypes) == 0})
			}
			all[i].resources = append(all[i].resources, arn)
		}
	}
	return all
}

// templateOf is the form of the resource type that an ARN is of, the one with the most text of its own; "*" if the action
// has no such type.
func templateOf(action *reference.Action, arn string) string {
	best, most := "*", -1
	for i := range action.ResourceTypes {
		for _, template := range action.ResourceTypes[i].ARNs {
			if literals, ok := fits(template, arn); ok && literals > most {
				best, most = template, literals
			}
		}
	}
	return best
}

// fits reports whether an ARN has the form of a template, in which ${Name} stands for any text, and how much text is the
// template's own.
func fits(template, arn string) (literals int, ok bool) {
	text, rest, variable := strings.Cut(template, "${")
	if !strings.HasPrefix(arn, text) {
		return 0, false
	}
	literals, arn = len(text), arn[len(text):]
	for variable {
		_, rest, _ = strings.Cut(rest, "}")
		text, rest, variable = strings.Cut(rest, "${")
		literals += len(text)
		if !variable { // what follows the last variable ends the ARN
			return literals, strings.HasSuffix(arn, text) && len(arn) > len(text)
		}
		at := strings.Index(arn, text)
		if at < 0 {
			return 0, false
		}
		arn = arn[at+len(text):]
	}
	return literals, arn == ""
}

// maxEvaluations bounds the work of one call and the size of its answer, in statements times resources.
const maxEvaluations = 1_000_000

// page evaluates a page of the trials.
func (sim *simulation) page(marker *string, maxItems *int32) ([]types.EvaluationResult, *string, error) {
	p, err := pageOf(marker, maxItems)
	if err != nil {
		return nil, nil, err
	}
	sources := sim.sources()
	if max(1, len(sim.resources))*sources.statements > maxEvaluations {
		return nil, nil, awserr.InvalidInput.Errorf("The simulation of %d statements on %d resources is too large.", sources.statements, len(sim.resources))
	}
	all := sim.trials()
	budget := maxEvaluations
	part, next, err := take(p, func(yield func(item[*types.EvaluationResult], error) bool) {
		for i := range all {
			key := fmt.Sprintf("%08d", i)
			if key < p.from {
				continue
			}
			if budget -= max(1, len(all[i].resources)) * max(1, sources.statements); budget < 0 {
				p.max = 0 // IAM may return fewer results than MaxItems
			}
			if !yield(item[*types.EvaluationResult]{key: key}, nil) {
				return
			}
		}
	}, nil)
	_ = part
	return nil, next, err
}
