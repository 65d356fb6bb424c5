// Package emulator is xemu as a Go value: [Listen] opens a data directory and an address, [Server.Serve] answers until
// it is closed.
//
//	srv, err := emulator.Listen(emulator.Config{Addr: "127.0.0.1:0", Dir: dir})
//	go srv.Serve()
//	defer srv.Close()
//	fmt.Println(srv.URL)
package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/emulator/console"
	"github.com/xemu-aws/xemu/emulator/oidc"
	"github.com/xemu-aws/xemu/store"
)

// Mode says what happens to a request that its policies do not allow.
type Mode string

// The enforcement modes.
const (
	Strict Mode = "strict" // denied
	Audit  Mode = "audit"  // let pass, and recorded as what it would have been
	Off    Mode = "off"    // not decided at all; signatures are still verified
)

// Config says how to run. Only Dir is required, except with Durability store.Memory.
type Config struct {
	Addr       string           // host:port to listen on; "" is 127.0.0.1:4566, port 0 is any free port
	Dir        string           // the data directory, made if it is missing
	World      *World           // what a new data directory starts with; nil: DefaultWorld
	Mode       Mode             // "" is Strict
	Durability store.Durability // of acknowledged writes
	Managed    string           // a directory or file with further AWS managed policies; "" for none
	Eventual   time.Duration    // how late new keys, roles and policies take effect; 0: at once
	Domains    []string         // names whose subdomains are buckets, besides localhost and s3.localhost
	Now        func() time.Time // nil: time.Now
	Patience   time.Duration    // with a client that stops in the middle of a body; 0: 20 seconds
	Log        *slog.Logger     // nil: nothing is logged
}

// Server is a listening emulator.
type Server struct {
	URL     string    // "http://127.0.0.1:4566"
	Profile *Profiles // the AWS config files of its identities

	config     Config
	listener   net.Listener
	http       *http.Server
	clock      *clock
	store      *store.Store
	events     *eventLog
	worldMutex sync.Mutex // of changes to the world as a whole: a new account, a reset
	world      World      // resolved: every key and password is known
	services   atomic.Pointer[services]
	endpoints  atomic.Pointer[map[string]*endpoint] // the VPC endpoints by id
	issuer     *oidc.Issuer
	verifier   *oidc.Verifier
	admin      http.Handler
	console    http.Handler
	hosts      hosts
	workloads  *workloads
}

// Listen opens the data directory, builds its world if it is new, and binds the address, so that a client can connect from
// now on; Serve answers. Errors say what to do: the directory is in use by another xemu, the port is taken, a world file
// names an impossible account.
func Listen(config Config) (*Server, error) {
	config = config.withDefaults()
	s := &Server{config: config, hosts: newHosts(config.Domains)}
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (c Config) withDefaults() Config {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:4566"
	}
	if c.Mode == "" {
		c.Mode = Strict
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Patience == 0 {
		c.Patience = patience
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// open takes what can fail in the order in which failing leaves nothing behind: the address, then the directory.
func (s *Server) open() (err error) {
	if s.listener, err = listen(s.config.Addr); err != nil {
		return err
	}
	s.URL = "http://" + s.listener.Addr().String()
	if err := os.MkdirAll(s.config.Dir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if s.clock, err = openClock(filepath.Join(s.config.Dir, "clock"), s.config.Now); err != nil {
		return err
	}
	s.config.Now = s.clock.now
	s.store, err = store.Open(filepath.Join(s.config.Dir, "store"), store.Options{Durability: s.config.Durability, Now: s.config.Now})
	if err != nil {
		return err
	}
	if s.events, err = openEventLog(filepath.Join(s.config.Dir, "events"), s.config.Log); err != nil {
		return err
	}
	if s.world, err = resolveWorld(s.config.Dir, s.config.World); err != nil {
		return err
	}
	endpoints, err := compileEndpoints(s.world.Endpoints)
	if err != nil {
		return err
	}
	s.endpoints.Store(&endpoints)
	if err := s.openFederation(); err != nil {
		return err
	}
	if err := s.build(context.Background()); err != nil {
		return err
	}
	s.Profile = &Profiles{Dir: filepath.Join(s.config.Dir, "aws"), URL: s.URL}
	if err := s.Profile.Write(s.world); err != nil {
		return err
	}
	if err := writeSecret(filepath.Join(s.config.Dir, "url"), []byte(s.URL+"\n")); err != nil { // for xemu why and the like
		return err
	}
	token, err := adminToken(s.config.Dir)
	if err != nil {
		return err
	}
	s.workloads = newWorkloads(s)
	s.admin = admin.New(backend{s}, token, s.listener.Addr().String())
	_, port, _ := net.SplitHostPort(s.listener.Addr().String())
	s.console = console.New(consoleBackend{s}, port)
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug),
	}
	return nil
}

func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w (choose another address with --addr HOST:PORT; port 0 takes any free one)", addr, err)
	}
	return l, nil
}

// Serve answers requests until Close or Shutdown.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown lets requests under way end, until ctx is done, and closes the server.
func (s *Server) Shutdown(ctx context.Context) error {
	return errors.Join(s.http.Shutdown(ctx), s.Close())
}

// Close stops at once. Writes that were acknowledged stay.
func (s *Server) Close() error {
	var errs []error
	if s.workloads != nil {
		errs = append(errs, s.workloads.close())
	}
	if s.http != nil {
		errs = append(errs, s.http.Close())
	} else if s.listener != nil {
		errs = append(errs, s.listener.Close())
	}
	if v := s.services.Load(); v != nil {
		errs = append(errs, v.close())
	}
	if s.events != nil {
		errs = append(errs, s.events.close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
		s.store = nil
	}
	return errors.Join(errs...)
}

// World returns the world that the server started with, keys and passwords included.
func (s *Server) World() World {
	s.worldMutex.Lock()
	defer s.worldMutex.Unlock()
	return s.world
}
