// The driver's phone: the next stop large, what to leave and to take, each scan a tick.

import { groupCode } from "../shared/scan/codes.js";
import { install } from "../shared/scan/install.js";
import { makeLine } from "../shared/scan/line.js";
import { openQueue } from "../shared/scan/queue.js";
import { play } from "../shared/scan/sounds.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { makeClock } from "../shared/scan/wall.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { makeActs } from "./driver_acts.js";
import { drivePhotos, drives } from "./driver_channel.js";
import { makeDoors } from "./driver_doors.js";
import { makeNobody } from "./driver_nobody.js";
import { makeOver } from "./driver_over.js";
import { fill, makeParts } from "./driver_parts.js";
import { drawPickup } from "./driver_pickup.js";
import { lastAt, nextStop } from "./driver_round.js";
import { listedCodes, meanScan, readScan } from "./driver_scan.js";
import { say, stay } from "./driver_say.js";
import { drawHome, drawList, drawLoading, drawRounds } from "./driver_screens.js";
import { openSheet } from "./driver_sheet.js";
import { drawStop } from "./driver_stop.js";
import { makeWaits } from "./driver_waits.js";

const LOOKS = 60000; // ms between two looks at the server while nothing happens
const IDLE = 20000; // ms without a touch after which a new version may take over

const at = (id) => document.getElementById(id);
const root = at("drive");
const setup = root.dataset;
const words = texts();
const clock = makeClock(document.documentElement.lang, setup.zone);
const parts = makeParts({ icons: setup.icons, words, kinds: texts("kinds"), clock });
const waits = makeWaits({ words, clock, root });

let chosen = sessionStorage.getItem("drive.round"); // the round on the screen
let screen = null; // null: what comes next; "list", "stop", "home"
let opened = null; // the stop that was opened from the list
let touched = 0;
let drawn = "";
let sheet = null;

const queue = await openQueue({
  site: setup.owner, channels: [drives, drivePhotos],
  onReceipt: told,
  onChange: waits.show,
  onOutdated: () => location.reload(), onLost: () => location.reload(),
  onBlocked: () => say(words.blocked, "care"),
}).catch(stopped);
const doors = makeDoors({ db: queue.db, owner: setup.owner, onChange: () => draw() });
sheet = await openSheet({ queue, owner: setup.owner, onChange: draw, onStranger: strangers });
const line = makeLine({ probe: sheet.take, onChange: (isOnline, outcome) => {
  if (isOnline || outcome === "signed_out") queue.flush();
  queue.tell();
  waits.draw();
} });
waits.begin(queue, line);
const acts = makeActs({ queue, sheet, onNotKept: notKept });
const over = makeOver({ words, parts, acts, here: where, go, refuse });
const nobody = makeNobody({ words, onTold: over.nobody });
makeViewer({ reader: setup.reader, wasm: setup.wasm, words, onScan: take, onShow: () => {} });
listenToWedge({ onScan: take });
install({
  worker: setup.worker, scope: "/drive",
  onKept: () => (root.dataset.installed = "1"),
  onUnkept: () => (at("unkept").hidden = false),
  isIdle: () => !document.querySelector("dialog[open]") && Date.now() - touched > IDLE,
});
setInterval(line.look, LOOKS);
document.addEventListener("visibilitychange", () => document.hidden || line.look());
draw();
line.look();
queue.tell();
root.dataset.ready = "1";

// -- what is shown ----------------------------------------------------------------------------------

function where() {
  const { rounds } = sheet;
  const open = rounds.filter(({ ended }) => !ended);
  const only = open.length === 1 ? open : rounds;
  const round = rounds.find(({ id }) => id === chosen) ?? (only.length === 1 ? only[0] : null);
  if (!round) return { screen: "rounds" };
  const next = nextStop(round);
  const stop = round.stops.find(({ id }) => id === opened) ?? next;
  if (screen === "list" || (screen === "stop" && stop)) return { screen, round, next, stop };
  if (round.ended || screen === "home" || !next) return { screen: "home", round, next };
  return round.begun ? { screen: "stop", round, next, stop: next } : { screen: "load", round, next };
}

function draw() {
  doors.follow(sheet.rounds);
  const here = where();
  const { round } = here;
  const name = [here.screen, round?.id, here.stop?.id].join(" ");
  at("van").textContent = round ? fill(words.van, { van: round.van, day: dayOf(round.day) }) : words.title;
  at("progress").hidden = !round || here.screen === "list";
  at("progress-count").textContent = round ? `${round.stops.filter(({ outcome }) => outcome).length}/${round.stops.length}` : "";
  at("scan").hidden = !round || here.screen === "list" || Boolean(round.ended);
  at("more-rounds").hidden = sheet.rounds.length < 2 || here.screen === "rounds";
  at("screen").replaceChildren(...shown(here));
  root.dataset.screen = here.screen;
  if (name !== drawn) turned(drawn !== "");
  drawn = name;
}

