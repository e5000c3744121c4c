// <stoa-slug-field from="id_name">: suggests an address from a name until somebody types their own. Where the server answers
// while one types, its newest answer takes the place of the refusal that the page came with.
const MAX_LENGTH = 40;

export function slugify(text) {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/&/g, " and ")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, MAX_LENGTH)
    .replace(/-+$/, "");
}

class StoaSlugField extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.isOwn = this.input.value !== "";
    this.input.addEventListener("input", (event) => this.onTyped(event));
    // Not on `input`: a check that is not made or fails says nothing new, and the old words still hold.
    this.input.addEventListener("htmx:after:swap", () => this.forgetRefusal());
    this.source = document.getElementById(this.getAttribute("from"));
    this.onName = () => this.suggest();
    this.source?.addEventListener("input", this.onName);
  }

  disconnectedCallback() {
    this.source?.removeEventListener("input", this.onName);
  }

  onTyped(event) {
    if (!event.isTrusted) return;
    this.isOwn = this.input.value !== "";
  }

  /** As the field would have been rendered without an error. */
  forgetRefusal() {
    const refusal = document.getElementById(`${this.input.id}_error`);
    if (!refusal) return;
    refusal.remove();
    this.input.removeAttribute("aria-invalid");
    const described = this.input.getAttribute("aria-describedby") ?? "";
    const left = described.split(" ").filter((id) => id !== refusal.id);
    if (left.join("")) this.input.setAttribute("aria-describedby", left.join(" "));
    else this.input.removeAttribute("aria-describedby");
  }

  suggest() {
    if (this.isOwn) return;
    this.input.value = slugify(this.source.value);
    // As if it was typed: the check on the server listens for this.
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("stoa-slug-field", StoaSlugField);
