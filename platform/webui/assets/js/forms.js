// Longer forms: colours, slugs, time zones, and the warning before typed text is lost.
import "./parts/color.js";
import "./parts/guard.js";
import "./parts/slug-field.js";
import "./parts/zone-field.js";
