// The parts of AWS's output structs that the pages show.

export interface Tag {
  Key: string;
  Value: string;
}
export interface User {
  UserName: string;
  UserId: string;
  Arn: string;
  Path: string;
  CreateDate: string;
  PasswordLastUsed?: string;
  PermissionsBoundary?: Boundary;
  Tags?: Tag[];
}
export interface Boundary {
  PermissionsBoundaryArn: string;
}
export interface Group {
  GroupName: string;
  GroupId: string;
  Arn: string;
  Path: string;
  CreateDate: string;
}
export interface Role {
  RoleName: string;
  RoleId: string;
  Arn: string;
  Path: string;
  CreateDate: string;
  Description?: string;
  MaxSessionDuration?: number;
  AssumeRolePolicyDocument: string;
  PermissionsBoundary?: Boundary;
  RoleLastUsed?: { LastUsedDate?: string };
}
export interface Policy {
  PolicyName: string;
  Arn: string;
  Path: string;
  Description?: string;
  DefaultVersionId: string;
  AttachmentCount: number;
  CreateDate: string;
  UpdateDate: string;
}
export interface PolicyVersion {
  VersionId: string;
  IsDefaultVersion: boolean;
  CreateDate: string;
  Document: string;
}
export interface Attached {
  PolicyName: string;
  PolicyArn: string;
}
export interface AccessKey {
  AccessKeyId: string;
  Status: "Active" | "Inactive";
  CreateDate: string;
  SecretAccessKey?: string;
}
export interface Bucket {
  Name: string;
  CreationDate: string;
  BucketRegion?: string;
}
export interface S3Object {
  Key: string;
  Size: number;
  LastModified: string;
  StorageClass?: string;
  ETag?: string;
  VersionId?: string;
  IsLatest?: boolean;
  deleteMarker?: boolean;
}

/** A policy document as IAM returns it, laid out for reading. */
export function documentOf(encoded: string): string {
  let text = encoded;
  try {
    text = decodeURIComponent(encoded);
  } catch {
    // it was not encoded
  }
  return layOut(text);
}

export function layOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, "\t");
  } catch {
    return text;
  }
}
