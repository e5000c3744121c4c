// The week calendar opens with today in view on narrow screens.
const LABELS_WIDTH = 70;

for (const week of document.querySelectorAll(".week")) {
  const today = week.querySelector(".week-h.is-today");
  if (today) week.scrollLeft = (today.offsetLeft - LABELS_WIDTH) * (getComputedStyle(week).direction === "rtl" ? -1 : 1);
}
