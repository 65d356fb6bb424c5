package emulator

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// A workload is a program that runs as a role: on an EC2 instance (imds.go) or as an ECS task (container.go). It exists by
// declaration, as long as the server runs, and is nothing but the endpoint that SDKs ask for its credentials, with an id that
// nobody can guess. An instance's is an address of its own, since SDKs ask for /latest/… there.

// workload is a program that runs as a role.
type workload struct {
	ID       string
	Account  string
	Region   string
	Profile  string // the ARN of an instance's profile
	Role     string // the ARN of a task's role
	Token    string // what a task must show
	Launched time.Time

	url    string       // of an instance's metadata service
	server *http.Server // which answers there
}

func (w *workload) instance() bool { return w.Profile != "" }

// arn is that of the instance or the task.
func (w *workload) arn() string {
	if w.instance() {
		return "arn:aws:ec2:" + w.Region + ":" + w.Account + ":instance/" + w.ID
	}
	return "arn:aws:ecs:" + w.Region + ":" + w.Account + ":task/default/" + w.ID
}

// workloads hands out the credentials of the workloads.
type workloads struct {
	server *Server
	seal   [32]byte // of the instance metadata service's tokens, which a restart ends

	mu      sync.Mutex
	running map[string]*workload
	issued  map[string]issued // by workload, the credentials it was given last
}

// issued are credentials, with whose they are.
type issued struct {
	who authz.Principal
	*types.Credentials
	at time.Time
}

func newWorkloads(s *Server) *workloads {
	w := &workloads{server: s, running: map[string]*workload{}, issued: map[string]issued{}}
	rand.Read(w.seal[:])
	return w
}

// Credentials of a workload last six hours, and new ones come when less than renewBefore is left: SDKs ask again in the last
// minutes ("Retrieve security credentials from instance metadata", Amazon EC2 User Guide).
const (
	workloadSession = 6 * time.Hour
	renewBefore     = 20 * time.Minute
)

// credentials returns a workload's credentials as a session of a role, as long as the role trusts the service.
func (w *workloads) credentials(ctx context.Context, load *workload, roleARN string) (issued, error) {
	service, keys, said := "ecs-tasks.amazonaws.com", map[string]string(nil), authz.Keys{"aws:sourcearn": {load.arn()}}
	if load.instance() {
		service, said = "ec2.amazonaws.com", nil
		keys = map[string]string{"ec2:sourceinstancearn": load.arn(), "ec2:roledelivery": "2.0"}
	}
	s := w.server
	v, now := s.services.Load(), s.config.Now().UTC()
	who, err := s.assumedBy(ctx, v, service, roleARN, load.ID, said)
	if err != nil {
		return issued{}, err
	}
	w.mu.Lock()
	last, ok := w.issued[load.ID]
	w.mu.Unlock()
	if ok && last.who == who && last.Expiration.Sub(now) > renewBefore {
		return last, nil
	}
	c, err := v.sts.Issue(ctx, who, wire.Session{Issued: now, Expires: now.Add(workloadSession), Keys: keys})
	if err != nil {
		return issued{}, err
	}
	fresh := issued{who, c, now}
	w.mu.Lock()
	w.issued[load.ID] = fresh
	w.mu.Unlock()
	return fresh, nil
}

