// A round as it stands after what was recorded here; pure. Told twice, a record changes nothing more.

const WAYS = {
  begin: (round, { at }) => (round.begun ??= at),
  end: (round, { at }) => (round.ended ??= at),
  load: (round, { code }) => eachCrate(round, code, (crate) => (crate.loaded = true)),
  deliver: (round, { code }) => eachCrate(round, code, (crate) => (crate.loaded = crate.delivered = true)),
  take: (round, { code, at }, stop) => (add(stop?.taken, code), fetched(stop, at)),
  picked: (_, { at }, stop) => stop?.pickup && (fetched(stop, at), (stop.pickup.picked = true)),
  undo: (_, { code }, stop) => stop && takeBack(stop, code),
  bring: (round, { code }) => add(round.brought, code),
  emptied: (_, __, stop) => stop && (stop.emptied = true),
  done: (_, record, stop) => tell(stop, record),
  nobody: (_, record, stop) => tell(stop, record),
  move: (round, { position }, stop) => place(round, stop, position),
};

// The rounds with these records told, in order.
export function withRecords(rounds, records) {
  const fresh = structuredClone(rounds);
  for (const record of records) {
    const round = fresh.find(({ id }) => id === record.round);
    const stop = round?.stops.find(({ id }) => id === record.stop);
    if (round) WAYS[record.what]?.(round, record, stop);
  }
  return fresh;
}

function eachCrate(round, code, act) {
  for (const stop of round.stops) for (const crate of stop.crates) if (crate.code === code) act(crate);
}

function add(list, code) {
  if (list && !list.includes(code)) list.push(code);
}

// What was asked to be picked up is in the van: where it stood needs to be known no more.
function fetched({ pickup } = {}, at) {
  if (!pickup || (pickup.over && !pickup.mine)) return;
  Object.assign(pickup, { mine: true, over: true, taken: pickup.taken ?? at });
}

// A take was a mistake; a pick-up of which nothing else came along waits again.
function takeBack(stop, code) {
  if (code) stop.taken = stop.taken.filter((one) => one !== code);
  if (!stop.pickup?.mine) return;
  if (!code) stop.pickup.picked = false;
  if (stop.taken.length || stop.pickup.picked) return;
  Object.assign(stop.pickup, { mine: false, over: false, taken: null });
  if (stop.outcome === "done") Object.assign(stop, { outcome: null, told: null, note: "" });
}

// Of several tellings the one that happened last counts.
function tell(stop, { what, at, note }) {
  if (!stop || (stop.told && Date.parse(stop.told) > Date.parse(at))) return;
  Object.assign(stop, { outcome: what, told: at, note: note ?? "" });
}

function place(round, stop, position) {
  if (!stop || stop.outcome) return;
  const others = round.stops.filter((one) => one !== stop);
  others.splice(Math.max(0, position - 1), 0, stop);
  round.stops = others;
  const open = others.filter(({ outcome }) => !outcome);
  const times = open.map(({ planned }) => planned).sort();
  open.forEach((one, number) => (one.planned = times[number]));
}

// The first stop nothing was told of; null: only the way home is left.
export const nextStop = (round) => round.stops.find(({ outcome }) => !outcome) ?? null;

// The position (from 1) at which a stop is called at after the next one that is still open.
export function oneLater(round, stop) {
  const open = round.stops.filter(({ outcome }) => !outcome);
  const after = open[open.indexOf(stop) + 1];
  return after ? round.stops.indexOf(after) + 1 : null;
}

// The position of the first stop that is still open: called at next.
export const asNext = (round) => round.stops.indexOf(nextStop(round)) + 1;

export const notLeft = (stop) => stop.crates.filter(({ delivered }) => !delivered);

// Crates still to be put into the van, with the stop they are for; the last stop's first, so that
// the first stop's stand at the door.
export function toLoad(round) {
  const seen = new Set();
  const rows = [];
  for (const stop of round.stops) {
    for (const crate of stop.crates) if (!seen.has(crate.code)) rows.push({ stop, crate });
    for (const crate of stop.crates) seen.add(crate.code);
  }
  return rows.reverse();
}

export const notLoaded = (round) => toLoad(round).filter(({ crate }) => !crate.loaded);

// What the van brings home: what was taken along, and what could not be left.
export function inVan(round) {
  const taken = round.stops.flatMap((stop) => stop.taken.map((code) => ({ code, stop, taken: true })));
  const left = round.stops.flatMap((stop) => (stop.outcome ? notLeft(stop).filter(({ loaded }) => loaded) : []).map(({ code }) => ({ code, stop, taken: false })));
  const rows = new Map([...left, ...taken].map((row) => [row.code, row]));
  return [...rows.values()].map((row) => ({ ...row, brought: round.brought.includes(row.code) }));
}

// The take that its driver may still take back: the last one, while its round is driven and it has
// not been brought to the centre.
const LAST_FOR = 24 * 3600e3; // ms
export function lastAt(last, round, stop) {
  if (!last || last.round !== round.id || last.stop !== stop.id || round.ended) return null;
  const isFresh = Math.abs(Date.now() - Date.parse(last.at)) < LAST_FOR;
  const isThere = last.code ? !round.brought.includes(last.code) : Boolean(stop.pickup?.mine);
  return isFresh && isThere ? last : null;
}

// After these records: {id, round, stop, code, at} of the last take, or null.
export function lastTake(last, records) {
  let found = last;
  for (const { what, id, round, stop, code, at, of } of records) {
    if (what === "take" || what === "picked") found = { id, round, stop, code: what === "take" ? code : null, at };
    if (what === "undo" && found?.id === of) found = null;
  }
  return found;
}
