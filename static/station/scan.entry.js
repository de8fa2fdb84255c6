// The till: what comes under the reader goes its way, and what became of it is shown and heard.

import { scans } from "../shared/scan/channel.js";
import { groupTyped, readBeep } from "../shared/scan/codes.js";
import { newId } from "../shared/scan/ids.js";
import { install } from "../shared/scan/install.js";
import { makeShots } from "../shared/scan/shots.js";
import { play } from "../shared/scan/sounds.js";
import { makeResults } from "../shared/scan/results.js";
import { openStation } from "../shared/scan/station.js";
import { makeClock } from "../shared/scan/wall.js";
import { texts } from "../shared/texts.js";
import { makeAside } from "./aside.js";
import { asides } from "./aside_channel.js";
import { makeBeeps } from "./beeps.js";
import { makeBoard } from "./board.js";
import { makeControls } from "./controls.js";
import { answerOf } from "./local.js";
import { makePeople, STAYS } from "./person.js";
import { drawPeople, readBack } from "./people_shown.js";
import { makeSheets } from "./sheets.js";
import { makeStage } from "./stage.js";
import { makeStopped } from "./stopped.js";
import { makeUndo } from "./undo.js";
import { makeWaits } from "./waits.js";

const WAITS = 60000; // ms a clean cup waits for its person
const IDLE = 20000; // ms without a beep after which a new version may take over
const SAME_CUP = 1200; // ms in which a gun's second shot at the same cup is the first one

const at = (id) => document.getElementById(id);
const setup = at("till").dataset;
const { icons } = setup;
const words = texts();
const kinds = texts("kinds");
const clock = makeClock(document.documentElement.lang, setup.zone);

const stage = makeStage({ icons, kinds, words, spoken: at("spoken") });
const { notKept, stop } = makeStopped({ till: at("till"), stage, words });
let waits = null;
const shots = makeShots();
let lastBeep = 0;
let waiting = []; // clean cups whose person has not come yet: {id, code, until}
let stocking = false;
const { queue, line, snapshot } = await openStation({
  code: setup.code,
  asked: setup.site || null,
  channels: [scans, asides],
  onReceipt: receipt,
  onChange: (overview) => waits?.show(overview),
  onLine: () => waits?.draw(),
  onTaken: ({ day }) => (at("till").dataset.known = day),
  onBlocked: () => stage.show({ word: words.blocked, next_step: words.blocked_next, tone: "care", icon: "warning", result: "refused" }),
}).catch(stop);
const results = makeResults({ list: at("log"), kinds, icons, words, clock, onUndo: undo });
const board = makeBoard({ site: setup.site || null, icons, words, onScans: (scans) => (results.merge(scans), snapshot.soon()) });
const people = makePeople({ line, snapshot, site: setup.code, onChange: showPeople, onGone: noPerson });
const sheets = makeSheets({ words, zone: setup.zone, queue, line, people, by: () => snapshot.known?.by ?? null, onDone: written, onNotKept: notKept });
const beeps = makeBeeps({ queue, line, snapshot, onAnswer: answered, onLocal: decided, onSlow: pending, onNotKept: notKept });
const undoing = makeUndo({ queue, line, snapshot, results, onUndone: undone, onRefused: refused, onNotKept: notKept });

const aside = await makeAside({ queue, code: setup.code, asked: setup.site || null, words, icons, onNotKept: notKept });
waits = makeWaits({ queue, line, snapshot, words, icons, clock, onDone: written });
makeControls({ setup, words, people, onScan: take, onDone: done, onPark: park, onStocking: toggleStocking });
install({
  worker: setup.worker,
  scope: "/scan",
  onKept: () => (at("till").dataset.installed = "1"),
  onUnkept: () => (at("unkept").hidden = false),
  isIdle: () => !people.shown && !waiting.length && !document.querySelector("dialog[open]") && Date.now() - lastBeep > IDLE,
});
results.draw();
board.load();
queue.tell();
at("till").dataset.ready = "1";

// -- what comes in --------------------------------------------------------------------------------

function take(raw, source) {
  const read = readBeep(raw);
  lastBeep = Date.now();
  if (aside.takeScan(read)) return undefined;
  if (sheets.takeScan(read)) return play("calm");
  if (read.kind === "item") return beepCup(read.code, source);
  if (read.kind === "person") return showPerson(read.text);
  if (read.kind === "command" && read.command === "finish") return done();
  if (read.kind === "command" && read.command === "undo") return undo(results.last());
  if (read.kind === "wrong") return told(words.wrong_digit, words.wrong_digit_next, "bad", read.code);
  return told(read.kind === "command" ? words.command : words.unreadable, words.unreadable_next, "care");
}

function beepCup(code, source) {
  if (shots.isSecond(code, source, SAME_CUP)) return stage.remark(words.just_now);
  waiting = waiting.filter((one) => one.code !== code);
  return sendBeep({ id: newId(), code });
}

function sendBeep(cup, person = people.shown, more = {}) {
  people.stay();
  return beeps.beep({ id: cup.id, code: cup.code, person, stocking, ...more });
}

