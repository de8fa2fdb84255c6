// What is still to be sent, kept in the browser until the server has answered: nothing scanned is
// lost when the network, the page or the power goes.

import { deleteDB, openDB } from "idb";
import { newId } from "./ids.js";
import { openQueue } from "./queue.js";
import { washing } from "./records_channel.js";

const STUCK = new Set(["unanswered", "signed_out"]);

// site: the code of the place. lists: whether the page lists what was refused until it was seen.
// onAnswer(record, body) for an answer, onRefused(record, error) for one that needs a person's hand,
// onChange({count, since, refused, stuck, signedOut}) whenever more or less waits or is listed,
// onNotKept(what, error) when the browser did not keep a record: it was not taken.
// Rejects with NotKept (queue.js) where the browser keeps nothing.
export async function openRecords({ site, lists = false, onAnswer, onRefused, onChange, onNotKept }) {
  const queue = await openQueue({
    site,
    channels: [washing],
    onReceipt(record, receipt) {
      if (receipt.result === "refused" && !record.lists) queue?.note(record.id, null); // it is told here and now
      return receipt.answer ? onAnswer(record, receipt.answer) : onRefused(record, receipt.error ?? {});
    },
    onChange: ({ count, since, refused, state }) => onChange({ count, since, refused, stuck: STUCK.has(state), signedOut: state === "signed_out" }),
    onOutdated: () => location.reload(),
  });
  await bringOver(queue);
  queue.flush();

  // The id under which it is sent; `what` is the body without id and times.
  function add(path, what, { id = newId(), kind = "beep" } = {}) {
    queue
      .put({ id, path, body: what, kind, ...(lists ? { lists } : {}) })
      .then(queue.flush)
      .catch((error) => onNotKept({ id, path, body: what, kind }, error));
    return id;
  }

  return { add, refused: queue.refused, note: (id) => queue.note(id, null) };
}

// What an older version of the table kept in a database of its own.
async function bringOver(queue) {
  const known = await indexedDB.databases?.().catch(() => []);
  if (!known?.some(({ name }) => name === "washing")) return;
  const old = await openDB("washing").catch(() => null);
  if (!old) return;
  const waiting = old.objectStoreNames.contains("waiting") ? await old.getAll("waiting") : [];
  for (const { path, body, kind, since } of waiting) {
    await queue.put({ id: body.id, path, body, kind, at: body.at, since });
  }
  old.close();
  await deleteDB("washing");
}
