// Ctrl or Cmd + K, and "/", go to the page's search field. A details menu closes with Escape or a press elsewhere.
const isTyping = (element) => element.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  const isCommand = (event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k";
  const isSlash = event.key === "/" && !isTyping(event.target);
  const search = isCommand || isSlash ? document.querySelector("[data-search]") : null;
  if (search) {
    event.preventDefault();
    search.focus();
  }
  if (event.key === "Escape") closeMenus(null);
});

document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu === except) continue;
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
}
