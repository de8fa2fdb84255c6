// The office's desk by scan: what is chosen is told for each piece; the bookings below follow.

import { readBeep } from "../shared/scan/codes.js";
import { makeSwitch } from "../shared/scan/sounds.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { openTelling } from "../events/telling.js";
import { makeStage } from "../moving/stage.js";

const PATH = "/offices/desk/beep";
const SAME_SHOT = 1500; // ms in which a gun's second shot at the same piece is the first one
const SOON = 300; // ms after an answer until the bookings are asked for anew
const EVERY = 60_000; // ms: what another device of the office tells

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const words = texts();
const stage = makeStage({ icons: setup.icons });
const acts = [...document.querySelectorAll("[data-act]")];
let act = "hand";
let chosen = null; // {booking, title} that gets what is scanned
let card = null; // the staff card that was shown
let last = { text: null, at: 0 };
let timer = 0;

const records = await openTelling({ setup, words, stage, path: PATH, onAnswer: answered });
listenToWedge({ onScan: (text) => take(text, "gun") });
makeViewer({ ...setup, words, onScan: (text) => take(text, "camera"), onShow: () => {} });

function take(raw, source) {
  const read = readBeep(raw);
  if (read.kind === "person" && act === "card") return show(read.text);
  if (read.kind === "wrong") return tell(words.wrong_digit, words.wrong_digit_next);
  if (read.kind !== "item") return tell(words.unreadable, words.unreadable_next);
  const now = Date.now();
  const again = source !== "typed" && last.text === read.code && now - last.at < SAME_SHOT;
  last = { text: read.code, at: now };
  return again || send(read.code);
}

function show(text) {
  card = text;
  stage.show({ word: words.card_read, next_step: words.card_read_next, tone: "calm", icon: "person" });
}

function send(code) {
  if (act === "hand" && !chosen) return tell(words.choose, words.choose_next, "care");
  if (act === "card" && !card) return tell(words.no_card, words.no_card_next, "care");
  const whom = { booking: act === "hand" ? chosen.booking : null, card: act === "card" ? card : null };
  records.tell({ act, code, ...whom, site: setup.place || null });
}

function answered(record, body) {
  stage.show(body);
  clearTimeout(timer);
  timer = setTimeout(refresh, SOON);
}

function tell(word, next, tone = "bad") {
  stage.show({ word, next_step: next, tone, icon: tone === "bad" ? "warning" : "info" });
}

function hint() {
  const hints = {
    hand: chosen ? words.hint_hand_to.replace("{booking}", chosen.title) : words.hint_hand,
    card: card ? words.hint_card_of : words.hint_card,
    back: words.hint_back,
  };
  stage.show({ word: hints[act], tone: "idle", icon: "qr" }, { silent: true });
}

function press() {
  for (const one of acts) one.setAttribute("aria-pressed", String(one.dataset.act === act));
  for (const one of document.querySelectorAll(".choose-booking")) {
    one.setAttribute("aria-pressed", String(act === "hand" && one.dataset.booking === chosen?.booking));
  }
}

function choose(button) {
  act = "hand";
  card = null;
  chosen = { booking: button.dataset.booking, title: button.dataset.title };
  button.blur();
  press();
  hint();
}

for (const button of acts) {
  button.addEventListener("click", () => {
    act = button.dataset.act;
    card = null; // the next one shows a card of their own
    button.blur();
    press();
    hint();
  });
}

at("list").addEventListener("click", (event) => {
  const button = event.target.closest(".choose-booking");
  if (!button) return;
  choose(button);
  at("stage").scrollIntoView({ block: "nearest", behavior: "smooth" });
});

async function refresh() {
  clearTimeout(timer);
  timer = setTimeout(refresh, EVERY);
  if (document.hidden || document.activeElement?.closest("#list")) return;
  const address = new URL(location.href);
  address.searchParams.set("part", "1");
  const answer = await fetch(address, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  at("list").innerHTML = await answer.text();
  press();
}

at("type").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("typed").value.trim();
  at("typed").value = "";
  if (text) take(text, "typed");
});
makeSwitch(at("sound"));
const asked = document.querySelector(`.choose-booking[data-booking="${CSS.escape(setup.chosen)}"]`);
if (asked) choose(asked);
else hint();
timer = setTimeout(refresh, EVERY);
at("table").dataset.ready = "1";
