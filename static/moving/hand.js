// The crate in hand: the last one the server named, and the codes scanned since that it has not
// answered yet. Whether one of those is a crate only the server knows: each record tells them all.

const MOST = 500; // codes told; the server takes no more

export function makeHand(list) {
  const key = `pack.hand.${list}`;
  const kept = JSON.parse(localStorage.getItem(key) ?? "null") ?? { code: null, trail: [] };
  const keep = () => localStorage.setItem(key, JSON.stringify(kept));

  return {
    get code() {
      return kept.code;
    },
    // Whether something was scanned that may be a crate.
    get isTold() {
      return kept.trail.length > 0;
    },
    told: () => ({ crate: kept.code, trail: kept.trail.map(({ code }) => code) }),

    scanned(id, code) {
      kept.trail = [...kept.trail, { id, code }].slice(-MOST);
      keep();
    },

    // What came before an answered record is answered too: they go in their order. `code`: the
    // crate in hand from now on; undefined: as before.
    answered(id, code) {
      const place = kept.trail.findIndex((one) => one.id === id);
      if (place >= 0) kept.trail = kept.trail.slice(place + 1);
      if (code !== undefined) kept.code = code;
      keep();
    },
  };
}
