// The Trusted Types policy of the page. Whatever becomes HTML from a string passes here (htmx parses answers that way);
// markup that could run script is refused. The Content-Security-Policy would not run it either: this is the second wall.
const TAG = /<([a-z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/gi;
const ATTRIBUTE = /([^\s"'=<>/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?/g;
const LINKS = new Set(["href", "src", "action", "formaction", "xlink:href", "data"]);

const plain = (value) => (value ?? "").replace(/^["']|["']$/g, "").replace(/[\s\u0000-\u001f]/g, "");

function runsScript(html) {
  for (const [, tag, attributes] of html.matchAll(TAG)) {
    if (tag.toLowerCase() === "script") return true;
    for (const [, name, value] of attributes.matchAll(ATTRIBUTE)) {
      const key = name.toLowerCase();
      if (key.startsWith("on") || key === "srcdoc") return true;
      if (LINKS.has(key) && /^javascript:/i.test(plain(value))) return true;
    }
  }
  return false;
}

function createHTML(html) {
  if (runsScript(html)) throw new TypeError("This page takes no script from an answer.");
  return html;
}

// No createScript and no createScriptURL: those sinks stay closed.
globalThis.trustedTypes?.createPolicy("default", { createHTML });
