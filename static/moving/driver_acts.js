// What the driver does, as records: kept on the phone first, shown at once, sent when it can be.

import { newId } from "../shared/scan/ids.js";
import { NotKept } from "../shared/scan/queue.js";
import { asNext, notLeft, notLoaded, oneLater } from "./driver_round.js";

// onKept(record) after each; onNotKept(error): nothing was recorded.
export function makeActs({ queue, sheet, onNotKept }) {
  async function keep(...records) {
    const kept = [];
    try {
      for (const record of records) kept.push(await queue.put(record));
    } catch (error) {
      if (!(error instanceof NotKept)) throw error;
      onNotKept(error);
    }
    await sheet.note(...kept.filter(({ what }) => what));
    queue.flush();
    return kept.length === records.length;
  }

  const of = (round, stop, what, more = {}) => ({ what, round: round.id, stop: stop?.id ?? null, ...more });

  return {
    // all: what was not scanned is in the van too.
    begin(round, { all = false } = {}) {
      const rest = all ? notLoaded(round).map(({ crate }) => of(round, null, "load", { code: crate.code })) : [];
      return keep(...rest, of(round, null, "begin"));
    },
    end: (round) => keep(of(round, null, "end")),
    load: (round, code) => keep(of(round, null, "load", { code })),
    bring: (round, code) => keep(of(round, null, "bring", { code })),
    deliver: (round, stop, code) => keep(of(round, stop, "deliver", { code })),
    take: (round, stop, code) => keep(of(round, stop, "take", { code })),
    // Nothing of it could be scanned.
    picked: (round, stop) => keep(of(round, stop, "picked"), of(round, stop, "done")),
    undo: (round, stop, last) => keep(of(round, stop, "undo", { of: last.id, code: last.code })),
    emptied: (round, stop) => keep(of(round, stop, "emptied")),
    later: (round, stop) => keep(of(round, stop, "move", { position: oneLater(round, stop) })),
    first: (round, stop) => keep(of(round, stop, "move", { position: asNext(round) })),

    // all: what was not scanned was left there too.
    done(round, stop, { all = false } = {}) {
      const rest = all ? notLeft(stop).map(({ code }) => of(round, stop, "deliver", { code })) : [];
      return keep(...rest, of(round, stop, "done"));
    },

    // A full disk takes the word without its photo. Resolves to "kept" | "no_photo" | null.
    async nobody(round, stop, { note, photo }) {
      const id = newId();
      if (!(await keep({ ...of(round, stop, "nobody", { note }), id }))) return null;
      if (!photo) return "kept";
      return queue.put({ channel: "drive-photos", about: id, stop: stop.id, photo }).then(() => (queue.flush(), "kept"), () => "no_photo");
    },
  };
}
