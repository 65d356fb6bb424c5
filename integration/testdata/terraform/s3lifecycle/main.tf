terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  s3_use_path_style = true
}

variable "stage" {
  default = "first"
}

locals {
  first = var.stage == "first"
}

resource "aws_s3_bucket" "logs" {
  bucket        = "terraform-logs"
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket                                 = aws_s3_bucket_versioning.logs.bucket
  transition_default_minimum_object_size = local.first ? "all_storage_classes_128K" : "varies_by_storage_class"

  rule {
    id     = "everything"
    status = local.first ? "Enabled" : "Disabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = local.first ? 7 : 8
    }
  }

  rule {
    id     = "prefix"
    status = "Enabled"
    filter {
      prefix = "logs/"
    }
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }
    transition {
      days          = 60
      storage_class = "GLACIER"
    }
    expiration {
      days = local.first ? 90 : 365
    }
    noncurrent_version_transition {
      noncurrent_days = 30
      storage_class   = "STANDARD_IA"
    }
    noncurrent_version_expiration {
      noncurrent_days           = 60
      newer_noncurrent_versions = local.first ? 3 : 5
    }
  }

  rule {
    id     = "tag"
    status = "Enabled"
    filter {
      tag {
        key   = "kind"
        value = ""
      }
    }
    expiration {
      date = "2035-01-01T00:00:00Z"
    }
  }

  rule {
    id     = "and"
    status = "Enabled"
    filter {
      and {
        prefix                   = "tmp/"
        object_size_greater_than = 500
        object_size_less_than    = 64000
        tags = {
          rule      = "log"
          autoclean = "true"
        }
      }
    }
    expiration {
      days = 1
    }
  }

  rule {
    id     = "size"
    status = "Enabled"
    filter {
      object_size_greater_than = 1024
    }
    transition {
      days          = 0
      storage_class = "INTELLIGENT_TIERING"
    }
  }

  dynamic "rule" {
    for_each = local.first ? [1] : []
    content {
      id     = "markers"
      status = "Enabled"
      filter {
        prefix = "deleted/"
      }
      expiration {
        expired_object_delete_marker = true
      }
    }
  }
}

# The form of old configurations, with the prefix beside the filter.
resource "aws_s3_bucket" "old" {
  bucket = "terraform-old"
}

resource "aws_s3_bucket_lifecycle_configuration" "old" {
  bucket = aws_s3_bucket.old.id
  rule {
    id     = "old"
    prefix = "a/"
    status = "Enabled"
    expiration {
      days = local.first ? 1 : 2
    }
  }
}

resource "aws_s3_bucket" "vault" {
  bucket              = "terraform-vault"
  object_lock_enabled = true
  force_destroy       = true
}

resource "aws_s3_bucket_object_lock_configuration" "vault" {
  bucket = aws_s3_bucket.vault.id
  rule {
    default_retention {
      mode  = "GOVERNANCE"
      days  = local.first ? 5 : null
      years = local.first ? null : 1
    }
  }
}

resource "aws_s3_object" "locked" {
  bucket                        = aws_s3_bucket_object_lock_configuration.vault.bucket
  key                           = "locked"
  content                       = var.stage
  object_lock_legal_hold_status = local.first ? "ON" : "OFF"
  object_lock_mode              = "GOVERNANCE"
  object_lock_retain_until_date = local.first ? "2099-12-31T23:59:10Z" : "2100-12-31T23:59:10Z"
  force_destroy                 = true
}
