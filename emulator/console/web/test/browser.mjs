// A browser on the console, and the words of what its tests do.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** What the Go test gives: {url, chromium, production: {id, user, password, email, root}, development, shots}. */
export const world = JSON.parse(process.argv[2]);

/** Runs a test in a browser of its own, and fails when the browser itself complains, about the content security policy, say. */
export async function browse(test) {
  const profile = mkdtempSync(join(tmpdir(), "xemu-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: world.chromium,
    headless: true,
    chromiumSandbox: false,
    viewport: { width: 1280, height: 900 },
    args: [
      "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", // nothing leaves this machine
    ],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(60_000);
  const complaints = [];
  page.on("pageerror", (e) => complaints.push(String(e)));
  page.on("console", (m) => m.type() === "error" && !/Failed to load resource/.test(m.text()) && complaints.push(m.text()));
  try {
    await test(new Browser(page));
    if (complaints.length) throw new Error("the browser complained: " + complaints.join("\n"));
  } catch (e) {
    if (world.shots) await page.screenshot({ path: join(world.shots, "failed.png"), fullPage: true });
    console.error("at", page.url());
    throw e;
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

class Browser {
  #shot = 0;

  constructor(page) {
    this.page = page;
  }

  /** Says that a step is done, with a picture where pictures are wanted. */
  async done(step) {
    console.log("done:", step);
    const name = `${process.argv[1].split("/").pop()}-${String(++this.#shot).padStart(2, "0")}-${step.replaceAll(/\W+/g, "-")}.png`;
    if (world.shots) await this.page.screenshot({ path: join(world.shots, name) });
  }

  field = (name) => this.page.locator(`input[name="${name}"], textarea[name="${name}"]`);
  button = (name) => this.page.getByRole("button", { name, exact: true });
  link = (name) => this.page.getByRole("link", { name, exact: true });
  dialog = () => this.page.getByRole("dialog");
  tab = (name) => this.page.getByRole("tab", { name, exact: true });
  bar = (name) => this.page.locator("#h").getByRole("button", { name }).first();
  sees = (text) => this.page.getByText(text).first().waitFor();

  async fill(fields) {
    for (const [name, value] of Object.entries(fields)) await this.field(name).fill(value);
  }

  async open(path) {
    await this.page.goto(world.url + "/console" + path);
  }

  async signIn({ id, user, password }) {
    await this.fill({ account: id, username: user, password });
    await this.button("Sign in").click();
  }

  async signOut(name) {
    await this.choose(name, "Sign out");
    await this.field("account").waitFor();
  }

  /** Chooses an item of a menu of the navigation bar. */
  async choose(menu, item) {
    await this.bar(menu).click();
    await this.page.getByRole("menuitem", { name: item }).first().click();
  }

  service = (name) => this.choose("Services", name);

  /** Checks a row of a table, after looking for it. */
  async check(row, search) {
    if (search) await this.page.getByPlaceholder(search).last().fill(row);
    await this.page.getByRole("checkbox", { name: "select " + row, exact: true }).check({ force: true });
  }

  async pick(row) {
    await this.page.getByRole("radio", { name: "select " + row, exact: true }).check({ force: true });
  }

  /** Replaces the text of the policy editor. */
  async write(policy) {
    const box = this.page.getByTestId("policy-editor");
    await box.locator(".ace_content").waitFor();
    await box.locator("textarea").first().focus();
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.insertText(typeof policy === "string" ? policy : JSON.stringify(policy));
  }

  findings = (tab) => this.page.getByTestId("findings").getByRole("tab", { name: tab });

  /** Confirms what a dialog asks. */
  async confirm(action, word) {
    if (word) await this.dialog().getByRole("textbox").fill(word);
    await this.dialog().getByRole("button", { name: action, exact: true }).click();
  }
}
