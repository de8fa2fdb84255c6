// What a place says it has set aside, kept in the queue like its scans: the word of it may wait.

import { makeChannel } from "../shared/scan/channel.js";

export const asides = makeChannel({
  name: "asides",
  url: "/wash/aside",
  most: 100,
  tell: ({ id, at, code }) => ({ id, at, code }),
  // One request for all: the first record's id names it, and the codes make it safe to repeat.
  body: ([first, ...more], { site, sent_at }) => ({
    id: first.id, at: first.at, sent_at, site, codes: [first.code, ...more.map(({ code }) => code)],
  }),
});
