// <select data-browser-zone>: takes this browser's time zone as long as nothing is chosen.
import { browserZone } from "../lib/dates.js";

for (const select of document.querySelectorAll("select[data-browser-zone]")) {
  const own = browserZone();
  const isOffered = [...select.options].some((option) => option.value === own);
  if (select.value === "" && isOffered) {
    select.value = own;
    // A moment later: htmx begins to listen only after the scripts of the page.
    setTimeout(() => select.dispatchEvent(new Event("change", { bubbles: true })));
  }
}
