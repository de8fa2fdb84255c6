// A page on which an act is chosen and each code is told for it, by gun, camera or hand, while a
// list below follows what was answered and what other devices tell.

import { loadPart } from "../part.js";
import { readBeep } from "./codes.js";
import { makeShots } from "./shots.js";
import { makeSwitch } from "./sounds.js";
import { openTelling } from "./telling.js";
import { makeViewer } from "./viewer.js";
import { listenToWedge } from "./wedge.js";

const SOON = 300; // ms after an answer until the list is asked for anew
const EVERY = 60_000; // ms: what another device tells

const at = (id) => document.getElementById(id);

// setup: the data of #table, with the place's code as `hall`. now: {act, chosen}, the pressed act and,
// for "hand", whom it is for: the data of the button of the list (`chooser`, if it has any) that was
// pressed, known again by its field `key`. bodyOf(code, now) → what is told of it, or null when it
// has said what is missing; hintOf(now) → what to do next; onPerson(text, now): whether a person's
// code was of use; onAct(now) after each choice. Resolves to {choose(button), hint(), tell(word, next, tone)}.
export async function openActs({ setup, words, stage, path, chooser = null, key, bodyOf, hintOf, onPerson = () => false, onAct = () => {} }) {
  const acts = [...document.querySelectorAll("[data-act]")];
  const now = { act: acts.find((one) => one.getAttribute("aria-pressed") === "true").dataset.act, chosen: null };
  const shots = makeShots();
  let timer = 0;

  function take(raw, source) {
    const read = readBeep(raw);
    if (read.kind === "person" && onPerson(read.text, now)) return undefined;
    if (read.kind === "wrong") return tell(words.wrong_digit, words.wrong_digit_next);
    if (read.kind !== "item") return tell(words.unreadable, words.unreadable_next);
    if (shots.isSecond(read.code, source)) return undefined;
    const body = bodyOf(read.code, now);
    return body && records.tell(body);
  }

  function answered(record, body) {
    stage.show(body);
    refreshIn(SOON);
  }

  // What was not taken may be scanned again at once.
  function tell(word, next, tone = "bad") {
    shots.forget();
    stage.show({ word, next_step: next, tone, icon: tone === "bad" ? "warning" : "info" });
  }

  function hint() {
    stage.show({ word: hintOf(now), tone: "idle", icon: "qr" }, { silent: true });
  }

  // The same code for another act or for somebody else is no second shot.
  function turn(act, chosen, button) {
    Object.assign(now, { act, chosen });
    shots.forget();
    onAct(now);
    button.blur();
    press();
    hint();
  }

  const choose = (button) => turn("hand", { ...button.dataset }, button);

  function press() {
    for (const one of acts) one.setAttribute("aria-pressed", String(one.dataset.act === now.act));
    for (const one of chooser ? document.querySelectorAll(chooser) : []) {
      one.setAttribute("aria-pressed", String(now.act === "hand" && one.dataset[key] === now.chosen?.[key]));
    }
  }

  function refreshIn(ms) {
    clearTimeout(timer);
    timer = setTimeout(refresh, ms);
  }

  async function refresh() {
    refreshIn(EVERY);
    if (document.hidden || document.activeElement?.closest("#list")) return;
    const address = new URL(location.href);
    address.searchParams.set("part", "1");
    const list = await loadPart(address);
    if (list === null) return;
    at("list").innerHTML = list;
    press();
  }

  const records = await openTelling({ site: setup.hall, zone: setup.zone, words, stage, path, onAnswer: answered });
  listenToWedge({ onScan: (text) => take(text, "gun") });
  makeViewer({ ...setup, words, onScan: (text) => take(text, "camera"), onShow: () => {} });
  makeSwitch(at("sound"));
  for (const button of acts) button.addEventListener("click", () => turn(button.dataset.act, now.chosen, button));
  at("list").addEventListener("click", (event) => {
    const button = chooser && event.target.closest(chooser);
    if (!button) return;
    choose(button);
    at("stage").scrollIntoView({ block: "nearest", behavior: "smooth" });
  });
  at("type").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = at("typed").value.trim();
    at("typed").value = "";
    if (text) take(text, "typed");
  });
  refreshIn(EVERY);
  return { choose, hint, tell };
}
