// <stoa-timezone>: offers this browser's zone in the <select name="tz"> inside, and takes it unless one was chosen before.
// The choice goes into a cookie, so that the server draws the next page in the right zone at once.
import { browserZone } from "../lib/dates.js";

const A_YEAR = 60 * 60 * 24 * 365;

class StoaTimezone extends HTMLElement {
  connectedCallback() {
    this.select = this.querySelector("select");
    this.select.addEventListener("change", () => this.tell());
    const own = browserZone();
    this.offer(own);
    if (!("chosen" in this.dataset) && this.select.value !== own) {
      this.select.value = own;
      // A moment later: htmx begins to listen only after the scripts of the page, and would not redraw the rest.
      setTimeout(() => this.select.dispatchEvent(new Event("change", { bubbles: true })));
    }
  }

  offer(zone) {
    if ([...this.select.options].some((option) => option.value === zone)) return;
    this.select.add(new Option(zone.replaceAll("_", " ").replaceAll("/", " / "), zone));
  }

  tell() {
    const zone = this.select.value;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `tz=${encodeURIComponent(zone)}; Path=/; Max-Age=${A_YEAR}; SameSite=Lax${secure}`;
    this.dispatchEvent(new CustomEvent("stoa:timezone", { bubbles: true, detail: { zone } }));
  }
}

customElements.define("stoa-timezone", StoaTimezone);
