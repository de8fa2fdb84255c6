// Looks at an address again and again: at once when asked or when the window comes back, soon while
// answers come, and with growing pauses while they do not.

const LONGEST = 60000; // ms between two looks
const PATIENCE = 20000; // ms; what takes longer counts as no answer

// onAnswer(body); onStale({since, signedOut}) when a look failed: `since` the last answer came (ms).
export function poll(address, { every, onAnswer, onStale }) {
  let timer = 0;
  let failed = 0;
  let last = 0; // number of the look whose answer counts
  let seen = Date.now();

  async function look() {
    clearTimeout(timer);
    const mine = ++last;
    if (document.hidden) return later(every);
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (mine !== last) return undefined;
      if (!answer.ok) return missed(answer.status === 401 || answer.status === 403);
      const body = await answer.json();
      if (mine !== last) return undefined;
      failed = 0;
      seen = Date.now();
      onAnswer(body);
      return later(every);
    } catch {
      return mine === last ? missed(false) : undefined;
    }
  }

  function missed(signedOut) {
    failed += 1;
    onStale({ since: seen, signedOut });
    return later(Math.min(LONGEST, every * 2 ** failed));
  }

  function later(pause) {
    clearTimeout(timer);
    timer = setTimeout(look, pause);
  }

  for (const moment of ["online", "focus", "pageshow"]) addEventListener(moment, look);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  return { look, soon: () => later(600) };
}
