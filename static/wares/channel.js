// What a stocktaking tablet tells: codes, quantities, lines taken back; each by itself, in order.

import { makeChannel } from "../shared/scan/channel.js";

const PATHS = { pieces: "pieces", line: "lines", back: "lines/back" };

export const stocktaking = makeChannel({
  name: "stocktaking",
  most: 1,
  url: ([record]) => `/wares/stocktaking/${record.session}/${PATHS[record.what]}`,
  tell: ({ id, seq, at, content }, clock) => ({ id, seq, at, ...content, ...clock }),
  body: ([told], { site, sent_at }) => ({ ...told, site, sent_at }),
  // A session that is ended takes nothing more (409); what is refused is listed for staff.
  refusing: [400, 404, 409, 413, 422],
});
