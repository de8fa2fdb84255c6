// A recall's page: what has come back is asked for again by itself; forms stay as they are.
const live = document.getElementById("live");
const every = Number(live.dataset.every ?? 0);
const stale = document.getElementById("stale");
const note = document.getElementById("live-note");
const LONGEST = 60_000;
let wait = every;
let timer = 0;

const state = () => live.querySelector(".live-body").dataset.state;
const first = state();

function connected(yes) {
  note.querySelector(".live-on").hidden = !yes;
  note.querySelector(".live-off").hidden = yes;
}

// Where nobody has typed anything, the whole page is read anew; else it only says so.
function stepChanged() {
  const typed = [...document.querySelectorAll("main textarea, main input:not([type=hidden])")];
  if (typed.some((field) => field.value)) stale.hidden = false;
  else location.reload();
}

async function look() {
  clearTimeout(timer);
  timer = setTimeout(look, wait);
  if (document.hidden) return;
  try {
    const answer = await fetch(live.dataset.url, {
      cache: "no-store",
      redirect: "manual", // to the sign-in, which has nothing to show here
      signal: AbortSignal.timeout(15_000),
    });
    if (!answer.ok) throw new TypeError(`no page: ${answer.status}`);
    const text = await answer.text();
    if (text !== live.dataset.text) {
      live.innerHTML = text;
      live.dataset.text = text;
    }
    wait = every;
    connected(true);
    if (state() !== first) stepChanged();
  } catch {
    wait = Math.min(wait * 2, LONGEST);
    connected(false);
  }
}

if (every) {
  timer = setTimeout(look, every);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  addEventListener("online", look);
}
