// The station's database in this browser: records that wait (the store "scans" holds those of all
// channels), those refused for good, and what is known offline. Every page and the service worker
// open it here.

import { openDB } from "idb";

const NAME = "station";
// 1: requests of the till. 2: scans. 3: records of other channels beside them, which a page of
// version 2 would take for scans: it may not open this database any more.
const VERSION = 3;

// Opens it, bringing an older one up to date with all that waits in it. `site`: the place the page
// belongs to. `onOutdated`: a newer page wants to change the database; this connection is closed
// and the page must load anew. `onBlocked`: an older page in another tab keeps it shut.
// Rejects when the browser keeps nothing here.
export function openDatabase({ site = null, onOutdated = () => {}, onBlocked = () => {}, onLost = () => {} } = {}) {
  return openDB(NAME, VERSION, {
    async upgrade(db, from, _to, transaction) {
      if (from >= 2) return; // all that waits stays as it is
      const scans = db.createObjectStore("scans", { keyPath: "id" });
      scans.createIndex("order", "order");
      db.createObjectStore("refused", { keyPath: "id" });
      db.createObjectStore("kept"); // name → what is kept under it
      db.createObjectStore("buckets"); // the snapshot, by the last two digits of the codes
      if (from !== 1) return;
      const old = await transaction.objectStore("waiting").getAll();
      for (const record of broughtOver(old, site)) scans.put(record);
      db.deleteObjectStore("waiting");
    },
    blocked: onBlocked,
    blocking(_current, _next, event) {
      event.target.close();
      onOutdated();
    },
    terminated: onLost,
  });
}

// The entries of version 1, requests of /scan/beep and /scan/undo, as scans. What a beep meant was
// the server's to say, and still is: its action stays open.
function broughtOver(entries, site) {
  const codes = new Map(entries.map(({ body }) => [body.id, body.code]));
  const records = [];
  for (const { order, path, body, since } of entries) {
    const common = {
      state: "fact", order: order - entries.length - 1e6, at: body.at, seq: body.seq ?? null, site: body.site ?? site,
      since, override: body.override ?? null, reason: null, note: null, by: null, epoch: null, mono: null,
      clock_error: null, measured: null, last4: null,
    };
    if (path === "/scan/beep") {
      const action = body.stocking ? "stock" : null;
      records.push({ ...common, id: body.id, action, code: body.code, borrower: body.borrower ?? null, of: null });
    } else if (path === "/scan/undo") {
      body.scans.forEach((of, place) => {
        const id = place ? successor(body.id, place) : body.id;
        records.push({ ...common, id, action: "void", code: codes.get(of) ?? "", borrower: null, of });
      });
    }
  }
  return records;
}

// One undo took back several scans: further ids, the same at each attempt.
function successor(id, place) {
  return id.slice(0, 34) + ((parseInt(id.slice(34), 16) + place) % 256).toString(16).padStart(2, "0");
}
