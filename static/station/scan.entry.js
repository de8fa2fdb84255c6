// The till: every beep becomes an entry of the outbox; the server's answer is shown and heard.

import { groupCode, readBeep } from "../shared/scan/codes.js";
import { newId, nextSeq } from "../shared/scan/ids.js";
import { isMuted, play, setMuted } from "../shared/scan/sounds.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { makeBoard } from "./board.js";
import { openOutbox } from "../washing/outbox.js";
import { makePeople, STAYS } from "./person.js";
import { drawPeople } from "./people_shown.js";
import { makeResults } from "../shared/scan/results.js";
import { makeSheets } from "./sheets.js";
import { makeStage } from "./stage.js";
import { makeTyping } from "./typing.js";
import { makeViewer } from "./viewer.js";

const WAITS = 60000; // ms a clean cup waits for its person
const SAME_CUP = 1200; // ms in which a gun's second shot at the same cup is the first one
const SLOW = 400; // ms after which "checking" or "saved" is shown

const at = (id) => document.getElementById(id);
const setup = at("till").dataset;
const site = setup.site || null;
const icons = setup.icons;
const words = texts();
const kinds = texts("kinds");
const clockOf = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: setup.zone });
const clock = (moment) => clockOf.format(new Date(moment));

const stage = makeStage({ icons, kinds, words, spoken: at("spoken") });
const results = makeResults({ list: at("log"), kinds, icons, words, clock, onUndo: undo });
const board = makeBoard({ site, icons, words, onScans: results.merge });
const people = makePeople({ site, onChange: showPeople, onGone: noPerson });
const sheets = makeSheets({ words, site, person: () => people.shown, onDone: written });
const typing = makeTyping({ words, onEnter: (text) => take(text, "typed"), onBusy: people.stay });

let waiting = []; // clean cups whose person has not come yet: {beep, until}
let stocking = false;
let last = { code: null, at: 0 };
const beeps = new Map(); // what was sent, by id, for overrides and for the person it was for
const outbox = await openOutbox({ onAnswer: answered, onRefused: refused, onChange: showUnsent });
makeViewer({ ...setup, words, onScan: (text) => take(text, "camera") });
listenToWedge({ onScan: (text) => take(text, "gun"), onTyped: (text) => document.querySelector("dialog[open]") || typing.type(text) });

// -- what comes in --------------------------------------------------------------------------------

function take(raw, source) {
  const read = readBeep(raw);
  if (sheets.takeScan(read)) return play("calm");
  if (read.kind === "item") return beepCup(read.code, source);
  if (read.kind === "person") return showPerson(read.text);
  if (read.kind === "command" && read.command === "finish") return done();
  if (read.kind === "command" && read.command === "undo") return undo(results.last());
  if (read.kind === "wrong") return told(words.wrong_digit, words.wrong_digit_next, "bad", read.code);
  return told(read.kind === "command" ? words.command : words.unreadable, words.unreadable_next, "care");
}

function beepCup(code, source) {
  const now = Date.now();
  const again = source === "gun" && last.code === code && now - last.at < SAME_CUP;
  last = { code, at: now };
  if (again) return stage.remark(words.just_now);
  waiting = waiting.filter((one) => one.beep.code !== code);
  sendBeep({ id: newId(), code, seq: nextSeq() }, people.shown);
}

function sendBeep(beep, person, override = null) {
  const lends = person && !stocking;
  const body = {
    ...beep,
    at: new Date().toISOString(),
    site,
    stocking,
    borrower: lends ? (person.ticket ?? person.text) : null,
    override: override ?? (lends && person.group ? "group" : null),
  };
  beeps.set(body.id, { body, person: lends ? person : null });
  people.stay();
  // The ticket may come while the beep waits its turn.
  outbox.add("/scan/beep", body, { late: lends ? () => ({ borrower: person.ticket ?? person.text }) : null });
  setTimeout(() => beeps.has(body.id) && pending(body), SLOW);
}

async function showPerson(text) {
  if (/^0?50[0-9]{8,}$/.test(text.replace(/^\+82/, ""))) return told(words.safe_number, words.safe_number_next, "care");
  play("calm");
  const found = people.show(text);
  stage.idle(people.shown, stocking);
  const person = await found;
  if (!person || people.shown !== person) return;
  if (person.paused) told(words.soft, "", "soft");
  for (const one of waiting.filter((cup) => cup.until > Date.now())) {
    sendBeep({ ...one.beep, seq: nextSeq() }, person);
  }
  waiting = [];
}

// -- what comes back ------------------------------------------------------------------------------

function answered(entry, body) {
  if (entry.kind === "undo") return undone(entry);
  const sent = beeps.get(body.id);
  beeps.delete(body.id);
  board.soon();
  if (body.result === "waiting") return waits(entry.body, body);
  results.add({ ...body, at: entry.body.at });
  stage.show(body, actionsFor(body, sent, entry));
  stage.idleAfter(STAYS, () => stage.idle(people.shown, stocking));
  if (!sent) return;
  if (body.action === "lend" && body.result === "recorded") people.counted(sent.person, body.label, body.open);
  else if (body.action === "return") people.refresh();
  people.stay();
}

