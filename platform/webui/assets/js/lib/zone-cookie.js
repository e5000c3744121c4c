// The viewer's time zone in a cookie, so that the server says times on their clock.
const A_YEAR = 60 * 60 * 24 * 365;

/** The zone in this cookie; undefined without it, and for what is none: a neighbouring site may set ours (`tz=100%`). */
export function told(name) {
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  try {
    return cookie && decodeURIComponent(cookie.slice(name.length + 1));
  } catch {
    return undefined;
  }
}

export function remember(name, zone) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(zone)}; Path=/; Max-Age=${A_YEAR}; SameSite=Lax${secure}`;
}
