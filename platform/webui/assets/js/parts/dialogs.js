// [data-opens="id"] opens a <dialog>, [data-closes] closes the one it is in; a press beside the dialog closes it too.
function isBeside(dialog, { clientX, clientY }) {
  const box = dialog.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens)?.showModal();
    return;
  }
  const dialog = event.target.closest("dialog[open]");
  if (!dialog) return;
  if (event.target.closest("[data-closes]")) {
    event.preventDefault();
    dialog.close();
  } else if (event.target === dialog && event.detail > 0 && isBeside(dialog, event)) {
    dialog.close();
  }
});
