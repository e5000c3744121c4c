// <stoa-toast>: leaves after eight seconds, but not while a pointer or the focus rests on it.
import { toast } from "../lib/say.js";

const LIFE_MS = 8000;

class StoaToast extends HTMLElement {
  connectedCallback() {
    for (const pause of ["pointerenter", "focusin"]) this.addEventListener(pause, () => clearTimeout(this.timer));
    for (const resume of ["pointerleave", "focusout"]) this.addEventListener(resume, () => this.countDown());
    this.addEventListener("click", (event) => {
      if (event.target.closest(".toast-close")) this.remove();
    });
    this.countDown();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  countDown() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.remove(), LIFE_MS);
  }
}

customElements.define("stoa-toast", StoaToast);

// From the server by `HX-Trigger`, or from any script of ours.
document.addEventListener("stoa:toast", (event) => toast(event.detail));
