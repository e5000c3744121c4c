// [data-scheme-toggle]: light or dark, kept in this browser.
const root = document.documentElement;

function isDark() {
  const scheme = getComputedStyle(root).colorScheme;
  if (scheme.includes("light") && scheme.includes("dark")) return matchMedia("(prefers-color-scheme: dark)").matches;
  return scheme.includes("dark");
}

function remember(scheme) {
  try {
    localStorage.setItem("scheme", scheme);
  } catch {
    // Forbidden storage: the choice lasts for this page.
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-scheme-toggle]")) return;
  root.dataset.scheme = isDark() ? "light" : "dark";
  remember(root.dataset.scheme);
});
