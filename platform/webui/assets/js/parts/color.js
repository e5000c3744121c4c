// A colour's swatch and its hex text follow each other. The text is what is sent, so it works alone.
const HEX = /^#[0-9a-f]{6}$/i;

document.addEventListener("input", (event) => {
  const box = event.target.closest(".color-in");
  if (!box) return;
  const swatch = box.querySelector("[type=color]");
  const text = box.querySelector("[type=text]");
  if (event.target === swatch) {
    text.value = swatch.value;
    text.dispatchEvent(new Event("change", { bubbles: true }));
  } else if (HEX.test(text.value)) {
    swatch.value = text.value;
  }
});