async function showPerson(text) {
  if (/^0?50[0-9]{8,}$/.test(text.replace(/^\+82/, ""))) return told(words.safe_number, words.safe_number_next, "care");
  play("calm");
  readBack(/^[+0-9 ()-]+$/.test(text) ? groupTyped(text) : text.includes("@") ? text : "", words);
  const found = people.show(text);
  stage.idle(people.shown, stocking);
  const person = await found;
  if (!person || people.shown !== person) return;
  if (person.isPaused()) told(...(person.known ? [words.soft, ""] : [words.maybe_paused, words.maybe_paused_next]), "soft");
  lendWaiting(person);
}

function lendWaiting(person) {
  for (const one of waiting.filter((cup) => cup.until > Date.now())) sendBeep(one, person);
  waiting = [];
}

// -- what comes back ------------------------------------------------------------------------------

function answered(record, answer, person) {
  board.soon();
  if (answer.error === "held") aside.load();
  if (answer.result === "waiting") return keepWaiting(record, answer);
  if (answer.result !== "looked") results.add({ ...answer, at: record.at });
  show(answer, actionsFor(answer, record, person));
  if (answer.action === "lend" && answer.result === "recorded") people.counted(person, answer.label, answer.open);
  else if (answer.action === "return") people.refresh();
  people.stay();
}

function decided({ record, scan, verdict, letter, kind, inside, person, taken }) {
  const answer = answerOf({ record, scan, verdict, letter, kind, inside, taken, recalled: aside.knows(scan.code) }, words, kinds);
  if (verdict.waits) return keepWaiting(scan, answer);
  if (answer.recorded.length) results.add({ ...answer, at: (record ?? taken).at });
  const again = (reason) => sendBeep({ id: newId(), code: scan.code }, person, { reason, insists: true, takenIn: taken?.id ?? null });
  const actions = verdict.override ? [{ words: words.override, run: () => sheets.askReason(again) }] : undoAction(answer);
  show(answer, actions);
  if (verdict.action === "lend") people.counted(person, null, null);
  people.stay();
}

function show(answer, actions = []) {
  delete at("till").dataset.stopped;
  stage.show(answer, [...actions, ...aside.actionsFor(answer)]);
  stage.idleAfter(STAYS, () => stage.idle(people.shown, stocking));
}

function actionsFor(answer, record, person) {
  const limited = answer.error === "borrower_paused" || answer.error === "too_many_open";
  if (!limited) return undoAction(answer);
  const again = (reason) => sendBeep({ id: newId(), code: record.code }, person ?? people.shown, { reason });
  const ask = { words: words.override, run: () => sheets.askReason(again) };
  const group = { words: words.as_group, run: () => (people.shown && !people.shown.group && people.toggleGroup(), again("group")) };
  return answer.error === "too_many_open" ? [group, ask] : [ask];
}

function undoAction(answer) {
  if (!answer.recorded?.length) return [];
  return [{ words: words.undo, icon: "undo", style: "stage-undo", run: () => undo(results.last()) }];
}

function keepWaiting(scan, answer) {
  waiting = [...waiting.filter((one) => one.until > Date.now()), { id: scan.id, code: scan.code, until: Date.now() + WAITS }];
  if (people.shown) return lendWaiting(people.shown); // they came while the answer was on its way
  const many = waiting.length > 1 ? words.waiting_many.replace("{n}", waiting.length) : answer.line;
  stage.show({ ...answer, line: many }, [{ words: words.drop, run: dropWaiting }]);
  stage.runOut(WAITS);
  return stage.idleAfter(WAITS, dropWaiting);
}

function dropWaiting() {
  waiting = [];
  stage.idle(people.shown, stocking);
}

function told(word, next, tone, code = "") {
  const icon = tone === "soft" ? "info" : "warning";
  show({ word, next_step: next, tone, icon, code, result: "refused" });
}

function pending(code) {
  stage.show({ word: words.sending, tone: "calm", icon: "clock", code });
}

// -- undo, receipts, people -------------------------------------------------------------------------

function undo(entry) {
  if (!entry) return told(words.nothing_to_undo, "", "calm");
  return undoing.undo(entry);
}

function undone() {
  show({ word: words.undone, line: words.undone_line, tone: "calm", icon: "undo", result: "refused" });
  people.refresh();
  people.stay();
  board.soon();
}

// The server's word on what waited. The cup and its person have gone: only an undo is answered.
function receipt(record, answer) {
  board.soon();
  if (record.channel === asides.name) return aside.receipt(record, answer);
  return record.action === "void" ? undoing.receipt(record, answer) : undefined;
}

function refused(error, code) {
  told(error.message ?? words.refused_late, error.next_step ?? "", "bad", code);
}

function showPeople(person, parked) {
  drawPeople({ person, parked, words, icons, onTakeUp: people.takeUp });
  if (!person && !waiting.length) stage.idleAfter(4000, () => stage.idle(null, stocking));
}

function noPerson(error) {
  if (error.code === "no_key") return told(words.no_key, words.no_key_next, "bad");
  return told(error.message ?? words.unreadable, error.next_step ?? "", "care");
}

function done() {
  people.leave();
  dropWaiting();
  play("calm");
}

function park() {
  if (people.park()) stage.idle(null, stocking);
  else told(words.park_full, "", "care");
}

function toggleStocking() {
  stocking = !stocking;
  stage.idle(people.shown, stocking);
  return stocking;
}

function written(message, tone = "good") {
  show({ word: message, tone, icon: tone === "good" ? "check" : "warning", result: "refused" });
  board.soon();
  people.refresh();
}
