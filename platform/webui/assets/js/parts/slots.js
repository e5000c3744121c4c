// <stoa-slots>: radios for instants, in groups by the time of day. A new time zone relabels and regroups them; a form sent
// too early leads back here with a sentence, so the main button is never dead.
import { dayIn, hourIn, longDay, shortDay, timeAndOffsetIn, timeIn } from "../lib/dates.js";
import { announce } from "../lib/say.js";

const NOON = 12;
const EVENING = 17;

const partOf = (hour) => (hour < NOON ? "morning" : hour < EVENING ? "afternoon" : "evening");

class StoaSlots extends HTMLElement {
  connectedCallback() {
    this.zone = this.dataset.zone;
    this.addEventListener("change", (event) => this.onPick(event.target));
    this.addEventListener("invalid", (event) => this.onMissing(event), true);
    this.onZone = (event) => this.regroup(event.detail.zone);
    document.addEventListener("stoa:timezone", this.onZone);
    if (this.dataset.announce) announce(this.dataset.announce);
  }

  disconnectedCallback() {
    document.removeEventListener("stoa:timezone", this.onZone);
  }

  get radios() {
    return [...this.querySelectorAll("input[name=slot]")];
  }

  regroup(zone) {
    this.zone = zone;
    const readings = this.radios.map((radio) => this.reading(radio));
    this.radios.forEach((radio, index) => this.place(radio, readings.filter((reading) => reading === readings[index]).length > 1));
    for (const part of this.querySelectorAll("[data-part]")) part.hidden = !part.querySelector("input");
    const picked = this.radios.find((radio) => radio.checked);
    if (picked) this.onPick(picked);
  }

  reading(radio) {
    return `${dayIn(radio.value, this.zone)} ${timeIn(radio.value, this.zone)}`;
  }

  /** When clocks go back two instants read alike; both then say their offset. */
  place(radio, isTwice) {
    const label = radio.closest("label");
    const day = dayIn(radio.value, this.zone);
    label.querySelector("[data-time]").textContent = (isTwice ? timeAndOffsetIn : timeIn)(radio.value, this.zone);
    const note = label.querySelector("[data-day-note]");
    note.hidden = day === this.dataset.day;
    note.textContent = note.hidden ? "" : shortDay(day);
    this.querySelector(`[data-part="${partOf(hourIn(radio.value, this.zone))}"] .slot-grid`).append(label);
  }

  onPick(radio) {
    if (radio.name !== "slot") return;
    const own = timeIn(radio.value, this.zone);
    const theirs = timeIn(radio.value, this.dataset.providerZone);
    const when = `${longDay(dayIn(radio.value, this.zone))}, ${own}`;
    for (const place of document.querySelectorAll("[data-when]")) place.textContent = when;
    for (const place of document.querySelectorAll("[data-when-there]")) {
      place.closest("[data-there]").hidden = own === theirs;
      place.textContent = theirs;
    }
    this.querySelector("[data-missing]").hidden = true;
    this.dispatchEvent(new CustomEvent("stoa:slot", { bubbles: true, detail: { instant: radio.value, when } }));
  }

  onMissing(event) {
    if (event.target.name !== "slot") return;
    event.preventDefault();
    const sentence = this.querySelector("[data-missing]");
    sentence.hidden = false;
    announce(sentence.textContent);
    this.radios[0].focus();
  }
}

customElements.define("stoa-slots", StoaSlots);
