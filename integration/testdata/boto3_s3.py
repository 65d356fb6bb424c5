"""S3 as boto3 and requests by hand see it."""

import s3_listing
import s3_objects
from boto3_run import run

run({**vars(s3_listing), **vars(s3_objects)})
