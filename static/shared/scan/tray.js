// The count of one tray: codes seen together in the camera's picture, gathered over many frames.
// Knows nothing of cameras and pages: each frame's sights go in with their time.

const STILL = 1000; // ms without a change after which a tray stands still
const STEADY = 0.03; // of the picture: a code that moved less has not moved
const GONE = 1000; // ms unseen after which a code has left its place; no way of looking sees all
const SHOWN = 500; // ms a code stays outlined after it was last seen
const LET_GO = 3000; // ms out of sight after which a counted code may be counted anew
const MOST = 500; // codes of one call

// sights: [{read: {kind, code}, corners}] as openCamera's onSight tells them; now: ms.
export function makeTally() {
  let codes = new Map(); // code → [{x, y, at, corners}]: side and base are two places of one code
  let wrong = []; // places of codes with a wrong digit
  const done = new Map(); // code → when it was last seen, after its tray was taken
  let since = 0; // when something last changed

  // {fresh, count, isFull, still, marks, wrong}: new codes; how many in all; the part of the still
  // time that has passed, 0 to 1; outlines to draw as {corners, tone}; how many have a wrong digit.
  function see(sights, now) {
    const fresh = [];
    const seen = new Set();
    let moved = forget(now);
    for (const { read, corners } of sights) {
      if (read.kind === "wrong") note(wrong, corners, now);
      if (read.kind !== "item") continue;
      if (done.has(read.code)) {
        done.get(read.code).at = now;
        note(done.get(read.code).places, corners, now);
        continue;
      }
      if (!codes.has(read.code)) {
        if (codes.size >= MOST) continue;
        codes.set(read.code, []);
        fresh.push(read.code);
      }
      moved = note(codes.get(read.code), corners, now) || moved;
      seen.add(read.code);
    }
    if (moved) since = now;
    return { fresh, still: stillness(seen, now), marks: marks(now), ...state() };
  }

  // Whether it is a place where nothing was before.
  function note(places, corners, now) {
    const [x, y] = middle(corners);
    const known = places.find((place) => Math.hypot(place.x - x, place.y - y) <= STEADY);
    if (known) Object.assign(known, { at: now, corners });
    else places.push({ x, y, at: now, corners });
    return !known;
  }

  // Whether a code has left the picture.
  function forget(now) {
    let left = false;
    wrong = wrong.filter(({ at }) => now - at <= GONE);
    for (const [code, { at, tone, places }] of done) {
      if (now - at > LET_GO) done.delete(code);
      else done.set(code, { at, tone, places: places.filter((place) => now - place.at <= GONE) });
    }
    for (const [code, places] of codes) {
      const kept = places.filter(({ at }) => now - at <= GONE);
      left ||= places.length > 0 && kept.length === 0;
      codes.set(code, kept);
    }
    return left;
  }

  // A tray stands still when for STILL ms no code came, went or moved, and it is there now.
  function stillness(seen, now) {
    const present = [...codes.values()].filter((places) => places.length).length;
    if (!present || seen.size * 2 < present) return 0;
    return Math.min(1, (now - since) / STILL);
  }

  function marks(now) {
    const of = (places, tone) => places.filter(({ at }) => now - at <= SHOWN).map(({ corners }) => ({ corners, tone }));
    return [
      ...[...codes.values()].flatMap((places) => of(places, "good")),
      ...[...done.values()].flatMap(({ places, tone }) => of(places, tone)),
      ...of(wrong, "care"),
    ];
  }

  const state = () => ({ count: codes.size, isFull: codes.size >= MOST, wrong: wrong.length });

  return {
    see,
    // A code from another reader, a gun or the keys; whether it is new.
    add(code, now) {
      if (codes.has(code) || codes.size >= MOST) return false;
      codes.set(code, []);
      done.delete(code);
      since = now;
      return true;
    },
    // The codes of this tray; the next one begins, and these do not count while they stay in sight.
    take(now) {
      const taken = [...codes.keys()];
      for (const [code, places] of codes) done.set(code, { at: now, tone: "done", places });
      codes = new Map();
      since = now;
      return taken;
    },
    // These of a taken tray need a look: they are outlined so, to be found on it.
    doubt(doubtful) {
      for (const code of doubtful) if (done.has(code)) done.get(code).tone = "care";
    },
    // All over again: what is in sight counts anew.
    clear(now) {
      codes = new Map();
      done.clear();
      since = now;
    },
    get count() {
      return codes.size;
    },
  };
}

function middle(corners) {
  const mean = (axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length;
  return [mean(0), mean(1)];
}
