// Bytes as a text that fits into JSON.

const PART = 0x8000; // bytes handed over at once

export async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = "";
  for (let start = 0; start < bytes.length; start += PART) binary += String.fromCharCode(...bytes.subarray(start, start + PART));
  return btoa(binary);
}
