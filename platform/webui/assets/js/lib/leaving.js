// Whether the visitor is on the way to another page. Nothing tells that they stayed after all (the link was a download, or
// they answered "stay" to the browser's question), so that after a while they count as staying.
const ON_THE_WAY_MS = 20_000;

let left = Number.NEGATIVE_INFINITY;

addEventListener("beforeunload", () => {
  left = Date.now();
});

const remaining = () => left + ON_THE_WAY_MS - Date.now();

export const isLeaving = () => remaining() > 0;

/** Resolves when nobody is leaving; never, on a page that was left. */
export async function untilStaying() {
  while (isLeaving()) await new Promise((done) => setTimeout(done, remaining()));
}
