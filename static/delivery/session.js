// The order at the pass: what was beeped into it, kept over a reload and a dead battery; when a new
// one begins.

import { newId } from "../shared/scan/ids.js";

const KEPT = "delivery.order";
const FORGOTTEN = 10 * 60 * 1000; // ms without a beep after which the next one is another order

const blank = () => ({ id: newId(), pieces: [], number: null, contact: false, touched: 0, linked: false });

// db: the queue's own, where it outlives the power. Without it a restart begins a new order; what was
// beeped is in the queue all the same.
export async function openSession({ db, site }) {
  const key = `${KEPT} ${site}`;
  const kept = await db.get("kept", key).catch(() => null);
  let order = kept?.id && Array.isArray(kept.pieces) ? kept : blank();

  function keep() {
    try {
      const change = db.transaction("kept", "readwrite", { durability: "strict" });
      change.store.put(structuredClone(order), key);
      change.done.catch(() => {});
    } catch {
      // The database is closed: the queue says so.
    }
  }

  const inside = () => order.pieces.filter(({ state }) => state !== "refused" && state !== "out");

  return {
    get order() {
      return order;
    },
    get inside() {
      return inside();
    },
    get isEmpty() {
      return inside().length === 0;
    },

    next() {
      order = blank();
      keep();
    },

    // Whether a beep now belongs to another order: a second bag (unless several belong together), or
    // the first beep after a long while.
    begins({ isBag, several }) {
      if (!inside().length) return false;
      if (Date.now() - order.touched > FORGOTTEN) return true;
      return isBag && !several && inside().some(({ bag }) => bag);
    },

    add(piece) {
      order.pieces.push(piece);
      order.touched = Date.now();
      keep();
    },

    change(id, told) {
      const piece = order.pieces.find((one) => one.id === id);
      if (piece) Object.assign(piece, told);
      keep();
      return piece ?? null;
    },

    set(told) {
      Object.assign(order, told);
      keep();
    },

    last: () => inside().at(-1) ?? null,
  };
}

// What a receipt makes of the piece it is about.
export function stateOf({ result, answer }) {
  if (result === "refused") return { state: "refused" };
  if (answer.again) return { state: "out" };
  return { state: "told", kind: answer.kind, bag: answer.bag, carried: answer.carried };
}
