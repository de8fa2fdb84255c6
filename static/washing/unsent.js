// The line that tells what waits to be sent, and that nobody is signed in any more.

const at = (id) => document.getElementById(id);

export function makeUnsent({ words, zone }) {
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: zone });
  return ({ count, since, stuck, signedOut }) => {
    at("unsent").hidden = count === 0 || !stuck;
    at("signed-out").hidden = !signedOut;
    if (count) at("unsent").textContent = words.unsent.replace("{count}", count).replace("{since}", clock.format(new Date(since)));
  };
}

export const isOffline = () => !navigator.onLine || !at("unsent").hidden;
