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

variable "certificate" {
  type = string
}

variable "key" {
  type      = string
  sensitive = true
}

variable "pem_key" {
  type = string
}

variable "ssh_key" {
  type = string
}

locals {
  changed = var.stage != "first"
}

resource "aws_iam_account_alias" "this" {
  account_alias = "xemu-${var.stage}"
}

resource "aws_iam_account_password_policy" "this" {
  minimum_password_length        = local.changed ? 12 : 10
  require_symbols                = local.changed
  require_numbers                = true
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  allow_users_to_change_password = true
  max_password_age               = local.changed ? 90 : 0
  password_reuse_prevention      = local.changed ? 5 : null
  hard_expiry                    = false
}

# Users with what they have.

resource "aws_iam_user" "alice" {
  name                 = local.changed ? "alicia" : "alice"
  path                 = local.changed ? "/ops/" : "/dev/"
  permissions_boundary = local.changed ? null : aws_iam_policy.boundary.arn
  force_destroy        = true
  tags                 = { Stage = var.stage, Empty = "" }
}

resource "aws_iam_user_login_profile" "alice" {
  user                    = aws_iam_user.alice.name
  password_length         = 20
  password_reset_required = false
  depends_on              = [aws_iam_account_password_policy.this]
  lifecycle {
    ignore_changes = [password_length]
  }
}

resource "aws_iam_access_key" "alice" {
  user   = aws_iam_user.alice.name
  status = local.changed ? "Inactive" : "Active"
}

resource "aws_iam_user_ssh_key" "alice" {
  username   = aws_iam_user.alice.name
  encoding   = "SSH"
  public_key = var.ssh_key
  status     = local.changed ? "Inactive" : "Active"
}

resource "aws_iam_user_ssh_key" "pem" {
  username   = aws_iam_user.bob.name
  encoding   = "PEM"
  public_key = var.pem_key
}

resource "aws_iam_user_policy" "alice" {
  name   = "inline"
  user   = aws_iam_user.alice.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_user_policy_attachment" "alice" {
  user       = aws_iam_user.alice.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_signing_certificate" "alice" {
  user_name        = aws_iam_user.alice.name
  certificate_body = var.certificate
  status           = local.changed ? "Inactive" : "Active"
}

resource "aws_iam_service_specific_credential" "alice" {
  service_name = "codecommit.amazonaws.com"
  user_name    = aws_iam_user.alice.name
  status       = local.changed ? "Inactive" : "Active"
}

resource "aws_iam_virtual_mfa_device" "phone" {
  virtual_mfa_device_name = "phone"
  path                    = "/dev/"
  tags                    = { Stage = var.stage }
}

resource "aws_iam_user" "bob" {
  name = "bob"
}

resource "aws_iam_user_group_membership" "bob" {
  user   = aws_iam_user.bob.name
  groups = local.changed ? [aws_iam_group.dev.name] : [aws_iam_group.dev.name, aws_iam_group.ops.name]
}

resource "aws_iam_user_policies_exclusive" "bob" {
  user_name    = aws_iam_user.bob.name
  policy_names = []
}

resource "aws_iam_user_policy_attachments_exclusive" "bob" {
  user_name   = aws_iam_user.bob.name
  policy_arns = local.changed ? [] : ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
}

# Groups.

resource "aws_iam_group" "dev" {
  name = local.changed ? "developers" : "dev"
  path = local.changed ? "/" : "/teams/"
}

resource "aws_iam_group" "ops" {
  name = "ops"
}

resource "aws_iam_group_policy" "dev" {
  name   = "inline"
  group  = aws_iam_group.dev.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_group_policy_attachment" "dev" {
  group      = aws_iam_group.dev.name
  policy_arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
}

resource "aws_iam_group_policy_attachment" "ops" {
  group      = aws_iam_group.ops.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_group_policies_exclusive" "ops" {
  group_name   = aws_iam_group.ops.name
  policy_names = []
}

resource "aws_iam_group_policy_attachments_exclusive" "ops" {
  group_name  = aws_iam_group.ops.name
  policy_arns = [aws_iam_policy.read.arn]
}

resource "aws_iam_group" "all" {
  name = "all"
}

resource "aws_iam_group_membership" "all" {
  name  = "everybody"
  group = aws_iam_group.all.name
  users = [aws_iam_user.alice.name]
}

# Policies.

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = local.changed ? ["s3:GetObject", "s3:ListBucket"] : ["s3:GetObject"]
    resources = ["arn:aws:s3:::notes", "arn:aws:s3:::notes/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/Stage"
      values   = [var.stage]
    }
  }
}

resource "aws_iam_policy" "read" {
  name        = "read"
  path        = "/dev/"
  description = "reads notes"
  policy      = data.aws_iam_policy_document.read.json
  tags        = { Stage = var.stage }
}

resource "aws_iam_policy" "boundary" {
  name_prefix = "boundary-"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
  })
}

resource "aws_iam_policy" "shared" {
  name   = "shared"
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_policy_attachment" "shared" {
  name       = "everywhere"
  policy_arn = aws_iam_policy.shared.arn
  users      = [aws_iam_user.alice.name]
  groups     = [aws_iam_group.all.name]
  roles      = local.changed ? [] : [aws_iam_role.app.name]
}

