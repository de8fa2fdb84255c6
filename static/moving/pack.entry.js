// The packing table: every beep goes to the server in turn, kept until it has answered.

import { readBeep } from "../shared/scan/codes.js";
import { makeShots } from "../shared/scan/shots.js";
import { makeSwitch, play } from "../shared/scan/sounds.js";
import { makeStage } from "../shared/scan/stage.js";
import { openTelling } from "../shared/scan/telling.js";
import { makeTray } from "../shared/scan/tray_view.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { makeTyping } from "../washing/typing.js";
import { makeCounting } from "./counting.js";
import { makeHand } from "./hand.js";
import { makePacker } from "./packer.js";

const EVERY = 20000; // ms between looks at what others packed

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const site = setup.site || null;
const base = `/moving/packing/${setup.list}`;
const words = texts();
const names = texts("kind-names");
const hand = makeHand(setup.list);

let isOut = false;
let isExtra = false;
const shots = makeShots();

const stage = makeStage({ icons: setup.icons });
const packer = makePacker({ words, names, state: texts("state"), onHand: (code) => sendCodes([code]), onCount: openCount });
const counting = makeCounting({ words, names, onCount: (what) => deliver("counted", what) });
const typing = makeTyping({ words, onEnter: (text) => take(text, "typed") });
const records = await openTelling({ site: setup.place, zone: setup.zone, words, stage, path: base, trayOf: () => tray, onAnswer: answered, onRefused: ({ id }) => hand.answered(id) });
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
  if (read.kind === "wrong") return records.say(words.wrong_digit, words.wrong_digit_next);
  if (read.kind === "person") return records.say(words.person, words.person_next, "soft");
  return records.say(words.unreadable, words.unreadable_next);
}

const sendCodes = (codes) => deliver("codes", { codes, out: isOut, extra: isExtra });

// All codes of a tray go in one call, under the tray's own id.
function sendTray({ id, codes, verb }) {
  deliver("codes", { codes, out: verb === "out", extra: isExtra }, { id, kind: "tray" });
}

function deliver(what, content, how = {}) {
  const id = records.tell({ site, ...hand.told(), ...content }, { to: what, ...how });
  if (content.codes?.length === 1) hand.scanned(id, content.codes[0]);
}

// -- what comes back ------------------------------------------------------------------------------

function answered(record, body) {
  hand.answered(record.id, body.hand);
  packer.show(body.state, hand.code);
  if (record.kind === "tray" && tray.showResult(body)) return play(body.check ? "care" : "good");
  stage.show(body);
  if (body.outcome === "refused") shots.forget();
}

// Before the first beep, and whenever the packer changes what is done: what the next one does.
function hint() {
  const name = hintName();
  stage.show({ word: words[`hint_${name}`], next_step: words[`hint_${name}_next`], tone: isOut ? "care" : "idle", icon: isOut ? "undo" : "qr" }, { silent: true });
}

function hintName() {
  if (isOut) return "out";
  if (packer.state.list !== "open") return packer.state.list;
  const crate = hand.code && packer.find(hand.code);
  if (crate?.sealed) return "sealed";
  if (packer.state.lines.length && !packer.state.left) return "done";
  return hand.code ? "pack" : "crate";
}

// What others packed meanwhile for the same list.
async function look() {
  setTimeout(look, EVERY);
  if (document.hidden || records.waits) return;
  const answer = await fetch(`${base}/state`, { headers: { Accept: "application/json" }, cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  const state = await answer.json();
  if (!records.waits) packer.show(state, hand.code);
}

// -- the buttons ------------------------------------------------------------------------------------

function openCount(line) {
  if (!hand.code && !hand.isTold) return records.say(words.no_hand, "", "care");
  return counting.open(line);
}

function press(id, act) {
  at(id).addEventListener("click", () => (at(id).blur(), act()));
}

press("do-seal", () => deliver("crate", { do: "seal" }));
press("do-reopen", () => deliver("crate", { do: "reopen" }));
press("do-dissolve", () => deliver("crate", { do: "dissolve" }));
press("do-close", () => deliver("close", {}));
press("do-reopen-list", () => deliver("reopen", {}));
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
