package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/localpg"
)

// addressVariable names a server to use instead of a private one.
const addressVariable = "NEEDLE_TEST_DATABASE_URL"

const (
	// startPatience bounds a start of the server, including the very first one.
	startPatience = 2 * time.Minute
	// stepPatience bounds making and dropping one database.
	stepPatience = time.Minute
	// maxFolders is how many test processes of one account may run side by side.
	maxFolders = 64
)

// theServer is started by the first test of the process that asks for a database. It ends with the process.
var theServer = sync.OnceValues(startServer)

// server is the PostgreSQL server of this test process.
type server struct {
	address  func(database string) string
	admin    *sql.DB   // to the maintenance database
	presence *sql.Conn // holds the marks of this process as long as it lives
	run      uint32    // tells the databases of this process from those of others
	template string
	clone    string // the tail of CREATE DATABASE that is fastest on this server
	serial   atomic.Int64
}

func startServer() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startPatience)
	defer cancel()
	address, err := findServer(ctx)
	if err != nil {
		return nil, err
	}
	s, err := connect(ctx, address)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.presence.Close(), s.admin.Close())
	}
	return s, nil
}

// findServer returns how the databases of the server are addressed. The empty name is the maintenance database.
func findServer(ctx context.Context) (func(string) string, error) {
	if text := os.Getenv(addressVariable); text != "" {
		base, err := url.Parse(text)
		if err != nil || (base.Scheme != "postgres" && base.Scheme != "postgresql") {
			return nil, fmt.Errorf("%s is not of the form postgres://user@host/database", addressVariable)
		}
		return func(database string) string {
			there := *base
			if database != "" {
				there.Path = "/" + database
			}
			return there.String()
		}, nil
	}
	private, err := startPrivate(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting a private PostgreSQL for the tests: %w", err)
	}
	return private.URL, nil
}

// startPrivate starts a server on the first folder that no other test process holds.
func startPrivate(ctx context.Context) (*localpg.Server, error) {
	for i := range maxFolders {
		folder, err := localpg.DefaultDir("test-" + strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		s, err := startIn(ctx, folder)
		if _, taken := errors.AsType[*localpg.InUseError](err); taken {
			continue
		}
		return s, err
	}
	return nil, fmt.Errorf("%d other test processes run already", maxFolders)
}

// startIn starts a server on the folder. Data that cannot be used, be it damaged or of another PostgreSQL version, is
// thrown away: a test can do without.
func startIn(ctx context.Context, folder string) (*localpg.Server, error) {
	config := localpg.Config{
		DataDir:   folder,
		Ephemeral: true,
		Settings: map[string]string{
			"autovacuum":         "off", // a worker in the template would hold up its copies
			"checkpoint_timeout": "1h",
			"jit":                "off",
			"max_connections":    "400", // many parallel tests, each with a pool
			"max_wal_senders":    "0",
			"max_wal_size":       "256MB", // bounds what a start after a killed run has to replay
			"shared_buffers":     "64MB",
			"wal_level":          "minimal",
		},
	}
	s, err := localpg.Start(ctx, config)
	_, broken := errors.AsType[*localpg.StartError](err)
	_, foreign := errors.AsType[*localpg.VersionError](err)
	if (broken || foreign) && ctx.Err() == nil {
		if err := localpg.Remove(ctx, folder, nil); err != nil {
			return nil, err
		}
		return localpg.Start(ctx, config)
	}
	return s, err
}

func connect(ctx context.Context, address func(string) string) (*server, error) {
	connector, err := pq.NewConnector(address(""))
	if err != nil {
		return nil, fmt.Errorf("reading the address of the test server: %w", err)
	}
	s := &server{address: address, admin: sql.OpenDB(connector)}
	s.admin.SetMaxIdleConns(1)
	if s.presence, err = s.admin.Conn(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to the test server: %w", err), s.admin.Close())
	}
	var key [4]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, fmt.Errorf("choosing a name for this run: %w", err)
	}
	s.run = binary.BigEndian.Uint32(key[:])
	return s, nil
}

// prepare marks what this process uses, clears what dead ones left, and makes the template if there is none.
func (s *server) prepare(ctx context.Context) error {
	hash, err := migrationsHash()
	if err != nil {
		return err
	}
	s.template = templatePrefix + name(hash)
	if s.clone, err = s.fastestClone(ctx); err != nil {
		return err
	}
	if err := s.mark(ctx, lockRun, s.run); err != nil {
		return err
	}
	if err := s.markShared(ctx, lockTemplate, hash); err != nil {
		return err
	}
	if err := s.sweep(ctx, clonePrefix, lockRun); err != nil {
		return err
	}
	if err := s.sweep(ctx, templatePrefix, lockTemplate); err != nil {
		return err
	}
	return s.ensureTemplate(ctx, hash)
}

// fastestClone copies files where that can be asked for: with durability off it beats writing the copy to the log.
func (s *server) fastestClone(ctx context.Context) (string, error) {
	var version int
	if err := s.presence.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&version); err != nil {
		return "", fmt.Errorf("asking for the server's version: %w", err)
	}
	if version < 150000 {
		return "", nil
	}
	return " STRATEGY FILE_COPY", nil
}

// nextName returns the name of the next database of this process.
func (s *server) nextName() string {
	return clonePrefix + name(s.run) + "_" + strconv.FormatInt(s.serial.Add(1), 10)
}
