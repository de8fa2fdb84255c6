// How full the box is: what the server counted or its machine told, and what was put in since, also
// without a network.

import { send } from "../shared/send.js";
import { texts } from "../shared/texts.js";

const EVERY = 60000; // ms between two looks
const KEPT = "return.state";

export function makeFullness({ site, words, bar, waiting }) {
  let state = newest(texts("state"), kept());
  let added = 0; // put in since the server counted

  // An answer that was under way while something was put in knows nothing of it: asked anew.
  async function ask() {
    const [before, then] = [waiting(), added];
    const answer = await send(`/return/state?site=${encodeURIComponent(site)}`, undefined, "GET").catch(() => null);
    if (!answer?.ok) return;
    if (added !== then) {
      ask();
      return;
    }
    state = { ...answer.body, at: answer.body.now };
    added = before;
    draw();
    localStorage.setItem(KEPT, JSON.stringify({ ...state, site }));
  }

  function kept() {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? "null");
    return found?.site === site ? found : null;
  }

  const isFull = () => state.full || (state.capacity > 0 && state.fill + added >= state.capacity);

  // Where there is room, in words; nothing as long as there is room here.
  function told() {
    if (!isFull()) return "";
    const other = state.elsewhere;
    const values = other && { place: other[words.language], far: other.metres ? words.far(other.metres) : "" };
    const room = other ? words.say(other.metres ? "full_near" : "full_room", values) : "";
    return [words.say("full"), room].filter(Boolean).join(" – ");
  }

  function draw() {
    const text = told();
    const line = text && `${text}. ${words.say("full_still")}`;
    if (bar.textContent !== line) bar.textContent = line;
    bar.hidden = !text;
  }

  setInterval(ask, EVERY);
  addEventListener("online", ask);
  draw();
  ask();
  return { draw, ask, told, add: () => ((added += 1), draw()) };
}

const newest = (one, other) => (other && Date.parse(other.at) > Date.parse(one.at) ? other : one);
