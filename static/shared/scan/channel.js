// A channel: one sort of records that wait in the queue, and how they are told to the server. The
// page opens its queue with its channels; the service worker sends for all (station/channels.js).

const SCANS = "scans";
const TOO_LARGE = [400, 413, 422]; // answers that a smaller call may not get

// Of the record: a record that names no channel is a scan.
export const channelOf = (record) => record.channel ?? SCANS;

// Under which name the database keeps for whom this browser sends a channel's records.
export const ownerKey = (channel) => (channel.name === SCANS ? "site" : `site ${channel.name}`);

// name: stands in each record. url: where they are posted; or url(records).
// most: records in one call; 1: each goes by itself.
// tell(record, {clock_error, clock_lost}) → what the server is told of it; may resolve later.
// body(told, {site, sent_at}) → the JSON posted; `site`: for whom these records were made.
// receipts(answer, records) → [{id, result, final?, error?}] of an answer that is ok. Without it
// every record of such an answer is recorded, and the receipt carries the answer as `answer`.
// isFinal(record, receipt): a refusal that no repetition changes.
// refusing: statuses that refuse a call of one record for good; larger calls are halved first.
// blank: fields every new record has, unless told otherwise.
export function makeChannel({ name, url, most = 500, tell, body, receipts = allRecorded, isFinal = (_, receipt) => Boolean(receipt.final), refusing = TOO_LARGE, blank = {} }) {
  return { name, url: typeof url === "function" ? url : () => url, most, tell, body, receipts, isFinal, refusing: new Set(refusing), blank };
}

function allRecorded(answer, records) {
  return records.map(({ id }) => ({ id, result: "recorded", answer }));
}

// What sent scans told, as the calls name it.
const TOLD = ["id", "action", "code", "at", "seq", "borrower", "of", "override", "reason", "note", "by"];

// The scans of a station: what happened to pieces at one place.
export const scans = makeChannel({
  name: SCANS,
  url: "/station/scans",
  tell: (record, clock) => ({ ...Object.fromEntries(TOLD.map((name) => [name, record[name] ?? null])), ...clock }),
  body: (told, { site, sent_at }) => ({ sent_at, site, scans: told }),
  receipts: ({ receipts }) => receipts,
  // What this place may not take back today it may not tomorrow.
  isFinal: (record, receipt) => Boolean(receipt.final) || record.action === "void",
  blank: { action: null, borrower: null, of: null, override: null, reason: null, note: null, by: null, last4: null },
});
