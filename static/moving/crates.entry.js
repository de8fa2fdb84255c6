// Crates by scan: the chosen step is told for each crate; the list below follows.

import { readBeep } from "../shared/scan/codes.js";
import { makeShots } from "../shared/scan/shots.js";
import { makeStage } from "../shared/scan/stage.js";
import { openTelling } from "../shared/scan/telling.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";

const SOON = 400; // ms after an answer until the list is asked for anew

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const words = texts();
const stage = makeStage({ icons: setup.icons });
const shots = makeShots();
let timer = 0;

const records = await openTelling({ site: setup.place, zone: setup.zone, words, stage, path: "/moving/crates/beep", onAnswer: answered });
listenToWedge({ onScan: (text) => take(text, "gun") });

function take(raw, source) {
  const read = readBeep(raw);
  if (read.kind === "wrong") return told(words.wrong_digit, words.wrong_digit_next);
  if (read.kind !== "item") return told(words.unreadable, words.unreadable_next);
  return shots.isSecond(read.code, source) || send(read.code);
}

function send(crate) {
  const move = document.querySelector("[data-move][aria-pressed=true]").dataset.move;
  return records.tell({ move, crate, site: setup.own ? null : at("place").value, to: at("goal").value || null });
}

function answered(record, body) {
  stage.show(body);
  clearTimeout(timer);
  timer = setTimeout(refresh, SOON);
}

function told(word, next) {
  stage.show({ word, next_step: next, tone: "bad", icon: "warning" });
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
