// The scripts: our modules bundled one file per kind of page, and htmx with our policy before it and our terms after it.
import { readFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { ASSETS, MODULES, write } from "./files.mjs";

const PAGES = ["ui", "booking", "forms", "admin", "live"];
const TARGET = ["chrome123", "edge123", "firefox121", "safari17.5"];

export async function buildScripts(target) {
  await bundle(PAGES, { outdir: target, format: "esm" });
  await bundle(["scheme"], { outdir: target, format: "iife" });
  await writeHtmx(target);
}

const bundle = (names, options) =>
  build({
    entryPoints: names.map((name) => path.join(ASSETS, "js", `${name}.js`)),
    bundle: true,
    minify: true,
    legalComments: "none",
    logLevel: "error",
    target: TARGET,
    ...options,
  });

async function writeHtmx(target) {
  const ours = await bundle(["htmx-policy", "htmx-stoa"], { outdir: target, format: "iife", write: false });
  const [policy, terms] = ["htmx-policy", "htmx-stoa"].map((name) => ours.outputFiles.find((file) => file.path.endsWith(`${name}.js`)).text);
  write(target, "htmx.js", [policy, vendored("htmx.min.js"), terms].join("\n"));
  write(target, "htmx-sse.js", vendored("ext/hx-sse.min.js"));
}

/** Without the pointer to a source map, which is not shipped. */
function vendored(name) {
  const code = readFileSync(path.join(MODULES, "htmx.org/dist", name), "utf8");
  return `${code.replace(/\n?\/\/# sourceMappingURL=.*$/m, "").trim()}\n`;
}
