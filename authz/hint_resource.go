package authz

import (
	"fmt"
	"strings"
)

// resourceMiss explains a Resource or NotResource that does not cover the request's, by the entry that is nearest to it.
func (x *explainer) resourceMiss(s *statement, at *Attached) miss {
	switch {
	case !s.resources.present:
		return miss{policy: "(none)", request: x.request.Resource, why: "The statement has no Resource.", closeness: 50}
	case s.resources.not:
		return miss{policy: "NotResource " + quoted(texts(s.resources.list)), request: x.request.Resource,
			why: "NotResource leaves this resource out.", closeness: 10}
	}
	var nearest miss
	for i := range s.resources.list {
		m := x.resourceEntryMiss(&s.resources.list[i], at)
		m.policy, m.request, m.replaces = s.resources.list[i].text, x.request.Resource, s.resources.list[i].text
		if nearest.why == "" || m.closeness > nearest.closeness {
			nearest = m
		}
	}
	return nearest
}

func texts(list []template) []string {
	all := make([]string, len(list))
	for i := range list {
		all[i] = list[i].text
	}
	return all
}

// resourceEntryMiss compares one entry with the request's resource.
func (x *explainer) resourceEntryMiss(t *template, at *Attached) miss {
	wanted := x.request.Resource
	if m, ok := x.variableMiss(t, at, resource, wanted); ok {
		return m
	}
	if wanted == "*" {
		return miss{closeness: 70, fix: "*", why: fmt.Sprintf(`%s has no resource of its own to name: only "Resource": "*" covers it.`,
			x.request.Action)}
	}
	named, ok := parseARN(t.text)
	if !ok {
		return x.notAnARN(t.text)
	}
	real, ok := parseARN(wanted)
	if !ok {
		return miss{why: "It names another resource."}
	}
	return compareARNs(t, named, real, wanted)
}

func (x *explainer) notAnARN(text string) miss {
	if strings.HasSuffix(x.request.Resource, ":"+text) || strings.HasSuffix(x.request.Resource, "/"+text) {
		return miss{closeness: 90, fix: x.request.Resource, why: "It is the name alone: a Resource is a whole ARN."}
	}
	return miss{closeness: 20, fix: x.request.Resource, why: `It is not an ARN of six parts, nor "*".`}
}

// variableMiss explains an entry that has policy variables: taken literally in an older Version, or without a value.
func (x *explainer) variableMiss(t *template, at *Attached, mode templateMode, wanted string) (miss, bool) {
	if at.Policy.version != version2012 && strings.Contains(t.text, "${") {
		newer := compileTemplate(t.text, mode, true)
		m := miss{closeness: 40, why: fmt.Sprintf(`%s is taken literally: policy variables need "Version": "2012-10-17" in the `+
			"document, and this one has %s.", firstVariable(t.text), at.Policy.version)}
		if newer.matches(x.evaluation, wanted) {
			m.closeness = 95
			m.why += " With it, it would match."
			m.remedy = fmt.Sprintf(`Set "Version": "2012-10-17" in %s`, place(at))
		}
		return m, true
	}
	for i := range t.pieces {
		v := &t.pieces[i]
		if v.key == "" {
			continue
		}
		if _, ok := v.value(x.evaluation); !ok {
			return miss{closeness: 60, why: fmt.Sprintf("${%s} has no value in this request, and so matches nothing.%s", v.key,
				x.absentKeyHint(v.key))}, true
		}
	}
	if t.pieces != nil {
		expanded, _ := t.expand(x.evaluation, nil)
		return miss{closeness: 55, why: fmt.Sprintf("With its variables replaced it reads %s.", readable(expanded))}, true
	}
	return miss{}, false
}

func firstVariable(text string) string {
	start := strings.Index(text, "${")
	if end := strings.IndexByte(text[start:], '}'); end > 0 {
		return text[start : start+end+1]
	}
	return text[start:]
}

// readable turns wildcard bytes back.
func readable(pattern []byte) string {
	b := make([]byte, len(pattern))
	for i, c := range pattern {
		switch c {
		case anyText, segmentText:
			c = '*'
		case anyChar, segmentChar:
			c = '?'
		}
		b[i] = c
	}
	return string(b)
}

