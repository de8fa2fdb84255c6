// The device's clock: how wrong it is, measured at each answer of the server, and when it jumped.
//
// Within an epoch wall time and monotonic time run together; a jump between them, or a new page,
// begins another. A measurement holds for the scans of its own epoch; whether it holds for those of
// the next one too is found out when they are sent (epochs.js).

import { newId } from "./ids.js";

export const JUMP = 2000; // ms between wall time and monotonic time
const SLOW = 3000; // ms; the middle of a longer exchange may lie far from the answer's moment
const APART = 10000; // ms between two measurements worth keeping
const MOST = 1000; // measurements kept of one epoch

const lockOf = (epoch) => `station-epoch-${epoch}`;

// before: {error, wall} of the last contact of this device, however long ago, or null.
// onTurnedBack(): wall time went back, so that somebody has set the clock; no sleep does that.
export function makeClock({ before = null, onTurnedBack = () => {} } = {}) {
  let epoch = null;
  let known = before?.error ?? null; // the last error measured before this epoch
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
    const jump = Date.now() - performance.now() - base;
    if (Math.abs(jump) <= JUMP) return;
    if (jump < 0) turnBack();
    else known = contacts.at(-1)?.error ?? known;
    begin();
  }

  function turnBack() {
    known = null;
    onTurnedBack();
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

  if (before && before.wall > Date.now() + JUMP) turnBack();
  begin();
  return {
    // What a scan keeps of this moment.
    stamp() {
      check();
      const mono = performance.now();
      return { at: new Date().toISOString(), epoch, mono, ...measureAt(mono), error_before: known };
    },

    // An answer told the server's time: `now` (ISO) stood somewhere between `began` and `ended`.
    // What is worth keeping beyond this page, as `before` above, or null.
    contact({ now, began, ended }) {
      const was = epoch;
      check();
      if (ended - began > SLOW) return null;
      const last = contacts.at(-1);
      if (epoch !== was || (last && ended - last.mono < APART)) return null;
      const middle = (began + ended) / 2;
      const error = (base + middle - Date.parse(now)) / 1000;
      contacts.push({ mono: middle, error });
      if (contacts.length > MOST) contacts.shift();
      return { error, wall: Date.now() };
    },

    // The better measurement for a scan of the running epoch, or null when it has the best one.
    better(record) {
      check();
      if (record.epoch !== epoch) return null;
      const found = measureAt(record.mono);
      const improves = found.measured !== null && (record.measured === null || found.measured < record.measured);
      return improves ? found : null;
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
