// [data-retry]: asks now and then whether this page answers otherwise than with that status, and then loads it.
const page = document.querySelector("[data-retry]");

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" });
    if (answer.status < 500 && answer.status !== Number(page.dataset.retry)) location.reload();
  } catch {
    // No connection either; the next look may find one.
  }
}

if (page) setInterval(look, 1000 * Number(page.dataset.retrySeconds));
