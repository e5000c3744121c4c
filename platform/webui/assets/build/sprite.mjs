// One SVG file with the icons in assets/icons.txt, each a <symbol> under its Lucide name.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { ASSETS, MODULES, write } from "./files.mjs";

export function buildSprite(target) {
  const symbols = names().map(symbol);
  write(target, "icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

function names() {
  const lines = readFileSync(path.join(ASSETS, "icons.txt"), "utf8").split("\n");
  return lines.map((line) => line.replace(/#.*/, "").trim()).flatMap((line) => line.split(/\s+/).filter(Boolean)).sort();
}

function symbol(name) {
  const file = path.join(MODULES, "lucide-static/icons", `${name}.svg`);
  if (!existsSync(file)) throw new Error(`Lucide has no icon called "${name}" (assets/icons.txt)`);
  const [, shapes] = readFileSync(file, "utf8").match(/<svg[^>]*>(.*)<\/svg>/s);
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s+/g, " ").replace(/> </g, "><").replace(/ \/>/g, "/>").trim()}</symbol>`;
}
