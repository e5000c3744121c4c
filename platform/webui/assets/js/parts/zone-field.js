// <select data-browser-zone>: takes this browser's time zone as long as nothing is chosen.
import { browserZone } from "../lib/dates.js";
import { optionFor } from "../lib/zones.js";

for (const select of document.querySelectorAll("select[data-browser-zone]")) {
  const own = select.value === "" ? optionFor(select, browserZone()) : undefined;
  if (own) {
    select.value = own.value;
    // A moment later: htmx begins to listen only after the scripts of the page.
    setTimeout(() => select.dispatchEvent(new Event("change", { bubbles: true })));
  }
}
