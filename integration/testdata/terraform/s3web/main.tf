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
  second = var.stage == "second"
}

resource "aws_s3_bucket" "site" {
  bucket        = "terraform-site"
  force_destroy = true
  tags          = { stage = var.stage }
}

resource "aws_s3_bucket" "plain" {
  bucket_prefix = "terraform-plain-"
}

resource "aws_s3_bucket_ownership_controls" "site" {
  bucket = aws_s3_bucket.site.id
  rule {
    object_ownership = local.second ? "ObjectWriter" : "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_public_access_block" "site" {
  bucket                  = aws_s3_bucket.site.id
  block_public_acls       = false
  ignore_public_acls      = local.second
  block_public_policy     = false
  restrict_public_buckets = false
}

resource "aws_s3_bucket_acl" "site" {
  bucket     = aws_s3_bucket.site.id
  acl        = local.second ? "private" : "public-read"
  depends_on = [aws_s3_bucket_ownership_controls.site, aws_s3_bucket_public_access_block.site]
}

resource "aws_s3_bucket_policy" "site" {
  bucket = aws_s3_bucket.site.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = local.second ? ["s3:GetObject", "s3:GetObjectVersion"] : ["s3:GetObject"]
      Resource  = "${aws_s3_bucket.site.arn}/*"
    }]
  })
  depends_on = [aws_s3_bucket_public_access_block.site]
}

resource "aws_s3_bucket_versioning" "site" {
  bucket = aws_s3_bucket.site.id
  versioning_configuration {
    status = local.second ? "Suspended" : "Enabled"
  }
}

resource "aws_s3_bucket_website_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  index_document {
    suffix = "index.html"
  }
  error_document {
    key = "error.html"
  }
  routing_rule {
    condition {
      key_prefix_equals = "old/"
    }
    redirect {
      replace_key_prefix_with = local.second ? "newer/" : "new/"
    }
  }
}

resource "aws_s3_bucket_website_configuration" "plain" {
  bucket = aws_s3_bucket.plain.id
  redirect_all_requests_to {
    host_name = "www.example.com"
    protocol  = "https"
  }
}

resource "aws_s3_bucket_cors_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  cors_rule {
    id              = "app"
    allowed_headers = ["*"]
    allowed_methods = local.second ? ["GET", "PUT"] : ["GET"]
    allowed_origins = ["https://app.example.com"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }
}

resource "aws_s3_bucket_request_payment_configuration" "site" {
  bucket = aws_s3_bucket.plain.id
  payer  = local.second ? "BucketOwner" : "Requester"
}

resource "aws_s3_bucket_accelerate_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  status = local.second ? "Suspended" : "Enabled"
}

resource "aws_s3_object" "index" {
  bucket           = aws_s3_bucket.site.id
  key              = "index.html"
  content          = "stage ${var.stage}"
  content_type     = "text/html"
  cache_control    = "max-age=60"
  acl              = "bucket-owner-full-control"
  metadata         = { stage = var.stage }
  tags             = { stage = var.stage }
  storage_class    = local.second ? "STANDARD_IA" : "STANDARD"
  website_redirect = local.second ? "/elsewhere" : null
  depends_on       = [aws_s3_bucket_versioning.site, aws_s3_bucket_ownership_controls.site]
}

data "aws_s3_bucket" "site" {
  bucket = aws_s3_bucket.site.id
}

output "endpoint" {
  value = aws_s3_bucket_website_configuration.site.website_endpoint
}
