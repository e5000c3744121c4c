// <stoa-hours>: windows of opening hours are added, removed and copied; a line below says them in short. The plain form has
// spare empty rows instead.
import { formatter } from "../lib/dates.js";
import { announce } from "../lib/say.js";

const WORKDAYS = [0, 1, 2, 3, 4];
// A Monday, to write weekday names and times with.
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

const dayName = (day) => formatter({ weekday: "short", timeZone: "UTC" }).format(MONDAY + day * DAY_MS);

const MIDNIGHT = "00:00";

const clock = (value) => formatter({ hour: "numeric", minute: "2-digit", timeZone: "UTC" }).format(new Date(`2024-01-01T${value}Z`));

class StoaHours extends HTMLElement {
  connectedCallback() {
    this.template = this.querySelector("template");
    for (const row of this.querySelectorAll("[data-window]")) if (this.isEmpty(row)) row.remove();
    this.addEventListener("click", (event) => this.onClick(event));
    this.addEventListener("input", () => this.say());
    this.refresh();
  }

  get days() {
    return [...this.querySelectorAll("[data-day]")];
  }

  rows(day) {
    return [...day.querySelectorAll("[data-window]")];
  }

  values(row) {
    return [...row.querySelectorAll("input")].map((input) => input.value);
  }

  isEmpty(row) {
    return this.values(row).every((value) => value === "");
  }

  onClick(event) {
    const button = event.target.closest("button[data-do]");
    if (!button) return;
    const day = button.closest("[data-day]");
    if (button.dataset.do === "add") this.add(day, this.nextWindow(day)).querySelector("input").focus();
    if (button.dataset.do === "remove") this.remove(button.closest("[data-window]"), day);
    if (button.dataset.do === "copy") this.copy(day);
    this.refresh();
    // As if it was typed: a row that came or went is a change like any other to whoever guards the form.
    this.dispatchEvent(new Event("input", { bubbles: true }));
    announce(this.summary());
  }

  /** Nine to five, or the hours after the last window. */
  nextWindow(day) {
    const last = this.rows(day).at(-1);
    const end = last ? this.values(last)[1] : "";
    return end ? [end, ""] : ["09:00", "17:00"];
  }

  add(day, [start, end]) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    const [first, second] = row.querySelectorAll("input");
    first.name = `${this.dataset.name}-${day.dataset.day}-start`;
    second.name = `${this.dataset.name}-${day.dataset.day}-end`;
    first.value = start;
    second.value = end;
    day.querySelector("[data-windows]").append(row);
    return row;
  }

  remove(row, day) {
    row.remove();
    day.querySelector("[data-do=add]").focus();
  }

  copy(from) {
    const windows = this.rows(from).map((row) => this.values(row));
    for (const day of this.days) {
      if (day === from || !WORKDAYS.includes(Number(day.dataset.day))) continue;
      for (const row of this.rows(day)) row.remove();
      for (const values of windows) this.add(day, values);
    }
  }

  refresh() {
    for (const day of this.days) day.querySelector("[data-closed]").hidden = this.rows(day).length > 0;
  }

  /** Only once something is changed: what is stored is said by the page. */
  say() {
    const line = this.querySelector("[data-summary]");
    if (line) line.textContent = this.summary();
  }

  /** "Mon–Fri 09:00–17:00, Sat 10:00–14:00": neighbours with the same hours become one range. */
  summary() {
    const groups = [];
    for (const day of this.days) {
      const hours = this.rows(day)
        .map((row) => this.values(row))
        .filter(([start, end]) => start && end)
        .map(([start, end]) => `${clock(start)}–${end === MIDNIGHT ? this.dataset.midnight : clock(end)}`)
        .join(" + ");
      const last = groups.at(-1);
      if (last && last.hours === hours) last.to = Number(day.dataset.day);
      else groups.push({ from: Number(day.dataset.day), to: Number(day.dataset.day), hours });
    }
    return groups
      .filter((group) => group.hours)
      .map(({ from, to, hours }) => `${from === to ? dayName(from) : `${dayName(from)}–${dayName(to)}`} ${hours}`)
      .join(", ");
  }
}

customElements.define("stoa-hours", StoaHours);
