// Which sign a key stands for on the keyboard a barcode gun plays (US layout), told from the place
// of the key and not from what an input method makes of it: under a Korean one `KeyA` types ㅁ.

const PLACES = {
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:",
  Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ",
  NumpadDecimal: "..", NumpadDivide: "//", NumpadMultiply: "**", NumpadSubtract: "--", NumpadAdd: "++",
};
const SHIFTED_DIGITS = ")!@#$%^&*(";

// The two signs of a key, plain and shifted.
function signsAt(code) {
  if (/^Key[A-Z]$/.test(code)) return code[3].toLowerCase() + code[3];
  if (/^Digit[0-9]$/.test(code)) return code[5] + SHIFTED_DIGITS[code[5]];
  if (/^Numpad[0-9]$/.test(code)) return code[6] + code[6];
  return PLACES[code] ?? null;
}

export function signOf(event) {
  const signs = event.code ? signsAt(event.code) : null;
  if (signs) return signs.includes(event.key) ? event.key : signs[event.shiftKey ? 1 : 0];
  return !event.code && event.key?.length === 1 ? event.key : null; // some scanners name no key
}

export function isSuffix(event) {
  return ["Enter", "NumpadEnter", "Tab"].includes(event.code || event.key);
}
