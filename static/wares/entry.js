// The field and its number pad: a quantity of the chosen kind, or the number of a piece.

import { groupTyped, readBeep } from "../shared/scan/codes.js";

const MOST = 1_000_000; // pieces of one line
const at = (id) => document.getElementById(id);

// onQuantity({kind, condition, quantity}), onCode(text), onWrong(words).
export function makeEntry({ words, onQuantity, onCode, onWrong }) {
  const field = at("typed");
  const told = at("typed-told");
  const modes = [...document.querySelectorAll("[data-mode]")];
  let mode = modes[0].dataset.mode;

  function choose(next) {
    mode = next;
    for (const button of modes) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    if (at("what")) at("what").hidden = mode === "code";
    at("typed-label").textContent = mode === "code" ? words.code_label : words.quantity_label;
    field.placeholder = at("typed-label").textContent;
    put("");
  }

  function put(value) {
    field.value = value;
    told.textContent = "";
    delete told.dataset.kind;
    if (mode !== "code" || !value.trim()) return;
    const read = readBeep(value.trim());
    const verdict = { item: words.typed_item, wrong: words.wrong_digit, person: words.person }[read.kind];
    told.textContent = [groupTyped(value.trim()), verdict].filter(Boolean).join(" · ");
    told.dataset.kind = read.kind;
  }

  function enter(value) {
    if (mode === "code") return onCode(value);
    if (!/^[0-9]{1,12}$/.test(value)) return onWrong(words.type_number);
    if (Number(value) > MOST) return onWrong(words.too_many);
    return onQuantity({ kind: at("kind").value, condition: at("condition").value, quantity: Number(value) });
  }

  field.addEventListener("input", () => put(field.value));
  at("entry").addEventListener("submit", (event) => {
    event.preventDefault();
    const value = field.value.trim();
    put("");
    if (value) enter(value);
  });
  at("keypad").addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key) put(key === "back" ? field.value.slice(0, -1) : field.value + key);
  });
  for (const button of modes) button.addEventListener("click", () => (button.blur(), choose(button.dataset.mode)));
  // The page has a number pad: on a touch screen the system's keyboard stays away.
  if (matchMedia("(pointer: coarse)").matches) field.inputMode = "none";
  choose(mode);

  return {
    // Slow digits typed outside any field belong here.
    type(text) {
      if (!/[0-9]/.test(text)) return;
      put(field.value + text);
      field.focus();
    },
    chooseKind({ kind, condition }) {
      choose("quantity");
      at("kind").value = kind;
      at("condition").value = condition;
      field.focus();
    },
  };
}
