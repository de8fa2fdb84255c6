// The inspection station: one hand, a scanner, and number keys that say what the next scan will do.

import { groupCode, readBeep } from "../shared/scan/codes.js";
import { newId } from "../shared/scan/ids.js";
import { icon, text } from "../shared/scan/results.js";
import { makeShots } from "../shared/scan/shots.js";
import { makeSwitch, play } from "../shared/scan/sounds.js";
import { openTelling } from "../shared/scan/telling.js";
import { makeTray } from "../shared/scan/tray_view.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { poll } from "./poll.js";
import { makeStage } from "./stage.js";
import { makeTyping } from "./typing.js";

const STAYS = 8000; // ms a result is seen before the ground comes back
const SHOWN = 12; // inspections listed
const PASS = "pass";

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const site = setup.site || null;
const words = texts();
const kinds = texts("kinds");
const pads = new Map([...document.querySelectorAll("[data-command]")].map((pad) => [pad.dataset.command, pad]));

// A lane of its own at the centre: what is undone here is what was done here.
let lane = localStorage.getItem("wash.inspection");
if (!lane) localStorage.setItem("wash.inspection", (lane = newId()));

let next = { command: PASS, stays: true }; // what the next scan does, and whether the one after too
const shots = makeShots();
let latest = [];

const stage = makeStage({ icons: setup.icons, kinds, words, stays: STAYS, onIdle: () => stage.clear() });
const typing = makeTyping({ words, onEnter: (typed) => take(typed, "typed") });
const records = await openTelling({
  site: setup.place, zone: setup.zone, words, stage, path: "/wash", isOwn: ({ body }) => body.lane === lane, trayOf: () => tray, onAnswer: answered,
});
const board = poll(`/wash/table?${new URLSearchParams({ lane, ...(site ? { site } : {}) })}`, { every: 30000, onAnswer: drawBoard, onStale: () => {} });
const tray = makeTray({ ...setup, onDeliver: ({ id, codes, verb }) => send({ command: verb, codes }, id, "tray") });
makeViewer({ ...setup, words, onScan: (read) => take(read, "camera"), onShow: (shown) => (at("keypad").hidden = shown) });
listenToWedge({ onScan: (read) => take(read, "gun"), onTyped: pressed });

// -- what the next scan does ------------------------------------------------------------------------

// A fault is of the next cup only; chosen twice, of every cup until something else is chosen.
function choose(command) {
  if (command === PASS) next = { command, stays: true };
  else next = { command, stays: next.command === command };
  drawNext();
  play("wait");
}

function drawNext() {
  const pad = pads.get(next.command);
  const step = pad.className.includes("choice-retire") ? "retire" : pad.className.includes("choice-rewash") ? "rewash" : "pass";
  at("next").className = `next next-${step}`;
  at("next-word").textContent = pad.querySelector("span").textContent;
  at("next-leads").textContent = next.command === PASS ? "" : `→ ${pad.querySelector("small").textContent}`;
  at("next-stays").hidden = next.command === PASS || !next.stays;
  at("rest-hint").textContent = next.command === PASS ? words.hint : next.stays ? words.hint_stays : words.hint_fault;
  for (const [command, one] of pads) one.setAttribute("aria-pressed", String(command === next.command));
}

// Slow keys outside any field: each digit is the pad with that number.
function pressed(typed) {
  if (tray.isOpen || !at("type").hidden) return;
  for (const key of typed) document.querySelector(`.choice-pad[data-key="${key}"]`)?.click();
}

// -- what comes in ----------------------------------------------------------------------------------

function take(raw, source) {
  const read = readBeep(raw);
  if (tray.isOpen && read.kind === "item") return tray.add(read.code);
  if (tray.isOpen && read.kind === "command") return tray.choose(read.command);
  if (read.kind === "item") return shots.isSecond(read.code, source) || inspect(read.code);
  if (read.kind === "command" && pads.has(read.command)) return choose(read.command);
  if (read.kind === "command" && read.command === "undo") return undo();
  if (read.kind === "command" && read.command === "finish") return choose(PASS);
  if (read.kind === "wrong") return records.say(words.wrong_digit, words.wrong_digit_next, "bad", read.code);
  if (read.kind === "person") return records.say(words.person, words.person_next, "soft");
  return records.say(words.unreadable, words.unreadable_next, "bad");
}

// A cup is a tray of one: the same call, the same words, the same undo.
function inspect(code) {
  send({ command: next.command, codes: [code] });
  if (next.stays) return;
  next = { command: PASS, stays: true };
  drawNext();
}

function send(what, id = newId(), kind = "cup") {
  records.tell({ lane, site, ...what }, { to: "tray", id, kind });
}

// A fault that waits for its cup is dropped; else the last inspection is taken back.
function undo() {
  shots.forget();
  if (next.command !== PASS) return choose(PASS);
  return records.tell({ lane, site, command: "undo" }, { to: "beep", kind: "undo" });
}

// -- what comes back ----------------------------------------------------------------------------------

function answered(record, body) {
  board.soon();
  if (record.kind === "undo") return undone(body);
  note(record, body);
  if (record.kind === "tray" && tray.showResult(body)) return play(body.check ? "care" : "good");
  const [line] = body.lines;
  const one = body.lines.length === 1 ? { ...line, shown: line.line.includes("·") ? body.taken : null } : body;
  return stage.show(one);
}

function undone(body) {
  if (body.outcome === "undone") latest = latest.filter((one) => !one.isLast);
  mark();
  drawLatest();
  stage.show({ ...body, code: body.code ?? "", shown: null });
}

// The list of what was inspected here, the newest first.
function note(record, body) {
  for (const line of body.lines) {
    if (line.fate === "taken") latest.unshift({ ...line, record: record.id, reason: body.reason });
  }
  latest = latest.slice(0, SHOWN * 3);
  mark();
  drawLatest();
}

function mark() {
  for (const one of latest) one.isLast = one.record === latest[0].record;
}

function drawLatest() {
  at("latest").replaceChildren(
    ...latest.slice(0, SHOWN).map((one) => {
      const row = document.createElement("li");
      row.className = `tone-${one.tone}`;
      row.append(icon(setup.icons, one.icon), text("b", one.word), text("span", one.reason ? one.line : ""), text("span", groupCode(one.code), "code"), text("span", kinds[one.kind] ?? ""));
      return row;
    }),
  );
}

function drawBoard(body) {
  const { inspected, passed } = body.first_pass;
  const share = { percent: `${Math.round((100 * passed) / (inspected || 1))}%`, passed, inspected };
  at("today-first").textContent = inspected ? words.yield.replace(/\{(\w+)\}/g, (_, name) => share[name]) : "–";
  for (const name of ["passed", "rewash", "retired"]) at(`today-${name}`).textContent = body.today[name];
  at("waiting").textContent = body.lines.find(({ state }) => state === "washed")?.count ?? 0;
  at("table").dataset.ready = "1";
}

for (const [command, pad] of pads) pad.addEventListener("click", () => (pad.blur(), choose(command)));
at("undo").addEventListener("click", () => (at("undo").blur(), undo()));
at("stage").addEventListener("click", () => stage.clear());
at("open-tray").addEventListener("click", () => tray.open(next.command));
makeSwitch(at("sound"));
drawNext();
await board.look();
