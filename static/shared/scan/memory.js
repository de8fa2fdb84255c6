// Which codes were told a moment ago: a code that stays before the camera is told once.

const SAME_CODE = 3000; // ms in which the same code is not told twice; each sight renews it

export function makeMemory(within = SAME_CODE) {
  const seen = new Map();
  return {
    // Whether this sight is news.
    isNews(text, now) {
      const before = seen.get(text) ?? -Infinity;
      for (const [other, at] of seen) if (now - at > within) seen.delete(other);
      seen.set(text, now);
      return now - before > within;
    },
  };
}