// start makes a workload run, an instance with a metadata service of its own beside the server.
func (w *workloads) start(load *workload) error {
	if load.instance() {
		host, _, err := net.SplitHostPort(w.server.listener.Addr().String())
		if err != nil {
			return err
		}
		l, err := listen(net.JoinHostPort(host, "0"))
		if err != nil {
			return err
		}
		addr := l.Addr().String()
		load.url = "http://" + addr
		answer := func(out http.ResponseWriter, r *http.Request) {
			w.answer(out, r, load.ID, strings.TrimPrefix(r.URL.Path, "/"))
		}
		load.server = &http.Server{
			Handler: admin.Guard(http.HandlerFunc(answer), addr), ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
			ErrorLog: slog.NewLogLogger(w.server.config.Log.Handler(), slog.LevelDebug),
		}
		go load.server.Serve(l) // until stop
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running[load.ID] = load
	return nil
}

// stop ends a workload, and reports whether there was one. Credentials that it was given last to their end.
func (w *workloads) stop(id string) (bool, error) {
	w.mu.Lock()
	load, ok := w.running[id]
	delete(w.running, id)
	delete(w.issued, id)
	w.mu.Unlock()
	if !ok || load.server == nil {
		return ok, nil
	}
	return true, load.server.Close()
}

// all returns the workloads by their ids.
func (w *workloads) all() []*workload {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.SortedFunc(maps.Values(w.running), func(a, b *workload) int { return strings.Compare(a.ID, b.ID) })
}

func (w *workloads) close() error {
	var errs []error
	for _, load := range w.all() {
		_, err := w.stop(load.ID)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// showWorkload describes a workload with the environment that SDKs find it by.
func (s *Server) showWorkload(w *workload) admin.Workload {
	shown := admin.Workload{ID: w.ID, InstanceProfile: w.Profile, TaskRole: w.Role, Account: w.Account, Region: w.Region}
	shown.Environment = map[string]string{"AWS_ENDPOINT_URL": s.URL, "AWS_REGION": w.Region, "AWS_DEFAULT_REGION": w.Region}
	if w.instance() {
		shown.Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = w.url
	} else {
		shown.Environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = s.URL + "/_xemu/workload/" + w.ID + "/credentials"
		shown.Environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = w.Token
	}
	return shown
}

var (
	profileARN = regexp.MustCompile(`^arn:aws:iam::([0-9]{12}):instance-profile/`)
	taskRole   = regexp.MustCompile(`^arn:aws:iam::([0-9]{12}):role/`)
	regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
)

// Workloads implements admin.Backend.
func (b backend) Workloads() []admin.Workload {
	all := []admin.Workload{}
	for _, w := range b.workloads.all() {
		shown := b.showWorkload(w)
		shown.Environment = nil // a task's has its token
		all = append(all, shown)
	}
	return all
}

// RunWorkload implements admin.Backend.
func (b backend) RunWorkload(in admin.Workload) (admin.Workload, error) {
	if in.Region == "" {
		in.Region = Region
	}
	if !regionName.MatchString(in.Region) {
		return in, fmt.Errorf("%q is not the name of a region", in.Region)
	}
	w := &workload{Launched: b.config.Now(), Region: in.Region, Profile: in.InstanceProfile, Role: in.TaskRole}
	ctx, iam := context.Background(), b.services.Load().iam
	switch {
	case (w.Profile == "") == (w.Role == ""):
		return in, errors.New("an instance has an instance profile, a task has a role: give one of the two")
	case w.instance():
		parts := profileARN.FindStringSubmatch(w.Profile)
		if _, ok, err := iam.InstanceProfile(ctx, w.Profile); err != nil {
			return in, err
		} else if parts == nil || !ok {
			return in, fmt.Errorf("there is no instance profile %s", w.Profile)
		}
		w.ID, w.Account = "i-0"+randomHex(8), parts[1]
	default:
		parts := taskRole.FindStringSubmatch(w.Role)
		if _, ok, err := iam.RoleByARN(ctx, w.Role); err != nil {
			return in, err
		} else if parts == nil || !ok {
			return in, fmt.Errorf("there is no role %s", w.Role)
		}
		w.ID, w.Account, w.Token = randomHex(16), parts[1], rand.Text()
	}
	if err := b.workloads.start(w); err != nil {
		return in, err
	}
	return b.showWorkload(w), nil
}

// StopWorkload implements admin.Backend.
func (b backend) StopWorkload(id string) (bool, error) { return b.workloads.stop(id) }

// DelegationToken implements admin.Backend.
func (b backend) DelegationToken(id string) (string, error) {
	return b.services.Load().iam.DelegationToken(context.Background(), id)
}

// Metadata implements admin.Backend.
func (b backend) Metadata() http.Handler { return b.workloads }

// ServeHTTP answers what comes to /_xemu/workload/ID/….
func (w *workloads) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	id, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/_xemu/workload/"), "/")
	w.answer(out, r, id, path)
}

// answer answers a workload's request. As on AWS, what comes through a proxy is refused, so that nobody makes a program fetch
// its own credentials for them ("Use IMDSv2", Amazon EC2 User Guide).
func (w *workloads) answer(out http.ResponseWriter, r *http.Request, id, path string) {
	w.mu.Lock()
	load, ok := w.running[id]
	w.mu.Unlock()
	switch {
	case r.Header.Get("X-Forwarded-For") != "":
		http.Error(out, "Forbidden", http.StatusForbidden)
	case !ok:
		http.NotFound(out, r)
	case load.instance():
		w.instance(out, r, load, path)
	default:
		w.task(out, r, load, path)
	}
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}
