// <stoa-live path="/live/…" port="">: brings the page up to date when the server says that something changed. The page itself
// is the truth: after a lost connection it is asked once too, since a message may have been missed.
import { isLeaving, untilStaying } from "../lib/leaving.js";
import { fetchPage, showPage } from "../lib/refresh.js";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/** With some chance in it, so that a restart of the server is not met by everybody at once. */
const around = (pause) => pause * (0.5 + Math.random());

class StoaLive extends HTMLElement {
  connectedCallback() {
    this.pause = FIRST_PAUSE_MS;
    this.hasBeenOpen = false;
    this.open();
  }

  disconnectedCallback() {
    this.socket?.close();
    clearTimeout(this.timer);
  }

  open() {
    this.socket = new WebSocket(this.address());
    this.socket.addEventListener("open", () => this.opened());
    this.socket.addEventListener("message", () => this.refresh());
    this.socket.addEventListener("close", () => this.lost());
  }

  opened() {
    if (this.hasBeenOpen) this.refresh();
    this.hasBeenOpen = true;
    this.pause = FIRST_PAUSE_MS;
  }

  address() {
    const url = new URL(this.getAttribute("path"), location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.port = this.getAttribute("port") || location.port;
    return url;
  }

  /** One look at a time; what is told meanwhile is seen by one more look. */
  async refresh() {
    this.isStale = true;
    if (this.isLooking) return;
    this.isLooking = true;
    while (this.isStale && this.isConnected) {
      // A link that was followed must not be cancelled by us.
      await untilStaying();
      this.isStale = false;
      await this.look();
    }
    this.isLooking = false;
  }

  async look() {
    let html;
    try {
      html = await fetchPage();
    } catch {
      this.isStale = true;
      await new Promise((done) => setTimeout(done, around(2 * FIRST_PAUSE_MS)));
      return;
    }
    if (isLeaving()) this.isStale = true;
    else if (html === null) location.reload();
    // Refused markup, say: what cannot be taken in parts is visited.
    else await showPage(html).catch(() => location.reload());
  }

  /** Tries again after a pause that doubles. */
  lost() {
    if (!this.isConnected) return;
    this.timer = setTimeout(() => this.open(), around(this.pause));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }
}

customElements.define("stoa-live", StoaLive);
