// Sheets and pictures say where people live: what nobody has driven by for so long leaves the phone,
// whoever it was kept for.

export const KEPT_FOR = 36 * 3600e3; // ms a sheet is shown without a word of the server

// db: the browser's database; now: ms.
export async function forgetOld(db, now = Date.now()) {
  const keys = (await db.getAllKeys("kept")).filter((key) => typeof key === "string");
  const fresh = new Set();
  for (const key of keys.filter((one) => one.startsWith("drive "))) {
    const kept = await db.get("kept", key);
    if (Math.abs(now - (kept?.at ?? 0)) < KEPT_FOR) fresh.add(key.slice("drive ".length));
    else await db.delete("kept", key);
  }
  for (const key of keys.filter((one) => one.startsWith("drive-door "))) {
    if (!fresh.has(key.split(" ")[1])) await db.delete("kept", key);
  }
}
