// One batch: what is scanned goes in (or out), stages and readings are noted, in the end it is washed.

import { readBeep } from "../shared/scan/codes.js";
import { makeShots } from "../shared/scan/shots.js";
import { makeSwitch, play } from "../shared/scan/sounds.js";
import { openTelling } from "../shared/scan/telling.js";
import { makeTray } from "../shared/scan/tray_view.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { drawBatch, drawLists } from "./batch_drawn.js";
import { askIn, makeNumbers } from "./numbers.js";
import { poll } from "./poll.js";
import { makeStage } from "./stage.js";
import { makeTyping } from "./typing.js";

const STAYS = 6000; // ms a result is seen before the lists come back

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const site = setup.site || null;
const words = texts();
const kinds = texts("kinds");
const address = `/wash/batches/${setup.batch}`;
const asked = site ? `?${new URLSearchParams({ site })}` : "";

let mode = "in"; // what the next scan does
let batch = null;
const shots = makeShots();
const put = []; // codes put in here, to be taken out again by undo

const stage = makeStage({ icons: setup.icons, kinds, words, stays: STAYS, onIdle: () => stage.clear() });
const typing = makeTyping({ words, onEnter: (text) => take(text, "typed") });
const state = poll(`${address}/now${asked}`, { every: 15000, onAnswer: show, onStale: () => {} });
const records = await openTelling({ site: setup.place, zone: setup.zone, words, stage, path: address, trayOf: () => tray, onAnswer: answered, onRefused: () => state.look() });
const tray = makeTray({ ...setup, onDeliver: sendTray });
const counting = at("counting") && makeNumbers({
  dialog: at("counting"),
  accept: (text) => (/^[1-9][0-9]{0,5}$/.test(text) ? null : words.whole_only),
  onEnter: (kind, text) => add("count", { kind, quantity: Number(text) }),
});
const reading = makeNumbers({
  dialog: at("reading"),
  accept: (text) => (/^-?[0-9]+([.,][0-9]+)?$/.test(text) ? null : words.number_only),
  onEnter: (measure, text) => add("reading", { measure, value: text.replace(",", ".") }),
});
makeViewer({ ...setup, words, onScan: (text) => take(text, "camera"), onShow: (shown) => (at("keypad").hidden = shown) });
listenToWedge({ onScan: (text) => take(text, "gun"), onTyped: (text) => document.querySelector("dialog[open]") || typing.type(text) });

// -- what comes in ----------------------------------------------------------------------------------

function take(raw, source) {
  const read = readBeep(raw);
  if (tray.isOpen && read.kind === "item") return tray.add(read.code);
  if (read.kind === "item") return shots.isSecond(read.code, source) || takeCode(read.code);
  if (read.kind === "command") return obey(read.command);
  if (read.kind === "wrong") return records.say(words.wrong_digit, words.wrong_digit_next, "bad", read.code);
  if (read.kind === "person") return records.say(words.person, words.person_next, "soft");
  return records.say(words.unreadable, words.unreadable_next, "bad");
}

function takeCode(code) {
  if (batch && batch.state !== "running") return records.say(words.over_already, words.over_already_next, "bad", code);
  if (mode === "in") put.push(code);
  return add(mode === "in" ? "put" : "take-out", { codes: [code] });
}

// The wall's codes: the end of the wash, and what was put in last comes out again.
function obey(command) {
  if (command === "finish") return at("ask-finish").open ? at("ask-finish").close("yes") : finish();
  if (command === "undo" && put.length) {
    shots.forget(); // the same cup may go in again at once
    return add("take-out", { codes: [put.pop()] });
  }
  return records.say(words.unreadable, words.unreadable_next, "bad");
}

function add(what, body) {
  records.tell(body, { to: what, kind: what });
}

function sendTray({ id, codes, verb }) {
  records.tell({ codes }, { to: verb === "in" ? "put" : "take-out", id, kind: "tray" });
}

// -- what comes back ----------------------------------------------------------------------------------

function answered(record, body) {
  draw(body.batch);
  state.soon();
  const code = record.body.codes?.length === 1 ? record.body.codes[0] : "";
  const answer = wordsOf(record, body);
  if (record.kind === "tray" && tray.showResult({ id: record.id, lines: [], ...answer, ...body })) return play(body.lines?.some((line) => line.check) ? "care" : "good");
  stage.show({ ...answer, code, shown: ["put", "tray"].includes(record.kind) ? body.batch.total : null });
}

function wordsOf(record, body) {
  const plain = (word, tone, name, line = "", next = "") => ({ word, tone, icon: name, line, next_step: next });
  if (body.word) return body;
  if (body.taken_out !== undefined) return body.taken_out ? plain(words.taken_out, "calm", "undo") : plain(words.not_inside, "calm", "info");
  const done = {
    count: plain(words.put_count, "wash", "plus", words.count.replace("{n}", body.quantity)),
    reading: plain(words.read, "calm", "check", body.batch.readings[0]?.words ?? ""),
    stage: plain(words.stage_noted, "calm", "check", body.batch.stage ?? ""),
    finish: plain(words.finished, "good", "check", words.count.replace("{n}", body.batch.total), words.finished_next),
    abort: plain(words.aborted, "calm", "close"),
  };
  return done[record.kind];
}

// -- the batch ------------------------------------------------------------------------------------------

function show(body) {
  draw(body.batch);
  drawLists(body, { words, kinds });
  at("table").dataset.ready = "1";
}

function draw(now) {
  batch = now;
  drawBatch(now, { words, kinds, mode });
}

async function finish() {
  if (!batch || batch.state !== "running") return records.say(words.over_already, words.over_already_next, "bad");
  if (batch.total + batch.crates === 0) return records.say(words.finish_empty, "", "soft");
  return (await askIn(at("ask-finish"), words.finish_text.replace("{total}", batch.total))) && add("finish", {});
}

for (const button of document.querySelectorAll("[data-mode]")) {
  button.addEventListener("click", () => {
    button.blur();
    mode = button.dataset.mode;
    if (batch) draw(batch);
  });
}
for (const button of document.querySelectorAll("[data-stage]")) {
  button.addEventListener("click", () => (button.blur(), add("stage", { stage: button.dataset.stage })));
}
at("stage").addEventListener("click", () => stage.clear());
at("open-tray").addEventListener("click", () => tray.open(mode));
at("open-count")?.addEventListener("click", () => counting.open());
at("open-reading").addEventListener("click", () => reading.open());
at("finish").addEventListener("click", finish);
at("abort").addEventListener("click", async () => (await askIn(at("ask-abort"))) && add("abort", {}));
makeSwitch(at("sound"));
await state.look();
