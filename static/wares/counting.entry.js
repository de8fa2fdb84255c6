// The counting screen: every code and number is kept on this device first, then told to the server;
// codes count once, over all tablets of the session.

import { groupCode, readBeep } from "../shared/scan/codes.js";
import { openQueue } from "../shared/scan/queue.js";
import { makeRefused } from "../shared/scan/refused.js";
import { makeShots } from "../shared/scan/shots.js";
import { makeSwitch, play } from "../shared/scan/sounds.js";
import { makeTray } from "../shared/scan/tray_view.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { stocktaking } from "./channel.js";
import { makeEntry } from "./entry.js";
import { makeProgress } from "./progress.js";
import { makeStage } from "./stage.js";

const SLOW = 700; // ms after which "saved" is shown

const at = (id) => document.getElementById(id);
const setup = at("count").dataset;
const words = texts();
const kinds = texts("kinds");
const carriers = new Set(setup.carriers.split(" "));
const clockOf = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: setup.zone });

let opened = false; // crates are opened and counted inside
let crate = null; // the one being counted inside
const shots = makeShots();
let waits = 0; // records that the server has not answered
let unseen = 0; // those refused that nobody has looked at

const stage = makeStage({ icons: setup.icons, kinds });
const progress = makeProgress({ session: setup.session, icons: setup.icons, kinds, words, onTakeBack: takeBack, onChoose: (left) => entry.chooseKind(left), onEnded: ended });
const entry = makeEntry({ words, onQuantity: sendLine, onCode: (text) => take(text, "typed"), onWrong: (word) => tell(word, "", "bad") });
const refused = makeRefused({ list: () => queue.refused(), note: (id) => queue.note(id, null), linesOf: linesRefused, icons: setup.icons, words });
const queue = await openQueue({ site: setup.site, channels: [stocktaking], onReceipt: answered, onChange: showWaiting }).catch(notKept);
const tray = makeTray({ ...setup, onDeliver: sendTray });
makeViewer({ ...setup, words, onScan: (text) => take(text, "camera"), onShow: (shown) => (at("entry").hidden = shown) });
listenToWedge({ onScan: (text) => take(text, "gun"), onTyped: (text) => tray.isOpen || entry.type(text) });

// -- what comes in ----------------------------------------------------------------------------------

function take(raw, source) {
  const read = readBeep(raw);
  if (tray.isOpen && read.kind === "item") return tray.add(read.code);
  if (read.kind === "item") return shots.isSecond(read.code, source) || sendPieces([read.code]);
  if (read.kind === "wrong") return tell(words.wrong_digit, words.wrong_digit_next, "bad", read.code);
  if (read.kind === "person") return tell(words.person, words.person_next, "soft");
  return tell(words.unreadable, words.unreadable_next, "bad");
}

function sendPieces(codes) {
  keep("pieces", { codes, sealed: !opened });
}

function sendTray({ id, codes }) {
  keep("pieces", { codes, sealed: !opened }, id);
}

function sendLine(line) {
  keep("line", { ...line, crate });
}

function takeBack({ id }) {
  keep("back", { line: id });
}

async function keep(what, content, id = undefined) {
  const record = await queue.put({ what, session: setup.session, content, ...(id ? { id } : {}) }).catch(notKept);
  const receipt = await queue.settled(record.id, SLOW);
  if (receipt || (tray.isOpen && tray.showSaved(record.id))) return;
  stage.show({ word: words.saved, line: words.saved_line, tone: "calm", icon: "clock", code: content.codes?.[0] });
}

// -- what comes back ----------------------------------------------------------------------------------

function answered(record, receipt) {
  if (record.session !== setup.session) return;
  progress.soon();
  if (receipt.result === "refused") return wasRefused(record, receipt.error ?? {});
  const { answer } = receipt;
  if (record.what === "pieces") return noted(record, answer);
  const { content } = record;
  if (record.what === "line") tell(words.line_word.replace("{n}", content.quantity), "", "good", "", content.kind);
  else tell(words.taken_back, "", "calm");
}

function noted(record, answer) {
  if (tray.isOpen && tray.showResult(answer)) return play(answer.tone);
  if (answer.lines.length > 1) return stage.show(answer);
  const [line] = answer.lines;
  if (opened && carriers.has(line.kind)) countInside(line.code);
  stage.show(line);
}

function wasRefused(record, { message, next_step: next }) {
  const failed = { id: record.id, word: message ?? words.refused_late, next_step: next ?? "", tone: "bad", icon: "warning" };
  if (tray.isOpen && tray.showResult(failed)) return play("bad");
  stage.show({ ...failed, code: record.content.codes?.[0] });
}

function linesRefused({ content: { codes, kind, quantity }, error }) {
  const what = codes ? codes.map(groupCode).join(", ") : kind ? `${kinds[kind] ?? kind} ${quantity}` : words.take_back;
  return [{ what, why: error?.message ?? words.refused_late }];
}

function tell(word, next, tone, code = "", kind = null) {
  stage.show({ word, next_step: next, tone, icon: tone === "good" ? "check" : tone === "bad" ? "warning" : "info", code, kind });
}

function notKept(error) {
  stage.show({ word: words.not_kept, next_step: words.not_kept_next, tone: "bad", icon: "warning" });
  at("count").dataset.stopped = error.why ?? "closed";
  throw error;
}

function showWaiting({ count, since, others, refused: bad, state }) {
  waits = count;
  unseen = bad;
  const stuck = count > 0 && state !== "sent";
  at("unsent").hidden = !stuck;
  if (stuck) at("unsent").textContent = words.unsent.replace("{count}", count).replace("{since}", clockOf.format(new Date(since)));
  at("signed-out").hidden = state !== "signed_out";
  at("others").hidden = others.length === 0;
  at("others").textContent = others.map(([site, n]) => words.others.replace("{n}", n).replace("{site}", site)).join(" ");
  refused.show(bad);
  at("count").dataset.waiting = count;
  drawEnding();
}

// -- crates --------------------------------------------------------------------------------------------

function countInside(code) {
  crate = code;
  drawCrates();
}

function drawCrates() {
  at("opened").setAttribute("aria-pressed", String(opened));
  const inside = words.inside.replace("{code}", (crate ?? "").slice(-4));
  at("opened-words").textContent = crate ? inside : opened ? words.opened_crates : words.closed_crates;
}

at("opened").addEventListener("click", () => {
  at("opened").blur();
  if (crate) crate = null;
  else opened = !opened;
  drawCrates();
});

// -- the end -------------------------------------------------------------------------------------------

function drawEnding() {
  at("ending-waits").hidden = waits === 0;
  at("ending-go").disabled = waits > 0;
  const { tallies = [], not_counted: left = [] } = progress.latest ?? {};
  const short = tallies.reduce((all, one) => all + Math.max(0, one.expected - one.noted), 0);
  const told = [left.length ? words.left.replace("{n}", left.length) : words.nothing_left];
  if (short) told.unshift(words.short.replace("{n}", short));
  at("ending-left").textContent = told.join(" ");
}

// Another tablet ended it. What waits here is sent all the same, and what was refused is looked at
// before the result takes the page's place.
function ended() {
  if (waits === 0 && unseen === 0) location.reload();
}

at("end").addEventListener("click", async () => {
  queue.flush();
  drawEnding();
  at("ending").showModal();
  await progress.load();
  drawEnding();
});
at("ending-close").addEventListener("click", () => at("ending").close());
at("open-tray").addEventListener("click", () => tray.open("note"));
makeSwitch(at("sound"));
navigator.storage?.persist?.();
drawCrates();
await progress.load();
at("count").dataset.ready = "1";
