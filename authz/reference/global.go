package reference

import "strings"

// global is a global or cross-service condition key ("AWS global condition context keys").
type global struct {
	kind KeyType
	// listed says that the key works only where the reference lists it.
	listed bool
}

// globalKey finds a key, given in lower case.
func globalKey(lower string) (global, bool) {
	if g, ok := globals[lower]; ok {
		return g, true
	}
	if i := strings.IndexByte(lower, '/'); i >= 0 && i < len(lower)-1 {
		g, ok := tagKeys[lower[:i+1]]
		return g, ok
	}
	return global{}, false
}

// TagKeyPrefix returns the prefix of a global key that a tag's key must follow, such as "aws:ResourceTag/", when name is
// that prefix with or without its slash.
func TagKeyPrefix(name string) (string, bool) {
	switch strings.ToLower(strings.TrimSuffix(name, "/")) {
	case "aws:principaltag":
		return "aws:PrincipalTag/", true
	case "aws:requesttag":
		return "aws:RequestTag/", true
	case "aws:resourcetag":
		return "aws:ResourceTag/", true
	}
	return "", false
}

var tagKeys = map[string]global{
	"aws:principaltag/": {kind: String},
	"aws:requesttag/":   {kind: String, listed: true},
	"aws:resourcetag/":  {kind: String, listed: true},
}

var globals = map[string]global{
	// Properties of the principal.
	"aws:principalarn":              {kind: ARN},
	"aws:principalaccount":          {kind: String},
	"aws:principalorgpaths":         {kind: "ArrayOfString"},
	"aws:principalorgid":            {kind: String},
	"aws:principalisawsservice":     {kind: Bool},
	"aws:principalservicename":      {kind: String},
	"aws:principalservicenameslist": {kind: "ArrayOfString"},
	"aws:principaltype":             {kind: String},
	"aws:userid":                    {kind: String},
	"aws:username":                  {kind: String},
	// Properties of a role session.
	"aws:assumedroot":                  {kind: String},
	"aws:federatedprovider":            {kind: String},
	"aws:tokenissuetime":               {kind: Date},
	"aws:multifactorauthage":           {kind: Numeric},
	"aws:multifactorauthpresent":       {kind: Bool},
	"aws:chatbotsourcearn":             {kind: ARN},
	"aws:ec2instancesourcevpc":         {kind: String},
	"aws:ec2instancesourceprivateipv4": {kind: IPAddress},
	"aws:sourceidentity":               {kind: String},
	"ec2:roledelivery":                 {kind: Numeric},
	"ec2:sourceinstancearn":            {kind: ARN},
	"glue:roleassumedby":               {kind: String},
	"glue:credentialissuingservice":    {kind: String},
	"codebuild:buildarn":               {kind: ARN},
	"codebuild:projectarn":             {kind: ARN},
	"lambda:sourcefunctionarn":         {kind: ARN},
	"ssm:sourceinstancearn":            {kind: ARN},
	"identitystore:userid":             {kind: String},
	// Properties of the network.
	"aws:sourceip":     {kind: IPAddress},
	"aws:sourcevpc":    {kind: String},
	"aws:sourcevpcarn": {kind: ARN},
	"aws:sourcevpce":   {kind: String},
	"aws:vpceaccount":  {kind: String},
	"aws:vpceorgid":    {kind: String},
	"aws:vpceorgpaths": {kind: "ArrayOfString"},
	"aws:vpcsourceip":  {kind: IPAddress},
	// Properties of the resource.
	"aws:resourceaccount":  {kind: String},
	"aws:resourceorgid":    {kind: String},
	"aws:resourceorgpaths": {kind: "ArrayOfString"},
	// Properties of the request.
	"aws:calledvia":          {kind: "ArrayOfString"},
	"aws:calledviafirst":     {kind: String},
	"aws:calledvialast":      {kind: String},
	"aws:calledviaawsmcp":    {kind: String},
	"aws:viaawsservice":      {kind: Bool},
	"aws:viaawsmcpservice":   {kind: Bool},
	"aws:ismcpserviceaction": {kind: Bool},
	"aws:currenttime":        {kind: Date},
	"aws:epochtime":          {kind: Date},
	"aws:referer":            {kind: String},
	"aws:requestedregion":    {kind: String},
	"aws:tagkeys":            {kind: "ArrayOfString", listed: true},
	"aws:securetransport":    {kind: Bool},
	"aws:sourceaccount":      {kind: String},
	"aws:sourcearn":          {kind: ARN},
	"aws:sourceorgid":        {kind: String},
	"aws:sourceorgpaths":     {kind: "ArrayOfString"},
	"aws:useragent":          {kind: String},
}
