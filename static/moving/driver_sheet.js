// The driver's sheet: asked for anew at each contact, kept in the browser's database, and brought
// up to date with what was recorded here and the server has not told of yet.

import { onContact } from "../shared/send.js";
import { KEPT_FOR, forgetOld } from "./driver_forget.js";
import { lastTake, withRecords } from "./driver_round.js";

const EVERY = 30000; // ms between two sheets, at least
const PATIENCE = 10000; // ms

// owner: who drives; what is kept of another one is not shown. onChange(rounds).
export async function openSheet({ queue, owner, onChange, onStranger }) {
  const name = `drive ${owner}`;
  await forgetOld(queue.db).catch(() => {});
  const kept = (await queue.db.get("kept", name).catch(() => null)) ?? null;
  const isFresh = kept && Math.abs(Date.now() - kept.at) < KEPT_FOR;
  let last = lastTake(isFresh ? (kept.last ?? null) : null, await told()); // what the driver may take back
  let rounds = isFresh ? withRecords(kept.rounds, await told()) : [];
  let known = Boolean(isFresh);
  let since = []; // records of which the server's next sheet may not know yet: {record, at}
  let taking = null;
  let takenAt = -EVERY;

  async function told() {
    return (await queue.waiting()).filter(({ what }) => what);
  }

  function keep() {
    return queue.db.put("kept", { at: Date.now(), rounds, last }, name).catch(() => {}); // a full disk: known until the page ends
  }

  // "taken" | "signed_out" | "unanswered"
  async function ask() {
    const began = performance.now();
    const answer = await fetchSheet();
    if (answer === null) return "unanswered";
    if (answer.status === 401 || answer.status === 403) return "signed_out";
    if (!answer.ok) return "unanswered";
    const body = await answer.json().catch(() => null);
    if (!body) return "unanswered";
    if (body.owner !== owner) return onStranger();
    takenAt = performance.now();
    since = since.filter(({ at }) => at > began);
    rounds = withRecords(body.rounds, [...since.map(({ record }) => record), ...(await told())]);
    known = true;
    await keep();
    onChange(rounds);
    return "taken";
  }

  function take() {
    taking ??= ask().finally(() => (taking = null));
    return taking;
  }

  onContact(() => performance.now() - takenAt > EVERY && take());

  return {
    take,

    // It was recorded here: seen at once, and by the next page.
    async note(...records) {
      rounds = withRecords(rounds, records);
      last = lastTake(last, records);
      onChange(rounds);
      await keep();
    },

    // The server has it: a sheet that was asked for before may not.
    sent(record) {
      if (record.what) since.push({ record, at: performance.now() });
    },

    get last() {
      return last;
    },
    get rounds() {
      return rounds;
    },
    // A sheet is here, though it may hold no round.
    get known() {
      return known;
    },
  };
}

function fetchSheet() {
  const signal = AbortSignal.timeout(PATIENCE);
  return fetch("/drive/sheet", { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store", signal }).catch(() => null);
}
