// What a driver's phone keeps for the server: what happened on a round, and photos of closed doors,
// which may be large and hold up nothing else.

import { base64 } from "../shared/scan/base64.js";
import { makeChannel } from "../shared/scan/channel.js";

const TOLD = ["id", "what", "round", "stop", "at", "seq", "code", "position", "note", "of"];

export const drives = makeChannel({
  name: "drives",
  url: "/drive/records",
  most: 50,
  tell: (record, clock) => ({ ...Object.fromEntries(TOLD.map((name) => [name, record[name] ?? null])), ...clock }),
  body: (told, { site, sent_at }) => ({ sent_at, owner: site, records: told }),
  receipts: ({ receipts }) => receipts,
});

export const drivePhotos = makeChannel({
  name: "drive-photos",
  url: "/drive/photos",
  most: 1,
  tell: async ({ about, stop, photo }) => ({ about, stop, photo: await base64(photo) }),
  body: ([told], { site }) => ({ ...told, owner: site }),
  refusing: [400, 404, 413, 422],
});
