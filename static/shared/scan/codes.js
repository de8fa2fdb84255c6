// Tells what a reader sent or a hand typed: a piece's code, a person's, or a command.
// The same rules as lending/loop/codes.py, so that a wrong digit is seen before anything is sent.

const ITEM_URL = /https?:\/\/[^\s?#]+\/i\/([0-9]{12})(?![0-9])/i;
const MEMBER = /M1\.[0-9A-Z]{9}\.[0-9]{1,12}\.[0-9A-Z]{16}(?![0-9A-Z])/i;
const CARD_URL = /(?:https?:\/\/[^\s/]+)?\/c\/[0-9A-Z-]{12,14}/i;
const COMMAND = /CMD:([a-z_]{1,28})/i;
const TYPED_MEMBER = /^[A-Z][0-9A-Z]{8}-?[0-9]{6}$/i;
const TYPED_CARD = /^[A-Z][0-9A-Z]{3}-?[A-Z][0-9A-Z]{3}-?[A-Z][0-9A-Z]{3}$/i;
const DIGITS = /^[0-9](?:[ -]?[0-9])*$/;

// ISO/IEC 7064:2003, MOD 11,10 over all twelve digits, the check digit being the last.
export function hasRightCheckDigit(digits) {
  let value = 10;
  for (const sign of digits) value = (((value + Number(sign)) % 10 || 10) * 2) % 11;
  return value === 2;
}

// Telephone numbers of twelve digits begin with 0 or 82, pieces never do.
export function isItemShaped(digits) {
  return /^[0-9]{12}$/.test(digits) && !digits.startsWith("0") && !digits.startsWith("82");
}

// {kind: "item", code} | {kind: "wrong", code} | {kind: "person", text} | {kind: "command", command}
// | {kind: "unknown", text}. A prefix or suffix that a scanner adds does no harm.
export function readBeep(raw) {
  // eslint-disable-next-line no-control-regex
  const text = raw.replace(/[\u0000-\u001f\u007f]/g, "").trim().replace(/^\][A-Za-z][0-9]/, "");
  const command = COMMAND.exec(text);
  if (command) return { kind: "command", command: command[1].toLowerCase() };
  const url = ITEM_URL.exec(text);
  if (url) return item(url[1]);
  const person = MEMBER.exec(text) ?? CARD_URL.exec(text);
  if (person) return { kind: "person", text: person[0] };
  return readTyped(text);
}

function readTyped(text) {
  if (DIGITS.test(text)) {
    const digits = text.replace(/[ -]/g, "");
    if (isItemShaped(digits)) return item(digits);
    if (/^82[0-9]{8,12}$/.test(digits)) return { kind: "person", text: `+${digits}` };
    if (/^0[0-9]{7,14}$/.test(digits)) return { kind: "person", text: digits };
    return { kind: "unknown", text };
  }
  const contact = /^\+[0-9][0-9 ()-]{6,20}$/.test(text) || /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
  if (contact || TYPED_MEMBER.test(text) || TYPED_CARD.test(text)) return { kind: "person", text };
  const inside = /(?<![0-9])[0-9]{12}(?![0-9])/.exec(text);
  return inside && isItemShaped(inside[0]) ? item(inside[0]) : { kind: "unknown", text };
}

function item(code) {
  return { kind: isItemShaped(code) && hasRightCheckDigit(code) ? "item" : "wrong", code };
}

// As it is printed: 4821-0937-5518.
export function groupCode(code) {
  return code.length === 12 ? `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}` : code;
}

// What is being typed, grouped as it will be read back.
export function groupTyped(text) {
  const digits = text.replace(/[^0-9]/g, "");
  if (!DIGITS.test(text)) return text;
  if (/^01[0-9]/.test(digits)) return join(digits, digits.length > 10 ? [3, 4, 4] : [3, 3, 4]);
  if (/^02/.test(digits)) return join(digits, digits.length > 9 ? [2, 4, 4] : [2, 3, 4]);
  if (/^0/.test(digits)) return join(digits, digits.length > 10 ? [3, 4, 4] : [3, 3, 4]);
  return join(digits, [4, 4, 4]);
}

function join(digits, sizes) {
  const parts = [];
  let rest = digits;
  for (const size of sizes) {
    if (rest) parts.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return parts.join("-") + rest;
}
