// The packing table: every beep goes to the server in turn, kept until it has answered.

import { readBeep } from "../shared/scan/codes.js";
import { openRecords } from "../shared/scan/records.js";
import { makeShots } from "../shared/scan/shots.js";
import { makeSwitch, play } from "../shared/scan/sounds.js";
import { makeStage } from "../shared/scan/stage.js";
import { makeTray } from "../shared/scan/tray_view.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { makeClock } from "../shared/scan/wall.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { makeTyping } from "../washing/typing.js";
import { makeCounting } from "./counting.js";
import { makeHand } from "./hand.js";
import { makePacker } from "./packer.js";

const SLOW = 500; // ms after which "checking" or "saved" is shown
const EVERY = 20000; // ms between looks at what others packed

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const site = setup.site || null;
const base = `/moving/packing/${setup.list}`;
const words = texts();
const names = texts("kind-names");
const clock = makeClock(document.documentElement.lang, setup.zone);
const hand = makeHand(setup.list);

let isOut = false;
let isExtra = false;
const shots = makeShots();
const unanswered = new Set();

const stage = makeStage({ icons: setup.icons });
const packer = makePacker({ words, names, state: texts("state"), onHand: (code) => sendCodes([code]), onCount: openCount });
const counting = makeCounting({ words, names, onCount: (what) => deliver("counted", what) });
const typing = makeTyping({ words, onEnter: (text) => take(text, "typed") });
const records = await openRecords({ site: setup.place, onAnswer: answered, onRefused: refused, onChange: showUnsent, onNotKept: notKept }).catch(stop);
const tray = makeTray({ ...setup, onDeliver: sendTray });
makeViewer({ ...setup, words, onScan: (text) => take(text, "camera"), onShow: (shown) => (at("keypad").hidden = shown) });
listenToWedge({ onScan: (text) => take(text, "gun"), onTyped: (text) => tray.isOpen || counting.isOpen || typing.type(text) });

// -- what comes in --------------------------------------------------------------------------------

function take(raw, source) {
  const read = readBeep(raw);
  if (read.kind === "item") {
    if (tray.isOpen) return tray.add(read.code);
    return shots.isSecond(read.code, source) || sendCodes([read.code]);
  }
  if (read.kind === "command" && read.command === "finish") return shots.isSecond(read.command, source) || at("do-seal").click();
  if (read.kind === "command" && read.command === "undo") return shots.isSecond(read.command, source) || at("do-out").click();
  if (read.kind === "wrong") return told(words.wrong_digit, words.wrong_digit_next, "bad");
  if (read.kind === "person") return told(words.person, words.person_next, "soft");
  return told(words.unreadable, words.unreadable_next, "bad");
}

const sendCodes = (codes) => deliver("codes", { codes, out: isOut, extra: isExtra });

// All codes of a tray go in one call, under the tray's own id.
function sendTray({ id, codes, verb }) {
  deliver("codes", { codes, out: verb === "out", extra: isExtra }, { id, kind: "tray" });
  setTimeout(() => unanswered.has(id) && isOffline() && tray.showSaved(id), SLOW);
}

function deliver(what, content, { kind = "beep", ...more } = {}) {
  const id = records.add(`${base}/${what}`, { site, ...hand.told(), ...content }, { kind, ...more });
  if (content.codes?.length === 1) hand.scanned(id, content.codes[0]);
  unanswered.add(id);
  if (kind !== "tray") setTimeout(() => unanswered.has(id) && pending(), SLOW);
}

// -- what comes back ------------------------------------------------------------------------------

function answered(record, body) {
  if (!record.path.startsWith(`${base}/`)) return; // of another page of the centre, sent late
  unanswered.delete(record.id);
  hand.answered(record.id, body.hand);
  packer.show(body.state, hand.code);
  if (record.kind === "tray" && tray.showResult(body)) return play(body.check ? "care" : "good");
  stage.show(body);
  if (body.outcome === "refused") shots.forget();
}

function refused(record, error) {
  unanswered.delete(record.id);
  if (record.path.startsWith(`${base}/`)) hand.answered(record.id);
  const failed = { id: record.id, word: error.message ?? words.refused_late, next_step: error.next_step, tone: "bad", icon: "warning" };
  if (record.kind === "tray" && tray.showResult(failed)) return play("bad");
  return stage.show(failed);
}

// The browser could not keep it: it was not taken, and that is said.
function notKept(record, error) {
  unanswered.delete(record.id);
  told(words.not_kept, error.why === "full" ? words.not_kept_full : words.not_kept_next, "bad");
}

// Without a place to keep beeps none is taken: the page goes no further.
function stop(error) {
  told(words.not_kept, error.why === "full" ? words.not_kept_full : words.not_kept_next, "bad");
  at("table").dataset.ready = "1";
  return new Promise(() => {});
}

function told(word, next, tone) {
  stage.show({ word, next_step: next, tone, icon: tone === "soft" ? "info" : "warning" });
}

function pending() {
  const offline = isOffline();
  stage.show({ word: offline ? words.saved : words.sending, line: offline ? words.saved_line : "", tone: "calm", icon: "clock" });
}

const isOffline = () => !navigator.onLine || !at("unsent").hidden;

function showUnsent({ count, since, stuck, signedOut }) {
  at("unsent").hidden = count === 0 || !stuck;
  at("signed-out").hidden = !signedOut;
  if (count) at("unsent").textContent = words.unsent.replace("{count}", count).replace("{since}", clock(since));
}

// Before the first beep, and whenever the packer changes what is done: what the next one does.
function hint() {
  const name = hintName();
  stage.show({ word: words[`hint_${name}`], next_step: words[`hint_${name}_next`], tone: isOut ? "care" : "idle", icon: isOut ? "undo" : "qr" }, { silent: true });
}

function hintName() {
  if (isOut) return "out";
  if (packer.state.closed) return "closed";
  const crate = hand.code && packer.find(hand.code);
  if (crate?.sealed) return "sealed";
  if (packer.state.lines.length && !packer.state.left) return "done";
  return hand.code ? "pack" : "crate";
}

// What others packed meanwhile for the same list.
async function look() {
  setTimeout(look, EVERY);
  if (document.hidden || unanswered.size) return;
  const answer = await fetch(`${base}/state`, { headers: { Accept: "application/json" }, cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  const state = await answer.json();
  if (!unanswered.size) packer.show(state, hand.code);
}

// -- the buttons ------------------------------------------------------------------------------------

function openCount(line) {
  if (!hand.code && !hand.isTold) return told(words.no_hand, "", "care");
  return counting.open(line);
}

function press(id, act) {
  at(id).addEventListener("click", () => (at(id).blur(), act()));
}

press("do-seal", () => deliver("crate", { do: "seal" }));
press("do-reopen", () => deliver("crate", { do: "reopen" }));
press("do-dissolve", () => deliver("crate", { do: "dissolve" }));
press("do-close", () => deliver("close", {}));
press("open-tray", () => tray.open(isOut ? "out" : "in"));
press("do-out", () => {
  isOut = !isOut;
  at("do-out").setAttribute("aria-pressed", String(isOut));
  hint();
});
press("do-extra", () => {
  isExtra = !isExtra;
  at("do-extra").setAttribute("aria-pressed", String(isExtra));
});
makeSwitch(at("sound"));
navigator.storage?.persist?.();
packer.draw(hand.code);
hint();
setTimeout(look, EVERY);
at("table").dataset.ready = "1";
