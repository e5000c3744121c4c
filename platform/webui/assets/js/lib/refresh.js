// The page as the server draws it now, and how its main part takes the place of the old one around whoever is using it.
import { announce } from "./say.js";

const TITLE = /<title>[\s\S]*?<\/title>/i;
const MAIN = /<main\b[\s\S]*<\/main>/i;

/** The text of this page; null if another page answers at its address. Throws while the server cannot say. */
export async function fetchPage() {
  const answer = await fetch(location.href, { cache: "no-store", redirect: "manual" });
  if (answer.status >= 500) throw new Error(`The page answered ${answer.status}.`);
  return answer.ok ? answer.text() : null;
}

/** Morphs <main> into that of `html`. Elements that stay keep their focus, and fields what was typed. */
export async function showPage(html) {
  const focused = document.activeElement;
  const before = document.title;
  const text = html.match(TITLE)[0] + html.match(MAIN)[0];
  const main = document.querySelector("main");
  await htmx.swap({ text, sourceElement: main, target: main, select: "main", swap: "outerMorph" });
  // An `autofocus` among what came takes the focus; it belongs to whoever had it.
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
  if (document.title !== before) announce(document.title);
}
