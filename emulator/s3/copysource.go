package s3

import (
	"net/url"
	"strings"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// parseCopySource reads an x-amz-copy-source header: "bucket/key", "/bucket/key" or an access point's
// "ARN/object/key", URL-encoded in part, fully ("bucket%2Fkey"), or not at all, with "?versionId=ID" after it or not. A plus
// stands for a space, as in a query.
func parseCopySource(header string) (bucket, key, version string, err error) {
	path, query, _ := strings.Cut(header, "?")
	if query != "" {
		name, id, _ := strings.Cut(query, "=")
		if name != "versionId" {
			return "", "", "", awserr.InvalidArgument.Errorf("Unsupported copy source parameter.").
				With("ArgumentName", "x-amz-copy-source").With("ArgumentValue", header)
		}
		if version, err = url.QueryUnescape(id); err != nil || version == "" {
			return "", "", "", invalidVersion(id)
		}
	}
	path, err = url.QueryUnescape(path)
	if err != nil {
		return "", "", "", awserr.InvalidArgument.Errorf("Copy Source must mention the source bucket and key: sourcebucket/sourcekey").
			With("ArgumentName", "x-amz-copy-source").With("ArgumentValue", header)
	}
	if strings.HasPrefix(path, "arn:") {
		bucket, key, _ = strings.Cut(path, "/object/")
	} else {
		bucket, key, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	}
	if bucket == "" || key == "" {
		return "", "", "", awserr.InvalidArgument.Errorf("Copy Source must mention the source bucket and key: sourcebucket/sourcekey").
			With("ArgumentName", "x-amz-copy-source").With("ArgumentValue", header)
	}
	return bucket, key, version, nil
}
