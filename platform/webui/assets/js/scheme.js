// Runs before the first paint: says that script works, and applies the light or dark that this browser chose earlier.
const root = document.documentElement;
root.classList.add("js");
try {
  const saved = localStorage.getItem("scheme");
  if (saved === "light" || saved === "dark") root.dataset.scheme = saved;
} catch {
  // Storage may be forbidden; the theme's own scheme stays.
}
