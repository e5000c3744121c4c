// The two ways to tell people something: a toast to see, a live region to hear. Both stand in every layout.

/** Says it to screen readers only. The text is set a moment later, so that the same words twice are heard twice. */
export function announce(text) {
  const region = document.getElementById("live");
  if (!region) return;
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, 60);
}

/** @param {{text: string, kind?: "ok"|"warn"|"bad"|"info", undo?: string}} message */
export function toast({ text, kind = "ok", undo }) {
  const template = document.getElementById("toast-template");
  if (!template || !text) return;
  const box = template.content.firstElementChild.cloneNode(true);
  box.dataset.kind = kind;
  box.querySelector("[data-text]").textContent = text;
  const form = box.querySelector("form");
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (undo && token) {
    form.action = undo;
    form.append(token.cloneNode(true));
  } else {
    form.remove();
  }
  document.getElementById("toasts").append(box);
}
