"""S3 as boto3 and requests by hand see it."""

import s3_access
import s3_buckets
import s3_encryption
import s3_lifecycle
import s3_listing
import s3_multipart
import s3_objects
import s3_requests
import s3_versioning
import s3_web
from boto3_run import run

modules = (
    s3_access, s3_buckets, s3_listing, s3_objects, s3_requests, s3_multipart, s3_versioning, s3_web, s3_encryption,
    s3_lifecycle,  # the last, since it moves the clock on
)
run({n: t for m in modules for n, t in vars(m).items()})
