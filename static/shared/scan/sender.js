// Sends what waits, oldest first, one page at a time; the service worker uses it as well.

import { send } from "../send.js";
import { channelOf, scans } from "./channel.js";
import { clocksOf } from "./epochs.js";

export const SYNC_TAG = "station-send";
const FEWEST = 20; // records in a call of a line that is too slow for more
const DECIDING = 10000; // ms a question may take; older ones were left by a page that is gone
const OUTCOMES = ["sent", "refused", "unanswered", "signed_out", "gone"]; // what is worst stands last

// One page sends a channel's records at a time; the others wait their turn.
function inTurn({ name }, act) {
  const lock = name === scans.name ? SYNC_TAG : `${SYNC_TAG} ${name}`;
  return navigator.locks ? navigator.locks.request(lock, act) : act();
}

// Sends until nothing is left that may go, one channel after the other. `site`: for whom this
// browser acts now (a place, a driver); what belongs to another stays. Resolves to the worst of
// "sent" | "refused" (something stays for a reason) | "unanswered" | "signed_out" (no credential
// in force, or not one for this).
// onReceipts([[record without its borrower, receipt]]) after they were put away.
// tries: that failed before this one; a line may be too slow for many records in a call.
export async function sendWaiting({ channels = [scans], ...how }) {
  let worst = 0;
  for (const channel of channels) {
    const outcome = await inTurn(channel, () => sendChannel(channel, how));
    worst = Math.max(worst, OUTCOMES.indexOf(outcome));
    if (outcome === "gone") break; // the next one would only wait for an answer too
  }
  return OUTCOMES[worst] === "gone" ? "unanswered" : OUTCOMES[worst];
}

async function sendChannel(channel, { db, site, clock = null, tries = 0, onReceipts = () => {} }) {
  const refused = new Set();
  let size = Math.max(Math.min(FEWEST, channel.most), channel.most >> tries);
  for (;;) {
    const batch = await nextBatch(db, { channel, site, size, refused });
    if (!batch.length) return refused.size ? "refused" : "sent";
    await measure(db, batch, clock).catch(() => {}); // on a full disk it goes as measured now
    const clocks = await clocksOf(db, batch).catch(() => null);
    if (clocks === null) return "gone";
    const told = await Promise.all(batch.map((record) => channel.tell(record, clocks.get(record))));
    const stamped = () => channel.body(told, { site: batch[0].site ?? site, sent_at: new Date().toISOString() });
    const answer = await send(channel.url(batch), stamped).catch(() => null);
    if (answer === null) return "gone";
    if (answer.status === 401 || answer.status === 403) return "signed_out";
    if (!answer.ok && !channel.refusing.has(answer.status)) return "unanswered";
    if (!answer.ok && batch.length > 1) size = Math.ceil(batch.length / 2);
    else await putAway(db, { channel, batch, receipts: receiptsOf(channel, batch, answer), refused, onReceipts });
  }
}

function receiptsOf(channel, batch, answer) {
  return answer.ok ? channel.receipts(answer.body, batch) : [asRefusal(batch[0], answer)];
}

// A record with which even a call of its own is not understood.
function asRefusal(record, { body }) {
  return { id: record.id, result: "refused", final: true, error: body.error ?? { code: "invalid" } };
}

async function nextBatch(db, { channel, site, size, refused }) {
  const batch = [];
  let cursor = await db.transaction("scans").store.index("order").openCursor();
  for (; cursor && batch.length < size; cursor = await cursor.continue()) {
    const record = cursor.value;
    if (channelOf(record) === channel.name && isSendable(record, site) && !refused.has(record.id)) batch.push(record);
  }
  return batch;
}

function isSendable(record, site) {
  return (record.site === null || record.site === site) && isLeft(record);
}

// Whether a record is to be sent: a fact, or a question whose page has gone.
export const isLeft = ({ state, since }) => state === "fact" || Math.abs(Date.now() - Date.parse(since)) > DECIDING;

// A contact after the record may lie nearer to it than the one before.
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

// A record leaves with its receipt only; what was refused for good moves to the list staff see.
async function putAway(db, { channel, batch, receipts, refused, onReceipts }) {
  const sent = new Map(batch.map(({ borrower: _sealed, ...record }) => [record.id, record]));
  const told = receipts.filter((receipt) => sent.has(receipt.id)).map((receipt) => [sent.get(receipt.id), receipt]);
  const change = db.transaction(["scans", "refused"], "readwrite", { durability: "strict" });
  for (const [record, receipt] of told) {
    const isRefused = receipt.result === "refused";
    const isFinal = channel.isFinal(record, receipt);
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