function actionsFor(body, sent, entry) {
  const limited = body.error === "borrower_paused" || body.error === "too_many_open";
  if (limited) {
    const again = (reason) => sendBeep({ id: body.id, code: entry.body.code, seq: entry.body.seq }, sent?.person ?? people.shown, reason);
    const ask = { words: words.override, run: () => sheets.askReason(again) };
    const group = { words: words.as_group, run: () => (people.shown && !people.shown.group && people.toggleGroup(), again("group")) };
    return body.error === "too_many_open" ? [group, ask] : [ask];
  }
  if (!body.recorded?.length) return [];
  return [{ words: words.undo, icon: "undo", style: "stage-undo", run: () => undo(results.last()) }];
}

function waits(sent, body) {
  if (body.late) return told(words.unplaced, "", "care", body.code);
  waiting = [...waiting.filter((one) => one.until > Date.now()), { beep: { id: sent.id, code: sent.code }, until: Date.now() + WAITS }];
  const person = people.shown;
  if (person) return showWaitingFor(person); // they came while the answer was on its way
  const many = waiting.length > 1 ? words.waiting_many.replace("{n}", waiting.length) : body.line;
  stage.show({ ...body, line: many }, [{ words: words.drop, run: dropWaiting }]);
  stage.runOut(WAITS);
  stage.idleAfter(WAITS, dropWaiting);
}

function showWaitingFor(person) {
  for (const one of waiting) sendBeep({ ...one.beep, seq: nextSeq() }, person);
  waiting = [];
}

function dropWaiting() {
  waiting = [];
  stage.idle(people.shown, stocking);
}

function refused(entry, body) {
  beeps.delete(entry.body.id);
  if (entry.kind === "undo") results.restore(entry.body.scans);
  const error = body.error ?? {};
  told(error.message ?? words.refused_late, error.next_step ?? "", "bad", entry.body.code);
}

function told(word, next, tone, code = "") {
  const icon = tone === "soft" ? "info" : "warning";
  stage.show({ word, next_step: next, tone, icon, code, result: "refused" });
  stage.idleAfter(STAYS, () => stage.idle(people.shown, stocking));
}

function pending(body) {
  const offline = !navigator.onLine || !at("unsent").hidden;
  const word = offline ? words.saved : words.sending;
  stage.show({ word, line: offline ? words.saved_line : "", tone: "calm", icon: "clock", code: body.code });
}

// -- undo, people, bars -----------------------------------------------------------------------------

function undo(entry) {
  if (!entry) return told(words.nothing_to_undo, "", "calm");
  entry.voided = true;
  results.draw();
  outbox.add("/scan/undo", { id: newId(), scans: entry.recorded, at: new Date().toISOString(), site }, { kind: "undo" });
}

function undone() {
  stage.show({ word: words.undone, line: words.undone_line, tone: "calm", icon: "undo", result: "refused" });
  stage.idleAfter(STAYS, () => stage.idle(people.shown, stocking));
  people.refresh();
  people.stay();
  board.soon();
}

function showPeople(person, parked) {
  drawPeople({ person, parked, words, icons, onTakeUp: people.takeUp });
  if (!person && !waiting.length) stage.idleAfter(4000, () => stage.idle(null, stocking));
}

function noPerson(error) {
  told(error.message ?? words.unreadable, error.next_step ?? "", "care");
}

function done() {
  people.leave();
  dropWaiting();
  play("calm");
}

function written(message) {
  stage.show({ word: message, tone: "good", icon: "check", result: "refused" });
  stage.idleAfter(STAYS, () => stage.idle(people.shown, stocking));
  board.soon();
  people.refresh();
}

function showUnsent({ count, since, stuck, signedOut }) {
  const begins = stuck && at("unsent").hidden;
  at("unsent").hidden = count === 0 || !stuck;
  if (begins && beeps.size) pending([...beeps.values()].at(-1).body);
  at("signed-out").hidden = !signedOut;
  if (count) at("unsent").textContent = words.unsent.replace("{count}", count).replace("{since}", clock(since));
}

at("person-done").addEventListener("click", () => (at("person-done").blur(), done()));
at("person-group").addEventListener("click", () => (at("person-group").blur(), people.toggleGroup()));
at("person-park").addEventListener("click", () => {
  at("person-park").blur();
  if (people.park()) stage.idle(null, stocking);
  else told(words.park_full, "", "care");
});
at("stocking").addEventListener("click", () => {
  stocking = !stocking;
  at("stocking").setAttribute("aria-pressed", String(stocking));
  at("stocking").blur();
  stage.idle(people.shown, stocking);
});
at("sound").setAttribute("aria-pressed", String(!isMuted()));
at("sound").addEventListener("click", () => {
  setMuted(!isMuted());
  at("sound").setAttribute("aria-pressed", String(!isMuted()));
  play("calm");
});
// The browser may neither drop what waits nor darken the counter's screen.
navigator.storage?.persist?.();
const stayAwake = () => document.hidden || navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
results.draw();
board.load();
at("till").dataset.ready = "1";
