// The first lesson, done by clicks in a browser: production makes a bucket and a role, a user of development switches to the
// role and sees the bucket. On the way the policy editor shows findings, and a denial explains itself.
//
//	node lesson.mjs '{"url": …, "chromium": …, "production": {"id", "user", "password"}, "development": {…}, "shots": DIR}'
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { url, chromium: executablePath, production, development, shots } = JSON.parse(process.argv[2]);

const profile = mkdtempSync(join(tmpdir(), "xemu-browser-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  chromiumSandbox: false,
  viewport: { width: 1280, height: 900 },
  args: [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", // nothing leaves this machine
  ],
});
const page = context.pages()[0] ?? (await context.newPage());
page.setDefaultTimeout(20_000);

// What the browser itself complains about, such as the content security policy, is a fault. Refused requests are part of
// the lesson.
const complaints = [];
page.on("pageerror", (e) => complaints.push(String(e)));
page.on("console", (m) => m.type() === "error" && !/Failed to load resource/.test(m.text()) && complaints.push(m.text()));

let shot = 0;
async function done(step) {
  console.log("done:", step);
  if (shots) await page.screenshot({ path: join(shots, `${String(++shot).padStart(2, "0")}-${step.replaceAll(/\W+/g, "-")}.png`) });
}

const button = (name) => page.getByRole("button", { name, exact: true });
const link = (name) => page.getByRole("link", { name, exact: true });

async function signIn(account) {
  await page.locator('input[name="account"]').fill(account.id);
  await page.locator('input[name="username"]').fill(account.user);
  await page.locator('input[name="password"]').fill(account.password);
  await button("Sign in").click();
  await page.getByRole("heading", { name: "Console Home" }).waitFor();
}

async function choose(menu, item) {
  await page.locator("#h").getByRole("button", { name: menu }).first().click();
  await page.getByRole("menuitem", { name: item }).first().click();
}

async function service(name) {
  await choose("Services", name);
}

async function flash(text) {
  await page.getByText(text).first().waitFor();
}

