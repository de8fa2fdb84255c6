// A gun held on a code a moment too long shoots twice: the second shot is the first one again.

const SAME_SHOT = 1500; // ms

// isSecond(text, source, within): whether the gun reads the same text again so soon (camera and
// keyboard never do); forget(): what was read last may be read again at once.
export function makeShots() {
  let last = { text: null, at: 0 };
  return {
    isSecond(text, source, within = SAME_SHOT) {
      const now = Date.now();
      const again = source === "gun" && last.text === text && now - last.at < within;
      last = { text, at: now };
      return again;
    },
    forget() {
      last = { text: null, at: 0 };
    },
  };
}
