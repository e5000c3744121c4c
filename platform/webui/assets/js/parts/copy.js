// <stoa-copy value="…"><button data-copied="Copied">: copies, and says so where the button is.
import { announce } from "../lib/say.js";

class StoaCopy extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.copy(button);
    });
  }

  async copy(button) {
    const field = this.querySelector("input, textarea");
    try {
      await navigator.clipboard.writeText(this.getAttribute("value") ?? field?.value ?? "");
    } catch {
      // No clipboard (plain http, or refused): the text is selected, ready for the keyboard.
      field?.select();
      return;
    }
    this.confirm(button);
  }

  confirm(button) {
    const label = button.querySelector("[data-label]") ?? button;
    const before = label.textContent;
    if (before === button.dataset.copied) return;
    label.textContent = button.dataset.copied;
    announce(button.dataset.copied);
    setTimeout(() => {
      label.textContent = before;
    }, 2000);
  }
}

customElements.define("stoa-copy", StoaCopy);