# Roles.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.bob.arn]
    }
  }
}

resource "aws_iam_role" "app" {
  name                  = "app"
  path                  = "/service/"
  description           = local.changed ? "changed" : "first"
  assume_role_policy    = data.aws_iam_policy_document.trust.json
  max_session_duration  = local.changed ? 7200 : 3600
  permissions_boundary  = local.changed ? null : aws_iam_policy.boundary.arn
  force_detach_policies = true
  tags                  = { Stage = var.stage }
}

resource "aws_iam_role_policy" "app" {
  name   = "inline"
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_role" "exclusive" {
  name_prefix           = "exclusive-"
  assume_role_policy    = data.aws_iam_policy_document.trust.json
  force_detach_policies = true
}

resource "aws_iam_role_policy_attachment" "exclusive" {
  role       = aws_iam_role.exclusive.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_role_policies_exclusive" "exclusive" {
  role_name    = aws_iam_role.exclusive.name
  policy_names = []
}

resource "aws_iam_role_policy_attachments_exclusive" "exclusive" {
  role_name   = aws_iam_role.exclusive.name
  policy_arns = local.changed ? [aws_iam_policy.read.arn] : [aws_iam_policy.read.arn, aws_iam_policy.boundary.arn]
}

resource "aws_iam_instance_profile" "app" {
  name = "app"
  path = "/service/"
  role = aws_iam_role.app.name
  tags = { Stage = var.stage }
}

resource "aws_iam_service_linked_role" "autoscaling" {
  aws_service_name = "autoscaling.amazonaws.com"
  custom_suffix    = "xemu"
  description      = var.stage
}

resource "aws_iam_server_certificate" "site" {
  name             = "site"
  path             = "/web/"
  certificate_body = var.certificate
  private_key      = var.key
  tags             = { Stage = var.stage }
}

resource "aws_iam_security_token_service_preferences" "this" {
  global_endpoint_token_version = local.changed ? "v1Token" : "v2Token"
}

# What there is.

data "aws_caller_identity" "this" {}

data "aws_iam_session_context" "this" {
  arn = data.aws_caller_identity.this.arn
}

data "aws_iam_account_alias" "this" {
  depends_on = [aws_iam_account_alias.this]
}

data "aws_iam_user" "bob" {
  user_name = aws_iam_user.bob.name
}

data "aws_iam_users" "dev" {
  path_prefix = aws_iam_user.alice.path
  depends_on  = [aws_iam_user.alice]
}

data "aws_iam_group" "all" {
  group_name = aws_iam_group_membership.all.group
}

data "aws_iam_role" "app" {
  name = aws_iam_role.app.name
}

data "aws_iam_roles" "service" {
  path_prefix = "/service/"
  depends_on  = [aws_iam_role.app]
}

data "aws_iam_policy" "read" {
  arn = aws_iam_policy.read.arn
}

data "aws_iam_policy" "by_name" {
  name       = aws_iam_policy.read.name
  depends_on = [aws_iam_policy.read]
}

data "aws_iam_instance_profile" "app" {
  name = aws_iam_instance_profile.app.name
}

data "aws_iam_instance_profiles" "app" {
  role_name  = aws_iam_role.app.name
  depends_on = [aws_iam_instance_profile.app]
}

data "aws_iam_access_keys" "alice" {
  user       = aws_iam_user.alice.name
  depends_on = [aws_iam_access_key.alice]
}

data "aws_iam_server_certificate" "site" {
  name       = aws_iam_server_certificate.site.name
  depends_on = [aws_iam_server_certificate.site]
}

data "aws_iam_user_ssh_key" "alice" {
  encoding          = "SSH"
  username          = aws_iam_user.alice.name
  ssh_public_key_id = aws_iam_user_ssh_key.alice.ssh_public_key_id
}

data "aws_iam_principal_policy_simulation" "alice" {
  action_names      = ["s3:GetObject", "s3:PutObject"]
  policy_source_arn = aws_iam_user.alice.arn
  resource_arns     = ["arn:aws:s3:::notes/key"]
  context {
    key    = "aws:PrincipalTag/Stage"
    type   = "string"
    values = [var.stage]
  }
  depends_on = [aws_iam_user_policy.alice, aws_iam_user_policy_attachment.alice]
}

output "values" {
  value = {
    account  = data.aws_caller_identity.this.account_id
    issuer   = data.aws_iam_session_context.this.issuer_arn
    alias    = data.aws_iam_account_alias.this.account_alias
    users    = data.aws_iam_users.dev.names
    members  = [for u in data.aws_iam_group.all.users : u.user_name]
    roles    = data.aws_iam_roles.service.names
    profile  = data.aws_iam_instance_profile.app.role_arn
    profiles = data.aws_iam_instance_profiles.app.names
    policy   = data.aws_iam_policy.by_name.arn
    key      = [for k in data.aws_iam_access_keys.alice.access_keys : k.status]
    allowed  = { for r in data.aws_iam_principal_policy_simulation.alice.results : r.action_name => r.decision }
    ssh      = data.aws_iam_user_ssh_key.alice.status
  }
}
