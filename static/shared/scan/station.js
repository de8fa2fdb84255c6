// What every station page stands on: its queue, its snapshot, and its line to the server.

import { onContact } from "../send.js";
import { channelOf, scans } from "./channel.js";
import { makeLine } from "./line.js";
import { openQueue } from "./queue.js";
import { openSnapshot } from "./snapshot.js";

const AGAIN = 60000; // ms between two reloads for a page of another place

// code: the place this page belongs to; asked: the same where the server must be told it (somebody
// acts for several places), else null.
// onReceipt(record, receipt), onChange(overview): as queue.js; onLine(isOnline, outcome): as
// line.js; onTaken(known): as snapshot.js; onBlocked(): an old page in another tab must be closed.
// channels: the sorts of records it keeps, as queue.js; the scans of the place first.
// Resolves to {queue, snapshot, line}; rejects with NotKept where the browser keeps nothing.
export async function openStation({ code, asked = null, channels = [scans], onReceipt, onChange, onLine = () => {}, onTaken = () => {}, onBlocked }) {
  const queue = await openQueue({ site: code, channels, onReceipt, onChange, onBlocked, onOutdated: () => location.reload() });
  const snapshot = await openSnapshot({ db: queue.db, code, asked, pending: pendingScans, onTaken: taken });
  const line = makeLine({ probe: snapshot.take, onChange: changed });

  async function pendingScans() {
    return (await queue.waiting()).filter((record) => channelOf(record) === scans.name);
  }

  function taken(known) {
    onTaken(known);
    if (known.site.code !== code) reloadOnce();
  }

  // The device was enrolled elsewhere, or somebody of another place signed in: this page is not theirs.
  function reloadOnce() {
    const before = Number(sessionStorage.getItem("station.reloaded") ?? 0);
    if (Math.abs(Date.now() - before) < AGAIN) return;
    sessionStorage.setItem("station.reloaded", String(Date.now()));
    location.reload();
  }

  function changed(isOnline, outcome) {
    if (isOnline || outcome === "signed_out") queue.flush();
    queue.tell();
    onLine(isOnline, outcome);
  }

  onContact(() => snapshot.soon());
  line.look();
  return { queue, snapshot, line };
}
