// Tries to send what waits: at once when asked, when the network or the window comes back, and from
// time to time; with growing pauses while it does not succeed. One try at a time.

const PAUSES = [1000, 2000, 5000, 10000, 20000, 30000]; // ms between tries while no answer comes
const LOOKS = 60000; // ms between tries without any cause

// act(tries): resolves to whether all went that may go; `tries` failed before it. Returns flush(),
// which resolves when a try that began after the call has ended.
export function keepTrying(act) {
  let tries = 0;
  let timer = 0;
  let trying = null;
  let again = false;

  function flush() {
    clearTimeout(timer);
    if (trying) again = true;
    else trying = run();
    return trying;
  }

  async function run() {
    let done = false;
    try {
      do {
        again = false;
        done = await act(tries);
      } while (again && done);
    } finally {
      tries = done ? 0 : tries + 1;
      trying = null;
      clearTimeout(timer);
      timer = setTimeout(flush, done ? LOOKS : PAUSES[Math.min(tries, PAUSES.length) - 1]);
    }
  }

  for (const moment of ["online", "focus", "pageshow"]) addEventListener(moment, flush);
  document.addEventListener("visibilitychange", () => document.hidden || flush());
  return flush;
}
