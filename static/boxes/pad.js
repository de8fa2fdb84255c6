// The way without a camera: twelve digits on large keys, a keyboard or a barcode gun. A wrong digit
// is told with the last key. While something is reported, the same field takes what can be read.

import { hasRightCheckDigit, isItemShaped } from "../shared/scan/codes.js";

const DIGITS = 12;
const at = (id) => document.getElementById(id);

// onCode(code) for twelve right digits; onReport(text) while reporting; onWrong() at a wrong number.
export function makePad({ words, onCode, onReport, onWrong }) {
  const field = at("typed");
  let reporting = false;
  let told = "";

  const digits = () => field.value.replace(/[^0-9]/g, "");

  function draw() {
    if (!reporting) {
      const text = digits().slice(0, DIGITS);
      field.value = text.replace(/(\d{4})(?=\d)/g, "$1-");
    }
    const state = judge();
    at("typed-told").textContent = state ? words.say(state, { n: DIGITS - digits().length }) : "";
    field.setAttribute("aria-invalid", String(state === "typed_wrong" || state === "typed_not"));
    at("type").dataset.state = state;
    if (state !== told && (state === "typed_wrong" || state === "typed_not")) onWrong(state);
    told = state;
  }

  function judge() {
    const text = digits();
    if (reporting || !text) return "";
    if (text.startsWith("0") || text.startsWith("82")) return "typed_not";
    if (text.length < DIGITS) return "typed_more";
    return isItemShaped(text) && hasRightCheckDigit(text) ? "typed_good" : "typed_wrong";
  }

  function press(key) {
    if (key === "clear") field.value = "";
    else if (key === "back") field.value = field.value.replace(/[0-9A-Za-z]?[^0-9A-Za-z]*$/, "");
    else if (reporting ? field.value.length < field.maxLength : digits().length < DIGITS) field.value += key;
    draw();
  }

  function submit() {
    if (reporting) return onReport(field.value.trim());
    const state = judge();
    if (state !== "typed_good") {
      if (state) onWrong(state);
      field.focus();
      return undefined;
    }
    const code = digits();
    clear();
    return onCode(code);
  }

  function clear() {
    field.value = "";
    draw();
  }

  function report(is) {
    reporting = is;
    field.inputMode = is ? "text" : "none"; // other makers' codes have letters
    at("typed-label").dataset.t = is ? "report_digits" : "or_type";
    at("go-words").dataset.t = is ? "report_send" : "give_back";
    for (const id of ["typed-label", "go-words"]) at(id).textContent = words.say(at(id).dataset.t);
    clear();
  }

  field.addEventListener("input", draw);
  at("type").addEventListener("submit", (event) => (event.preventDefault(), submit()));
  for (const key of document.querySelectorAll("[data-key]")) key.addEventListener("click", () => press(key.dataset.key));

  return {
    clear,
    report,
    draw,
    // Typed slowly outside the field.
    type(text) {
      for (const sign of text) if (/[0-9]/.test(sign)) press(sign);
    },
  };
}
