// Builds platform/webui/static/webui from platform/webui/assets. `--check` builds beside it and compares instead.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { OUTPUT, ROOT, filesBelow, write } from "./files.mjs";
import { buildScripts } from "./scripts.mjs";
import { buildSprite } from "./sprite.mjs";
import { buildStyles } from "./styles.mjs";
import { copyFonts, copyImages, writeLicences } from "./vendor.mjs";

async function build(target) {
  await buildStyles(target);
  await buildScripts(target);
  buildSprite(target);
  copyFonts(target);
  copyImages(target);
  writeLicences(target);
  writeDigest(target);
}

/** What the built files were made of. A test compares it without Node; the build itself is compared by `--check`. */
function writeDigest(target) {
  const hash = createHash("sha256");
  const sources = path.join(ROOT, "platform/webui/assets");
  for (const file of filesBelow(sources)) hash.update(`${file}\n`).update(readFileSync(path.join(sources, file)));
  hash.update(readFileSync(path.join(ROOT, "package-lock.json")));
  write(target, "sources.sha256", `${hash.digest("hex")}\n`);
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
}