// compareARNs says in which part two ARNs differ.
func compareARNs(t *template, named, real arn, wanted string) miss {
	fits := func(pattern, text string) bool { return matchPattern(likePattern(pattern), text) }
	var differ []string
	for _, part := range []struct{ name, policy, request string }{
		{"partition", named.partition, real.partition},
		{"service", named.service, real.service},
		{"region", named.region, real.region},
		{"account id", named.account, real.account},
		{"resource", named.resource, real.resource},
	} {
		if !fits(part.policy, part.request) {
			differ = append(differ, part.name)
		}
	}
	only := func(name string) bool { return len(differ) == 1 && differ[0] == name }
	switch {
	case named.service == "sts" && real.service == "iam" && strings.HasPrefix(named.resource, "assumed-role/"):
		return miss{closeness: 80, fix: wanted, why: "It names a session of the role; the resource is the role itself."}
	case real.service == "s3" && named.service == "s3" && fits(named.resource, real.resource):
		return miss{closeness: 90, fix: strings.Join([]string{"arn", real.partition, "s3", "", "", named.resource}, ":"),
			why: "ARNs of buckets and objects have neither a region nor an account id: three colons follow s3."}
	case only("account id"):
		m := miss{closeness: 75, fix: wanted, why: fmt.Sprintf("The account id differs: the resource is in account %s, the policy "+
			"says %s; %s.", real.account, orNothing(named.account), differingDigits(named.account, real.account))}
		if distance(named.account, real.account, 2) <= 2 {
			m.closeness = 90
		}
		return m
	case only("resource") && real.service == "iam":
		return iamResourceMiss(named, real, wanted)
	case only("resource") && real.service == "s3":
		return s3ResourceMiss(named, real, wanted)
	case only("resource"):
		return nameMiss(named.resource, real.resource, wanted, "It names another resource.")
	case len(differ) == 1:
		return miss{closeness: 50, fix: wanted, why: fmt.Sprintf("Its %s differs.", differ[0])}
	case len(differ) == 0:
		return miss{closeness: 30, fix: wanted, why: "Its colons and wildcards do not line up with the resource's."}
	case len(differ) == 2 && differ[0] == "account id" && real.service == "iam" && named.service == "iam":
		m := iamResourceMiss(named, real, wanted)
		return miss{closeness: max(m.closeness-40, 5), fix: wanted, why: fmt.Sprintf("The account id differs (%s), and: %s",
			differingDigits(named.account, real.account), m.why)}
	}
	return miss{why: fmt.Sprintf("It names another resource: %s differ.", strings.Join(differ, ", "))}
}

func orNothing(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// iamResourceMiss compares the last parts of two IAM ARNs: role/NAME, user/PATH/NAME and so on.
func iamResourceMiss(named, real arn, wanted string) miss {
	kind, name, _ := strings.Cut(real.resource, "/")
	namedKind, namedName, hasName := strings.Cut(named.resource, "/")
	switch {
	case namedKind == kind && !hasName:
		return miss{closeness: 95, fix: wanted, why: fmt.Sprintf("The %s's name is missing: the ARN stops at %q, and must go on "+
			"with %q.", kind, ":"+kind, "/"+name)}
	case namedKind == kind && namedName == "":
		return miss{closeness: 95, fix: wanted, why: fmt.Sprintf("The %s's name is missing: the ARN stops at %q, and must go on "+
			"with %q.", kind, kind+"/", name)}
	case namedKind == kind && namedName == afterLast(name, "/"):
		return miss{closeness: 92, fix: wanted, why: fmt.Sprintf("The %s has a path, which is part of its ARN: %s.", kind, name)}
	case namedKind != kind && namedName == name:
		return miss{closeness: 85, fix: wanted, why: fmt.Sprintf("It says %q where the resource is a %s.", namedKind, kind)}
	case named.resource == name:
		return miss{closeness: 90, fix: wanted, why: fmt.Sprintf("%q is missing before the name.", kind+"/")}
	}
	return nameMiss(namedName, name, wanted, fmt.Sprintf("It names another %s: %s, not %s.", kind, orNothing(namedName), name))
}

// nameMiss says how near two names are.
func nameMiss(named, real, wanted, otherwise string) miss {
	switch {
	case strings.EqualFold(named, real):
		return miss{closeness: 92, fix: wanted, why: fmt.Sprintf("The letters' case differs: %s is not %s. Names in ARNs are "+
			"case-sensitive.", named, real)}
	case similar(named, real):
		return miss{closeness: 88, fix: wanted, why: fmt.Sprintf("%s looks like a misspelling of %s.", named, real)}
	case strings.TrimSpace(named) == real:
		return miss{closeness: 90, fix: wanted, why: "There is a space too many."}
	}
	return miss{closeness: 35, fix: wanted, why: otherwise}
}

// s3ResourceMiss tells buckets from objects.
func s3ResourceMiss(named, real arn, wanted string) miss {
	bucket, key, isObject := strings.Cut(real.resource, "/")
	namedBucket, namedKey, namesObjects := strings.Cut(named.resource, "/")
	sameBucket := matchPattern(likePattern(namedBucket), bucket)
	prefix := "arn:" + real.partition + ":s3:::"
	switch {
	case sameBucket && isObject && !namesObjects:
		return miss{closeness: 95, fix: prefix + bucket + "/*", beside: true, why: fmt.Sprintf("It names the bucket, and the action is on an object "+
			"in it. Objects are %s%s/*.", prefix, bucket)}
	case sameBucket && !isObject && namesObjects:
		return miss{closeness: 95, fix: prefix + bucket, beside: true, why: fmt.Sprintf("It names objects in the bucket, and the action is on the "+
			"bucket itself. The bucket is %s%s.", prefix, bucket)}
	case sameBucket && namedKey == "":
		return miss{closeness: 92, fix: wanted, why: "It stops after the slash and names no key: write /* for all objects."}
	case sameBucket && strings.EqualFold(namedKey, key):
		return miss{closeness: 90, fix: wanted, why: "The letters' case differs: keys are case-sensitive."}
	case sameBucket && strings.HasPrefix(key, strings.TrimSuffix(namedKey, "/")+"/"):
		return miss{closeness: 80, fix: wanted, why: "It names the prefix alone: write * after it for what is under it."}
	case sameBucket:
		return miss{closeness: 60, fix: wanted, why: fmt.Sprintf("It covers other keys of the bucket, not %s.", key)}
	}
	return nameMiss(namedBucket, bucket, wanted, fmt.Sprintf("It names another bucket: %s, not %s.", namedBucket, bucket))
}
