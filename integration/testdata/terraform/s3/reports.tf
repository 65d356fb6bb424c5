resource "aws_s3_bucket_notification" "app" {
  bucket      = aws_s3_bucket.app.id
  eventbridge = local.changed

  queue {
    queue_arn     = "arn:aws:sqs:us-east-1:111122223333:jobs"
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "dir/"
    filter_suffix = local.changed ? ".csv" : ".txt"
  }

  topic {
    id        = "removals"
    topic_arn = "arn:aws:sns:us-east-1:111122223333:news"
    events    = ["s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated"]
  }

  lambda_function {
    lambda_function_arn = "arn:aws:lambda:us-east-1:111122223333:function:resize"
    events              = ["s3:ObjectTagging:*"]
  }
}

resource "aws_s3_bucket_logging" "app" {
  bucket        = aws_s3_bucket.app.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "access/"
  dynamic "target_object_key_format" {
    for_each = local.changed ? [1] : []
    content {
      partitioned_prefix {
        partition_date_source = "EventTime"
      }
    }
  }
}

resource "aws_s3_bucket_inventory" "app" {
  bucket                   = aws_s3_bucket.app.id
  name                     = "all"
  included_object_versions = local.changed ? "Current" : "All"
  optional_fields          = ["Size", "ETag", "StorageClass"]
  schedule {
    frequency = "Daily"
  }
  filter {
    prefix = "dir/"
  }
  destination {
    bucket {
      format     = "CSV"
      bucket_arn = aws_s3_bucket.logs.arn
      prefix     = "inventory"
      encryption {
        sse_s3 {}
      }
    }
  }
}

resource "aws_s3_bucket_analytics_configuration" "app" {
  bucket = aws_s3_bucket.app.id
  name   = "classes"
  filter {
    prefix = local.changed ? "a/" : "b/"
    tags   = { team = "blue" }
  }
  storage_class_analysis {
    data_export {
      destination {
        s3_bucket_destination {
          bucket_arn = aws_s3_bucket.logs.arn
        }
      }
    }
  }
}

resource "aws_s3_bucket_metric" "app" {
  bucket = aws_s3_bucket.app.id
  name   = "requests"
  filter {
    prefix = local.changed ? "a/" : "b/"
  }
}

resource "aws_s3_bucket_metric" "all" {
  bucket = aws_s3_bucket.app.id
  name   = "EntireBucket"
}

resource "aws_s3_bucket_intelligent_tiering_configuration" "app" {
  bucket = aws_s3_bucket.app.id
  name   = "archive"
  status = local.changed ? "Disabled" : "Enabled"
  filter {
    prefix = "old/"
    tags   = { team = "blue" }
  }
  tiering {
    access_tier = "DEEP_ARCHIVE_ACCESS"
    days        = 180
  }
  tiering {
    access_tier = "ARCHIVE_ACCESS"
    days        = 125
  }
}
