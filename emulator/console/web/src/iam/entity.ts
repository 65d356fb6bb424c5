// What users, groups and roles have in common: permissions.
import { iam, iamAll } from "../api";
import { documentOf, type Attached } from "../types";

export type Kind = "users" | "groups" | "roles";

interface Words {
  one: string; // "User", as in AttachUserPolicy and in UserName
  title: string;
  plural: string;
}
export const words: Record<Kind, Words> = {
  users: { one: "User", title: "user", plural: "Users" },
  groups: { one: "Group", title: "user group", plural: "User groups" },
  roles: { one: "Role", title: "role", plural: "Roles" },
};

export const isKind = (text?: string): text is Kind => text === "users" || text === "groups" || text === "roles";

/** {UserName: name} and the like. */
export const named = (kind: Kind, name: string) => ({ [words[kind].one + "Name"]: name });

/** A policy of an entity. */
export interface Permission {
  name: string;
  arn?: string; // of a managed policy
  type: string;
  via?: string; // the group that brings it
}

export async function permissionsOf(kind: Kind, name: string): Promise<Permission[]> {
  const { one } = words[kind];
  const [attached, inline] = await Promise.all([
    iamAll<Attached>(`ListAttached${one}Policies`, "AttachedPolicies", named(kind, name)),
    iamAll<string>(`List${one}Policies`, "PolicyNames", named(kind, name)),
  ]);
  return [...attached.map(managed), ...inline.map((name) => ({ name, type: inlineType(kind) }))];
}

export const managed = (p: Attached): Permission => ({
  name: p.PolicyName,
  arn: p.PolicyArn,
  type: p.PolicyArn.startsWith("arn:aws:iam::aws:") ? "AWS managed" : "Customer managed",
});
const inlineType = (kind: Kind) => (kind === "groups" ? "Group inline" : "Customer inline");

export const attach = (kind: Kind, name: string, arn: string) => iam(`Attach${words[kind].one}Policy`, { ...named(kind, name), PolicyArn: arn });

export const remove = (kind: Kind, name: string, p: Permission) =>
  p.arn
    ? iam(`Detach${words[kind].one}Policy`, { ...named(kind, name), PolicyArn: p.arn })
    : iam(`Delete${words[kind].one}Policy`, { ...named(kind, name), PolicyName: p.name });

export async function inlineDocument(kind: Kind, name: string, policy: string) {
  const out = await iam<{ PolicyDocument: string }>(`Get${words[kind].one}Policy`, { ...named(kind, name), PolicyName: policy });
  return documentOf(out.PolicyDocument);
}

export const putInline = (kind: Kind, name: string, policy: string, document: string) =>
  iam(`Put${words[kind].one}Policy`, { ...named(kind, name), PolicyName: policy, PolicyDocument: document });

export async function managedDocument(arn: string, version?: string) {
  const id = version ?? (await iam<{ Policy: { DefaultVersionId: string } }>("GetPolicy", { PolicyArn: arn })).Policy.DefaultVersionId;
  const out = await iam<{ PolicyVersion: { Document: string } }>("GetPolicyVersion", { PolicyArn: arn, VersionId: id });
  return documentOf(out.PolicyVersion.Document);
}

export const emptyPolicy = `{
	"Version": "2012-10-17",
	"Statement": [
		{
			"Sid": "Statement1",
			"Effect": "Allow",
			"Action": [],
			"Resource": []
		}
	]
}`;
