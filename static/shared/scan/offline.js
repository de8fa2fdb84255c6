// What the beep of a piece means when nobody can be asked: the rules of lending/loop/meaning.py
// over the one letter a snapshot keeps of each piece. Pure.
//
// l out · r fit to lend · b returned here · d not clean · h held · x retired · null not known here
// a crate on its way here · c crate that stands here

const AFTER = { lend: "l", return: "b" };

// {action} to be recorded, or {waits: true}: a person is asked for; or {looks: true}: a crate, of
// which there is nothing to record; or {no, takeIn, override}: the
// lend is not to happen for the reason `no`, the piece is taken in here (it was expected
// elsewhere), and staff may lend it all the same with a reason.
export function meanOffline({ letter, person, paused = false, stocking = false }) {
  if (stocking || letter === "a") return { action: "stock" };
  if (letter === "c") return { action: null, looks: true };
  if (letter === "l") return { action: "return" };
  if (letter === "r" && !person) return { action: null, waits: true };
  if (!person) return { action: "return" };
  if (letter === "r") return paused ? refuse("paused", { override: true }) : { action: "lend" };
  if (letter === "b") return refuse("not_clean", { override: true });
  if (letter === "d") return refuse("not_clean", { override: true, takeIn: true });
  // Nothing lends what was put out of use; what is unknown here may be from elsewhere.
  if (letter === "h") return refuse("held", { takeIn: true });
  if (letter === "x") return refuse("retired", { takeIn: true });
  return refuse("unknown", { override: true, takeIn: true });
}

function refuse(no, { override = false, takeIn = false } = {}) {
  return { action: null, no, override, takeIn };
}

// Whether a piece is a crate: what is in it goes with it.
export const isCrate = (letter) => letter === "a" || letter === "c";

// The letter of a piece after this action was recorded here.
export function letterAfter(action, letter) {
  if (isCrate(letter)) return action === "stock" ? "c" : letter;
  if (letter === "h" || letter === "x") return action === "lend" ? "l" : letter;
  if (action === "stock") return letter === "d" ? "d" : "r";
  return AFTER[action] ?? letter;
}
