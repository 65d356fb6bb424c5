package emulator

import (
	"context"

	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/emulator/s3"
)

// Notifications implements admin.Backend.
func (b backend) Notifications(destination, after string, limit int) ([]admin.Notification, error) {
	delivered, err := b.services.Load().s3.Delivered(context.Background(), destination, after, limit)
	all := make([]admin.Notification, len(delivered))
	for i, d := range delivered {
		all[i] = admin.Notification(d)
	}
	return all, err
}

// Webhooks implements admin.Backend.
func (b backend) Webhooks() ([]admin.Webhook, error) {
	hooks, err := b.services.Load().s3.Webhooks(context.Background())
	all := make([]admin.Webhook, len(hooks))
	for i, h := range hooks {
		all[i] = admin.Webhook{Destination: h.Destination, URL: h.URL}
	}
	return all, err
}

// PutWebhook implements admin.Backend.
func (b backend) PutWebhook(in admin.Webhook) error {
	return b.services.Load().s3.PutWebhook(context.Background(), s3.Webhook{Destination: in.Destination, URL: in.URL})
}
