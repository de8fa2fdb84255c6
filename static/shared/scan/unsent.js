// The line that tells what waits to be sent, and that nobody is signed in any more.

import { makeClock } from "./wall.js";

const at = (id) => document.getElementById(id);

// Returns show({count, since, stuck, signedOut}).
export function makeUnsent({ words, zone }) {
  const clock = makeClock(document.documentElement.lang, zone);
  return ({ count, since, stuck, signedOut }) => {
    at("unsent").hidden = count === 0 || !stuck;
    at("signed-out").hidden = !signedOut;
    if (count) at("unsent").textContent = words.unsent.replace("{count}", count).replace("{since}", clock(since));
  };
}

export const isOffline = () => !navigator.onLine || !at("unsent").hidden;
