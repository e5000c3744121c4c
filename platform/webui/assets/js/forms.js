// Longer forms: colours, slugs, and the warning before typed text is lost.
import "./parts/color.js";
import "./parts/guard.js";
import "./parts/slug-field.js";
