// Calendar days as "2026-11-13" and instants as ISO text, with Intl formatters made once: they are slow to build.
const formatters = new Map();

export const language = () => document.documentElement.lang || "en";

export function formatter(options, locale = language()) {
  const key = locale + JSON.stringify(options);
  if (!formatters.has(key)) formatters.set(key, new Intl.DateTimeFormat(locale, options));
  return formatters.get(key);
}

/** Noon, so that no time zone pulls the day over its edge. */
const noon = (day) => new Date(`${day}T12:00Z`);

const text = (date) => date.toISOString().slice(0, 10);

export function shiftDays(day, count) {
  const date = noon(day);
  date.setUTCDate(date.getUTCDate() + count);
  return text(date);
}

/** The same day some months away, or that month's last day. */
export function shiftMonths(day, count) {
  const date = noon(day);
  const wanted = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + count);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(wanted, last));
  return text(date);
}

export const longDay = (day) => formatter({ weekday: "long", day: "numeric", month: "long", timeZone: "UTC" }).format(noon(day));

export const shortDay = (day) => formatter({ weekday: "short", day: "numeric", timeZone: "UTC" }).format(noon(day));

export const timeIn = (instant, zone) => formatter({ hour: "numeric", minute: "2-digit", timeZone: zone }).format(new Date(instant));

export const timeAndOffsetIn = (instant, zone) =>
  formatter({ hour: "numeric", minute: "2-digit", timeZone: zone, timeZoneName: "shortOffset" }).format(new Date(instant));

/** The calendar day on which an instant falls in a zone. "sv" writes dates the ISO way. */
export const dayIn = (instant, zone) => formatter({ dateStyle: "short", timeZone: zone }, "sv").format(new Date(instant));

export const hourIn = (instant, zone) => Number(formatter({ hour: "2-digit", hourCycle: "h23", timeZone: zone }, "en-GB").format(new Date(instant)));

export const browserZone = () => formatter({}).resolvedOptions().timeZone;
