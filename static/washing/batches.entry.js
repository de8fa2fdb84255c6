// The centre's machines: a tap or a number key begins a batch or goes on with it.

import { openRecords } from "../shared/scan/records.js";
import { icon, text } from "../shared/scan/results.js";
import { makeSwitch, play } from "../shared/scan/sounds.js";
import { makeUnsent } from "../shared/scan/unsent.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { poll } from "./poll.js";

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const words = texts();
const kinds = texts("kinds");
const machines = texts("machine-list");
const asked = setup.site ? `?${new URLSearchParams({ site: setup.site })}` : "";
const NONE = { id: null, name: words.none, capacity: 0 };

let running = [];
let chosen = null; // the machine a batch is begun at
let beginning = null; // the id of the batch that waits for its answer

const records = await openRecords({
  site: setup.place,
  onAnswer: (record) => record.id === beginning && go(record.id),
  onRefused: (_record, error) => (tellBegin(`${error.message ?? ""} ${error.next_step ?? ""}`.trim()), play("bad")),
  onChange: makeUnsent({ words, zone: setup.zone }),
  onNotKept: () => tellBegin(`${words.not_kept} ${words.not_kept_next}`),
}).catch(() => null);
const board = poll(`/wash/batches/now${asked}`, { every: 10000, onAnswer: show, onStale: () => tell(words.stale, true) });
listenToWedge({ onScan: () => (tell(words.first_machine), play("soft")), onTyped: (typed) => [...typed].forEach(press) });

function tell(said, isStale = false) {
  at("told").textContent = said;
  at("told").classList.toggle("is-stale", isStale);
}

function tellBegin(said) {
  at("begin-told").textContent = said;
}

// -- the machines ---------------------------------------------------------------------------------

function show(body) {
  running = body.running;
  if (at("told").classList.contains("is-stale")) tell("");
  const shown = places();
  at("machines").replaceChildren(...shown.map(card));
  at("done-box").hidden = body.done.length === 0;
  at("done").replaceChildren(...body.done.map(doneRow));
  at("table").dataset.ready = "1";
}

// A card for each batch that runs and for each machine without one; last, for what needs no machine.
function places() {
  const found = [];
  for (const machine of machines) {
    const own = running.filter((batch) => batch.machine_id === machine.id);
    if (own.length) found.push(...own.map((batch) => ({ machine, batch })));
    else found.push({ machine, batch: null });
  }
  const known = new Set(machines.map(({ id }) => id));
  for (const batch of running) if (!known.has(batch.machine_id)) found.push({ machine: { ...NONE, name: batch.machine ?? words.none }, batch });
  found.push({ machine: NONE, batch: null });
  return found;
}

function card({ machine, batch }, place) {
  const row = document.createElement("li");
  const button = document.createElement(batch ? "a" : "button");
  if (batch) button.href = addressOf(batch.id);
  else button.type = "button";
  button.className = batch ? `machine is-running${batch.over || batch.too_cold ? " is-wrong" : ""}` : "machine";
  if (machine.id === null && !batch) button.classList.add("machine-none");
  button.append(...(batch ? runningWords(machine, batch) : emptyWords(machine)));
  if (place < 9) button.prepend(text("i", String(place + 1), "key"));
  if (!batch) button.addEventListener("click", () => (button.blur(), open(machine)));
  row.append(button);
  return row;
}

function emptyWords(machine) {
  const lines = [text("strong", machine.name, "machine-name"), text("span", machine.id === null ? "" : words.empty, "machine-state")];
  if (machine.capacity) lines.push(text("span", words.takes.replace("{capacity}", machine.capacity), "machine-line"));
  lines.push(text("span", words.start, "machine-go"));
  return lines;
}

function runningWords(machine, batch) {
  const count = batch.capacity ? words.fill : words.total;
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = batch.fill ?? 0;
  bar.hidden = batch.fill === null;
  bar.setAttribute("aria-hidden", "true");
  const ware = Object.entries({ ...batch.kinds, ...batch.counted }).map(([kind, n]) => `${kinds[kind] ?? kind} ${n}`);
  if (batch.crates) ware.push(words.crates.replace("{count}", batch.crates));
  const lines = [
    text("strong", machine.name, "machine-name"),
    text("span", [batch.stage ?? words.running, batch.programme].filter(Boolean).join(" · "), "machine-state"),
    text("b", count.replace("{total}", batch.total).replace("{capacity}", batch.capacity), "machine-count"),
    bar,
    text("span", ware.join(" · "), "machine-line"),
    text("span", words.since.replace("{since}", batch.since).replace("{age}", batch.age), "machine-line"),
  ];
  const wrong = [batch.over && words.over, batch.too_cold && words.cold].filter(Boolean);
  if (wrong.length) {
    const line = text("span", "", "machine-wrong");
    line.append(icon(setup.icons, "warning"), text("span", wrong.join(" · ")));
    lines.push(line);
  }
  return lines;
}

function doneRow(batch) {
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = addressOf(batch.id);
  const mark = batch.state === "aborted" ? words.aborted : batch.awaits_result ? words.awaits : words.finished;
  link.append(
    text("strong", batch.machine ?? words.none),
    text("span", words.total.replace("{total}", batch.total)),
    text("span", words.since.replace("{since}", batch.since).replace("{age}", batch.age)),
    text("b", mark, batch.awaits_result ? "is-waiting" : ""),
  );
  row.append(link);
  return row;
}

const addressOf = (id) => `/wash/batches/${id}${asked}`;
const go = (id) => location.assign(addressOf(id));

// -- to begin ---------------------------------------------------------------------------------------

function open(machine) {
  chosen = machine;
  at("begin-title").textContent = machine.id === null ? words.begin_none : words.begin.replace("{machine}", machine.name);
  tellBegin("");
  at("begin").showModal();
}

function begin(programme) {
  if (!records) return tellBegin(`${words.not_kept} ${words.not_kept_next}`);
  beginning = records.add("/wash/batches", { machine: chosen.id, programme, site: setup.site || null }, { kind: "begin" });
  setTimeout(() => tellBegin(words.waiting), 1500);
  return beginning;
}

// A number key is the card, or the programme, with that number.
function press(key) {
  if (!/^[0-9]$/.test(key)) return;
  const buttons = at("begin").open ? [...document.querySelectorAll(".programme")] : [...document.querySelectorAll(".machine")];
  buttons.find((button) => button.querySelector(".key")?.textContent === key)?.click();
}

for (const button of document.querySelectorAll(".programme")) {
  button.addEventListener("click", () => begin(button.dataset.programme ? Number(button.dataset.programme) : null));
}
at("begin-close").addEventListener("click", () => at("begin").close());
makeSwitch(at("sound"));
await board.look();
