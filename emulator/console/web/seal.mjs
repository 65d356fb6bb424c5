// What the build adds to Vite's output: the licences of the packages in it, every file compressed, since that is how the server
// keeps and sends them, and the hash of the sources, which a test compares with the sources that are there.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const web = import.meta.dirname;

/** The files under dir, as paths with slashes, sorted. */
function files(dir, root = dir) {
  return readdirSync(dir)
    .flatMap((name) => {
      const path = join(dir, name);
      return statSync(path).isDirectory() ? files(path, root) : [relative(root, path).replaceAll("\\", "/")];
    })
    .sort();
}

/** The hash of everything that the build is made of: each file's path, its length and its bytes. */
export function sources() {
  const hash = createHash("sha256");
  const own = readdirSync(web).filter((name) => statSync(join(web, name)).isFile());
  const below = ["public", "src"].flatMap((dir) => files(join(web, dir)).map((path) => `${dir}/${path}`));
  for (const path of [...own, ...below].sort()) {
    const bytes = readFileSync(join(web, path));
    hash.update(`${path}\n${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex");
}

/** The directory of the npm package that a module is of; "" for our own. */
function packageOf(id) {
  const match = id.replaceAll("\\", "/").match(/^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/?]+)/);
  return match ? match[1] : "";
}

/** The licences and notices of packages, one after the other. */
function licences(packages) {
  return [...packages]
    .map((dir) => ({ dir, ...JSON.parse(readFileSync(join(dir, "package.json"))) }))
    .sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version))
    .map(({ dir, name, version, license }) => {
      const texts = readdirSync(dir)
        .filter((file) => /^(licen[sc]e|notice|third-party)/i.test(file) && statSync(join(dir, file)).isFile())
        .map((file) => readFileSync(join(dir, file), "utf8").trim());
      return [`${name} ${version} (${license})`, ...texts].join("\n\n");
    })
    .join(`\n\n${"-".repeat(80)}\n\n`);
}

export function seal() {
  let out;
  const packages = new Set();
  return {
    name: "seal",
    apply: "build",
    configResolved: (config) => void (out = join(web, config.build.outDir)),
    moduleParsed({ id }) {
      const dir = packageOf(id);
      if (dir && existsSync(join(dir, "package.json"))) packages.add(dir);
    },
    closeBundle() {
      writeFileSync(join(out, "LICENSES.txt"), licences(packages) + "\n");
      for (const path of files(out)) {
        const file = join(out, path);
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
        rmSync(file);
      }
      writeFileSync(join(out, "sources.sha256"), `${sources()}\n`);
    },
  };
}
