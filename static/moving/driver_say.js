// What was just done, in one line over the page's head: heard by screen readers too.

const SAYS = 6000; // ms it stays
const at = (id) => document.getElementById(id);
let timer = 0;

export function say(sentence, tone = "calm") {
  clearTimeout(timer);
  at("said").className = `drive-said tone-${tone}`;
  at("said").textContent = sentence;
  at("said").hidden = false;
  timer = setTimeout(hush, SAYS);
}

export function hush() {
  clearTimeout(timer);
  at("said").hidden = true;
  at("said").textContent = "";
}

// What was said last does not go away by itself.
export const stay = () => clearTimeout(timer);
