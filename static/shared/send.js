// Sends JSON as the signed-in person or paired tablet; fetches a fresh CSRF token when it needs one.

let token = null;

async function formToken() {
  const answer = await fetch("/form-token", { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok) throw new TypeError(`no token: ${answer.status}`);
  token = (await answer.json()).token;
  return token;
}

function post(address, body, method) {
  return fetch(address, {
    method,
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
}

// Resolves to {ok, status, body}; rejects (TypeError) only when no answer came.
export async function send(address, body, method = "POST") {
  if (token === null) await formToken();
  let answer = await post(address, body, method);
  let read = await answer.json().catch(() => ({}));
  if (answer.status === 403 && read.error?.code === "form_expired") {
    await formToken();
    answer = await post(address, body, method);
    read = await answer.json().catch(() => ({}));
  }
  return { ok: answer.ok, status: answer.status, body: read };
}
