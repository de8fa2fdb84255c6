// The pass: every beep is kept on this device first, then told; the server's word comes when it can.

import { makeTyping } from "../washing/typing.js";
import { readBeep } from "../shared/scan/codes.js";
import { newId } from "../shared/scan/ids.js";
import { install } from "../shared/scan/install.js";
import { makeLine } from "../shared/scan/line.js";
import { openQueue } from "../shared/scan/queue.js";
import { sealBorrower } from "../shared/scan/seal.js";
import { makeShots } from "../shared/scan/shots.js";
import { makeSwitch } from "../shared/scan/sounds.js";
import { makeStage } from "../shared/scan/stage.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { makeClock } from "../shared/scan/wall.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { openCarriers } from "./carriers.js";
import { deliveries } from "./channel.js";
import { fill, makeDrawn } from "./drawn.js";
import { listenToForms } from "./forms.js";
import { openSession, stateOf } from "./session.js";

const SLOW = 700; // ms after which "saved" is shown
const EVERY = 30000; // ms between two looks at the day
const IDLE = 20000; // ms without a touch after which a new version may take over

const at = (id) => document.getElementById(id);
const root = at("table");
const setup = root.dataset;
const words = texts();
const names = texts("kind-names");
const clock = makeClock(document.documentElement.lang, setup.zone);
const shots = makeShots();

let several = false; // bags of one order
let target = null; // an earlier order that the number is typed for
let touched = 0;
let shown = null; // the day as it was told last
let latest = null; // the record that the stage speaks of
let session = null;
let line = null;
const early = []; // receipts that came before the page stood

const stage = makeStage({ icons: setup.icons });
const drawn = makeDrawn({ words, names, clock, onOut: takeOut, onOrder: chooseOrder, onAnnounced: (order) => giveNumber(order.number, order.id) });
const typing = makeTyping({ words, onEnter: (text) => take(text, "typed") });
const queue = await openQueue({ site: setup.place, channels: [deliveries], onReceipt: answered, onChange: showWaiting, onOutdated: () => location.reload(), onLost: () => location.reload() }).catch(stop);
session = await openSession({ db: queue.db, site: setup.place });
const carriers = await openCarriers({ db: queue.db });
line = makeLine({ probe: look, onChange: changed });
makeViewer({ ...setup, words, onScan: (text) => take(text, "camera"), onShow: (open) => (at("keypad").hidden = open) });
listenToWedge({ onScan: (text) => take(text, "gun"), onTyped: (text) => typing.type(text) });
install({ worker: setup.worker, scope: "/delivery/pack", onKept: () => (root.dataset.installed = "1"), isIdle: () => session.isEmpty && Date.now() - touched > IDLE });

// -- what comes in ----------------------------------------------------------------------------------

function take(raw, source) {
  touched = Date.now();
  const read = readBeep(raw);
  if (read.kind === "item") return shots.isSecond(read.code, source) || beep(read.code);
  if (read.kind === "command" && read.command === "finish") return shots.isSecond(read.command, source) || next();
  if (read.kind === "command" && read.command === "undo") return shots.isSecond(read.command, source) || takeOut(session.last());
  if (read.kind === "wrong") return told(words.wrong_digit, words.wrong_digit_next, "bad");
  if (read.kind === "person") return told(words.person, words.person_next, "soft");
  return told(words.unreadable, words.unreadable_next, "bad");
}

async function beep(code) {
  // The server says it where it can be asked: since it was told last the crate may have been emptied.
  if (!line.isOnline && carriers.isStock(code)) return told(words.stock, words.stock_next, "bad");
  const bag = carriers.isBag(code);
  const begins = session.begins({ isBag: bag, several });
  if (begins) next({ silent: true });
  const id = newId();
  session.add({ id, code, bag, kind: null, carried: 0, state: "kept" });
  draw();
  await keep({ id, what: "beep", code }, begins ? words.second_bag : "");
}

// Keeps a record of the order on the screen (or of another one) and tells it.
async function keep(record, line_ = "") {
  const id = record.id ?? newId();
  latest = id;
  const stored = await queue.put({ order: session.order.id, ...record, id }).catch(notKept);
  if (!stored) return null;
  const receipt = await queue.settled(stored.id, SLOW);
  if (!receipt && latest === id) stage.show({ word: words.saved, line: line_ || words.saved_line, next_step: "", tone: "calm", icon: "clock" });
  return stored;
}

// -- what comes back ----------------------------------------------------------------------------------

function answered(record, receipt) {
  if (!line) return early.push([record, receipt]);
  const { answer, error } = receipt;
  if (receipt.result === "refused") queue?.note(record.id, null); // it is told here and now
  if (record.what === "beep") session.change(record.id, stateOf(receipt));
  if (answer?.bag) carriers.learn([record.code]);
  if (receipt.result === "refused" && record.what === "number" && record.order === session.order.id && session.order.number === record.text) session.set({ number: null });
  if (answer?.order?.number && answer.order.order === session.order.id) session.set({ number: answer.order.number });
  draw();
  line.look();
  const words_ = answer ?? { word: error?.message ?? words.refused_late, next_step: error?.next_step, tone: "bad", icon: "warning" };
  // What was taken earlier and is only sent now does not hide the word on the last one.
  if (record.id === latest || receipt.result === "refused") stage.show(words_);
  return receipt.result === "refused" && shots.forget();
}

