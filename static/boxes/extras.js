// What goes beside the returns themselves: member QRs shown and reports of unreadable cups, kept in
// this browser until the server has them. Photos wait here as well.

import { openDB } from "idb";
import { isClockLost, runningEpochs } from "../shared/scan/clock.js";
import { newId } from "../shared/scan/ids.js";
import { keepTrying } from "../shared/scan/tries.js";
import { send } from "../shared/send.js";

const LOCK = "return-extras";
const PATHS = { member: "/return/member", report: "/return/report" };
const FINAL = new Set([400, 409, 413, 422]);

// queue: of the returns; its clock stamps these as well. Rejects when the browser keeps nothing.
export async function openExtras({ site, queue, onChange = () => {} }) {
  const db = await openDB("return", 1, { upgrade: (fresh) => fresh.createObjectStore("extras", { keyPath: "id" }) });

  // A visit that was cut short by a new page is over.
  for (const record of await db.getAll("extras")) if (record.open) await db.put("extras", { ...record, open: false });

  async function put(kind, values) {
    const record = { id: newId(), kind, site, ...queue.clock.stamp(), ...values };
    await db.put("extras", record);
    onChange();
    return record;
  }

  async function amend(id, change) {
    const transaction = db.transaction("extras", "readwrite");
    const record = await transaction.store.get(id);
    if (record) await transaction.store.put({ ...record, ...change(record) });
    await transaction.done;
  }

  // -- sending --------------------------------------------------------------------------------

  const flush = keepTrying(async () => {
    const run = () => sendAll().catch(() => false);
    const done = await (navigator.locks ? navigator.locks.request(LOCK, run) : run());
    onChange();
    return done;
  });

  // Whether everything that may go has gone.
  async function sendAll() {
    const pending = new Set((await queue.waiting()).map((scan) => scan.id));
    const running = await runningEpochs();
    const records = (await db.getAll("extras")).sort((one, other) => (one.at < other.at ? -1 : 1));
    for (const record of records.filter((one) => !one.open && !one.refused)) {
      if (record.kind === "member" && record.scans.some((id) => pending.has(id))) continue; // the returns go first
      if (record.kind === "member" && !record.scans.length) await db.delete("extras", record.id);
      else if (!(await sendOne(record, running))) return false;
    }
    return true;
  }

  async function sendOne(record, running) {
    const body = await bodyOf(record, running);
    const answer = await send(PATHS[record.kind], () => ({ ...body, sent_at: new Date().toISOString() })).catch(() => null);
    if (answer?.ok) await db.delete("extras", record.id);
    else if (!answer || !FINAL.has(answer.status)) return false;
    else if (record.photo) return dropPhoto(record, running);
    else await amend(record.id, () => ({ refused: answer.body.error ?? { code: "invalid" } }));
    return true;
  }

  // A photo the server cannot read is no reason to lose the word.
  async function dropPhoto(record, running) {
    await amend(record.id, () => ({ photo: null }));
    return sendOne({ ...record, photo: null }, running);
  }

  async function bodyOf(record, running) {
    const { at, clock_error } = { ...record, ...queue.clock.better(record) };
    const common = { at, clock_error, clock_lost: isClockLost({ ...record, clock_error }, running), site: record.site };
    if (record.kind === "member") return { ...common, member: record.member, scans: record.scans };
    return { ...common, id: record.about ?? record.id, code: record.code, photo: record.photo && (await base64(record.photo)) };
  }

  flush();

  return {
    flush,

    // Somebody showed a member QR (sealed); `scans`: the returns of the visit so far. Its id.
    async member(sealed, scans) {
      return (await put("member", { member: sealed, scans, open: true })).id;
    },
    attach: (id, scan) => amend(id, ({ scans }) => ({ scans: [...scans, scan] })),
    async close(id) {
      await amend(id, () => ({ open: false })).catch(() => {}); // closed by the next page
      flush();
    },

    // A cup that cannot be read; a full disk takes it without its photo.
    async report({ about = null, code = "", photo = null }) {
      await put("report", { about, code, photo }).catch((error) => (photo ? put("report", { about, code, photo: null }) : Promise.reject(error)));
      flush();
    },

    async overview() {
      const all = await db.getAll("extras");
      return { reports: all.filter((one) => one.kind === "report" && !one.refused).length, refused: all.filter((one) => one.refused).length };
    },
  };
}

async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = "";
  for (let start = 0; start < bytes.length; start += 0x8000) binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(binary);
}
