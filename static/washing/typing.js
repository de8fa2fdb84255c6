// The field and its number pad, for a label that no reader can read any more.

import { groupTyped, readBeep } from "../shared/scan/codes.js";

const at = (id) => document.getElementById(id);

export function makeTyping({ words, onEnter }) {
  const field = at("typed");
  const told = at("typed-told");

  function put(value) {
    field.value = value;
    const read = value.trim() ? readBeep(value.trim()) : { kind: "unknown" };
    const verdict = { item: words.typed_item, wrong: words.wrong_digit, person: words.person }[read.kind];
    told.textContent = [groupTyped(value.trim()), verdict].filter(Boolean).join(" · ");
    told.dataset.kind = read.kind;
  }

  function open(shown) {
    at("type").hidden = !shown;
    at("pads").hidden = shown;
    at("open-type").setAttribute("aria-expanded", String(shown));
    if (!shown && at("camera").getAttribute("aria-pressed") === "true") at("camera").click();
  }

  field.addEventListener("input", () => put(field.value));
  at("type").addEventListener("submit", (event) => {
    event.preventDefault();
    const value = field.value.trim();
    put("");
    if (value) onEnter(value);
  });
  at("keypad").addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key) put(key === "back" ? field.value.slice(0, -1) : field.value + key);
  });
  at("open-type").addEventListener("click", () => (open(true), field.focus()));
  at("close-type").addEventListener("click", () => (open(false), at("open-type").focus()));
  // The page has a number pad: on a touch screen the system's keyboard stays away.
  if (matchMedia("(pointer: coarse)").matches) field.inputMode = "none";

  return {
    // Slow digits typed outside any field belong here.
    type(text) {
      if (!/[0-9]/.test(text)) return;
      open(true);
      put(field.value + text);
      field.focus();
    },
  };
}
