// On every page: appearance, copying, dialogs, tabs, toasts, the search key, coming back after a pause, the
// time zone.
import "./parts/appearance.js";
import "./parts/copy.js";
import "./parts/dialogs.js";
import "./parts/retry.js";
import "./parts/shortcuts.js";
import "./parts/tabs.js";
import "./parts/toasts.js";
import "./parts/viewer-zone.js";