try {
  // Production: a wrong password first.
  await page.goto(url + "/console/");
  await page.locator('input[name="account"]').fill(production.id);
  await page.locator('input[name="username"]').fill(production.user);
  await page.locator('input[name="password"]').fill("wrong");
  await button("Sign in").click();
  await page.getByText("Your authentication information is incorrect").first().waitFor();
  await done("sign-in refused");
  await signIn(production);
  await done("home");

  // The role that trusts development and may read S3.
  await service("IAM");
  await link("Roles").click();
  await link("Create role").click();
  await page.getByText("Another AWS account").click();
  await page.locator('input[name="accountId"]').fill(development.id);
  await done("trusted entity");
  await button("Next").click();
  await page.getByPlaceholder("Search").fill("AmazonS3ReadOnlyAccess");
  await page.getByRole("checkbox", { name: "select AmazonS3ReadOnlyAccess" }).check({ force: true });
  await done("permissions");
  await button("Next").click();
  await page.locator('input[name="roleName"]').fill("CrossAccountRoleS3");
  await page.locator('textarea[name="description"]').fill("A Role to delegate S3 access to another AWS account");
  await done("review");
  await button("Create role").click();
  await flash("Role CrossAccountRoleS3 created.");
  await link("CrossAccountRoleS3").first().click();
  const switchLink = await page.getByText("/console/switchrole?roleName=CrossAccountRoleS3").first().textContent();
  await page.getByRole("tab", { name: "Trust relationships" }).click();
  await page.getByText(`arn:aws:iam::${development.id}:root`).waitFor();
  await done("role");

  // The bucket with an object.
  await service("S3");
  await link("Create bucket").first().click();
  await page.locator('input[name="bucketName"]').fill("xemu-cross-account-lesson");
  await done("create bucket");
  await button("Create bucket").click();
  await flash('Successfully created bucket "xemu-cross-account-lesson"');
  await link("xemu-cross-account-lesson").first().click();
  await button("Upload").click();
  await page.locator('input[type="file"]').setInputFiles({ name: "hello.txt", mimeType: "text/plain", buffer: Buffer.from("Hello from Production\n") });
  await page.getByText("hello.txt").first().waitFor();
  await done("upload");
  await button("Upload").click();
  await flash("Upload succeeded: 1 file.");
  await page.getByRole("cell", { name: "hello.txt" }).or(page.getByRole("rowheader", { name: "hello.txt" })).first().waitFor();
  await done("objects");

  // The policy editor tells what is wrong while one types.
  await service("IAM");
  await link("Policies").first().click();
  await link("Create policy").click();
  const editor = page.getByTestId("policy-editor").locator("textarea").first();
  await page.getByTestId("policy-editor").locator(".ace_content").waitFor();
  await editor.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObjekt",\n "Resource": "*"},\n{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]}');
  await page.getByTestId("findings").getByRole("tab", { name: "Errors: 1" }).click();
  await page.getByText("Ln 1, Col 71").first().waitFor();
  await page.getByText("Did you mean s3:GetObject?").first().waitFor();
  await page.getByTestId("findings").getByRole("tab", { name: "Security: 1" }).waitFor();
  await done("findings");
  await page.keyboard.press("Escape");
  await editor.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("{");
  await page.getByText("Fix the JSON syntax error").first().waitFor();
  await done("syntax error");

  // Development: its administrator follows the link.
  await choose(new RegExp(`^${production.user} @`), "Sign out");
  await page.locator('input[name="account"]').waitFor();
  await page.goto(switchLink.trim());
  await page.locator('input[name="username"]').waitFor();
  await page.locator('input[name="account"]').fill(development.id);
  await page.locator('input[name="username"]').fill(development.user);
  await page.locator('input[name="password"]').fill(development.password);
  await button("Sign in").click();
  await page.getByRole("heading", { name: "Switch Role" }).waitFor();
  assert.equal(await page.locator('input[name="account"]').inputValue(), production.id);
  await page.locator('input[name="roleName"]').fill("CrossAccountRole");
  await button("Switch Role").click();
  await flash("Could not switch roles");
  await button("Why was it denied?").click();
  await page.getByRole("dialog").getByText("there is no role").first().waitFor();
  await done("switch role denied");
  await button("Close").click();
  await page.locator('input[name="roleName"]').fill("CrossAccountRoleS3");
  await page.locator('input[name="displayName"]').fill("Production reader");
  await button("Switch Role").click();
  await page.getByRole("heading", { name: "Console Home" }).waitFor();
  await page.locator("#h").getByRole("button", { name: "Production reader" }).first().waitFor();
  await done("switched");
  await service("S3");
  await link("xemu-cross-account-lesson").click();
  await page.getByText("hello.txt").first().waitFor();
  await done("the bucket as the role");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    (async () => {
      await page.getByRole("checkbox", { name: "select hello.txt" }).check({ force: true });
      await button("Download").click();
    })(),
  ]);
  assert.equal(file.suggestedFilename(), "hello.txt");

  // What the role may not do is denied, and explained.
  await service("S3");
  await link("Create bucket").first().click();
  await page.locator('input[name="bucketName"]').fill("not-allowed");
  await button("Create bucket").click();
  await flash("Failed to create bucket");
  await button("Why was it denied?").click();
  await page.getByRole("dialog").getByText("The smallest change that would allow it").waitFor();
  await page.getByRole("dialog").getByText("s3:CreateBucket").first().waitFor();
  await done("why");
  await button("Close").click();
  await choose("Production reader", /Switch back/);
  await page.locator("#h").getByRole("button", { name: new RegExp(`^${development.user} @`) }).first().waitFor();
  await page.goto(url + "/console/cloudtrail/events");
  await page.getByText("AssumeRole").first().waitFor();
  await page.getByText("ConsoleLogin").first().waitFor();
  await done("event history");

  assert.deepEqual(complaints, [], "the browser complained");
} catch (e) {
  if (shots) await page.screenshot({ path: join(shots, "failed.png"), fullPage: true });
  console.error("at", page.url());
  throw e;
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
