// No way out of the screen by touch or key: no menu, no selection, no dropping, no going back. What
// only the tablet can forbid (its own buttons, other apps) the README tells how to pin.

const STAYS = ["contextmenu", "dragstart", "dragover", "drop", "selectstart", "auxclick"];
const HERE = { box: true };

export function confine() {
  for (const name of STAYS) {
    addEventListener(name, (event) => isField(event.target) && name === "selectstart" ? undefined : event.preventDefault(), true);
  }
  addEventListener("keydown", leaveOutKeys, true);
  // Back only comes here again. A browser passes over a step that nobody's touch has made, so the
  // step is made once more with the first touch after.
  step();
  addEventListener("popstate", step);
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => touched || step(), true);
}

let touched = false;

function step() {
  touched = Boolean(navigator.userActivation?.isActive);
  history.pushState(HERE, "", location.href);
}

function leaveOutKeys(event) {
  const walks = event.altKey && ["ArrowLeft", "ArrowRight", "Home"].includes(event.key);
  const opens = (event.ctrlKey || event.metaKey) && "npotjhlufsdgw+-=0".includes(event.key.toLowerCase());
  if (walks || opens || ["F1", "F3", "F6", "F7", "F12", "BrowserBack", "BrowserHome"].includes(event.key)) event.preventDefault();
}

const isField = (target) => target instanceof Element && target.matches("input");
