// Pages that change while they are open.
import "./parts/live.js";
