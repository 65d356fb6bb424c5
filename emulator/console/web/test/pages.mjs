// What the pages of IAM and S3 do, one after the other: users, groups, policies, roles, buckets.
import { createHmac } from "node:crypto";
import { browse, world } from "./browser.mjs";

const { production, development } = world;
const allow = (Action, Resource) => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] });

/** What an authenticator app shows (RFC 6238), some steps of 30 seconds from now. */
function totp(seed, steps) {
  const bits = [...seed].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const sum = createHmac("sha1", key).update(counter).digest();
  return String((sum.readUInt32BE(sum[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

await browse(async (b) => {
  await b.open("/");
  await b.signIn(production);
  await b.sees("Console Home");

  // The account's alias, and its rules for passwords.
  await b.open("/iam/home");
  await b.button("Create alias").click();
  await b.fill({ alias: "xemu-production" });
  await b.confirm("Create alias");
  await b.bar("@ xemu-production").waitFor();
  await b.link("Account settings").click();
  await b.button("Edit").click();
  await b.fill({ MinimumPasswordLength: "12", PasswordReusePrevention: "3" });
  await b.page.getByText("Require at least one number").click();
  await b.button("Save changes").click();
  await b.sees("12 characters");
  await b.done("password policy");

  // A policy of the account's own.
  await b.open("/iam/policies/create");
  await b.write(allow("s3:ListBucket", "arn:aws:s3:::papers"));
  await b.button("Next").click();
  await b.fill({ policyName: "ListPapers", description: "Lists the papers" });
  await b.button("Create policy").click();
  await b.sees("Policy ListPapers created.");

  // A group with it, and with an inline policy.
  await b.open("/iam/groups/create");
  await b.fill({ groupName: "readers" });
  await b.check("ListPapers", "Search");
  await b.button("Create user group").click();
  await b.sees("readers user group created.");
  await b.link("readers").click();
  await b.tab("Permissions").click();
  await b.button("Add permissions").click();
  await b.page.getByRole("menuitem", { name: "Create inline policy" }).click();
  await b.write(allow("s3:GetObject", "arn:aws:s3:::papers/*"));
  await b.fill({ policyName: "GetPapers" });
  await b.button("Create policy").click();
  await b.sees("Policy GetPapers created.");
  await b.done("group");

  // A user in it, who must change the password.
  await b.open("/iam/users/create");
  await b.fill({ userName: "rita" });
  await b.page.getByText("Provide user access to the AWS Management Console").click();
  await b.page.getByText("Custom password").first().click();
  await b.fill({ password: "First-Passw0rd!" });
  await b.done("user details");
  await b.button("Next").click();
  await b.check("readers");
  await b.button("Next").click();
  await b.button("Create user").click();
  await b.sees("User rita created.");
  await b.sees("First-Passw0rd!");
  await b.done("retrieve password");
  await b.link("View user").click();
  await b.sees("GetPapers");
  await b.sees("Group readers");
  await b.sees("IAMUserChangePassword");
  await b.button("Set permissions boundary").click();
  await b.dialog().getByPlaceholder("Search").fill("PowerUserAccess");
  await b.page.getByRole("checkbox", { name: "select PowerUserAccess", exact: true }).check({ force: true });
  await b.confirm("Set boundary");
  await b.sees("arn:aws:iam::aws:policy/PowerUserAccess");
  await b.button("Remove boundary").click();
  await b.sees("Permissions boundary removed.");
  await b.done("user");
  await b.tab("Security credentials").click();
  await b.button("Create access key").click();
  await b.dialog().getByText("Secret access key", { exact: true }).waitFor();
  await b.done("access key");
  await b.confirm("Done");
  await b.button("Assign MFA device").click();
  await b.dialog().getByRole("textbox").fill("phone");
  await b.confirm("Next");
  const seed = await b.dialog().getByText(/^[A-Z2-7]{64}$/).first().textContent();
  if (Date.now() % 30_000 > 26_000) await b.page.waitForTimeout(4_000); // so that the codes do not age under way
  const codes = b.dialog().getByRole("textbox");
  await codes.nth(0).fill(totp(seed, -1));
  await codes.nth(1).fill(totp(seed, 0));
  await b.done("MFA");
  await b.confirm("Add MFA");
  await b.sees("MFA device assigned.");
  await b.pick(await b.page.getByText(/^AKIA/).first().textContent());
  await b.button("Deactivate").click();
  await b.sees("Inactive");

  // Another version of the policy, by its page.
  await b.open("/iam/policies");
  await b.page.getByPlaceholder("Search").fill("ListPapers");
  await b.link("ListPapers").click();
  await b.button("Edit").click();
  await b.write(allow(["s3:ListBucket", "s3:ListBucketVersions"], "arn:aws:s3:::papers"));
  await b.button("Save changes").click();
  await b.sees("Policy ListPapers updated.");
  await b.open("/iam/policies/details/" + encodeURIComponent(`arn:aws:iam::${production.id}:policy/ListPapers`));
  await b.sees("s3:ListBucketVersions");
  await b.tab("Policy versions").click();
  await b.sees("v2 (Default)");
  await b.tab("Entities attached").click();
  await b.sees("readers");
  await b.done("policy");

  // A role whose trust policy is edited, with a finding on the way.
  await b.open("/iam/roles/create");
  await b.button("Next").click();
  await b.button("Next").click();
  await b.fill({ roleName: "helper" });
  await b.button("Create role").click();
  await b.sees("Role helper created.");
  await b.link("helper").first().click();
  await b.tab("Trust relationships").click();
  await b.link("Edit trust policy").click();
  await b.write({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${development.id}:root` }, Action: "sts:AssumeRole", Resource: "*" }] });
  await b.findings("Errors: 1").waitFor();
  await b.button("Update policy").click();
  await b.sees("Failed to update trust policy");
  await b.write({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${development.id}:root` }, Action: "sts:AssumeRole" }] });
  await b.findings("Errors: 0").waitFor();
  await b.button("Update policy").click();
  await b.sees("Trust policy updated.");
  await b.sees(`arn:aws:iam::${development.id}:root`);

  // A bucket: versions, a policy, Block Public Access.
  await b.open("/s3/bucket/create");
  await b.fill({ bucketName: "papers" });
  await b.page.getByRole("radio", { name: "Enable", exact: true }).check({ force: true });
  await b.button("Create bucket").click();
  await b.sees('Successfully created bucket "papers"');
  for (const text of ["one", "two"]) {
    await b.open("/s3/upload/papers?prefix=" + encodeURIComponent("drafts/2026/"));
    await b.page.locator('input[type="file"]').setInputFiles({ name: "paper #1 ü+.txt", mimeType: "text/plain", buffer: Buffer.from(text) });
    await b.button("Upload").click();
    await b.sees("Upload succeeded: 1 file.");
  }
  await b.open("/s3/buckets/papers");
  await b.link("drafts/").click();
  await b.link("2026/").click();
  await b.check("paper #1 ü+.txt".replace(/^/, "drafts/2026/"));
  await b.button("Delete").click();
  await b.confirm("Delete objects", "delete");
  await b.sees("Successfully deleted 1 object.");
  await b.page.getByText("Show versions").click();
  await b.sees("(Delete marker)");
  await b.done("versions");
  await b.tab("Permissions").click();
  await b.page.getByRole("button", { name: "Edit", exact: true }).nth(1).click();
  await b.write({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::papers/*" }] });
  await b.button("Save changes").click();
  await b.sees("Failed to edit bucket policy");
  await b.button("Why was it denied?").click();
  await b.dialog().getByText("BlockPublicPolicy").first().waitFor();
  await b.done("public policy denied");
  await b.button("Close").click();
  await b.write({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${development.id}:root` }, Action: "s3:GetObject", Resource: "arn:aws:s3:::papers/*" }] });
  await b.button("Save changes").click();
  await b.sees("Successfully edited bucket policy.");
  await b.done("bucket permissions");
  await b.page.getByRole("button", { name: "Edit", exact: true }).first().click();
  await b.dialog().getByText("Block all public access").click();
  await b.confirm("Save changes", "confirm");
  await b.sees("Successfully edited Block Public Access settings");

  // The user: a new password is due; lists what the group allows, and is refused elsewhere.
  await b.signOut(`${production.user} @`);
  await b.signIn({ id: "xemu-production", user: "rita", password: "First-Passw0rd!" });
  await b.sees("Multi-factor authentication");
  await b.fill({ mfa: totp(seed, 1) });
  await b.button("Submit").click();
  await b.sees("Change your password");
  await b.fill({ "new-password": "Second-Passw0rd!", "new-password-again": "Second-Passw0rd!" });
  await b.button("Confirm password change").click();
  await b.sees("Console Home");
  await b.open("/s3/buckets/papers");
  await b.sees("You don't have any objects in this bucket.");
  await b.open("/iam/users");
  await b.sees("Access denied");
  await b.button("Why was it denied?").click();
  await b.dialog().getByText("iam:ListUsers").first().waitFor();
  await b.done("users denied");
  await b.button("Close").click();
  await b.signOut("rita @");

  // Everything goes again.
  await b.page.getByText("Root user").first().click();
  await b.fill({ email: production.email, password: production.root });
  await b.button("Sign in").click();
  await b.sees("Console Home");
  for (const [page, name, action] of [["users", "rita", "Delete user"], ["groups", "readers", "Delete"], ["roles", "helper", "Delete"], ["policies", "ListPapers", "Delete"]]) {
    await b.open("/iam/" + page);
    await b.page.getByPlaceholder("Search").fill(name);
    await b.pick(name);
    await b.button("Delete").click();
    await b.confirm(action, name);
    await b.sees(`${name} deleted.`);
  }
  await b.open("/s3/buckets");
  await b.pick("papers");
  await b.button("Empty").click();
  await b.confirm("Empty", "permanently delete");
  await b.sees("Bucket papers emptied.");
  await b.pick("papers");
  await b.button("Delete").click();
  await b.confirm("Delete bucket", "papers");
  await b.sees("Bucket papers deleted.");
  await b.done("all is gone");
});
