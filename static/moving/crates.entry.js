// Crates by scan: the chosen step is told for each crate; the list below follows.

import { readBeep } from "../shared/scan/codes.js";
import { makeShots } from "../shared/scan/shots.js";
import { makeClock } from "../shared/scan/wall.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { openRecords } from "../washing/records.js";
import { makeStage } from "./stage.js";

const PATH = "/moving/crates/beep";
const SLOW = 500; // ms after which "checking" or "saved" is shown
const SOON = 400; // ms after an answer until the list is asked for anew

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const words = texts();
const clock = makeClock(document.documentElement.lang, setup.zone);
const stage = makeStage({ icons: setup.icons });
const unanswered = new Set();
const shots = makeShots();
let timer = 0;

const records = await openRecords({ site: setup.place, onAnswer: answered, onRefused: refused, onChange: showUnsent, onNotKept: notKept }).catch(stop);
listenToWedge({ onScan: (text) => take(text, "gun") });

function take(raw, source) {
  const read = readBeep(raw);
  if (read.kind === "wrong") return told(words.wrong_digit, words.wrong_digit_next);
  if (read.kind !== "item") return told(words.unreadable, words.unreadable_next);
  return shots.isSecond(read.code, source) || send(read.code);
}

function send(crate) {
  const move = document.querySelector("[data-move][aria-pressed=true]").dataset.move;
  const site = setup.own ? null : at("place").value;
  const id = records.add(PATH, { move, crate, site, to: at("goal").value || null });
  unanswered.add(id);
  setTimeout(() => unanswered.has(id) && pending(), SLOW);
}

function answered(record, body) {
  if (record.path !== PATH) return; // of another page of the centre, sent late
  unanswered.delete(record.id);
  stage.show(body);
  clearTimeout(timer);
  timer = setTimeout(refresh, SOON);
}

function refused(record, error) {
  unanswered.delete(record.id);
  told(error.message ?? words.refused_late, error.next_step ?? "");
}

function told(word, next) {
  stage.show({ word, next_step: next, tone: "bad", icon: "warning" });
}

function notKept(record, error) {
  unanswered.delete(record.id);
  told(words.not_kept, error.why === "full" ? words.not_kept_full : words.not_kept_next);
}

function stop(error) {
  told(words.not_kept, error.why === "full" ? words.not_kept_full : words.not_kept_next);
  at("table").dataset.ready = "1";
  return new Promise(() => {});
}

function pending() {
  const offline = !navigator.onLine || !at("unsent").hidden;
  stage.show({ word: offline ? words.saved : words.sending, line: offline ? words.saved_line : "", tone: "calm", icon: "clock" });
}

function showUnsent({ count, since, stuck, signedOut }) {
  at("unsent").hidden = count === 0 || !stuck;
  at("signed-out").hidden = !signedOut;
  if (count) at("unsent").textContent = words.unsent.replace("{count}", count).replace("{since}", clock(since));
}

async function refresh() {
  const address = new URL(location.href);
  address.searchParams.set("part", "1");
  const answer = await fetch(address, { cache: "no-store" }).catch(() => null);
  if (answer?.ok) at("list").innerHTML = await answer.text();
}

const moves = [...document.querySelectorAll("[data-move]")];
for (const button of moves) {
  button.addEventListener("click", () => {
    for (const one of moves) one.setAttribute("aria-pressed", String(one === button));
    button.blur();
  });
}
at("type").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("typed").value.trim();
  at("typed").value = "";
  if (text) take(text, "typed");
});
stage.show({ word: words.hint, tone: "idle", icon: "qr" }, { silent: true });
at("table").dataset.ready = "1";
