terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  s3_use_path_style       = true
  skip_metadata_api_check = true
}

variable "stage" {
  type    = string
  default = "first"
}

locals {
  changed = var.stage != "first"
}

data "aws_caller_identity" "this" {}

output "values" {
  value = {
    buckets = sort([aws_s3_bucket.app.bucket, aws_s3_bucket.logs.bucket, aws_s3_bucket.acl.bucket])
    object  = aws_s3_object.text.etag
    read    = data.aws_s3_object.text.body
    keys    = data.aws_s3_objects.all.keys
    region  = data.aws_s3_bucket.app.region
    point   = aws_s3_access_point.app.arn
    public  = aws_s3_access_point.app.has_public_access_policy
  }
}
