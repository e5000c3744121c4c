// The stylesheets: bundled and minified, nothing lowered, font addresses left relative for the static storage to rewrite.
import path from "node:path";
import { build } from "esbuild";
import { ASSETS } from "./files.mjs";

// Quarter hours in a day, and the longest event that has a class of its own (twelve hours).
const ROWS = 96;
const LONGEST = 48;

const ENTRIES = ["app", "admin", "platform", "stoa", "gallery/gallery", "gallery/fresh", "gallery/campus", "gallery/noir"];

export async function buildStyles(target) {
  await build({
    entryPoints: Object.fromEntries(ENTRIES.map((name) => [name, path.join(ASSETS, "css", `${name}.css`)])),
    outdir: target,
    bundle: true,
    minify: true,
    legalComments: "none",
    logLevel: "error",
    external: ["*.woff2"],
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    plugins: [weekRows],
  });
}

/** `@import "./week-rows.css"`: the classes r0…r95 and n1…n48 that place events in the week. */
const weekRows = {
  name: "week-rows",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /week-rows\.css$/ }, ({ path: name }) => ({ path: name, namespace: "generated" }));
    onLoad({ filter: /.*/, namespace: "generated" }, () => ({ contents: rowClasses(), loader: "css" }));
  },
};

function rowClasses() {
  const starts = Array.from({ length: ROWS }, (_, row) => `.r${row}{grid-row-start:${row + 1}}`);
  const lengths = Array.from({ length: LONGEST }, (_, index) => `.n${index + 1}{grid-row-end:span ${index + 1}}`);
  return `@layer components{${starts.join("")}${lengths.join("")}}`;
}
