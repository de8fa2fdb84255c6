// What the tablets of centre, halls and offices tell, each record by itself and in the order it was
// made, to the address it names: a beep, a tray, what went into a batch.

import { makeChannel } from "./channel.js";

export const washing = makeChannel({
  name: "washing",
  most: 1,
  url: ([record]) => record.path,
  tell: (record, clock) => ({ ...record.body, id: record.id, at: record.at, seq: record.seq, clock_error: clock.clock_error ?? null, clock_lost: clock.clock_lost ?? false }),
  body: ([told], { sent_at }) => ({ ...told, sent_at }),
  receipts: (answer, records) => records.map((record) => ({ id: record.id, answer, ...fateOf(record, answer) })),
  refusing: [400, 404, 409, 413, 415, 422],
});

// An answer may tell of pieces that were not taken: made on a page that lists those (`lists`), the
// record is kept with them until somebody has seen it.
function fateOf({ lists }, answer) {
  const lines = lists ? notTaken(answer) : [];
  return lines.length ? { result: "refused", final: true, error: { lines } } : { result: "recorded" };
}

function notTaken(answer) {
  if (answer.lines) return answer.lines.filter(({ fate }) => fate === "refused");
  return answer.outcome === "refused" || answer.refused?.length ? [answer] : [];
}