function shown(here) {
  const { round, next, stop } = here;
  const list = () => go("list");
  if (here.screen === "rounds") return drawRounds({ rounds: sheet.rounds, known: sheet.known, parts, onChoose: ({ id }) => choose(id) });
  if (here.screen === "load") return drawLoading({ round, parts, onBegin: () => over.begin(round), onList: list });
  if (here.screen === "list") return drawList({ round, next, parts, onOpen: ({ id }) => go("stop", id), onBack: () => go(null) });
  if (here.screen === "home") return drawHome({ round, parts, onEnd: () => (choose(round.id), acts.end(round)), onList: list });
  const shape = { round, stop, isNext: stop === next, parts, last: lastAt(sheet.last, round, stop), acts: {
    done: () => over.done(round, stop),
    picked: () => over.picked(round, stop),
    nobody: () => nobody.ask(parts.titleOf(stop), missing(stop)),
    later: () => over.later(round, stop),
    first: () => (acts.first(round, stop), go(null)),
    emptied: () => (play("good"), say(words.emptied_said, "good"), acts.emptied(round, stop)),
    undo: (last) => over.undo(round, stop, last),
    list,
  } };
  return stop.pickup ? drawPickup({ ...shape, photo: doors.addressOf(stop) }) : drawStop(shape);
}

// What the question is called when nobody, or nothing, is there, and what becomes of it.
function missing({ pickup }) {
  return pickup ? { title: words.pickup_missing, after: words.pickup_after } : { title: words.nobody, after: words.nobody_after };
}

function dayOf(day) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", day: "numeric", weekday: "short", timeZone: "UTC" }).format(new Date(`${day}T00:00Z`));
}

// Another screen begins at its top, for eyes and screen readers.
function turned(moves) {
  window.scrollTo(0, 0);
  if (moves) at("screen").querySelector("h2")?.focus({ preventScroll: true });
}

function go(to, stop = null) {
  screen = to;
  opened = stop;
  touched = Date.now();
  draw();
}

function choose(id) {
  chosen = id;
  if (id) sessionStorage.setItem("drive.round", id);
  else sessionStorage.removeItem("drive.round");
  go(null);
}

// The server's word; of a pick-up that somebody else had taken before, it is told calmly.
function told(record, receipt) {
  if (receipt.result !== "refused") sheet?.sent(record);
  if (!receipt.first) return;
  const { by, at: when } = receipt.first;
  say(fill(by ? words.gone_first_by : words.gone_first, { who: by ?? "", time: clock(when) }), "calm");
  sheet?.take();
}

// -- what comes in ----------------------------------------------------------------------------------

async function take(raw) {
  touched = Date.now();
  const here = where();
  if (!here.round || document.querySelector("dialog[open]")) return;
  const read = readScan(raw, listedCodes(here));
  if (read.place) return openPlace(here.round, read.place);
  if (read.no) return refuse(words[read.no]);
  const meant = meanScan(here, read.code);
  if (meant.no) return refuse(fill(words[meant.no], { place: meant.stop ? parts.titleOf(meant.stop) : "" }), meant.no);
  const { round, stop } = here;
  const kept = await (stop && ["deliver", "take"].includes(meant.act) ? acts[meant.act](round, stop, read.code) : acts[meant.act](round, read.code));
  if (!kept) return;
  play(meant.act === "take" ? "back" : "good");
  say(fill(words[`said_${meant.act}`], { code: groupCode(read.code) }), "good");
}

function refuse(sentence, why = "") {
  const isCalm = ["again", "left_already", "loaded_already"].includes(why);
  play(isCalm ? "calm" : "care");
  say(sentence, isCalm ? "calm" : "care");
}

function isAt({ site, pickup }, code) {
  return !pickup && site.code === code;
}

// The sign at a place: its stop is opened.
function openPlace(round, code) {
  const stop = round.stops.find((one) => isAt(one, code) && !one.outcome) ?? round.stops.find((one) => isAt(one, code));
  if (!stop) return refuse(words.no_stop_here);
  play("calm");
  go("stop", stop.id);
  return say(fill(words.at_place, { place: parts.nameOf(stop.site) }), "good");
}

at("type").addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = at("typed").value.trim();
  at("typed").value = "";
  if (typed) take(typed);
});
at("more-rounds").addEventListener("click", () => choose(null));
at("progress").addEventListener("click", () => go("list"));

// -- what does not work -----------------------------------------------------------------------------

function notKept(error) {
  play("bad");
  root.dataset.stopped = error.why === "full" ? "full" : "closed";
  say(words[`stopped_${root.dataset.stopped}`], "bad");
}

// Without a place to keep records none is taken: the page goes no further.
function stopped(error) {
  notKept(error);
  stay();
  root.dataset.ready = "1";
  return new Promise(() => {});
}

// Somebody else has signed in: this page is not theirs.
function strangers() {
  const before = Number(sessionStorage.getItem("drive.reloaded") ?? 0);
  if (Math.abs(Date.now() - before) < LOOKS) return "signed_out";
  sessionStorage.setItem("drive.reloaded", String(Date.now()));
  location.reload();
  return "signed_out";
}
