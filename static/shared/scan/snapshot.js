// What this station knows when nobody can be asked: the pieces that stand here or were lent from
// here, hints of paused borrowers, and the key to seal with. Taken anew in parts, kept in the
// browser's database.

import { send } from "../send.js";
import { isCrate, letterAfter } from "./offline.js";

const EVERY = 60000; // ms between two snapshots, at least

// code: the place; what is kept of another one counts for nothing.
// asked: the place to name in requests, for who acts for several; else null.
// pending: () => the scans that wait to be sent, which no snapshot knows yet.
// onTaken(known) after each snapshot: {site, device, by, day, salt, paused, kinds, key}.
export async function openSnapshot({ db, code, asked = null, pending = async () => [], onTaken = () => {} }) {
  const kept = (await db.get("kept", "snapshot")) ?? null;
  let known = kept?.site.code === code ? kept : null;
  let isKept = known !== null; // the browser's database holds all of it
  let paused = new Set(known?.paused);
  const pieces = new Map(); // code → letter, kind and what is in it, as in the entries
  const changes = new Map(); // code → {letter, at}: recorded here since the snapshot was asked for
  let taking = null;
  let takenAt = -EVERY;

  const letterOf = (code) => (changes.has(code) ? changes.get(code).letter : (pieces.get(code)?.[0] ?? null));

  const names = known ? await db.getAllKeys("buckets") : [];
  const contents = known ? await db.getAll("buckets") : [];
  const buckets = new Map(names.map((name, place) => [name, contents[place]])); // last two digits → [digest, entries]
  for (const [, entries] of buckets.values()) learn(entries);
  replay(await pending(), 0);

  function learn(entries) {
    for (const entry of entries.split(" ")) if (entry) pieces.set(entry.slice(0, 12), entry.slice(12));
  }

  function forget(entries) {
    for (const entry of entries.split(" ")) pieces.delete(entry.slice(0, 12));
  }

  function take() {
    taking ??= ask().finally(() => (taking = null));
    return taking;
  }

  // "taken" | "signed_out" | "unanswered"
  async function ask() {
    const began = performance.now();
    const digests = Object.fromEntries([...buckets].map(([name, [digest]]) => [name, digest]));
    const body = () => ({ sent_at: new Date().toISOString(), known: digests, ...(asked ? { site: asked } : {}) });
    const answer = await send("/station/snapshot", body).catch(() => null);
    if (answer?.status === 401 || answer?.status === 403) return "signed_out";
    if (!answer?.ok) return "unanswered";
    const { buckets: fresh, now: _now, ...rest } = answer.body;
    takenAt = performance.now();
    known = rest;
    paused = new Set(rest.paused);
    for (const [name, content] of Object.entries(fresh)) {
      forget(buckets.get(name)?.[1] ?? "");
      learn(content[1]);
      buckets.set(name, content);
    }
    replay(await pending(), began);
    isKept = await keep(isKept ? Object.entries(fresh) : buckets).then(() => true, () => false); // a full disk: known until the page ends
    onTaken(known);
    return "taken";
  }

  // What was recorded here counts before the snapshot that does not know it yet.
  function replay(waiting, began) {
    for (const [code, change] of changes) if (change.at < began) changes.delete(code);
    const voided = new Set(waiting.map((record) => record.of));
    for (const { id, code, action } of waiting) if (!changes.has(code) && !voided.has(id)) note(code, action);
  }

  // crate: the server said that it is one, should this snapshot not know it yet.
  function note(code, action, crate = false) {
    const letter = letterOf(code);
    const after = letterAfter(action, crate && !isCrate(letter) ? "a" : letter);
    changes.set(code, { letter: after, was: letter, at: performance.now() });
  }

  // What is in a crate by the last snapshot: [[kind, pieces]], fewest kinds first as they are numbered.
  function contentsOf(code) {
    const parts = (pieces.get(code) ?? "").split(":")[1] ?? "";
    const numbers = parts.split(",").filter(Boolean).map((part) => part.split("*").map((number) => parseInt(number, 36)));
    return numbers.map(([kind, count]) => [known?.kinds[kind] ?? null, count]);
  }

  async function keep(changed) {
    const change = db.transaction(["kept", "buckets"], "readwrite");
    const places = (await change.objectStore("kept").get("places")) ?? {};
    places[known.site.code] = { name: known.site.name, name_en: known.site.name_en };
    change.objectStore("kept").put(places, "places");
    change.objectStore("kept").put(known, "snapshot");
    if (!isKept) change.objectStore("buckets").clear();
    for (const [name, content] of changed) change.objectStore("buckets").put(content, name);
    await change.done;
  }

  return {
    take,
    letterOf,
    kindOf: (code) => known?.kinds[parseInt(pieces.get(code)?.slice(1), 36)] ?? null,
    contentsOf,
    isPaused: (hint) => hint !== null && paused.has(hint),

    // After any contact: a new one when the last is old enough.
    soon() {
      if (performance.now() - takenAt > EVERY) take();
    },

    note,

    // The last of it was taken back.
    unnote(code) {
      const change = changes.get(code);
      if (change) changes.set(code, { letter: change.was, at: performance.now() });
    },

    get known() {
      return known;
    },
  };
}
