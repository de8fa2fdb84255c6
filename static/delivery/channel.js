// What the pass's tablet tells: beeps into orders, numbers and contacts given later, what was taken out.

import { makeChannel } from "../shared/scan/channel.js";

const TOLD = ["id", "what", "order", "at", "seq", "code", "of", "text", "announced"];

export const deliveries = makeChannel({
  name: "deliveries",
  url: "/delivery/records",
  most: 50,
  tell: (record, clock) => ({ ...Object.fromEntries(TOLD.map((name) => [name, record[name] ?? null])), ...clock }),
  body: (told, { site, sent_at }) => ({ sent_at, site, records: told }),
  receipts: ({ receipts }) => receipts,
});
