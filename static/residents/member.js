// The member code as the district's server checks it (lending/people/members.py), made on the phone.

const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const MAC_BYTES = 10; // 16 signs of 5 bits

export const minuteOf = (milliseconds) => Math.floor(milliseconds / 60_000);

// The key cannot be read again by any script, only used.
export function importKey(base64) {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

export async function memberCode(key, number, minute) {
  const body = `M1.${number}.${minute}`;
  const mac = (await sign(key, body)).subarray(0, MAC_BYTES);
  let text = "";
  let value = 0;
  let bits = 0;
  for (const byte of mac) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += SYMBOLS[(value >> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return `${body}.${text}`;
}

export async function memberDigits(key, number, minute) {
  const mac = await sign(key, `N1.${number}.${minute}`);
  const first = new DataView(mac.buffer).getUint32(0) % 1_000_000;
  return `${number}-${String(first).padStart(6, "0")}`;
}

async function sign(key, text) {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text)));
}
