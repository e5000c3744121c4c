// On every page: appearance, copying, dialogs, toasts, the search key.
import "./parts/appearance.js";
import "./parts/copy.js";
import "./parts/dialogs.js";
import "./parts/shortcuts.js";
import "./parts/toasts.js";
