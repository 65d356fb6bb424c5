package admin

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Notification is a message that a bucket's notifications delivered to a destination.
type Notification struct {
	ID          string          `json:"id"` // sorts by age
	Time        time.Time       `json:"time"`
	Destination string          `json:"destination"` // the ARN of a queue, topic, function or event bus
	Bucket      string          `json:"bucket"`
	Event       string          `json:"event"` // "ObjectCreated:Put"
	Message     json.RawMessage `json:"message"`
}

// Webhook maps a destination to a URL of this machine that its messages are posted to.
type Webhook struct {
	Destination string `json:"destination"`   // an ARN
	URL         string `json:"url,omitempty"` // "" maps it to none
}

// maxNotifications is the largest answer.
const maxNotifications = 10000

// notifications answers with the oldest messages after the one of the id "after".
func (a *api) notifications(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit := maxNotifications
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxNotifications {
			fail(w, http.StatusBadRequest, "limit is a number from 1 to %d", maxNotifications)
			return
		}
		limit = n
	}
	all, err := a.backend.Notifications(query.Get("destination"), query.Get("after"), limit)
	answer(w, all, err)
}

func (a *api) webhooks(w http.ResponseWriter, r *http.Request) {
	all, err := a.backend.Webhooks()
	answer(w, all, err)
}

func (a *api) putWebhook(w http.ResponseWriter, r *http.Request) {
	var in Webhook
	if !read(w, r, "webhook", 16<<10, &in) {
		return
	}
	if err := a.backend.PutWebhook(in); err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	write(w, http.StatusOK, in)
}
