// The screen above a box: every cup shown or typed is kept as a return at once and thanked for; what
// waits is sent when the network is there. No person signs in, and nothing leads out.

import { readBeep } from "../shared/scan/codes.js";
import { install } from "../shared/scan/install.js";
import { NotKept, openQueue } from "../shared/scan/queue.js";
import { sealBorrower } from "../shared/scan/seal.js";
import { play } from "../shared/scan/sounds.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { confine } from "./confine.js";
import { openExtras } from "./extras.js";
import { makeFullness } from "./fullness.js";
import { makeLens } from "./lens.js";
import { makePad } from "./pad.js";
import { makeReport } from "./report.js";
import { makeStage } from "./stage.js";
import { makeVisit } from "./visit.js";
import { makeVoice } from "./voice.js";
import { FIRST, makeWords } from "./words.js";

const AGAIN = 10 * 60000; // ms in which the same cup shown again here is the same return
const at = (id) => document.getElementById(id);
const { site, key, zone, help, icons, reader, wasm } = at("box").dataset;

confine();
const words = makeWords({ zone });
const voice = makeVoice({ button: at("speech"), live: at("spoken"), words });
const stage = makeStage({ icons, words, voice });
const visit = makeVisit({ words, onEnd: toTheStart });
const returned = new Map(); // code → when, of the last minutes
let queue = null;
let extras = null;
let told = { count: 0, refused: 0, state: "sent" };

const pad = makePad({ words, onCode: takeCup, onReport: (code) => report.send(code), onWrong: wrongNumber });
const lens = makeLens({ reader, wasm, words, onScan: take });
const report = makeReport({ words, lens, pad, stage, onSent: sendReport, onClose: () => stage.idle() });
const fullness = makeFullness({ site, words, bar: at("full"), waiting: () => told.count });
listenToWedge({ onScan: take, onTyped: pad.type });
install({ worker: "/station/worker.js", scope: "/return", isIdle: () => !visit.isOn });
speak(FIRST);
await openAll();
at("box").dataset.ready = "1";

async function openAll() {
  const renew = () => location.reload();
  try {
    queue = await openQueue({ site, onReceipt: received, onChange: changed, onOutdated: renew, onLost: renew });
    extras = await openExtras({ site, queue, onChange: drawWaiting });
  } catch {
    notKept();
  }
}

// -- what comes in --------------------------------------------------------------------------------

function take(raw) {
  visit.stir();
  const read = readBeep(raw);
  if (read.kind === "item") return report.isAbout(read.code) ? undefined : takeCup(read.code);
  if (report.isOpen) return undefined;
  if (read.kind === "person" && /^M1\./i.test(read.text)) return takeMember(read.text);
  if (read.kind === "wrong") return wrongNumber("typed_wrong");
  play("care");
  return stage.show(() => ({ tone: "care", icon: "info", word: words.say("not_a_cup"), line: words.say("not_a_cup_line") }));
}

async function takeCup(code) {
  visit.stir();
  report.end();
  const before = returned.get(code);
  if (before && performance.now() - before.mono < AGAIN) return already(before);
  const now = { at: new Date(), mono: performance.now() };
  for (const [other, { mono }] of returned) if (now.mono - mono > AGAIN) returned.delete(other);
  returned.set(code, now); // at once: a second look at the same cup comes before the disk has it
  let record;
  try {
    if (!queue) throw new NotKept(null);
    record = await queue.put({ action: "return", code });
  } catch {
    returned.delete(code);
    return notKept();
  }
  visit.add({ id: record.id, code });
  fullness.add();
  thank(now.at);
  queue.flush();
  if (visit.member) extras.attach(visit.member, record.id).catch(() => {}); // the cup counts, if not for its member
  return undefined;
}

function thank(moment) {
  play("back");
  const n = visit.count;
  stage.show(() => ({
    tone: "good",
    icon: "check",
    word: words.say("thanks"),
    line: words.say("thanks_line", { place: words.say("place"), time: words.moment(moment) }),
    next: fullness.told() || words.say("put_in"),
    aloud: [words.say("spoken_thanks", { n }), fullness.told() || words.say("put_in")].join(" "),
  }));
}

function already({ at: moment }) {
  play("calm");
  const place = () => ({ place: words.say("place"), time: words.clock(moment) });
  stage.show(() => ({ tone: "calm", icon: "info", word: words.say("already"), line: words.say("already_line", place()) }));
}

async function takeMember(text) {
  if (!extras || !key) return notKept();
  try {
    const sealed = await sealBorrower(text, { key });
    if (visit.member) extras.close(visit.member);
    visit.member = await extras.member(sealed, visit.member ? [] : visit.ids);
  } catch {
    return notKept();
  }
  play("good");
  visit.stir();
  const any = visit.count > 0;
  return stage.show(() => ({ tone: "calm", icon: "person", word: words.say("member"), line: words.say(any ? "member_line" : "member_first") }));
}

function wrongNumber(which) {
  play("bad");
  stage.show(() => ({ tone: "bad", icon: "warning", word: words.say(which), next: words.say("or_type") }));
}

async function sendReport(one) {
  try {
    await extras.report(one);
  } catch {
    return notKept();
  }
  if (!one.about) fullness.add();
  play("good");
  return stage.show(() => ({ tone: "good", icon: "check", word: words.say("reported"), line: words.say("put_in") }));
}

function notKept() {
  play("bad");
  const number = () => (help ? words.say("help", { number: help }) : "");
  stage.show(() => ({ tone: "bad", icon: "warning", word: words.say("not_kept"), line: words.say("not_kept_line", { help: number() }) }));
}

// -- what comes back ------------------------------------------------------------------------------

function received(record, receipt) {
  if (receipt.gap !== "unknown_code" || !visit.isLast(record.id) || report.isOpen) return;
  visit.stir();
  play("care");
  report.begin({ id: record.id, code: record.code });
}

function changed(now) {
  const isDrained = now.state === "sent" && (told.count > 0 || told.state !== "sent");
  told = now;
  drawWaiting();
  if (isDrained) extras?.flush(); // a member QR goes after its returns
}

async function drawWaiting() {
  const more = (await extras?.overview().catch(() => null)) ?? { reports: 0, refused: 0 };
  const lines = [];
  const count = told.count + more.reports;
  if (told.state === "signed_out") lines.push(words.say("signed_out"));
  if (count && told.state !== "sent") lines.push(words.say("waiting", { n: count, since: words.clock(new Date(told.since ?? Date.now())) }));
  const refused = told.refused + more.refused;
  if (refused) lines.push(words.say("refused", { n: refused }));
  at("waiting").textContent = lines.join(" · ");
  at("waiting").hidden = !lines.length;
}

// -- beginning, ending, languages -----------------------------------------------------------------

function toTheStart({ member }) {
  if (member) extras?.close(member);
  report.end();
  pad.clear();
  voice.hush();
  speak(FIRST);
  stage.idle();
  at("main").focus({ preventScroll: true });
  scrollTo(0, 0);
}

function speak(language) {
  words.speak(language);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  if (at("help")) at("help").textContent = words.say("help", { number: help });
  stage.again();
  pad.draw();
  visit.draw();
  fullness.draw();
  drawWaiting();
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => (speak(button.dataset.language), voice.say(words.say("welcome"))));
}
