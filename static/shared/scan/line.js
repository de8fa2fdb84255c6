// Whether the server can be asked right now. One answer that does not come in time ends it; then
// a probe every few seconds finds out when it is back.

export const PATIENCE = 1500; // ms in which an answer comes while the server can be asked
const EVERY = 5000; // ms between probes
const SIGNED_OUT = 20000; // ms between probes while the server knows us no more

// probe: () => "taken" | "signed_out" | "unanswered". onChange(isOnline, outcome).
export function makeLine({ probe, onChange }) {
  let online = navigator.onLine;
  let last = "taken";
  let timer = 0;

  async function look() {
    clearTimeout(timer);
    const outcome = await Promise.race([probe(), new Promise((resolve) => setTimeout(resolve, EVERY, "unanswered"))]);
    if (outcome === "taken") rise();
    else fall(outcome);
    return outcome;
  }

  function rise() {
    clearTimeout(timer);
    online = true;
    last = "taken";
    onChange(true, "taken");
  }

  function fall(outcome = "unanswered") {
    clearTimeout(timer);
    online = false;
    last = outcome;
    timer = setTimeout(look, outcome === "signed_out" ? SIGNED_OUT : EVERY);
    onChange(false, outcome);
  }

  window.addEventListener("online", look);
  window.addEventListener("offline", () => online && fall());
  return {
    look,
    fall,
    get isOnline() {
      return online;
    },
    // Why it cannot: "unanswered", or "signed_out" when the server knows this browser no more.
    get outcome() {
      return last;
    },
  };
}
