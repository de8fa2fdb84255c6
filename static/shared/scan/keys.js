// Which sign a key stands for on the keyboard a barcode gun plays (US layout), told from the place
// of the key and not from what an input method makes of it: under a Korean one `KeyA` types ㅁ.

const PLAIN = {
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:",
  Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ",
  NumpadDecimal: "..", NumpadDivide: "//", NumpadMultiply: "**", NumpadSubtract: "--", NumpadAdd: "++",
};
const SHIFTED_DIGITS = ")!@#$%^&*(";

export function signOf(event) {
  const code = event.code;
  if (/^Key[A-Z]$/.test(code)) return event.shiftKey ? code[3] : code[3].toLowerCase();
  if (/^Digit[0-9]$/.test(code)) return event.shiftKey ? SHIFTED_DIGITS[code[5]] : code[5];
  if (/^Numpad[0-9]$/.test(code)) return code[6];
  if (PLAIN[code]) return PLAIN[code][event.shiftKey ? 1 : 0];
  if (!code && event.key?.length === 1) return event.key; // some Android scanners name no key
  return null;
}

export function isSuffix(event) {
  return ["Enter", "NumpadEnter", "Tab"].includes(event.code || event.key);
}
