// The service worker of the stations: their page opens with no network at all, and what waits is
// sent when the browser finds the network again. One script, registered once for each page.

import { openDatabase } from "../shared/scan/database.js";
import { ownerKey } from "../shared/scan/channel.js";
import { SYNC_TAG, sendWaiting } from "../shared/scan/sender.js";
import { CHANNELS } from "./channels.js";

const PAGE = new URL(self.registration.scope).pathname; // /scan, /return, /drive or /delivery/pack, or their reader's folder
const CACHE = `station ${PAGE}`;
const PATIENCE = 1500; // ms for the page itself, before the kept one is shown
const IS_STATION = /<html[^>]*>[\s\S]*data-station-page/;
const BUILT = /\/static\/build\/[\w./-]+/g;
const KEPT = { ignoreVary: true }; // whoever asks and in which language: what is kept is shown
const FONTS = /\.woff2$/; // the stations use the system's

addEventListener("install", () => self.skipWaiting());
addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

addEventListener("message", (event) => {
  if (event.data === "keep") event.waitUntil(keepFresh());
});

addEventListener("sync", (event) => {
  if (event.tag === SYNC_TAG) event.waitUntil(sendAll());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && address.pathname === PAGE) event.respondWith(pageOf(event));
  else if (address.pathname.startsWith("/static/build/")) event.respondWith(keptOrFetched(request));
});

// -- the page -------------------------------------------------------------------------------------

// Fresh when the server is quick, else as it was kept. What leads to the sign-in is shown, not kept.
async function pageOf(event) {
  const fetching = fetch(event.request);
  const fetched = fetching.then((answer) => {
    if (answer.ok && answer.type === "basic") event.waitUntil(keep(answer.clone()).catch(() => {}));
    return answer.status >= 500 ? null : answer;
  }, () => null);
  event.waitUntil(fetched);
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const answer = await Promise.race([fetched, patience]);
  return answer ?? (await keptPage(event.request)) ?? (await fetched) ?? fetching;
}

async function keptPage(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, KEPT)) ?? cache.match(request, { ...KEPT, ignoreSearch: true });
}

async function keptOrFetched(request) {
  return (await caches.match(request, KEPT)) ?? fetch(request); // for the reader of any station
}

async function keepFresh() {
  for (const client of await self.clients.matchAll({ type: "window" })) {
    if (new URL(client.url).pathname !== PAGE) continue;
    // The page of the sign-in, unseen, would begin a session in the place of one begun meanwhile.
    const answer = await fetch(client.url, { headers: { Accept: "text/html" }, credentials: "same-origin", redirect: "manual" }).catch(() => null);
    if (answer?.ok) await keep(answer);
  }
  if ((await (await caches.open(CACHE)).keys()).some(isPage)) new BroadcastChannel("station").postMessage({ kept: PAGE });
}

// Keeps a station's page with all that it names; only when everything is there, the page takes the
// place of the one before, and what no kept page names any more goes.
async function keep(page) {
  const text = await page.clone().text();
  if (!IS_STATION.test(text)) return;
  const cache = await caches.open(CACHE);
  const wanted = await fetchParts(cache, text);
  const before = await cache.match(page.url, KEPT);
  const partsBefore = before ? new Set((await before.text()).match(BUILT)) : null;
  await cache.put(page.url, page);
  const kept = new Set(wanted);
  const keys = await cache.keys();
  for (const key of keys.filter(isPage)) for (const part of (await (await cache.match(key, KEPT)).text()).match(BUILT) ?? []) kept.add(part);
  for (const key of keys) if (!isPage(key) && !kept.has(new URL(key.url).pathname)) await cache.delete(key);
  if (partsBefore && [...wanted].some((part) => !partsBefore.has(part))) new BroadcastChannel("station").postMessage({ renewed: PAGE });
}

const isPage = (key) => new URL(key.url).pathname === PAGE;

async function fetchParts(cache, text) {
  const wanted = new Set((text.match(BUILT) ?? []).filter((path) => !FONTS.test(path)));
  for (const path of wanted) {
    if (await cache.match(path, KEPT)) continue;
    const part = await fetch(path);
    if (!part.ok) throw new TypeError(`${path}: ${part.status}`);
    await cache.put(path, part);
  }
  return wanted;
}

// -- the queue ------------------------------------------------------------------------------------

// Rejects when something stays: the browser tries again later.
async function sendAll() {
  const db = await openDatabase();
  const channel = new BroadcastChannel("station");
  try {
    const onReceipts = (told) => channel.postMessage({ receipts: told });
    const states = [];
    for (const one of CHANNELS) {
      const site = (await db.get("kept", ownerKey(one))) ?? null;
      states.push(await sendWaiting({ channels: [one], db, site, onReceipts }));
    }
    if (states.includes("unanswered")) throw new TypeError("no answer");
  } finally {
    db.close();
    channel.close();
  }
}
