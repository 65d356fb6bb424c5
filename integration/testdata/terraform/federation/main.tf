terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  skip_metadata_api_check = true
}

variable "stage" {
  type    = string
  default = "first"
}

locals {
  changed = var.stage != "first"
}

resource "aws_iam_openid_connect_provider" "github" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = local.changed ? ["sts.amazonaws.com", "second"] : ["sts.amazonaws.com", "first"]
  thumbprint_list = [local.changed ? "1c58a3a8518e8759bf075b76b750d4f2df264fcd" : "6938fd4d98bab03faadb97b34396831e3780aea1"]
  tags            = { stage = var.stage }
}

resource "aws_iam_openid_connect_provider" "cluster" {
  url            = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_saml_provider" "corp" {
  name                   = "corp"
  saml_metadata_document = file(local.changed ? "second.xml" : "first.xml")
  tags                   = { stage = var.stage }
}

data "aws_iam_openid_connect_provider" "github" {
  url = "https://${aws_iam_openid_connect_provider.github.url}"
}

data "aws_iam_saml_provider" "corp" {
  arn = aws_iam_saml_provider.corp.arn
}

data "aws_iam_policy_document" "ci" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }
    condition {
      test     = "StringLike"
      variable = "${aws_iam_openid_connect_provider.github.url}:sub"
      values   = ["repo:org/app:*"]
    }
  }
  statement {
    actions = ["sts:AssumeRoleWithSAML"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_saml_provider.corp.arn]
    }
  }
}

resource "aws_iam_role" "ci" {
  name               = "ci"
  assume_role_policy = data.aws_iam_policy_document.ci.json
}

output "values" {
  value = {
    url     = aws_iam_openid_connect_provider.github.url
    arn     = data.aws_iam_openid_connect_provider.github.arn
    clients = sort(data.aws_iam_openid_connect_provider.github.client_id_list)
    saml    = aws_iam_saml_provider.corp.arn
    until   = data.aws_iam_saml_provider.corp.valid_until
  }
}
