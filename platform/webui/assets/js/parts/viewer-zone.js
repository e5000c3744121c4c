// The first page that somebody opens tells the server their time zone, so that the next one says times on their clock.
import { browserZone } from "../lib/dates.js";
import { isKnown, remember } from "../lib/zone-cookie.js";

if (!isKnown("tz")) remember("tz", browserZone());
