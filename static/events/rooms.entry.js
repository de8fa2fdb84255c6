// The hall's board by scan: the chosen act is told for each crate; the rooms below follow.

import { readBeep } from "../shared/scan/codes.js";
import { makeSwitch } from "../shared/scan/sounds.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { makeStage } from "../moving/stage.js";
import { openTelling } from "./telling.js";

const PATH = "/events/rooms/beep";
const SAME_SHOT = 1500; // ms in which a gun's second shot at the same crate for the same is the first one
const SOON = 300; // ms after an answer until the rooms are asked for anew
const EVERY = 60_000; // ms: what another device of the hall tells
const SIGNED = "events-signed"; // who signs is kept as long as the tab is open

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const words = texts();
const stage = makeStage({ icons: setup.icons });
const acts = [...document.querySelectorAll("[data-act]")];
let act = "hand";
let chosen = null; // {event, room} that gets crates
let last = { text: null, at: 0 };
let timer = 0;

const records = await openTelling({ setup, words, stage, path: PATH, onAnswer: answered });
listenToWedge({ onScan: (text) => take(text, "gun") });
makeViewer({ ...setup, words, onScan: (text) => take(text, "camera"), onShow: () => {} });

function take(raw, source) {
  const read = readBeep(raw);
  if (read.kind === "wrong") return tell(words.wrong_digit, words.wrong_digit_next);
  if (read.kind !== "item") return tell(words.unreadable, words.unreadable_next);
  const now = Date.now();
  const again = source !== "typed" && last.text === read.code && now - last.at < SAME_SHOT;
  last = { text: read.code, at: now };
  return again || send(read.code);
}

function send(crate) {
  if (act === "hand" && !chosen) return tell(words.choose_room, words.choose_room_next, "care");
  const signed = at("signed").value.trim();
  if (!signed) {
    at("signed").focus();
    return tell(words.sign, words.sign_next, "care");
  }
  const event = act === "hand" ? chosen.event : null;
  records.tell({ act, crate, event, signed, seal: at("seal").value.trim() || null, site: setup.place || null });
  at("seal").value = "";
}

function answered(record, body) {
  stage.show(body);
  clearTimeout(timer);
  timer = setTimeout(refresh, SOON);
}

// What was not taken may be scanned again at once.
function tell(word, next, tone = "bad") {
  last = { text: null, at: 0 };
  stage.show({ word, next_step: next, tone, icon: tone === "bad" ? "warning" : "info" });
}

// -- what is chosen ----------------------------------------------------------------------------------

function hint() {
  const word = act === "hand" ? (chosen ? words.hint_hand_to.replace("{room}", chosen.room) : words.hint_hand) : words[`hint_${act}`];
  stage.show({ word, tone: "idle", icon: "qr" }, { silent: true });
}

function press() {
  for (const one of acts) one.setAttribute("aria-pressed", String(one.dataset.act === act));
  for (const one of document.querySelectorAll(".choose-room")) {
    one.setAttribute("aria-pressed", String(act === "hand" && one.dataset.event === chosen?.event));
  }
}

for (const button of acts) {
  button.addEventListener("click", () => {
    act = button.dataset.act;
    last = { text: null, at: 0 };
    button.blur();
    press();
    hint();
  });
}

at("list").addEventListener("click", (event) => {
  const button = event.target.closest(".choose-room");
  if (!button) return;
  act = "hand";
  chosen = { event: button.dataset.event, room: button.dataset.room };
  last = { text: null, at: 0 };
  button.blur();
  press();
  hint();
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
at("signed").value = sessionStorage.getItem(SIGNED) ?? "";
at("signed").addEventListener("input", () => sessionStorage.setItem(SIGNED, at("signed").value));
makeSwitch(at("sound"));
hint();
timer = setTimeout(refresh, EVERY);
at("table").dataset.ready = "1";
