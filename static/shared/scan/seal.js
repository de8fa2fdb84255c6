// Seals what names a person with the server's public key: whoever holds this tablet can read
// nothing of it. The form stands in lending/people/envelopes.py.

const ABOUT = new TextEncoder().encode("lending borrower S1");
const CURVE = { name: "ECDH", namedCurve: "P-256" };

// text: what was read or typed; readAt: the device's time of it (ms); key: the server's public
// point (base64url). Resolves to "S1.…"; rejects where the browser has no WebCrypto (plain http).
export async function sealBorrower(text, { key, readAt = Date.now() }) {
  const { subtle } = crypto;
  const theirs = await subtle.importKey("raw", fromBase64(key), CURVE, false, []);
  const ours = await subtle.generateKey(CURVE, false, ["deriveBits"]);
  const point = new Uint8Array(await subtle.exportKey("raw", ours.publicKey));
  const shared = await subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
  const material = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const derived = { name: "HKDF", hash: "SHA-256", salt: point, info: ABOUT };
  const secret = await subtle.deriveKey(derived, material, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify({ r: text, t: readAt }));
  const closed = await subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: ABOUT }, secret, plain);
  return `S1.${toBase64([point, nonce, new Uint8Array(closed)])}`;
}

// The first five hex digits by which a snapshot names its paused borrowers, or null where `text`
// names nobody. About a hundred people share one: a hit is a warning, never a judgement.
export async function pauseHint(text, salt) {
  const name = nameOf(text);
  if (name === null) return null;
  const bytes = Uint8Array.from(salt.match(/../g), (pair) => parseInt(pair, 16));
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(name)));
  return Array.from(mac.slice(0, 3), (byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 5);
}

// One text for each way to name a resident, as lending/people/claims.py writes it.
function nameOf(text) {
  const plain = text.trim().toUpperCase().replaceAll(" ", "").replace(/[ILO]/g, (sign) => (sign === "O" ? "0" : "1"));
  const member = /^M1\.([0-9A-Z]{9})\./.exec(plain) ?? /^([A-Z][0-9A-Z]{8})-?[0-9]{6}$/.exec(plain);
  if (member) return `member:${member[1]}`;
  const address = /\/c\/([0-9A-Z-]+)\/?$/i.exec(text.trim());
  const card = (address?.[1] ?? text).trim().toUpperCase().replaceAll(/[ -]/g, "").replace(/[ILO]/g, (sign) => (sign === "O" ? "0" : "1"));
  if (/^[A-Z][0-9A-Z]{11}$/.test(card)) return `card:${card}`;
  if (text.includes("@")) return `contact:${text.normalize("NFKC").trim().toLowerCase()}`;
  const digits = text.replace(/[() .-]/g, "").replace(/^00/, "+");
  if (/^0[0-9]{7,14}$/.test(digits)) return `contact:+82${digits.slice(1)}`;
  if (/^\+82/.test(digits)) return `contact:+82${digits.slice(3).replace(/^0/, "")}`;
  return /^\+[0-9]{7,15}$/.test(digits) ? `contact:${digits}` : null;
}

// What stays visible of a person: the last four digits of a number, nothing of a code.
export function lastFour(text) {
  return /^[+0-9 ().-]+$/.test(text) ? text.replace(/[^0-9]/g, "").slice(-4) : null;
}

function toBase64(parts) {
  let binary = "";
  for (const part of parts) binary += String.fromCharCode(...part);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}
