// On a phone a row of tabs is wider than the screen: it begins where the page's own tab is seen.
for (const row of document.querySelectorAll(".tabs")) {
  const here = row.querySelector("[aria-current]");
  if (!here) continue;
  const strip = row.getBoundingClientRect();
  const tab = here.getBoundingClientRect();
  // By the boxes and not by scrollIntoView(), which would move the page as well; the same to the left and to the right.
  if (tab.left < strip.left || tab.right > strip.right) row.scrollLeft += (tab.left + tab.right - strip.left - strip.right) / 2;
}
