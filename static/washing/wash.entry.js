// The washing table: every beep goes to the server in turn, which knows the set and the step.

import { readBeep } from "../shared/scan/codes.js";
import { newId } from "../shared/scan/ids.js";
import { makeShots } from "../shared/scan/shots.js";
import { makeSwitch, play } from "../shared/scan/sounds.js";
import { openTelling } from "../shared/scan/telling.js";
import { makeTray } from "../shared/scan/tray_view.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { drawLane, makeBoard } from "./board.js";
import { makeStage } from "./stage.js";
import { makeTyping } from "./typing.js";

const SAME_COMMAND = 700; // a fault scanned twice on purpose comes later than that
const READ = 500; // ms an answer is seen before what the page itself refused
const STAYS = 15000; // ms a result is seen before the ground comes back

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const site = setup.site || null;
const words = texts();
const kinds = texts("kinds");
const commands = new Set([...document.querySelectorAll("[data-command]")].map((button) => button.dataset.command));

let laneId = localStorage.getItem("wash.lane");
if (!laneId) localStorage.setItem("wash.lane", (laneId = newId()));

let lane = { step: "receive", fault: null, fault_stays: false, set: null };
const shots = makeShots();
let afterwards = null;

const stage = makeStage({ icons: setup.icons, kinds, words, stays: STAYS, onIdle: rest });
const board = makeBoard({ site, lane: laneId, icons: setup.icons, words, kinds, onTake: (id) => sendBeep({ take: id }), onLane: standAt });
const typing = makeTyping({ words, onEnter: (text) => take(text, "typed") });
const records = await openTelling({
  site: setup.place, zone: setup.zone, words, stage, path: "/wash", isOwn: ({ body }) => body.lane === laneId,
  trayOf: () => tray, onAnswer: answered, onRefused: () => board.load(),
});
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
  records.say(...what);
  afterwards = records.waits ? () => records.say(...what) : null;
}

const from = (what) => ({ lane: laneId, site, ...what });

function sendBeep(what) {
  records.tell(from(what), { to: "beep" });
}

// All codes of a tray go in one call, under the tray's own id.
function sendTray({ id, codes, verb }) {
  records.tell(from({ command: verb, codes }), { to: "tray", id, kind: "tray" });
}

// -- what comes back ------------------------------------------------------------------------------

function answered(entry, body) {
  lane = body.lane;
  board.soon();
  drawLane(lane, { words, kinds });
  if (entry.kind === "tray" && tray.showResult(body)) return play(body.check ? "care" : "good");
  const waitsForPiece = body.outcome === "fault" || body.outcome === "fault_stays";
  stage.show({ ...body, shown: numberOf(body) }, waitsForPiece ? { stays: 0 } : {});
  if (!afterwards || records.waits) return;
  setTimeout(afterwards, READ);
  afterwards = null;
}

// How many pieces of the set have come this far.
function numberOf(body) {
  const set = body.lane.set;
  if (body.outcome === "whole") return body.count;
  if (!["recorded", "already", "taken"].includes(body.outcome) || !set) return null;
  return body.reason ? null : { receive: set.total, wash: set.washed, pass: set.passed }[body.lane.step];
}

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
  stage.show({ word: button.querySelector("span").textContent, tone, icon: "warning", line, next_step: next }, { stays: 0, silent: true });
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
