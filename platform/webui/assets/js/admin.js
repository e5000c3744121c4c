// Backoffice and console: weekly hours and the week calendar.
import "./parts/hours.js";
import "./parts/week.js";
