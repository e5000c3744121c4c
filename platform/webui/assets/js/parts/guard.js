// <form data-guard>: the browser asks before unsaved changes are left behind.
const changed = new Set();

const guarded = (event) => event.target.closest?.("form[data-guard]");

document.addEventListener("input", (event) => {
  const form = guarded(event);
  if (form) changed.add(form);
});

for (const saved of ["submit", "reset"]) {
  document.addEventListener(saved, (event) => {
    if (!event.defaultPrevented || event.target.matches?.("[hx-post], [hx-put], [hx-patch]")) changed.delete(event.target);
  });
}

addEventListener("beforeunload", (event) => {
  for (const form of changed) if (!form.isConnected) changed.delete(form);
  if (changed.size > 0) event.preventDefault();
});
