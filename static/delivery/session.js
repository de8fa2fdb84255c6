// The order at the pass: what was beeped into it, kept over a reload; when a new one begins.

import { newId } from "../shared/scan/ids.js";

const KEPT = "delivery.order";
const FORGOTTEN = 10 * 60 * 1000; // ms without a beep after which the next one is another order

const blank = () => ({ id: newId(), pieces: [], number: null, contact: false, touched: 0, linked: false });

export function makeSession(site) {
  const key = `${KEPT} ${site}`;
  let order = read() ?? blank();

  function read() {
    try {
      const kept = JSON.parse(localStorage.getItem(key));
      return kept?.id && Array.isArray(kept.pieces) ? kept : null;
    } catch {
      return null;
    }
  }

  function keep() {
    try {
      localStorage.setItem(key, JSON.stringify(order));
    } catch {
      // Without it a reload begins a new order; what was beeped is in the queue.
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
