// What the phone keeps so that the member QR works without a network: {number, key, ahead}.

import { deleteDB, openDB } from "idb";

const NAME = "member";
const CACHE = "my";

const open = () => openDB(NAME, 1, { upgrade: (db) => db.createObjectStore("own") });

export async function keep(member) {
  const db = await open();
  await db.put("own", member, "member");
  db.close();
}

export async function kept() {
  const db = await open();
  const member = await db.get("own", "member");
  db.close();
  return member;
}

export async function forget() {
  await deleteDB(NAME);
  await globalThis.caches?.delete(CACHE);
  for (const one of (await navigator.serviceWorker?.getRegistrations()) ?? []) {
    if (new URL(one.scope).pathname === "/my") await one.unregister();
  }
}
