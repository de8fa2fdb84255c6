// A part of a page, asked for by the page itself. Never the page of the sign-in: unseen, it would
// begin a session in the place of one begun meanwhile.

// Resolves to the part as HTML; null where none came, or nobody is signed in any more.
export async function loadPart(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store", redirect: "manual" }).catch(() => null);
  return answer?.ok ? answer.text().catch(() => null) : null;
}
