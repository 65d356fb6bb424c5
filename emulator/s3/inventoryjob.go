package s3

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/store"
)

func init() { jobs = append(jobs, job{"inventory", runInventories}) }

// Inventoried notes for a bucket's inventory when the next report is due.
type Inventoried struct {
	BucketID, ID string
	Due          time.Time
}

var inventoried = store.NewTable("s3/inventory", func(i *Inventoried) string { return store.Key(i.BucketID, i.ID) })

// inventoryPeriods are how far reports are apart. The first comes after a day.
var inventoryPeriods = map[types.InventoryFrequency]time.Duration{
	types.InventoryFrequencyDaily: 24 * time.Hour, types.InventoryFrequencyWeekly: 7 * 24 * time.Hour,
}

// runInventories delivers the reports that are due ("Cataloging and analyzing your data with S3 Inventory").
func runInventories(ctx context.Context, s *Service, now time.Time) error {
	found, err := s.enabledInventories(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, i := range found {
		errs = append(errs, s.runInventory(ctx, i.bucket, i.configuration, now))
	}
	return errors.Join(errs...)
}

// forgetReports drops when reports of a bucket are due: of one inventory, or of all ("").
func forgetReports(tx *store.Tx, bucketID, id string) error {
	var keys []string
	for i, err := range inventoried.Scan(tx, store.Key(bucketID), "") {
		if err != nil {
			return err
		}
		if id == "" || i.ID == id {
			keys = append(keys, store.Key(i.BucketID, i.ID))
		}
	}
	for _, key := range keys {
		if err := inventoried.Delete(tx, key); err != nil {
			return err
		}
	}
	return nil
}

type enabledInventory struct {
	bucket        Bucket
	configuration *types.InventoryConfiguration
}

// enabledInventories are those of all buckets that report by now. They are found again when a bucket or configuration has
// changed.
func (s *Service) enabledInventories(ctx context.Context) ([]enabledInventory, error) {
	generation := s.generation.Load()
	if s.inventories.known && s.inventories.generation == generation {
		return s.inventories.enabled, nil
	}
	var enabled []enabledInventory
	err := s.store.View(ctx, func(tx *store.Tx) error {
		for b, err := range bucketTable.Scan(tx, "", "") {
			if err != nil {
				return err
			}
			for c, err := range configurations.Scan(tx, store.Key(b.ID, inventoryKind.name), "") {
				if err != nil {
					return err
				}
				i := new(types.InventoryConfiguration)
				if err := json.Unmarshal(c.Document, i); err != nil {
					return err
				}
				if aws.ToBool(i.IsEnabled) {
					enabled = append(enabled, enabledInventory{b, i})
				}
			}
		}
		return nil
	})
	if err == nil {
		s.inventories.known, s.inventories.generation, s.inventories.enabled = true, generation, enabled
	}
	return enabled, err
}

// runInventory delivers a report, if it is due, and notes when the next one is.
func (s *Service) runInventory(ctx context.Context, b Bucket, c *types.InventoryConfiguration, now time.Time) error {
	next := Inventoried{BucketID: b.ID, ID: *c.Id, Due: now.Add(inventoryPeriods[types.InventoryFrequencyDaily])}
	var noted Inventoried
	var ok bool
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		noted, ok, err = inventoried.Get(tx, store.Key(b.ID, *c.Id))
		return err
	})
	if err != nil || ok && noted.Due.After(now) {
		return err
	}
	if ok {
		if err := s.deliverInventory(ctx, b.Name, c, now); err != nil {
			return err
		}
		next.Due = now.Add(inventoryPeriods[c.Schedule.Frequency])
	}
	return s.store.Update(ctx, func(tx *store.Tx) error { return inventoried.Put(tx, &next) })
}

// deliverInventory writes the list, its manifest and the manifest's checksum. Where the destination is gone or does not let
// it in, there is no report. Only CSV is written.
func (s *Service) deliverInventory(ctx context.Context, name string, c *types.InventoryConfiguration, now time.Time) error {
	d := c.Destination.S3BucketDestination
	source, err := s.bucketNamed(ctx, name)
	if err != nil || d.Format != types.InventoryFormatCsv {
		return ignoreMissing(err)
	}
	target, err := s.bucketNamed(ctx, strings.TrimPrefix(*d.Bucket, "arn:aws:s3:::"))
	if err != nil || d.AccountId != nil && *d.AccountId != target.Account {
		return ignoreMissing(err)
	}
	list, err := s.inventoryList(ctx, source, c)
	if err != nil {
		return err
	}
	base := source.Name + "/" + *c.Id + "/"
	if prefix := aws.ToString(d.Prefix); prefix != "" {
		base = prefix + "/" + base
	}
	sum := md5.Sum(list)
	dataKey := base + "data/" + ids.NewRequestID() + ".csv.gz"
	manifest, err := json.MarshalIndent(map[string]any{
		"sourceBucket": source.Name, "destinationBucket": *d.Bucket, "version": "2016-11-30",
		"creationTimestamp": strconv.FormatInt(now.UnixMilli(), 10), "fileFormat": "CSV", "fileSchema": strings.Join(inventorySchema(c), ", "),
		"files": []any{map[string]any{"key": dataKey, "size": len(list), "MD5checksum": hex.EncodeToString(sum[:])}},
	}, "", "  ")
	if err != nil {
		return err
	}
	manifestSum := md5.Sum(manifest)
	dated := base + now.UTC().Format("2006-01-02T15-04Z") + "/"
	for _, file := range []struct {
		key, kind string
		body      []byte
	}{
		{dataKey, "application/octet-stream", list},
		{dated + "manifest.json", "application/json", manifest},
		{dated + "manifest.checksum", "text/plain", []byte(hex.EncodeToString(manifestSum[:]) + "\n")},
	} {
		in := &s3.PutObjectInput{Key: aws.String(file.key), ContentType: aws.String(file.kind)}
		if delivered, err := s.deliver(ctx, reportService, source, target, in, file.body); err != nil || !delivered {
			return err
		}
	}
	return nil
}

