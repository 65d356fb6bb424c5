terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

variable "stage" {
  default = "first"
}

locals {
  first = var.stage == "first"
  key   = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
}

resource "aws_s3_bucket" "source" {
  bucket = "terraform-source"
}

resource "aws_s3_bucket" "copies" {
  bucket        = "terraform-copies"
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "all" {
  for_each = { source = aws_s3_bucket.source.id, copies = aws_s3_bucket.copies.id }
  bucket   = each.value
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "source" {
  bucket = aws_s3_bucket.source.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = local.first ? "aws:kms" : "AES256"
      kms_master_key_id = local.first ? local.key : null
    }
    bucket_key_enabled = local.first
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "copies" {
  bucket = aws_s3_bucket.copies.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_iam_role" "replication" {
  name = "terraform-replication"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "s3.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "replication" {
  role = aws_iam_role.replication.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:*", "kms:*"], Resource = "*" }]
  })
}

resource "aws_s3_bucket_replication_configuration" "source" {
  depends_on = [aws_s3_bucket_versioning.all, aws_iam_role_policy.replication]
  bucket     = aws_s3_bucket.source.id
  role       = aws_iam_role.replication.arn

  rule {
    id       = "documents"
    status   = "Enabled"
    priority = local.first ? 1 : 7
    filter {
      and {
        prefix = "documents/"
        tags   = { kind = "kept" }
      }
    }
    delete_marker_replication {
      status = "Disabled"
    }
    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
      replica_modifications {
        status = "Enabled"
      }
    }
    destination {
      bucket        = aws_s3_bucket.copies.arn
      storage_class = "STANDARD_IA"
      account       = "111122223333"
      access_control_translation {
        owner = "Destination"
      }
      encryption_configuration {
        replica_kms_key_id = local.key
      }
      replication_time {
        status = "Enabled"
        time {
          minutes = 15
        }
      }
      metrics {
        status = "Enabled"
        event_threshold {
          minutes = 15
        }
      }
    }
  }

  rule {
    id       = "all"
    status   = local.first ? "Enabled" : "Disabled"
    priority = 2
    filter {}
    delete_marker_replication {
      status = "Enabled"
    }
    destination {
      bucket = aws_s3_bucket.copies.arn
    }
  }
}

resource "aws_s3_object" "text" {
  depends_on    = [aws_s3_bucket_server_side_encryption_configuration.source, aws_s3_bucket_replication_configuration.source]
  bucket        = aws_s3_bucket.source.id
  key           = "texts/a b+c"
  content       = "the ${var.stage} text"
  content_type  = "text/plain"
  kms_key_id    = local.first ? local.key : replace(local.key, "1234", "4321")
  metadata      = { stage = var.stage }
  tags          = { stage = var.stage }
  storage_class = "STANDARD_IA"
}

resource "aws_s3_object" "plain" {
  depends_on             = [aws_s3_bucket_server_side_encryption_configuration.source]
  bucket                 = aws_s3_bucket.source.id
  key                    = "plain"
  content                = "plain"
  server_side_encryption = "AES256"
  etag                   = md5("plain")
}

resource "aws_s3_object_copy" "text" {
  bucket                 = aws_s3_bucket.copies.id
  key                    = "copy"
  source                 = "${aws_s3_object.text.bucket}/${aws_s3_object.text.key}"
  server_side_encryption = "AES256"
  metadata_directive     = "REPLACE"
  metadata               = { stage = var.stage }
  content_type           = "text/x"
  tagging_directive      = "REPLACE"
  tags                   = { copied = "yes" }
}

data "aws_s3_object" "copy" {
  bucket = aws_s3_object_copy.text.bucket
  key    = aws_s3_object_copy.text.key
}

output "values" {
  value = {
    copy       = data.aws_s3_object.copy.body
    encryption = aws_s3_object.text.server_side_encryption
    key        = aws_s3_object.text.kms_key_id
    etag       = aws_s3_object.plain.etag
  }
}
