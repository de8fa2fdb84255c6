// What is still to be sent, kept in the browser until the server has answered: nothing scanned is
// lost when the network, the page or the power goes. Sent one by one, in the order of scanning.

import { openDB } from "idb";
import { send } from "../shared/send.js";

const PAUSES = [1000, 2000, 5000, 10000, 20000]; // ms between tries while no answer comes
const FINAL = new Set([400, 404, 409, 413, 415, 422]); // answers that no repetition changes

const isFinal = ({ status, body }) => FINAL.has(status) || body.error?.code === "not_allowed_here";
const isSignedOut = ({ status, body }) => status === 401 || body.error?.code === "not_allowed";

// onAnswer(entry, body) for an answer, onRefused(entry, body) for one that needs a person's
// hand, onChange({count, since, stuck, signedOut}) whenever more or less waits.
// `name`: each page keeps its own.
export async function openOutbox({ name = "station", onAnswer, onRefused, onChange }) {
  const db = await openDB(name, 1, {
    upgrade: (fresh) => fresh.createObjectStore("waiting", { keyPath: "order", autoIncrement: true }),
  }).catch(() => null); // private windows may refuse: then this page's memory has to do
  let waiting = db ? await db.getAll("waiting") : [];
  let next = waiting.reduce((most, entry) => Math.max(most, entry.order), 0) + 1;
  let busy = false;
  let tries = 0;
  let timer = 0;
  let signedOut = false;

  function tell() {
    const since = waiting.length ? waiting[0].since : null;
    onChange({ count: waiting.length, since, stuck: tries > 0, signedOut });
  }

  async function drop(entry) {
    waiting = waiting.filter((other) => other !== entry);
    await db?.delete("waiting", entry.order);
  }

  function again() {
    const pause = PAUSES[Math.min(tries, PAUSES.length - 1)];
    tries += 1;
    clearTimeout(timer);
    timer = setTimeout(flush, pause);
  }

  async function deliver(entry) {
    const body = { ...entry.body, ...entry.late?.(), sent_at: new Date().toISOString() };
    return send(entry.path, body);
  }

  // true: go on with the next one.
  async function sendFirst() {
    const entry = waiting[0];
    let answer;
    try {
      answer = await deliver(entry);
    } catch {
      again();
      return false;
    }
    signedOut = isSignedOut(answer);
    if (!answer.ok && !isFinal(answer)) {
      again();
      return false;
    }
    tries = 0;
    const dropped = drop(entry); // shown first: should the page die now, it is sent again, and known
    if (answer.ok) onAnswer(entry, answer.body);
    else onRefused(entry, answer.body);
    await dropped;
    return true;
  }

  async function flush() {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    try {
      while (waiting.length && (await sendFirst())) tell();
    } finally {
      busy = false;
      tell();
    }
  }

  // late(): what is known only when it is sent (a person's ticket); not kept across a reload.
  function add(path, body, { late = null, kind = "beep" } = {}) {
    const entry = { order: next, path, body, kind, since: new Date().toISOString() };
    next += 1;
    const stored = db?.put("waiting", { ...entry }) ?? Promise.resolve();
    if (late) Object.defineProperty(entry, "late", { value: late });
    waiting.push(entry);
    stored.catch(() => {}).then(flush);
    return entry;
  }

  for (const moment of ["online", "focus"]) window.addEventListener(moment, flush);
  document.addEventListener("visibilitychange", () => document.hidden || flush());
  setInterval(flush, 30000);
  flush();
  return { add };
}
