resource "aws_s3_bucket_cors_configuration" "app" {
  bucket = aws_s3_bucket.app.id
  cors_rule {
    allowed_headers = ["*"]
    allowed_methods = local.changed ? ["GET", "PUT"] : ["GET"]
    allowed_origins = ["https://example.com"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }
}

resource "aws_s3_bucket_website_configuration" "app" {
  bucket = aws_s3_bucket.app.id
  index_document {
    suffix = "index.html"
  }
  error_document {
    key = local.changed ? "missing.html" : "error.html"
  }
  routing_rule {
    condition {
      key_prefix_equals = "docs/"
    }
    redirect {
      replace_key_prefix_with = "documents/"
    }
  }
}

resource "aws_s3_bucket_request_payment_configuration" "app" {
  bucket = aws_s3_bucket.app.id
  payer  = local.changed ? "Requester" : "BucketOwner"
}

resource "aws_s3_bucket_accelerate_configuration" "app" {
  bucket = aws_s3_bucket.app.id
  status = local.changed ? "Suspended" : "Enabled"
}
