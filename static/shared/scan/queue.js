// What this device has recorded and the server has not acknowledged, kept in the browser's
// database: put there before anything else happens, gone only with the receipt of its id.

import { onContact } from "../send.js";
import { channelOf, ownerKey, scans as stationScans } from "./channel.js";
import { makeClock } from "./clock.js";
import { openDatabase } from "./database.js";
import { newId } from "./ids.js";
import { isLeft, SYNC_TAG, sendWaiting } from "./sender.js";
import { keepTrying } from "./tries.js";

// The browser did not keep a record: it was not taken. `why`: "full" | "closed".
export class NotKept extends Error {
  constructor(error) {
    super(`the scan was not kept: ${error?.name} ${error?.message}`);
    this.why = error?.name === "QuotaExceededError" ? "full" : "closed";
  }
}

// site: code of the place this page belongs to, or whoever its records are made by.
// channels: the sorts of records that this page keeps, sends and hears of (channel.js); `put` keeps
// those of the first unless the record names another.
// onReceipt(record, receipt): the server's word on a record, whichever page sent it.
// onChange({count, since, others: [[site, count]], refused, state}): what waits, after any change;
// `state` is the outcome of the last sending (see sender.js).
// Rejects with NotKept when the browser keeps nothing.
export async function openQueue({ site, channels = [stationScans], onReceipt = () => {}, onChange = () => {}, onOutdated, onBlocked, onLost = () => {} }) {
  const own = new Map(channels.map((one) => [one.name, one]));
  const isOwn = (record) => own.has(channelOf(record));
  const db = await openDatabase({ site, onOutdated, onBlocked, onLost }).catch((error) => {
    throw new NotKept(error);
  });
  for (const one of channels) await db.put("kept", site, ownerKey(one)).catch(() => {}); // the worker sends for it
  const channel = new BroadcastChannel("station");
  let telling = 0;
  const awaited = new Map(); // id → who waits for its receipt
  let state = "sent";
  const clock = makeClock({ before: (await db.get("kept", "clock")) ?? null, onTurnedBack: forgetClock });
  onContact((contact) => {
    const measured = clock.contact(contact);
    if (measured) db.put("kept", measured, "clock").catch(() => {});
  });

  // -- keeping --------------------------------------------------------------------------------

  // Runs `act(scans)` in one durable transaction; resolves once it is on the disk.
  async function change(act, { tells = true } = {}) {
    try {
      const transaction = db.transaction(["scans", "kept"], "readwrite", { durability: "strict" });
      const done = transaction.done;
      done.catch(() => {}); // told below
      const result = await act(transaction.objectStore("scans"), transaction.objectStore("kept"));
      await done;
      if (tells) tellSoon();
      return result;
    } catch (error) {
      throw new NotKept(error);
    }
  }

  // The clock was set: what was measured before says nothing of what was scanned until now.
  function forgetClock() {
    const forget = async (_scans, kept) => {
      await kept.put((await kept.get("seq")) ?? 0, "turned");
      await kept.delete("clock");
    };
    change(forget).catch(() => {});
  }

  async function store(scans, kept, scan, from) {
    const last = (await kept.get("seq")) ?? Number(localStorage.getItem("scan.seq") ?? 0);
    const seq = last + 1;
    const channel = own.get(scan.channel ?? channels[0].name);
    const named = channel === stationScans ? {} : { channel: channel.name };
    const record = { ...channel.blank, ...named, state: "fact", site, order: seq, seq, since: from.at, ...from, id: newId(), ...scan };
    await kept.put(seq, "seq");
    await scans.put(record);
    return record;
  }

  // -- sending --------------------------------------------------------------------------------

  const flush = keepTrying(async (tries) => {
    state = await sendWaiting({ channels, db, site, clock, tries, onReceipts: receipts }).catch(() => "unanswered");
    tellSoon();
    if (state === "unanswered") askForSync();
    return state === "sent";
  });

  function receipts(told) {
    if (!told.length) return;
    channel.postMessage({ receipts: told });
    for (const [record, receipt] of told) hear(record, receipt);
    tellSoon();
  }

  function hear(record, receipt) {
    if (!isOwn(record)) return; // of another page's channel
    awaited.get(record.id)?.(receipt);
    awaited.delete(record.id);
    onReceipt(record, receipt);
  }

  async function askForSync() {
    const worker = await navigator.serviceWorker?.getRegistration(location.pathname).catch(() => null);
    await worker?.sync?.register(SYNC_TAG).catch(() => {});
  }

  // -- telling --------------------------------------------------------------------------------

  function tellSoon(local = true) {
    if (local) channel.postMessage({ changed: true });
    clearTimeout(telling);
    telling = setTimeout(async () => onChange(await overview().catch(() => ({ ...NOTHING, state: "lost" }))), 30);
  }

  async function overview() {
    const all = (await waiting()).filter(isLeft);
    const here = all.filter((record) => record.site === null || record.site === site);
    const others = new Map();
    for (const { site: other } of all) if (other !== null && other !== site) others.set(other, (others.get(other) ?? 0) + 1);
    return { count: here.length, since: here[0]?.since ?? null, others: [...others], refused: (await refused()).length, state };
  }

  const waiting = async () => (await db.getAllFromIndex("scans", "order")).filter(isOwn);
  const refused = async () => (await db.getAll("refused")).filter((record) => isOwn(record) && !record.noted);

  channel.addEventListener("message", ({ data }) => {
    for (const [record, receipt] of data.receipts ?? []) hear(record, receipt);
    tellSoon(false);
  });
  flush();

  return {
    db,
    clock,
    flush,

    // Keeps a record, a scan for example: {action, code, borrower, of, override, reason, note, by,
    // last4, id?, at?}; {channel, …} of another sort. With state "fact" (to be sent by flush) or "ask" (somebody is asking the server right now).
    // Resolves to the stored record; rejects with NotKept, then it was not taken.
    put: (scan, state_ = "fact") =>
      change((scans, kept) => store(scans, kept, { ...scan, state: state_ }, clock.stamp()), { tells: state_ === "fact" }),

    // The record changed as told, if it is still there: a question that became a fact.
    amend: (id, changes) =>
      change(async (scans) => {
        const record = await scans.get(id);
        if (record) await scans.put({ ...record, ...changes });
        return Boolean(record);
      }),

    // In one step: the record `id` leaves (its question was answered, or nothing came of it; null:
    // none leaves), and `others` are kept as facts. Resolves to their records.
    replace: (id, others = []) =>
      change(async (scans, kept) => {
        if (id) await scans.delete(id);
        const from = clock.stamp();
        const records = [];
        for (const scan of others) records.push(await store(scans, kept, scan, from));
        return records;
      }),

    // Sends; the receipt of this record, or null when none came within so many ms.
    settled(id, patience) {
      const here = new Promise((resolve) => awaited.set(id, resolve));
      flush();
      return Promise.race([here, new Promise((resolve) => setTimeout(resolve, patience, null))]);
    },

    waiting,
    refused,

    // Staff have seen that this record was refused; it stays on record with who saw it.
    async note(id, by) {
      const record = await db.get("refused", id);
      if (record) await db.put("refused", { ...record, noted: { at: new Date().toISOString(), by } });
      tellSoon();
    },
    tell: tellSoon,
  };
}

const NOTHING = { count: 0, since: null, others: [], refused: 0 };
