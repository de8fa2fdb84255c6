// A gun held on a code a moment too long shoots twice, and a camera reads what the gun has read: the
// second shot is the first one again.

const SAME_SHOT = 1500; // ms

// isSecond(text, source, within): whether "gun" or "camera" reads the same text again so soon; what
// is "typed" twice is meant twice. forget(): what was read last may be read again at once.
export function makeShots() {
  let last = { text: null, at: 0 };
  return {
    isSecond(text, source, within = SAME_SHOT) {
      const now = Date.now();
      const again = source !== "typed" && last.text === text && now - last.at < within;
      last = { text, at: now };
      return again;
    },
    forget() {
      last = { text: null, at: 0 };
    },
  };
}