// ignoreMissing drops the error of a bucket that is gone.
func ignoreMissing(err error) error {
	if errors.Is(err, awserr.NoSuchBucket) {
		return nil
	}
	return err
}

// inventorySchema are the columns of a list.
func inventorySchema(c *types.InventoryConfiguration) []string {
	columns := []string{"Bucket", "Key"}
	if c.IncludedObjectVersions == types.InventoryIncludedObjectVersionsAll {
		columns = append(columns, "VersionId", "IsLatest", "IsDeleteMarker")
	}
	for _, field := range types.InventoryOptionalField("").Values() { // S3's order, whatever that of the configuration
		if slices.Contains(c.OptionalFields, field) {
			columns = append(columns, string(field))
		}
	}
	return columns
}

// inventoryList is the compressed list of a bucket's objects: those that are the newest first, then the older versions.
func (s *Service) inventoryList(ctx context.Context, b *bucket, c *types.InventoryConfiguration) ([]byte, error) {
	var list bytes.Buffer
	compressed := gzip.NewWriter(&list)
	prefix := ""
	if c.Filter != nil {
		prefix = aws.ToString(c.Filter.Prefix)
	}
	schema := inventorySchema(c)
	all := c.IncludedObjectVersions == types.InventoryIncludedObjectVersionsAll
	err := s.store.View(ctx, func(tx *store.Tx) error {
		for _, table := range []*store.Table[Object]{current, older} {
			if table == older && !all {
				break
			}
			for o, err := range table.Scan(tx, store.Key(b.ID), "") {
				if err != nil {
					return err
				}
				if !strings.HasPrefix(o.Key, prefix) || o.DeleteMarker && !all {
					continue
				}
				line := make([]string, len(schema))
				for i, column := range schema {
					line[i] = inventoryField(column, b, &o, table == current)
				}
				if _, err := io.WriteString(compressed, `"`+strings.Join(line, `","`)+"\"\n"); err != nil { // no field has quotes
					return err
				}
			}
		}
		return nil
	})
	err = errors.Join(err, compressed.Close())
	return list.Bytes(), err
}

// inventoryField is one field of a list ("Amazon S3 Inventory list").
func inventoryField(column string, b *bucket, o *Object, latest bool) string {
	switch column {
	case "Bucket":
		return b.Name
	case "Key":
		return url.QueryEscape(o.Key)
	case "VersionId":
		if o.VersionID == nullVersion {
			return ""
		}
		return o.VersionID
	case "IsLatest":
		return strconv.FormatBool(latest)
	case "IsDeleteMarker":
		return strconv.FormatBool(o.DeleteMarker)
	case "LastModifiedDate":
		return o.Modified.UTC().Format(eventTime)
	}
	if o.DeleteMarker {
		return ""
	}
	switch types.InventoryOptionalField(column) {
	case types.InventoryOptionalFieldSize:
		return strconv.FormatInt(o.Size, 10)
	case types.InventoryOptionalFieldETag:
		return o.ETag
	case types.InventoryOptionalFieldStorageClass:
		if o.StorageClass == "" {
			return "STANDARD"
		}
		return string(o.StorageClass)
	case types.InventoryOptionalFieldIsMultipartUploaded:
		return strconv.FormatBool(o.Parts > 0)
	case types.InventoryOptionalFieldReplicationStatus:
		return string(o.Replication)
	case types.InventoryOptionalFieldEncryptionStatus:
		switch {
		case o.Encryption.Lock != nil:
			return "SSE-C"
		case o.Encryption.kms():
			return "SSE-KMS"
		}
		return "SSE-S3"
	case types.InventoryOptionalFieldBucketKeyStatus:
		if o.Encryption.BucketKey {
			return "ENABLED"
		}
		return "DISABLED"
	case types.InventoryOptionalFieldChecksumAlgorithm:
		return string(o.Checksum.Algorithm)
	case types.InventoryOptionalFieldObjectOwner:
		if b.ACLsDisabled() {
			return *ownerOf(b.Account).ID
		}
		return *ownerOf(o.Owner).ID
	}
	return ""
}
