package emulator

import (
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/emulator/awserr"
)

// A VPC endpoint exists by declaration alone, in the world file or through the admin API: xemu has no networks. A request
// says that it comes through one by a header. Its policy then limits the request, and the request has the condition keys of
// one that comes from a VPC ("Control access to VPC endpoints using endpoint policies", AWS PrivateLink Guide).

// EndpointHeader names, by its id, the VPC endpoint that a request comes through. It need not be signed, and is taken from
// this machine alone.
const EndpointHeader = "X-Xemu-Vpc-Endpoint"

// WorldEndpoint is a VPC endpoint of a world file. Account owns it, if that matters; without a Policy it has AWS's default
// one, which allows everything.
type WorldEndpoint struct {
	ID      string `yaml:"id"`
	VPC     string `yaml:"vpc"`
	Account string `yaml:"account,omitempty"`
	Policy  string `yaml:"policy,omitempty"` // JSON
}

const (
	defaultEndpointPolicy = `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`
	maxEndpointPolicy     = 20480 // characters, white space included ("Endpoint policies", AWS PrivateLink Guide)
)

var (
	endpointID = regexp.MustCompile(`^vpce-[0-9a-zA-Z]{1,32}$`)
	vpcID      = regexp.MustCompile(`^vpc-[0-9a-zA-Z]{1,32}$`)
)

// compile checks e and returns it as requests need it.
func (e WorldEndpoint) compile() (*endpoint, error) {
	switch {
	case !endpointID.MatchString(e.ID):
		return nil, fmt.Errorf("id %q does not have the form %s", e.ID, endpointID)
	case !vpcID.MatchString(e.VPC):
		return nil, fmt.Errorf("vpc %q does not have the form %s", e.VPC, vpcID)
	case e.Account != "" && !accountID.MatchString(e.Account):
		return nil, fmt.Errorf("account %q does not have the form %s", e.Account, accountID)
	case len([]rune(e.Policy)) > maxEndpointPolicy:
		return nil, fmt.Errorf("the policy has more than %d characters", maxEndpointPolicy)
	}
	text := e.Policy
	if text == "" {
		text = defaultEndpointPolicy
	}
	policy, err := authz.Validate(text, authz.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("the policy: %w", err)
	}
	return &endpoint{WorldEndpoint: e, policy: authz.Attached{
		Policy: policy, Kind: authz.Endpoint, Account: e.Account, To: e.ID + " of " + e.VPC,
	}}, nil
}

// endpoint is a declared endpoint with its policy.
type endpoint struct {
	WorldEndpoint
	policy authz.Attached
}

// compileEndpoints returns the endpoints by id.
func compileEndpoints(list []WorldEndpoint) (map[string]*endpoint, error) {
	all := map[string]*endpoint{}
	for _, e := range list {
		if all[e.ID] != nil {
			return nil, fmt.Errorf("two VPC endpoints have the id %s", e.ID)
		}
		compiled, err := e.compile()
		if err != nil {
			return nil, fmt.Errorf("VPC endpoint %q: %w", e.ID, err)
		}
		all[e.ID] = compiled
	}
	return all, nil
}

// through finds the endpoint that the request says it comes through. One that is not declared lets nothing pass.
func (s *Server) through(c *call) error {
	id := c.HTTP.Header.Get(EndpointHeader)
	if id == "" {
		return nil
	}
	host, _, _ := net.SplitHostPort(c.HTTP.RemoteAddr)
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return awserr.AccessDenied.Errorf("The header %s is taken from the machine alone that xemu runs on.", EndpointHeader)
	}
	if c.endpoint = (*s.endpoints.Load())[id]; c.endpoint == nil {
		return awserr.AccessDenied.Errorf("No VPC endpoint %s is declared: see xemu endpoint list.", id)
	}
	c.VPC = c.endpoint.VPC
	return nil
}

// Endpoints implements admin.Backend.
func (b backend) Endpoints() []admin.Endpoint {
	all := []admin.Endpoint{}
	endpoints := *b.endpoints.Load()
	for _, id := range slices.Sorted(maps.Keys(endpoints)) {
		all = append(all, admin.Endpoint(endpoints[id].WorldEndpoint))
	}
	return all
}

// PutEndpoint implements admin.Backend. The endpoint is part of the world that a reset goes back to.
func (b backend) PutEndpoint(in admin.Endpoint) error {
	return b.changeEndpoints(func(list []WorldEndpoint) []WorldEndpoint {
		return append(without(list, in.ID), WorldEndpoint(in))
	})
}

// DeleteEndpoint implements admin.Backend.
func (b backend) DeleteEndpoint(id string) (bool, error) {
	found := (*b.endpoints.Load())[id] != nil
	return found, b.changeEndpoints(func(list []WorldEndpoint) []WorldEndpoint { return without(list, id) })
}

func without(list []WorldEndpoint, id string) []WorldEndpoint {
	return slices.DeleteFunc(slices.Clone(list), func(e WorldEndpoint) bool { return e.ID == id })
}

func (b backend) changeEndpoints(change func([]WorldEndpoint) []WorldEndpoint) error {
	b.worldMutex.Lock()
	defer b.worldMutex.Unlock()
	world := b.world
	world.Endpoints = change(world.Endpoints)
	compiled, err := compileEndpoints(world.Endpoints)
	if err != nil {
		return err
	}
	if err := world.write(filepath.Join(b.config.Dir, "world.yaml")); err != nil {
		return err
	}
	b.world = world
	b.endpoints.Store(&compiled)
	return nil
}
