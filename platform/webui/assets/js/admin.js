// Backoffice and console: weekly hours.
import "./parts/hours.js";
