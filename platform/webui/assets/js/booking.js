// Pages with a calendar: the date grid, the slots and the viewer's time zone.
import "./parts/date-grid.js";
import "./parts/slots.js";
import "./parts/timezone.js";
