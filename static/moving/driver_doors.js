// The asker's pictures of where a pick-up stands: fetched while there is a network, kept for the way
// without one, and dropped as soon as the sheet does not name them any more.

// db: the browser's database; onChange: one more is here. A picture's address lives as long as the
// page.
export function makeDoors({ db, owner, onChange }) {
  const prefix = `drive-door ${owner} `;
  const shown = new Map(); // id of the request → address
  let working = Promise.resolve();

  const wantedOf = (rounds) =>
    new Map(rounds.flatMap(({ stops }) => stops).flatMap(({ pickup }) => (pickup?.door?.photo ? [[pickup.id, pickup.door.photo]] : [])));

  async function follow(rounds) {
    const wanted = wantedOf(rounds);
    const keys = (await db.getAllKeys("kept")).filter((key) => typeof key === "string" && key.startsWith(prefix));
    for (const key of keys) if (!wanted.has(key.slice(prefix.length))) await db.delete("kept", key);
    for (const [id, address] of shown) {
      if (wanted.has(id)) continue;
      URL.revokeObjectURL(address);
      shown.delete(id);
    }
    for (const [id, url] of wanted) if (!shown.has(id)) await bring(id, url, keys.includes(prefix + id));
  }

  async function bring(id, url, isKept) {
    const bytes = isKept ? await db.get("kept", prefix + id) : await load(url);
    if (!bytes) return;
    if (!isKept) await db.put("kept", bytes, prefix + id).catch(() => {}); // a full disk: seen until the page ends
    shown.set(id, URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" })));
    onChange();
  }

  return {
    follow: (rounds) => (working = working.then(() => follow(rounds)).catch(() => {})),
    addressOf: (stop) => shown.get(stop.pickup?.id) ?? null,
  };
}

async function load(url) {
  const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "manual" }).catch(() => null);
  return answer?.ok ? answer.arrayBuffer().catch(() => null) : null;
}
