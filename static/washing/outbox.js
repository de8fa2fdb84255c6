// What is still to be sent, kept in the browser until the server has answered: nothing scanned is
// lost when the network, the page or the power goes. Sent one by one, in the order of scanning.

import { openDB } from "idb";
import { keepTrying } from "../shared/scan/tries.js";
import { send } from "../shared/send.js";

const FINAL = new Set([400, 404, 409, 413, 415, 422]); // answers that no repetition changes

const isFinal = ({ status, body }) => FINAL.has(status) || body.error?.code === "not_allowed_here";
const isSignedOut = ({ status, body }) => status === 401 || body.error?.code === "not_allowed";

// onAnswer(entry, body) for an answer, onRefused(entry, body) for one that needs a person's
// hand, onChange({count, since, stuck, signedOut}) whenever more or less waits.
export async function openOutbox({ onAnswer, onRefused, onChange }) {
  const db = await openDB("washing", 1, {
    upgrade: (fresh) => fresh.createObjectStore("waiting", { keyPath: "order", autoIncrement: true }),
  }).catch(() => null); // private windows may refuse: then this page's memory has to do
  let waiting = db ? await db.getAll("waiting") : [];
  let next = waiting.reduce((most, entry) => Math.max(most, entry.order), 0) + 1;
  let stuck = false;
  let signedOut = false;

  function tell() {
    const since = waiting.length ? waiting[0].since : null;
    onChange({ count: waiting.length, since, stuck, signedOut });
  }

  async function drop(entry) {
    waiting = waiting.filter((other) => other !== entry);
    await db?.delete("waiting", entry.order).catch(() => {}); // sent again by the next page, and known
  }

  // true: go on with the next one.
  async function sendFirst() {
    const entry = waiting[0];
    const answer = await send(entry.path, () => ({ ...entry.body, sent_at: new Date().toISOString() })).catch(() => null);
    if (answer) signedOut = isSignedOut(answer);
    stuck = !answer || !(answer.ok || isFinal(answer));
    if (stuck) return false;
    const dropped = drop(entry); // shown first: should the page die now, it is sent again, and known
    if (answer.ok) onAnswer(entry, answer.body);
    else onRefused(entry, answer.body);
    await dropped;
    return true;
  }

  const flush = keepTrying(async () => {
    try {
      while (waiting.length && (await sendFirst())) tell();
    } finally {
      tell();
    }
    return !stuck;
  });

  function add(path, body, { kind = "beep" } = {}) {
    const entry = { order: next, path, body, kind, since: new Date().toISOString() };
    next += 1;
    const stored = db?.put("waiting", entry) ?? Promise.resolve();
    waiting.push(entry);
    stored.catch(() => {}).then(flush); // a full disk: this page's memory has to do
  }

  flush();
  return { add };
}
