// The first page that somebody opens tells the server their time zone, and so does the first one after a journey. Where that
// page has times on another clock ([data-clock], components/clock.html), it is asked for anew at once, on theirs.
import { browserZone } from "../lib/dates.js";
import { told, remember } from "../lib/zone-cookie.js";
import { isSameZone } from "../lib/zones.js";

const zone = browserZone();
if (told("tz") === undefined || !isSameZone(told("tz"), zone)) {
  remember("tz", zone);
  const clock = document.querySelector("[data-clock]")?.dataset.clock;
  // Once: where cookies are refused, or a zone was chosen, the next answer would be the same.
  if (clock && told("tz") === zone && !told("tz_chosen") && !isSameZone(clock, zone)) location.reload();
}
