// Listens to a barcode gun that types like a keyboard, wherever the focus is.
//
// A gun types many times faster than a hand. What came fast is a scan: it is taken out of the field
// it fell into, and its Enter presses no button. What came slowly stays where it was typed.

import { isSuffix, signOf } from "./keys.js";

const SAME_BURST = 200; // ms between two keys of one scan, at most; a busy tablet stumbles at times
const GUN_PACE = 50; // ms per key on average, at most
const HAND_PACE = 120; // ms per key on average: no gun is as slow
const SHORTEST = 4; // signs of a scan that ends with a suffix
const SHORTEST_BARE = 8; // signs of one that only stops

// onScan(text) for a scan; onTyped(text) for slow digits and letters typed outside any field.
export function listenToWedge({ onScan, onTyped = () => {} }) {
  let burst = null;
  let timer = 0;

  function begin(event) {
    const field = editable(event.target);
    burst = { text: "", first: event.timeStamp, last: event.timeStamp, field, value: field?.value };
  }

  const pace = () => (burst.last - burst.first) / Math.max(1, burst.text.length - 1);
  const isGun = (shortest) => burst !== null && burst.text.length >= shortest && pace() <= GUN_PACE;

  function end(shortest) {
    clearTimeout(timer);
    const done = burst;
    const scanned = isGun(shortest);
    burst = null;
    if (scanned) {
      if (done.field) giveBack(done.field, done.value);
      onScan(done.text);
    } else if (done && !done.field) {
      onTyped(done.text);
    }
    return scanned;
  }

  function onKeyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (isSuffix(event)) {
      const fresh = burst && event.timeStamp - burst.last <= SAME_BURST;
      if (fresh && isGun(SHORTEST)) stop(event);
      if (burst) end(fresh ? SHORTEST : SHORTEST_BARE);
      return;
    }
    const sign = signOf(event);
    if (sign === null) return;
    if (burst && event.timeStamp - burst.last > SAME_BURST) end(SHORTEST_BARE);
    if (!burst) begin(event);
    burst.text += sign;
    burst.last = event.timeStamp;
    // The space inside a code would press the button that has the focus.
    if (sign === " " && burst.text.length > 1 && !burst.field) stop(event);
    clearTimeout(timer);
    const byHand = burst.text.length >= 3 && pace() > HAND_PACE;
    timer = setTimeout(() => end(SHORTEST_BARE), byHand ? 0 : SAME_BURST * 1.5);
  }

  window.addEventListener("keydown", onKeyDown, true);
  return () => window.removeEventListener("keydown", onKeyDown, true);
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function editable(target) {
  return target instanceof Element ? target.closest("input:not([type=checkbox], [type=radio]), textarea, select") : null;
}

// The field as it was before the scan fell into it; an input method's half-made syllable too.
function giveBack(field, value) {
  if (field.value === value || field.tagName === "SELECT") return;
  field.blur();
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}
