// The washing table: every beep goes to the server in turn, which knows the set and the step.

import { readBeep } from "../shared/scan/codes.js";
import { newId } from "../shared/scan/ids.js";
import { openRecords } from "../shared/scan/records.js";
import { makeShots } from "../shared/scan/shots.js";
import { makeSwitch, play } from "../shared/scan/sounds.js";
import { makeTray } from "../shared/scan/tray_view.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { drawLane, makeBoard } from "./board.js";
import { makeStage } from "./stage.js";
import { makeTyping } from "./typing.js";

const SAME_COMMAND = 700; // a fault scanned twice on purpose comes later than that
const SLOW = 500; // ms after which "checking" or "saved" is shown
const STAYS = 15000; // ms a result is seen before the ground comes back

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const site = setup.site || null;
const words = texts();
const kinds = texts("kinds");
const commands = new Set([...document.querySelectorAll("[data-command]")].map((button) => button.dataset.command));
const clockOf = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: setup.zone });

let laneId = localStorage.getItem("wash.lane");
if (!laneId) localStorage.setItem("wash.lane", (laneId = newId()));

let lane = { step: "receive", fault: null, fault_stays: false, set: null };
const shots = makeShots();
let afterwards = null;
const unanswered = new Set();

const stage = makeStage({ icons: setup.icons, kinds, words, onIdle: rest });
const board = makeBoard({ site, lane: laneId, icons: setup.icons, words, kinds, onTake: (id) => sendBeep({ take: id }), onLane: standAt });
const typing = makeTyping({ words, onEnter: (text) => take(text, "typed") });
const records = await openRecords({ site: setup.place, onAnswer: answered, onRefused: refused, onChange: showUnsent, onNotKept: notKept }).catch(stop);
const tray = makeTray({ ...setup, onDeliver: sendTray });
makeViewer({ ...setup, words, onScan: (text) => take(text, "camera"), onShow: (shown) => (at("keypad").hidden = shown) });
listenToWedge({ onScan: (text) => take(text, "gun"), onTyped: (text) => tray.isOpen || typing.type(text) });

// -- what comes in --------------------------------------------------------------------------------

function take(raw, source) {
  const read = readBeep(raw);
  if (tray.isOpen && read.kind === "item") return tray.add(read.code);
  if (tray.isOpen && read.kind === "command") return tray.choose(read.command);
  if (read.kind === "item") return shots.isSecond(read.code, source) || sendBeep({ code: read.code });
  if (read.kind === "command" && commands.has(read.command)) {
    return shots.isSecond(read.command, source, SAME_COMMAND) || sendBeep({ command: read.command });
  }
  if (read.kind === "wrong") return misread(words.wrong_digit, words.wrong_digit_next, "bad", read.code);
  if (read.kind === "person") return misread(words.person, words.person_next, "soft");
  return misread(words.unreadable, words.unreadable_next, "bad");
}

// What the page refuses itself comes before the answers still on their way: it is shown after them.
function misread(...what) {
  told(...what);
  afterwards = unanswered.size ? () => told(...what) : null;
}

const from = (what) => ({ lane: laneId, site, ...what });

function sendBeep(what) {
  const id = records.add("/wash/beep", from(what));
  unanswered.add(id);
  setTimeout(() => unanswered.has(id) && pending(what), SLOW);
}

// All codes of a tray go in one call, under the tray's own id.
function sendTray({ id, codes, verb }) {
  unanswered.add(id);
  records.add("/wash/tray", from({ command: verb, codes }), { id, kind: "tray" });
  setTimeout(() => unanswered.has(id) && isOffline() && tray.showSaved(id), SLOW);
}

// -- what comes back ------------------------------------------------------------------------------

function answered(entry, body) {
  if (!body.lane) return; // told on another page of the centre
  unanswered.delete(entry.id);
  lane = body.lane;
  board.soon();
  drawLane(lane, { words, kinds });
  if (entry.kind === "tray" && tray.showResult(body)) return play(body.check ? "care" : "good");
  const waitsForPiece = body.outcome === "fault" || body.outcome === "fault_stays";
  stage.show({ ...body, shown: numberOf(body) }, waitsForPiece ? 0 : STAYS);
  if (!afterwards || unanswered.size) return;
  setTimeout(afterwards, SLOW); // long enough to see the answer before it
  afterwards = null;
}

// How many pieces of the set have come this far.
function numberOf(body) {
  const set = body.lane.set;
  if (body.outcome === "whole") return body.count;
  if (!["recorded", "already", "taken"].includes(body.outcome) || !set) return null;
  return body.reason ? null : { receive: set.total, wash: set.washed, pass: set.passed }[body.lane.step];
}

function refused(entry, error) {
  unanswered.delete(entry.id);
  const failed = { id: entry.id, word: error.message ?? words.refused_late, next_step: error.next_step, tone: "bad", icon: "warning" };
  if (entry.kind === "tray" && tray.showResult(failed)) return play("bad");
  told(error.message ?? words.refused_late, error.next_step ?? "", "bad", entry.body.code);
  board.load();
}

function told(word, next, tone, code = "") {
  stage.show({ word, next_step: next, tone, icon: tone === "soft" ? "info" : "warning", code }, STAYS);
}

// The browser could not keep it: it was not taken, and that is said.
function notKept(entry, error) {
  unanswered.delete(entry.id);
  told(words.not_kept, error.why === "full" ? words.not_kept_full : words.not_kept_next, "bad", entry.body.code);
}

// Without a place to keep beeps none is taken: the page goes no further.
function stop(error) {
  told(words.not_kept, error.why === "full" ? words.not_kept_full : words.not_kept_next, "bad");
  at("table").dataset.ready = "1";
  return new Promise(() => {});
}

function pending(body) {
  const offline = isOffline();
  stage.show({ word: offline ? words.saved : words.sending, line: offline ? words.saved_line : "", tone: "calm", icon: "clock", code: body.code }, STAYS);
}

const isOffline = () => !navigator.onLine || !at("unsent").hidden;

function standAt(now) {
  lane = now;
  drawLane(lane, { words, kinds });
  if (lane.fault && at("stage").hidden) rest();
}

// Between beeps the board is seen, or the fault that waits for its piece.
function rest() {
  if (!lane.fault) return stage.clear();
  const button = document.querySelector(`[data-command=${lane.fault}]`);
  const tone = button.classList.contains("fault-retire") ? "retire" : "care";
  const next = lane.fault_stays ? words.fault_all : words.fault_next;
  const line = `→ ${button.querySelector("small").textContent}`;
  stage.show({ word: button.querySelector("span").textContent, tone, icon: "warning", line, next_step: next }, 0, { silent: true });
}

function showUnsent({ count, since, stuck, signedOut }) {
  at("unsent").hidden = count === 0 || !stuck;
  at("signed-out").hidden = !signedOut;
  if (count) at("unsent").textContent = words.unsent.replace("{count}", count).replace("{since}", clockOf.format(new Date(since)));
}

// -- the buttons ------------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-command]")) {
  button.addEventListener("click", () => (button.blur(), sendBeep({ command: button.dataset.command })));
}
at("stage").addEventListener("click", rest);
at("open-tray").addEventListener("click", () => tray.open(lane.fault ?? lane.step));
makeSwitch(at("sound"));
navigator.storage?.persist?.();
drawLane(lane, { words, kinds });
await board.load();
at("table").dataset.ready = "1";
