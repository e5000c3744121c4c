// Our terms for htmx: no code from attributes, whole documents are pages and not fragments, failures become toasts.
import { toast } from "./lib/say.js";

const refuse = function () {
  throw new TypeError("Code in attributes is switched off.");
};

htmx.registerExtension("stoa", {
  init(api) {
    api.initSecurity(null, refuse, refuse);
  },

  /** What somebody has opened stays open while the page is morphed around it. */
  htmx_before_morph_attr(_element, { attrName }) {
    return attrName !== "open";
  },
});

const WHOLE_DOCUMENT = /^\s*<(?:!doctype|html)\b/i;

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (!WHOLE_DOCUMENT.test(ctx.text ?? "")) return;
  // A sign-in page after the session ended, or a proxy's error page: neither belongs inside a fragment.
  event.preventDefault();
  if (ctx.response.status < 400) location.assign(ctx.response.raw.url);
  else toast({ kind: "bad", text: words().failed });
});

document.addEventListener("htmx:error", (event) => {
  // With an answer in hand it was the answer that failed (refused markup, say), not the way to the server.
  const text = event.detail.ctx?.response ? words().failed : words().offline;
  toast({ kind: "bad", text });
});

function words() {
  return document.getElementById("toasts")?.dataset ?? {};
}
