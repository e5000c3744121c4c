// Fonts (latin subsets), our own pictures, and the licences of everything that is shipped from elsewhere.
import { readFileSync } from "node:fs";
import path from "node:path";
import { ASSETS, MODULES, ROOT, filesBelow, write } from "./files.mjs";

const VARIABLE = "@fontsource-variable";

const FONTS = {
  "bricolage": `${VARIABLE}/bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2`,
  "figtree": `${VARIABLE}/figtree/files/figtree-latin-wght-normal.woff2`,
  "geist": `${VARIABLE}/geist/files/geist-latin-wght-normal.woff2`,
  "instrument-serif": "@fontsource/instrument-serif/files/instrument-serif-latin-400-normal.woff2",
  "instrument-serif-italic": "@fontsource/instrument-serif/files/instrument-serif-latin-400-italic.woff2",
  "inter": `${VARIABLE}/inter/files/inter-latin-wght-normal.woff2`,
  "jakarta": `${VARIABLE}/plus-jakarta-sans/files/plus-jakarta-sans-latin-wght-normal.woff2`,
  "newsreader": `${VARIABLE}/newsreader/files/newsreader-latin-wght-normal.woff2`,
  "source-serif": `${VARIABLE}/source-serif-4/files/source-serif-4-latin-wght-normal.woff2`,
};

export function copyFonts(target) {
  for (const [name, source] of Object.entries(FONTS)) write(target, `fonts/${name}.woff2`, readFileSync(path.join(MODULES, source)));
}

/** Pictures that are ours. */
export function copyImages(target) {
  const folder = path.join(ASSETS, "img");
  for (const name of filesBelow(folder)) write(target, name, readFileSync(path.join(folder, name)));
}

export function writeLicences(target) {
  write(target, "fonts/LICENSES.txt", fontLicences());
  write(target, "LICENSES.txt", [licence("htmx.org"), licence("lucide-static")].join(`\n${"=".repeat(80)}\n\n`));
}

/** The Open Font License is the same for all of them: each family's notice, then the text once. */
function fontLicences() {
  const packages = [...new Set(Object.values(FONTS).map((source) => source.split("/").slice(0, 2).join("/")))];
  const texts = packages.map((name) => readFileSync(path.join(MODULES, name, "LICENSE"), "utf8"));
  const notices = texts.map((text, index) => `${packages[index].split("/")[1]}: ${text.split("\n")[0].trim()}`);
  const terms = texts[0].split("\n").slice(1).join("\n");
  return `${notices.join("\n")}\n${terms}`;
}

/** The accessibility checker, so that the browser tests need no Node either. */
export function writeTestTools() {
  write(path.join(ROOT, "tests/webui/vendor"), "axe.min.js", readFileSync(path.join(MODULES, "axe-core/axe.min.js")));
}

const licence = (name) => `${name}\n\n${readFileSync(path.join(MODULES, name, "LICENSE"), "utf8").trim()}\n`;
