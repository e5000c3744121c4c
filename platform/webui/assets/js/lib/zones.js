// The time zone of this browser among the options of a <select>.

/** By which name the browser itself goes for a zone. Not `formatter`: hundreds are asked, once, and none of them again. */
const own = (zone) => new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;

const isOwn = (zone, wanted) => {
  try {
    return own(zone) === wanted;
  } catch {
    // The server's database may know younger zones than the browser's.
    return false;
  }
};

/** Whether `zone`, by whichever name, is the zone that this browser calls `wanted`. */
export const isSameZone = (zone, wanted) => isOwn(zone, own(wanted));

/** The option of that zone; or of its newer name, since browsers may call Asia/Kolkata by the older Asia/Calcutta. */
export function optionFor(select, zone) {
  const options = [...select.options].filter((option) => option.value);
  const wanted = own(zone);
  return options.find((option) => option.value === zone) ?? options.find((option) => isOwn(option.value, wanted));
}
