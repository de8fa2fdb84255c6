// What makes the page a fixture of the tablet: the service worker, storage that stays, a screen
// that does not go dark.

// worker: address of its script. onUnkept: the browser may drop what waits when space runs short.
// onKept(): from now on the page opens without a network.
// isIdle(): nobody is at the till, so that a new version may take over.
export function install({ worker, scope, onUnkept = () => {}, onKept = () => {}, isIdle }) {
  // The page comes first, the reader and the rest after it.
  addEventListener("load", () => setTimeout(() => register(worker, scope), 200), { once: true });
  if (document.readyState === "complete") setTimeout(() => register(worker, scope), 200);
  keepStorage(onUnkept);
  stayAwake();
  listen(scope, { onKept, isIdle });
}

// The script of a worker is not asked for by its page: whose scope its own address lies in answers.
// Without this the reader would come from the network alone.
const READER_SCOPE = "/static/build/";

// A page may stand open for months: asked for anew, it renews the tablet's cookie, which counts 90
// days from the last time, and takes up a new version.
const ANEW = 6 * 3600 * 1000; // ms

let registered = false;

async function register(worker, scope) {
  if (registered || !navigator.serviceWorker) return; // plain http has none
  registered = true;
  const [ready] = await Promise.all([scope, READER_SCOPE].map((one) => activeOne(worker, one)));
  ready?.postMessage("keep");
  setInterval(() => (navigator.serviceWorker.controller ?? ready)?.postMessage("keep"), ANEW);
}

async function activeOne(worker, scope) {
  const registration = await navigator.serviceWorker.register(worker, { scope }).catch(() => null);
  return registration && (registration.active ?? nextActive(registration));
}

function nextActive(registration) {
  const coming = registration.installing ?? registration.waiting;
  return new Promise((resolve) => {
    if (!coming) return resolve(null);
    coming.addEventListener("statechange", () => coming.state === "activated" && resolve(coming));
    return undefined;
  });
}

async function keepStorage(onUnkept) {
  const kept = (await navigator.storage?.persisted?.()) || (await navigator.storage?.persist?.());
  if (!kept) onUnkept();
}

function stayAwake() {
  const ask = () => document.hidden || navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", ask);
  ask();
}

// A new version waits until nobody stands at the till.
function listen(scope, { onKept, isIdle }) {
  let wanted = false;
  new BroadcastChannel("station").addEventListener("message", ({ data }) => {
    wanted ||= data.renewed === scope;
    if (data.kept === scope) onKept();
  });
  setInterval(() => wanted && isIdle() && location.reload(), 5000);
}
