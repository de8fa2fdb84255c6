// The service worker of /my: without a network it shows the member QR page, which holds no person.

const CACHE = "my";
const SHELL = "/my/offline";
const BUILT = /\/static\/build\/[\w./-]+/g;

addEventListener("install", () => self.skipWaiting());
addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

addEventListener("message", (event) => {
  if (event.data === "keep") event.waitUntil(keepShell());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(pageOrShell(request));
  else if (new URL(request.url).pathname.startsWith("/static/build/")) {
    event.respondWith(keptOrFetched(request));
  }
});

async function pageOrShell(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const shell = await caches.match(SHELL, { cacheName: CACHE });
    if (shell) return shell;
    throw error;
  }
}

async function keptOrFetched(request) {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}

// Keeps the page with all that it and its styles name; what no page names any more goes.
async function keepShell() {
  const page = await fetch(SHELL, { headers: { Accept: "text/html" }, redirect: "manual" });
  if (!page.ok) return;
  const wanted = new Set((await page.clone().text()).match(BUILT));
  const cache = await caches.open(CACHE);
  for (const path of wanted) {
    const kept = (await cache.match(path)) ?? (await fetch(path));
    if (!kept.ok) return;
    await cache.put(path, kept.clone());
    if (path.endsWith(".css")) for (const part of (await kept.text()).match(BUILT) ?? []) wanted.add(part);
  }
  await cache.put(SHELL, page);
  for (const request of await cache.keys()) {
    const path = new URL(request.url).pathname;
    if (path !== SHELL && !wanted.has(path)) await cache.delete(request);
  }
}
