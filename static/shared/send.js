// Sends JSON as the signed-in person or paired tablet; fetches a fresh CSRF token when it needs one.

const PATIENCE = 30000; // ms; what takes longer counts as no answer

let token = null; // also where nobody is signed in: the server says so to what is sent
let asking = null;
const listeners = new Set();

// listener({now, began, ended}) for every answer that tells the server's time: `now` as it was
// written, `began` and `ended` of the exchange by performance.now().
export function onContact(listener) {
  listeners.add(listener);
}

// One fetch serves all who wait for it.
function formToken() {
  asking ??= fetchToken().finally(() => (asking = null));
  return asking;
}

async function fetchToken() {
  const began = performance.now();
  const signal = AbortSignal.timeout(PATIENCE);
  const answer = await fetch("/form-token", { credentials: "same-origin", cache: "no-store", signal });
  const ended = performance.now();
  if (!answer.ok) throw new TypeError(`no token: ${answer.status}`);
  const read = await answer.json();
  token = read.token;
  return read.now ? tell({ now: read.now, began, ended }) : null;
}

function tell(contact) {
  for (const listener of listeners) listener(contact);
  return contact;
}

// The server's time, as listeners of onContact hear it; rejects when no answer came.
export const askTime = formToken;

async function post(address, body, method) {
  const began = performance.now();
  const answer = await fetch(address, {
    method,
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...(token ? { "X-CSRFToken": token } : {}) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE),
  });
  const ended = performance.now(); // the head of the answer is here, the rest may be long
  const read = await answer.json().catch(() => null);
  if (answer.ok && read === null) throw new TypeError("half an answer");
  if (read?.now) tell({ now: read.now, began, ended });
  return { ok: answer.ok, status: answer.status, body: read ?? {} };
}

// Resolves to {ok, status, body}; rejects (TypeError, or a DOMException by time) only when no
// answer came. A function as `body` is asked anew for each attempt.
export async function send(address, body, method = "POST") {
  const content = () => (typeof body === "function" ? body() : body);
  if (token === null) await formToken();
  const answer = await post(address, content(), method);
  if (answer.status !== 403 || answer.body.error?.code !== "form_expired") return answer;
  await formToken();
  return post(address, content(), method);
}
