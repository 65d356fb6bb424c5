resource "aws_s3_bucket" "app" {
  bucket        = "tf-app"
  force_destroy = true
  tags          = { Stage = var.stage, Empty = "" }
}

resource "aws_s3_bucket" "logs" {
  bucket        = "tf-logs"
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "app" {
  bucket = aws_s3_bucket.app.id
  versioning_configuration {
    status = local.changed ? "Suspended" : "Enabled"
  }
}

resource "aws_s3_object" "text" {
  bucket       = aws_s3_bucket.app.id
  key          = "dir/hello.txt"
  content      = "hello ${var.stage}"
  content_type = "text/plain"
  tags         = { Stage = var.stage }
  metadata     = { made = "here" }
  depends_on   = [aws_s3_bucket_versioning.app, aws_s3_bucket_notification.app]
}

resource "aws_s3_object_copy" "copy" {
  bucket = aws_s3_bucket.app.id
  key    = "copy.txt"
  source = "${aws_s3_bucket.app.id}/${aws_s3_object.text.key}"
  tags   = { Stage = var.stage }

  tagging_directive = "REPLACE"
}

data "aws_s3_bucket" "app" {
  bucket = aws_s3_bucket.app.id
}

data "aws_s3_object" "text" {
  bucket = aws_s3_bucket.app.id
  key    = aws_s3_object.text.key
}

data "aws_s3_objects" "all" {
  bucket     = aws_s3_bucket.app.id
  depends_on = [aws_s3_object_copy.copy]
}
