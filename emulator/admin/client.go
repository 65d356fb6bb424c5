package admin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Client calls the admin API of the server that runs on a data directory.
type Client struct{ dir, url, token string }

// NewClient returns a client for the data directory dir. The error says that no server has run on it.
func NewClient(dir string) (*Client, error) {
	c := &Client{dir: dir}
	for path, field := range map[string]*string{"url": &c.url, "admin-token": &c.token} {
		text, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return nil, fmt.Errorf("no server has run on %s: start one with 'xemu serve --data %s'", dir, dir)
		}
		*field = strings.TrimSpace(string(text))
	}
	return c, nil
}

// Call sends in (nil for none) as JSON and decodes the answer into out (nil: it is dropped). The error is the server's
// own, or says how to start the server.
func (c *Client) Call(method, path string, in, out any) error {
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return err
		}
	}
	text, err := c.send(method, path, &body)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(text, out)
}

// Text returns a document that is not JSON.
func (c *Client) Text(path string) (string, error) {
	text, err := c.send("GET", path, nil)
	return string(text), err
}

func (c *Client) send(method, path string, body io.Reader) ([]byte, error) {
	r, err := http.NewRequest(method, c.url+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	answer, err := (&http.Client{Timeout: time.Minute}).Do(r)
	if err != nil {
		return nil, fmt.Errorf("the server of %s does not answer at %s: start it with 'xemu serve --data %s'", c.dir, c.url, c.dir)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= 300 {
		var failure struct{ Error string }
		if json.Unmarshal(text, &failure) == nil && failure.Error != "" {
			return nil, fmt.Errorf("%s", failure.Error)
		}
		return nil, fmt.Errorf("%s answered %s: is it xemu?", c.url, answer.Status)
	}
	return text, nil
}

// URL is where the server listens.
func (c *Client) URL() string { return c.url }