// What was sent while no page was open to hear of it.
async function catchUp() {
  const waits = new Set((await queue.waiting()).map(({ id }) => id));
  for (const { id, state } of session.inside) if (state === "kept" && !waits.has(id)) session.change(id, { state: "told" });
  for (const [record, receipt] of early.splice(0)) answered(record, receipt);
}

// -- the order -------------------------------------------------------------------------------------------

function next({ silent = false } = {}) {
  if (session.isEmpty) return;
  session.next();
  target = null;
  at("number-typed").value = "";
  at("contact-typed").value = "";
  at("contact-told").textContent = "";
  draw();
  if (!silent) stage.show({ word: words.next_word, line: words.next_line, tone: "idle", icon: "qr" }, { silent: true });
}

async function takeOut(piece) {
  if (!piece) return;
  session.change(piece.id, { state: "out" });
  draw();
  await keep({ what: "out", of: piece.id, code: piece.code }, words.out_word);
}

function chooseOrder(order) {
  target = order;
  at("number-typed").value = "";
  at("number-typed").focus();
  told(fill(words.number_for, { at: clock(order.at) }), "", "soft");
}

async function giveNumber(number, announced = null) {
  const order = target?.order ?? session.order.id;
  if (!target && session.isEmpty) return told(words.none_yet, "", "soft");
  if (order === session.order.id) session.set({ number });
  target = null;
  at("number-typed").value = "";
  draw();
  await keep({ what: "number", order, text: number, announced });
}

async function giveContact(typed) {
  if (session.isEmpty) return told(words.none_yet, "", "soft");
  const text = await sealBorrower(typed, { key: setup.key }).catch(() => null);
  if (text === null) return told(words.contact_blocked, "", "care");
  at("contact-typed").value = "";
  at("contact-told").textContent = "";
  await keep({ what: "contact", text }, words.contact_taken);
}

// -- the day ---------------------------------------------------------------------------------------------

async function look() {
  const asked = setup.site ? `?site=${encodeURIComponent(setup.site)}` : "";
  const answer = await fetch(`/delivery/state${asked}`, { headers: { Accept: "application/json" }, cache: "no-store" }).catch(() => null);
  if (answer?.status === 401 || answer?.status === 403) return "signed_out";
  if (!answer?.ok) return "unanswered";
  shown = await answer.json();
  await carriers.renew(shown);
  draw();
  return "taken";
}

function changed(isOnline, outcome) {
  if (isOnline || outcome === "signed_out") queue.flush();
  at("offline").hidden = isOnline || outcome === "signed_out";
  at("signed-out").hidden = outcome !== "signed_out";
  root.dataset.online = isOnline ? "1" : "0";
}

function draw() {
  drawn.drawOrder(session);
  if (shown) drawn.drawDay(shown);
}

function showWaiting({ count, since, others, refused, state }) {
  root.dataset.waiting = count;
  const stuck = count > 0 && state !== "sent";
  at("unsent").hidden = !stuck;
  if (stuck) at("unsent").textContent = fill(words.unsent, { count, since: clock(since) });
  if (state === "signed_out") at("signed-out").hidden = false;
  at("others").hidden = others.length === 0;
  at("others").textContent = fill(words.others, { n: others.reduce((sum, [, n]) => sum + n, 0) });
  at("refused").hidden = refused === 0;
  at("refused-count").textContent = fill(words.refused_count, { n: refused });
}

// -- what does not work ---------------------------------------------------------------------------------

function told(word, next_, tone) {
  latest = null;
  stage.show({ word, next_step: next_, tone, icon: tone === "soft" ? "info" : "warning" });
}

function notKept(error) {
  const last = session?.order.pieces.at(-1);
  if (last?.state === "kept") session.change(last.id, { state: "refused" });
  if (session) draw();
  root.dataset.stopped = error.why ?? "closed";
  told(words.not_kept, error.why === "full" ? words.not_kept_full : words.not_kept_next, "bad");
  return null;
}

// Without a place to keep beeps none is taken: the page goes no further.
function stop(error) {
  notKept(error);
  root.dataset.ready = "1";
  return new Promise(() => {});
}

// -- the buttons -------------------------------------------------------------------------------------------

function press(id, act) {
  at(id).addEventListener("click", () => (at(id).blur(), (touched = Date.now()), act()));
}

press("do-next", () => next());
press("do-undo", () => takeOut(session.last()));
press("do-single", () => keep({ what: "single_use", order: newId() }, words.single_word));
press("do-more", () => {
  several = !several;
  at("do-more").setAttribute("aria-pressed", String(several));
});
press("refused-seen", async () => {
  for (const record of await queue.refused()) await queue.note(record.id, null);
});
listenToForms({ onNumber: (typed) => giveNumber(typed), onContact: giveContact, safe: words.contact_safe });
makeSwitch(at("sound"));
stage.show({ word: words.hint, next_step: words.hint_next, tone: "idle", icon: "qr" }, { silent: true });
await catchUp();
draw();
line.look();
setInterval(line.look, EVERY);
root.dataset.ready = "1";
