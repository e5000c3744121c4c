// <stoa-live path="/live/…" port="">: loads the page anew when the server says that something changed. The page itself is
// the truth: after a lost connection it is loaded once too, since a message may have been missed.
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

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
    this.socket.addEventListener("message", () => location.reload());
    this.socket.addEventListener("close", () => this.lost());
  }

  opened() {
    if (this.hasBeenOpen) location.reload();
    this.hasBeenOpen = true;
    this.pause = FIRST_PAUSE_MS;
  }

  address() {
    const url = new URL(this.getAttribute("path"), location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.port = this.getAttribute("port") || location.port;
    return url;
  }

  /** Tries again after a pause that doubles, with some chance in it, so that a restart is not met by everybody at once. */
  lost() {
    if (!this.isConnected) return;
    this.timer = setTimeout(() => this.open(), this.pause * (0.5 + Math.random()));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }
}

customElements.define("stoa-live", StoaLive);
