// Taking back: a void for each scan, kept and sent like any other.

import { PATIENCE } from "../shared/scan/line.js";

// onUndone() when it is done, or kept to be sent; onRefused(error) when it may not be.
export function makeUndo({ queue, line, snapshot, results, onUndone, onRefused, onNotKept }) {
  async function undo(entry) {
    mark(entry, true);
    const by = snapshot.known?.by ?? null;
    const voids = [...entry.recorded].reverse().map((of) => ({ action: "void", of, code: entry.code, by }));
    try {
      const records = await queue.replace(null, voids);
      snapshot.unnote(entry.code);
      const receipts = line.isOnline ? await Promise.all(records.map(({ id }) => queue.settled(id, PATIENCE))) : [];
      if (!receipts.some(isRefused)) onUndone();
    } catch (error) {
      mark(entry, false);
      onNotKept(error, entry.code);
    }
  }

  function mark(entry, voided) {
    entry.voided = voided;
    results.draw();
  }

  return {
    undo,

    // The server's word on a void, soon or late.
    receipt(record, told) {
      if (!isRefused(told)) return;
      results.restore([record.of]);
      onRefused(told.error ?? {}, record.code);
    },
  };
}

const isRefused = (receipt) => receipt?.result === "refused";
