// The field and the number pad: what is typed is grouped and checked while it grows.

import { groupTyped, readBeep } from "../shared/scan/codes.js";

export function makeTyping({ words, onEnter, onBusy }) {
  const form = document.getElementById("type");
  const field = document.getElementById("typed");
  const told = document.getElementById("typed-told");
  const keypad = document.getElementById("keypad");
  const toggle = document.getElementById("pad");

  function tell() {
    const value = field.value.trim();
    const read = value ? readBeep(value) : { kind: "unknown" };
    const grouped = groupTyped(value);
    const verdict = { item: words.typed_item, wrong: words.wrong_digit, person: words.typed_person }[read.kind];
    told.textContent = verdict ? `${grouped} · ${verdict}` : grouped;
    told.dataset.kind = read.kind;
    if (value) onBusy();
  }

  function put(value) {
    field.value = value;
    tell();
  }

  field.addEventListener("input", tell);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = field.value.trim();
    if (!value) return;
    put("");
    showPad(false);
    onEnter(value);
  });
  keypad.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (!key) return;
    put(key === "back" ? field.value.slice(0, -1) : field.value + key);
  });
  function showPad(open) {
    keypad.hidden = !open;
    toggle.setAttribute("aria-pressed", String(open));
  }
  toggle.addEventListener("click", () => showPad(keypad.hidden));
  field.addEventListener("click", () => pad.matches && showPad(true));

  // On a screen with its own number pad the system's keyboard stays away.
  const pad = matchMedia("(min-width: 700px) and (pointer: coarse)");
  const keyboard = () => (field.inputMode = pad.matches ? "none" : "tel");
  pad.addEventListener("change", keyboard);
  keyboard();

  return {
    showPad,
    // Slow keys typed outside any field belong here.
    type(text) {
      if (!/[0-9+a-zA-Z]/.test(text)) return;
      put(field.value + text);
      field.focus();
    },
  };
}
