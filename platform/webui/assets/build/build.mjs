// Builds platform/webui/static/webui from platform/webui/assets. `--check` builds beside it and compares instead.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ASSETS, OUTPUT, ROOT, filesBelow, write } from "./files.mjs";
import { buildScripts } from "./scripts.mjs";
import { buildSprite } from "./sprite.mjs";
import { buildStyles } from "./styles.mjs";
import { copyFonts, copyImages, writeLicences, writeTestTools } from "./vendor.mjs";

async function build(target) {
  await buildStyles(target);
  await buildScripts(target);
  buildSprite(target);
  copyFonts(target);
  copyImages(target);
  writeLicences(target);
  writeDigest(target);
}

/** What was built from what. A test compares both sums without Node; the build itself is compared by `--check`. */
function writeDigest(target) {
  const sources = sum(ASSETS, createHash("sha256").update(readFileSync(path.join(ROOT, "package-lock.json"))));
  const built = sum(target, createHash("sha256"));
  write(target, "build.json", `${JSON.stringify({ sources, built }, null, 2)}\n`);
}

function sum(folder, hash) {
  for (const file of filesBelow(folder)) hash.update(`${file}\n`).update(readFileSync(path.join(folder, file)));
  return hash.digest("hex");
}

async function check() {
  const target = mkdtempSync(path.join(tmpdir(), "webui-"));
  try {
    await build(target);
    const differing = differences(target, OUTPUT);
    for (const file of differing) console.error(`differs from a fresh build: ${file}`);
    if (differing.length > 0) console.error("Run `npm run build` and commit platform/webui/static/webui.");
    process.exitCode = differing.length > 0 ? 1 : 0;
  } finally {
    rmSync(target, { recursive: true });
  }
}

function differences(fresh, committed) {
  const [left, right] = [fresh, committed].map((folder) => new Map(filesBelow(folder).map((file) => [file, readFileSync(path.join(folder, file))])));
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  return names.filter((name) => !left.has(name) || !right.has(name) || !left.get(name).equals(right.get(name)));
}

if (process.argv.includes("--check")) await check();
else {
  rmSync(OUTPUT, { recursive: true, force: true });
  await build(OUTPUT);
  writeTestTools();
}
