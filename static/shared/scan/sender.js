// Sends what waits, oldest first, one page at a time; the service worker uses it as well.

import { send } from "../send.js";
import { clocksOf } from "./epochs.js";

export const SYNC_TAG = "station-send";
const LOCK = "station-send";
export const MOST = 500; // scans in one call
const DECIDING = 10000; // ms a question may take; older ones were left by a page that is gone
const TOO_LARGE = new Set([400, 413, 422]); // answers that a smaller call may not get

// What sent records told, as the calls name it.
const TOLD = ["id", "action", "code", "at", "seq", "borrower", "of", "override", "reason", "note", "by"];

// One page sends at a time; the others wait their turn.
function inTurn(act) {
  return navigator.locks ? navigator.locks.request(LOCK, act) : act();
}

// Sends until nothing is left that may go. `site`: the place this browser acts for now; what
// belongs to another place stays. Resolves to "sent" | "refused" (something stays for a reason) |
// "unanswered" | "signed_out" (no credential in force, or not one of this place).
// onReceipts([[record without its borrower, receipt]]) after they were put away.
// most: scans in one call; fewer where the line is too slow for many.
export function sendWaiting({ db, site, clock = null, most = MOST, onReceipts = () => {} }) {
  return inTurn(async () => {
    const refused = new Set();
    let size = most;
    for (;;) {
      const batch = await nextBatch(db, { site, size, refused });
      if (!batch.length) return refused.size ? "refused" : "sent";
      await measure(db, batch, clock).catch(() => {}); // on a full disk it goes as measured now
      const clocks = await clocksOf(db, batch).catch(() => null);
      if (clocks === null) return "unanswered";
      const answer = await send("/station/scans", () => ({
        sent_at: new Date().toISOString(),
        site: batch[0].site ?? site,
        scans: batch.map((record) => toSend(record, clocks.get(record))),
      })).catch(() => null);
      if (answer === null) return "unanswered";
      if (answer.status === 401 || answer.status === 403) return "signed_out";
      if (!answer.ok && !TOO_LARGE.has(answer.status)) return "unanswered";
      if (!answer.ok && batch.length > 1) size = Math.ceil(batch.length / 2);
      else await putAway(db, batch, answer.ok ? answer.body.receipts : [asRefusal(batch[0], answer)], refused, onReceipts);
    }
  });
}

function toSend(record, clock) {
  const scan = Object.fromEntries(TOLD.map((name) => [name, record[name] ?? null]));
  return { ...scan, ...clock };
}

// A scan with which even a call of its own is not understood.
function asRefusal(record, { body }) {
  return { id: record.id, result: "refused", final: true, error: body.error ?? { code: "invalid" } };
}

async function nextBatch(db, { site, size, refused }) {
  const batch = [];
  let cursor = await db.transaction("scans").store.index("order").openCursor();
  for (; cursor && batch.length < size; cursor = await cursor.continue()) {
    const record = cursor.value;
    if (isSendable(record, site) && !refused.has(record.id)) batch.push(record);
  }
  return batch;
}

function isSendable(record, site) {
  return (record.site === null || record.site === site) && isLeft(record);
}

// Whether a scan is to be sent: a fact, or a question whose page has gone.
export const isLeft = ({ state, since }) => state === "fact" || Math.abs(Date.now() - Date.parse(since)) > DECIDING;

// A contact after the scan may lie nearer to it than the one before.
async function measure(db, batch, clock) {
  const better = batch.map((record) => [record, clock?.better(record)]).filter(([, found]) => found);
  if (!better.length) return;
  const change = db.transaction("scans", "readwrite");
  for (const [record, found] of better) {
    Object.assign(record, found);
    const stored = await change.store.get(record.id);
    if (stored) change.store.put({ ...stored, ...found });
  }
  await change.done;
}

// A scan leaves with its receipt only; what was refused for good moves to the list staff see.
async function putAway(db, batch, receipts, refused, onReceipts) {
  const sent = new Map(batch.map(({ borrower: _sealed, ...record }) => [record.id, record]));
  const told = receipts.filter((receipt) => sent.has(receipt.id)).map((receipt) => [sent.get(receipt.id), receipt]);
  const change = db.transaction(["scans", "refused"], "readwrite", { durability: "strict" });
  for (const [record, receipt] of told) {
    const isRefused = receipt.result === "refused";
    // What this place may not take back today it may not tomorrow.
    const isFinal = receipt.final || record.action === "void";
    // First there, then no more here.
    if (isRefused && isFinal) change.objectStore("refused").put({ ...record, error: receipt.error, refused_at: new Date().toISOString() });
    if (isRefused && !isFinal) refused.add(record.id);
    else change.objectStore("scans").delete(record.id);
  }
  await change.done;
  for (const [record] of told) sent.delete(record.id);
  for (const id of sent.keys()) refused.add(id); // no word of it: next time
  onReceipts(told);
}
