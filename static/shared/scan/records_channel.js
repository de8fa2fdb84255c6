// What the tablets of centre, halls and offices tell, each record by itself and in the order it was
// made, to the address it names: a beep, a tray, what went into a batch.

import { makeChannel } from "./channel.js";

export const washing = makeChannel({
  name: "washing",
  most: 1,
  url: ([record]) => record.path,
  tell: (record, clock) => ({ ...record.body, id: record.id, at: record.at, seq: record.seq, clock_error: clock.clock_error ?? null, clock_lost: clock.clock_lost ?? false }),
  body: ([told], { sent_at }) => ({ ...told, sent_at }),
  refusing: [400, 404, 409, 413, 415, 422],
});
