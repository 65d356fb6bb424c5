package emulator

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/emulator/iam"
)

// The instance metadata service, Version 2 ("Use the Instance Metadata Service to access instance metadata", Amazon EC2 User
// Guide). Version 1, without a token, is off, as for the instances that are launched with today's defaults.

const (
	tokenTTL    = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"
	tokenHeader = "X-Aws-Ec2-Metadata-Token"
	maxTokenTTL = 21600 // seconds
)

// instance answers a request to an instance's metadata service.
func (w *workloads) instance(out http.ResponseWriter, r *http.Request, load *workload, path string) {
	now := w.server.config.Now()
	out.Header().Set("Content-Type", "text/plain")
	out.Header().Set("Cache-Control", "no-store")
	switch {
	case path == "latest/api/token":
		w.newToken(out, r, load, now)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(out, "Method Not Allowed", http.StatusMethodNotAllowed)
		return
	}
	end, ok := w.tokenEnd(load, r.Header.Get(tokenHeader), now)
	if !ok {
		http.Error(out, "Unauthorized", http.StatusUnauthorized)
		return
	}
	out.Header().Set(tokenTTL, strconv.Itoa(int(end.Sub(now).Seconds())))
	text, ok, err := w.metadata(r.Context(), load, path)
	switch {
	case err != nil:
		http.Error(out, "Internal Server Error", http.StatusInternalServerError)
	case !ok:
		http.NotFound(out, r)
	default:
		out.Write([]byte(text))
	}
}

// newToken makes a token that the other requests must show, good for as many seconds as asked for.
func (w *workloads) newToken(out http.ResponseWriter, r *http.Request, load *workload, now time.Time) {
	if r.Method != http.MethodPut {
		http.Error(out, "Method Not Allowed", http.StatusMethodNotAllowed)
		return
	}
	seconds, err := strconv.Atoi(r.Header.Get(tokenTTL))
	if err != nil || seconds < 1 || seconds > maxTokenTTL {
		http.Error(out, "Bad Request", http.StatusBadRequest)
		return
	}
	out.Header().Set(tokenTTL, strconv.Itoa(seconds))
	end := strconv.FormatInt(now.Unix()+int64(seconds), 36)
	out.Write([]byte(end + "." + w.sign(load, end)))
}

func (w *workloads) sign(load *workload, end string) string {
	h := hmac.New(sha256.New, w.seal[:])
	h.Write([]byte(load.ID + " " + end))
	return base64.URLEncoding.EncodeToString(h.Sum(nil))
}

// tokenEnd is until when a token is good; ok is false for one that is not the instance's, or not any more.
func (w *workloads) tokenEnd(load *workload, token string, now time.Time) (time.Time, bool) {
	end, signature, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(signature), []byte(w.sign(load, end))) {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseInt(end, 36, 64)
	at := time.Unix(seconds, 0)
	return at, err == nil && now.Before(at)
}

// The machine that every instance is.
const (
	instanceType = "t3.micro"
	imageID      = "ami-0abcdef1234567890"
	privateIP    = "127.0.0.1"
)

// metadata returns what is at a path: a value, or the names of what is under it.
func (w *workloads) metadata(ctx context.Context, load *workload, path string) (text string, ok bool, err error) {
	profile, attached, err := w.server.services.Load().iam.InstanceProfile(ctx, load.Profile)
	if err != nil {
		return "", false, err
	}
	leaves := load.leaves()
	if attached {
		leaves["latest/meta-data/iam/info"] = load.info(profile)
	}
	role := profile.Role[strings.LastIndexByte(profile.Role, '/')+1:]
	credentials := "latest/meta-data/iam/security-credentials/" + role
	if role != "" {
		if path == credentials {
			text, err := w.securityCredentials(ctx, load, profile.Role, role)
			return text, err == nil, err
		}
		leaves[credentials] = ""
	}
	if text, ok := leaves[path]; ok {
		return text, true, nil
	}
	return under(leaves, strings.TrimSuffix(path, "/"))
}

// under lists the names right under a folder; those of folders end with a slash.
func under(leaves map[string]string, folder string) (string, bool, error) {
	if folder != "" {
		folder += "/"
	}
	var names []string
	for path := range leaves {
		rest, in := strings.CutPrefix(path, folder)
		if !in {
			continue
		}
		name, _, deeper := strings.Cut(rest, "/")
		if deeper {
			name += "/"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, "\n"), len(names) > 0, nil
}

// leaves are the values that depend on nothing but the instance.
func (load *workload) leaves() map[string]string {
	host := "ip-127-0-0-1.ec2.internal"
	return map[string]string{
		"latest/dynamic/instance-identity/document":    load.document(),
		"latest/meta-data/ami-id":                      imageID,
		"latest/meta-data/hostname":                    host,
		"latest/meta-data/instance-action":             "none",
		"latest/meta-data/instance-id":                 load.ID,
		"latest/meta-data/instance-life-cycle":         "on-demand",
		"latest/meta-data/instance-type":               instanceType,
		"latest/meta-data/local-hostname":              host,
		"latest/meta-data/local-ipv4":                  privateIP,
		"latest/meta-data/placement/availability-zone": load.Region + "a",
		"latest/meta-data/placement/region":            load.Region,
		"latest/meta-data/services/domain":             "amazonaws.com",
		"latest/meta-data/services/partition":          "aws",
	}
}

// document is the instance identity document. Its signatures are not there: nobody but AWS can make them.
func (load *workload) document() string {
	return indent(struct {
		AccountID        string    `json:"accountId"`
		Architecture     string    `json:"architecture"`
		AvailabilityZone string    `json:"availabilityZone"`
		ImageID          string    `json:"imageId"`
		InstanceID       string    `json:"instanceId"`
		InstanceType     string    `json:"instanceType"`
		PendingTime      time.Time `json:"pendingTime"`
		PrivateIP        string    `json:"privateIp"`
		Region           string    `json:"region"`
		Version          string    `json:"version"`
	}{load.Account, "x86_64", load.Region + "a", imageID, load.ID, instanceType, load.Launched.UTC().Truncate(time.Second), privateIP, load.Region, "2017-09-30"})
}

func (load *workload) info(profile iam.InstanceProfile) string {
	return indent(struct {
		Code, LastUpdated, InstanceProfileArn, InstanceProfileId string
	}{"Success", load.Launched.UTC().Format(time.RFC3339), profile.ARN, profile.ID})
}

// securityCredentials are the role's, or why EC2 has none.
func (w *workloads) securityCredentials(ctx context.Context, load *workload, roleARN, name string) (string, error) {
	now := w.server.config.Now().UTC().Format(time.RFC3339)
	c, err := w.credentials(ctx, load, roleARN)
	if denied(err) {
		return indent(struct{ Code, Message, LastUpdated string }{
			"AssumeRoleUnauthorizedAccess",
			"EC2 cannot assume the role " + name + ".  Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.",
			now,
		}), nil
	}
	if err != nil {
		return "", err
	}
	return indent(struct{ Code, LastUpdated, Type, AccessKeyId, SecretAccessKey, Token, Expiration string }{
		"Success", c.at.Format(time.RFC3339), "AWS-HMAC", *c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken, c.Expiration.UTC().Format(time.RFC3339),
	}), nil
}

func indent(v any) string {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // structs of strings always marshal
	}
	return string(text)
}
