// The till's buttons, the sound, and the four ways a code comes in: gun, camera, keys, number pad.

import { makeSwitch } from "../shared/scan/sounds.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { makeTyping } from "./typing.js";

const at = (id) => document.getElementById(id);

export function makeControls({ setup, words, people, onScan, onDone, onPark, onStocking }) {
  const typing = makeTyping({ words, onEnter: (text) => onScan(text, "typed"), onBusy: people.stay });
  makeViewer({ ...setup, words, onScan: (text) => onScan(text, "camera"), onShow: (shown) => shown && typing.showPad(false) });
  listenToWedge({
    onScan: (text) => onScan(text, "gun"),
    onTyped: (text) => document.querySelector("dialog[open]") || typing.type(text),
  });

  // Without the focus: the next Enter is the gun's.
  function press(id, act) {
    at(id).addEventListener("click", () => (at(id).blur(), act()));
  }

  press("person-done", onDone);
  press("person-group", people.toggleGroup);
  press("person-park", onPark);
  press("stocking", () => at("stocking").setAttribute("aria-pressed", String(onStocking())));
  makeSwitch(at("sound"));
}
