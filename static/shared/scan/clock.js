// The device's clock: how wrong it is, measured at each answer of the server, and when it jumped.
//
// Within an epoch wall time and monotonic time run together; a jump between them, or a new page,
// begins another. A measurement holds for the scans of its own epoch only.

import { newId } from "./ids.js";

const JUMP = 2000; // ms between wall time and monotonic time
const APART = 10000; // ms between two measurements worth keeping
const MOST = 1000; // measurements kept of one epoch

const lockOf = (epoch) => `station-epoch-${epoch}`;

export function makeClock() {
  let epoch = null;
  let base = 0; // wall time minus monotonic time
  let contacts = []; // {mono, error}, error in seconds: this clock minus the server's
  let end = () => {};

  function begin() {
    end();
    epoch = newId();
    base = Date.now() - performance.now();
    contacts = [];
    // Held as long as the epoch runs: other pages and the worker see by it that this one lives.
    navigator.locks?.request(lockOf(epoch), () => new Promise((resolve) => (end = resolve)));
  }

  function check() {
    if (epoch === null || Math.abs(Date.now() - performance.now() - base) > JUMP) begin();
  }

  function nearest(mono) {
    const distance = (contact) => Math.abs(contact.mono - mono);
    return contacts.reduce((best, one) => (!best || distance(one) < distance(best) ? one : best), null);
  }

  function measureAt(mono) {
    const contact = nearest(mono);
    if (!contact) return { clock_error: null, measured: null };
    return { clock_error: contact.error, measured: Math.abs(contact.mono - mono) };
  }

  check();
  return {
    // What a scan keeps of this moment.
    stamp() {
      check();
      const mono = performance.now();
      return { at: new Date().toISOString(), epoch, mono, ...measureAt(mono) };
    },

    // An answer told the server's time: `now` (ISO) stood somewhere between `began` and `ended`.
    contact({ now, began, ended }) {
      const before = epoch;
      check();
      const last = contacts.at(-1);
      if (epoch !== before || (last && ended - last.mono < APART)) return;
      const middle = (began + ended) / 2;
      contacts.push({ mono: middle, error: (base + middle - Date.parse(now)) / 1000 });
      if (contacts.length > MOST) contacts.shift();
    },

    // The better measurement for a scan of the running epoch, or null when it has the best one.
    better(record) {
      check();
      if (record.epoch !== epoch) return null;
      const found = measureAt(record.mono);
      const improves = found.measured !== null && (record.measured === null || found.measured < record.measured);
      return improves ? found : null;
    },

    get epoch() {
      return epoch;
    },
  };
}

// The epochs that still run, in whichever page: what was not measured in them may yet be.
export async function runningEpochs() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.map((lock) => lock.name));
}

// Whether the clock of this scan can never be known: its epoch is over without a measurement.
export function isClockLost(record, running) {
  return record.epoch !== null && record.clock_error === null && !running.has(lockOf(record.epoch));
}
