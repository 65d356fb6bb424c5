// The first lesson, done by clicks: production makes a bucket and a role, an administrator of development switches to the role
// and sees the bucket. On the way the policy editor shows findings, and denials explain themselves.
import assert from "node:assert/strict";
import { browse, world } from "./browser.mjs";

const { production, development } = world;

await browse(async (b) => {
  // Production: a wrong password first.
  await b.open("/");
  await b.signIn({ ...production, password: "wrong" });
  await b.sees("Your authentication information is incorrect");
  await b.done("sign-in refused");
  await b.signIn(production);
  await b.sees("Console Home");
  await b.done("home");

  // The role that trusts development and may read S3.
  await b.service("IAM");
  await b.link("Roles").click();
  await b.link("Create role").click();
  await b.page.getByText("Another AWS account").click();
  await b.fill({ accountId: development.id });
  await b.done("trusted entity");
  await b.button("Next").click();
  await b.check("AmazonS3ReadOnlyAccess", "Search");
  await b.done("permissions");
  await b.button("Next").click();
  await b.fill({ roleName: "CrossAccountRoleS3", description: "A Role to delegate S3 access to another AWS account" });
  await b.done("review");
  await b.button("Create role").click();
  await b.sees("Role CrossAccountRoleS3 created.");
  await b.link("CrossAccountRoleS3").first().click();
  const switchLink = await b.page.getByText("/console/switchrole?roleName=CrossAccountRoleS3").first().textContent();
  await b.tab("Trust relationships").click();
  await b.sees(`arn:aws:iam::${development.id}:root`);
  await b.done("role");

  // The bucket with an object.
  await b.service("S3");
  await b.link("Create bucket").first().click();
  await b.fill({ bucketName: "xemu-cross-account-lesson" });
  await b.done("create bucket");
  await b.button("Create bucket").click();
  await b.sees('Successfully created bucket "xemu-cross-account-lesson"');
  await b.link("xemu-cross-account-lesson").first().click();
  await b.button("Upload").click();
  await b.page.locator('input[type="file"]').setInputFiles({ name: "hello.txt", mimeType: "text/plain", buffer: Buffer.from("Hello from Production\n") });
  await b.sees("hello.txt");
  await b.button("Upload").click();
  await b.sees("Upload succeeded: 1 file.");
  await b.sees("hello.txt");
  await b.done("objects");

  // The policy editor tells what is wrong while one types.
  await b.service("IAM");
  await b.link("Policies").first().click();
  await b.link("Create policy").click();
  await b.write('{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObjekt",\n "Resource": "*"},\n{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]}');
  await b.findings("Errors: 1").click();
  await b.sees("Ln 1, Col 71");
  await b.sees("Did you mean s3:GetObject?");
  await b.findings("Security: 1").waitFor();
  await b.done("findings");
  await b.write("{");
  await b.sees("Fix the JSON syntax error");
  await b.signOut(`${production.user} @`);

  // Development: its administrator follows the link, and has the role's name wrong at first.
  await b.page.goto(switchLink.trim());
  await b.signIn(development);
  await b.page.getByRole("heading", { name: "Switch Role" }).waitFor();
  assert.equal(await b.field("account").inputValue(), production.id);
  await b.fill({ roleName: "CrossAccountRole" });
  await b.button("Switch Role").click();
  await b.sees("Could not switch roles");
  await b.button("Why was it denied?").click();
  await b.dialog().getByText("there is no role").first().waitFor();
  await b.done("switch role denied");
  await b.button("Close").click();
  await b.fill({ roleName: "CrossAccountRoleS3", displayName: "Production reader" });
  await b.button("Switch Role").click();
  await b.sees("Console Home");
  await b.bar("Production reader").waitFor();
  await b.done("switched");
  await b.service("S3");
  await b.link("xemu-cross-account-lesson").click();
  await b.sees("hello.txt");
  await b.done("the bucket as the role");
  await b.check("hello.txt");
  const file = b.page.waitForEvent("download");
  await b.button("Download").click();
  assert.equal((await file).suggestedFilename(), "hello.txt");

  // What the role may not do is denied, and explained.
  await b.service("S3");
  await b.link("Create bucket").first().click();
  await b.fill({ bucketName: "not-allowed" });
  await b.button("Create bucket").click();
  await b.sees("Failed to create bucket");
  await b.button("Why was it denied?").click();
  await b.dialog().getByText("The smallest change that would allow it").waitFor();
  await b.dialog().getByText("s3:CreateBucket").first().waitFor();
  await b.done("why");
  await b.button("Close").click();
  await b.choose("Production reader", /Switch back/);
  await b.bar(`${development.user} @`).waitFor();
  await b.open("/cloudtrail/events");
  await b.sees("AssumeRole");
  await b.sees("ConsoleLogin");
  await b.done("event history");
});
