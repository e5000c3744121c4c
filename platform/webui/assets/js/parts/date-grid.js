// <stoa-date-grid>: the keyboard of the ARIA date grid around the server's table. The server draws every month;
// days and months are submit buttons, so that the calendar works without this.
import { longDay, shiftDays, shiftMonths } from "../lib/dates.js";
import { announce } from "../lib/say.js";

// A day that should get the focus once its month has arrived (the grid is replaced in between).
let awaited = null;

class StoaDateGrid extends HTMLElement {
  connectedCallback() {
    this.grid = this.querySelector("[role=grid]");
    this.grid.addEventListener("keydown", (event) => this.onKey(event));
    this.addEventListener("click", (event) => this.onClick(event));
    this.makeRoving(this.startingDay());
    this.takeAwaited();
  }

  get days() {
    return [...this.grid.querySelectorAll("[name=day]")];
  }

  find(day) {
    return this.grid.querySelector(`[name=day][value="${day}"]`);
  }

  startingDay() {
    return this.grid.querySelector("[aria-selected=true] [name=day]") ?? this.grid.querySelector("[name=day]:not([aria-disabled=true])") ?? this.days[0];
  }

  makeRoving(current) {
    for (const button of this.days) button.tabIndex = button === current ? 0 : -1;
  }

  takeAwaited() {
    if (!awaited) return;
    const target = this.find(awaited);
    awaited = null;
    announce(this.querySelector("[data-month]").textContent);
    if (target) this.focusOn(target);
  }

  focusOn(button) {
    this.makeRoving(button);
    button.focus();
  }

  onClick(event) {
    const button = event.target.closest("[name=day]");
    if (!button) return;
    this.makeRoving(button);
    if (button.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      announce(button.getAttribute("aria-label"));
      return;
    }
    awaited = button.value;
    this.dispatchEvent(new CustomEvent("stoa:day", { bubbles: true, detail: { day: button.value } }));
  }

  onKey(event) {
    const button = event.target.closest("[name=day]");
    const wanted = button && this.destination(button.value, event);
    if (!wanted) return;
    event.preventDefault();
    const target = this.find(wanted);
    if (target) this.focusOn(target);
    else this.turnTo(wanted);
  }

  destination(day, { key, shiftKey }) {
    const forward = getComputedStyle(this).direction === "rtl" ? -1 : 1;
    const column = this.columnOf(day);
    const steps = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: 7, ArrowUp: -7, Home: -column, End: 6 - column };
    if (key in steps) return shiftDays(day, steps[key]);
    if (key === "PageDown") return shiftMonths(day, shiftKey ? 12 : 1);
    if (key === "PageUp") return shiftMonths(day, shiftKey ? -12 : -1);
    return null;
  }

  columnOf(day) {
    return this.find(day).closest("td").cellIndex;
  }

  /** Asks the server for another month, through the same button that a pointer would press. */
  turnTo(day) {
    const forward = day > this.days.at(-1).value;
    const button = this.querySelector(`[name=month][data-step="${forward ? 1 : -1}"]`);
    if (!button || button.disabled) {
      announce(longDay(forward ? this.days.at(-1).value : this.days[0].value));
      return;
    }
    awaited = day;
    button.value = day.slice(0, 7);
    button.form.requestSubmit(button);
  }
}

customElements.define("stoa-date-grid", StoaDateGrid);
