// The viewer's time zone in a cookie, so that the server says times on their clock.
const A_YEAR = 60 * 60 * 24 * 365;

export const isKnown = (name) => document.cookie.split("; ").some((cookie) => cookie.startsWith(`${name}=`));

export function remember(name, zone) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(zone)}; Path=/; Max-Age=${A_YEAR}; SameSite=Lax${secure}`;
}
