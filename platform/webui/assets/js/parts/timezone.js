// <stoa-timezone>: offers this browser's zone in the <select name="tz"> inside, and takes it unless one was chosen before.
// Both go into cookies, so that the server draws the next page in the right zone at once: a zone that somebody chose into one
// of its own, since on the next page the browser's must not replace it.
import { browserZone } from "../lib/dates.js";
import { optionFor } from "../lib/zones.js";
import { remember } from "../lib/zone-cookie.js";

class StoaTimezone extends HTMLElement {
  connectedCallback() {
    this.select = this.querySelector("select");
    this.select.addEventListener("change", () => this.tell(this.isAdopting ? "tz" : "tz_chosen"));
    const own = this.offer(browserZone());
    if (!("chosen" in this.dataset) && this.select.value !== own) {
      this.select.value = own;
      // A moment later: htmx begins to listen only after the scripts of the page, and would not redraw the rest.
      setTimeout(() => this.adopt());
    }
  }

  adopt() {
    this.isAdopting = true;
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
    this.isAdopting = false;
  }

  /** The value by which the list has the zone; one that it lacks is added. */
  offer(zone) {
    const offered = optionFor(this.select, zone);
    if (!offered) this.select.add(new Option(zone.replaceAll("_", " ").replaceAll("/", " / "), zone));
    return offered ? offered.value : zone;
  }

  tell(name) {
    const zone = this.select.value;
    remember(name, zone);
    this.dispatchEvent(new CustomEvent("stoa:timezone", { bubbles: true, detail: { zone } }));
  }
}

customElements.define("stoa-timezone", StoaTimezone);
