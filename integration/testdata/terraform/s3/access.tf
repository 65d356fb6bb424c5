data "aws_iam_policy_document" "app" {
  statement {
    principals {
      type        = "AWS"
      identifiers = [data.aws_caller_identity.this.account_id]
    }
    actions   = local.changed ? ["s3:GetObject", "s3:GetObjectVersion"] : ["s3:GetObject"]
    resources = ["${aws_s3_bucket.app.arn}/*"]
  }
}

resource "aws_s3_bucket_policy" "app" {
  bucket = aws_s3_bucket.app.id
  policy = data.aws_iam_policy_document.app.json
}

resource "aws_s3_bucket_public_access_block" "app" {
  bucket                  = aws_s3_bucket.app.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = local.changed
  restrict_public_buckets = true
}

resource "aws_s3_account_public_access_block" "this" {
  block_public_acls   = false
  block_public_policy = local.changed
}

resource "aws_s3_bucket" "acl" {
  bucket = "tf-acl"
}

resource "aws_s3_bucket_ownership_controls" "acl" {
  bucket = aws_s3_bucket.acl.id
  rule {
    object_ownership = local.changed ? "ObjectWriter" : "BucketOwnerPreferred"
  }
}

data "aws_canonical_user_id" "this" {}

resource "aws_s3_bucket_acl" "acl" {
  bucket = aws_s3_bucket.acl.id
  access_control_policy {
    grant {
      grantee {
        id   = data.aws_canonical_user_id.this.id
        type = "CanonicalUser"
      }
      permission = "FULL_CONTROL"
    }
    grant {
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
      }
      permission = local.changed ? "READ_ACP" : "WRITE"
    }
    owner {
      id = data.aws_canonical_user_id.this.id
    }
  }
  depends_on = [aws_s3_bucket_ownership_controls.acl]
}

resource "aws_s3_access_point" "app" {
  bucket = aws_s3_bucket.app.id
  name   = "tf-point"
}

resource "aws_s3control_access_point_policy" "app" {
  access_point_arn = aws_s3_access_point.app.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = data.aws_caller_identity.this.arn }
      Action    = local.changed ? "s3:*" : "s3:GetObject"
      Resource  = "${aws_s3_access_point.app.arn}/object/*"
    }]
  })
}
