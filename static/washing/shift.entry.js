// The wall: asks again every few seconds, less often while no answer comes, and says when it is stale.

import { text } from "../shared/scan/results.js";
import { texts } from "../shared/texts.js";
import { poll } from "./poll.js";

const EVERY = 10000; // ms
const STALE = 30000; // ms without an answer after which it is said
const MOST = 5; // lines of a pile

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const words = texts();
const kinds = texts("kinds");
const asked = setup.site ? `?${new URLSearchParams({ site: setup.site })}` : "";
const number = new Intl.NumberFormat(document.documentElement.lang);
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: setup.zone });

const wall = poll(`/wash/board/now${asked}`, { every: EVERY, onAnswer: show, onStale: grow });

function show(shift) {
  at("stale").hidden = true;
  document.querySelector("main").classList.remove("is-stale");
  at("clock").textContent = shift.clock;
  for (const name of ["waiting", "to_inspect", "ready"]) drawPile(at(name), shift[name].count, shift[name].lines.map(pileLine), shift[name].late);
  drawPile(at("machines"), shift.in_machines, shift.machines.map(machineLine), shift.machines.some(({ over }) => over));
  at("hours").replaceChildren(...shift.hours.map((hour) => bar(hour, shift.plan_height)));
  at("last-hour").textContent = number.format(shift.last_hour);
  at("plan").textContent = shift.per_hour ? words.plan.replace("{count}", number.format(shift.per_hour)) : words.no_plan;
  const { inspected, passed } = shift.first_pass;
  at("first-pass").textContent = inspected ? `${Math.round((100 * passed) / inspected)}%` : "–";
  drawEnd(shift);
  at("table").dataset.ready = "1";
  at("table").dataset.seen = shift.now;
}

function drawPile(pile, count, lines, isLate) {
  pile.classList.toggle("is-late", isLate);
  pile.querySelector("b").textContent = number.format(count);
  const rest = lines.length - MOST;
  const shown = rest > 0 ? lines.slice(0, MOST - 1) : lines;
  if (rest > 0) shown.push(row([text("span", words.more.replace("{count}", rest + 1))]));
  pile.querySelector("ol").replaceChildren(...shown);
}

function pileLine({ kind, count, age, late }) {
  const cells = [text("span", kinds[kind] ?? kind), text("strong", number.format(count))];
  if (age) cells.push(text("em", words.age.replace("{age}", age)));
  return row(cells, late);
}

function machineLine(batch) {
  const cells = [text("span", [batch.machine ?? words.none, batch.stage].filter(Boolean).join(" · ")), text("strong", batch.capacity ? `${batch.total}/${batch.capacity}` : String(batch.total))];
  cells.push(text("em", batch.over ? words.over : words.age.replace("{age}", batch.age)));
  return row(cells, batch.over);
}

function row(cells, isLate = false) {
  const item = document.createElement("li");
  item.className = isLate ? "is-late" : "";
  item.append(...cells);
  return item;
}

function bar({ hour, done, height, short }, plan) {
  const item = document.createElement("li");
  item.className = short ? "hour is-short" : "hour";
  const column = text("div", "", "column");
  const [filled, line] = [text("i", ""), text("u", "")];
  filled.dataset.height = String(Math.round(height / 5));
  if (plan !== null) line.dataset.height = String(Math.round(plan / 5));
  column.setAttribute("aria-hidden", "true");
  column.append(filled, line);
  item.append(text("strong", number.format(done)), column, text("span", hour));
  return item;
}

function drawEnd(shift) {
  const count = number.format(shift.backlog);
  at("ends").textContent = shift.ends ?? "–";
  if (shift.backlog === 0) at("ends-how").textContent = words.nothing;
  else if (shift.ends === null) at("ends-how").textContent = words.unknown;
  else at("ends-how").textContent = (shift.by_plan ? words.by_plan : words.backlog).replace("{count}", count);
}

// No answer: what stands here is old, and that is said once it is.
function grow({ since, signedOut }) {
  if (!signedOut && Date.now() - since < STALE) return;
  at("stale").hidden = false;
  at("stale").textContent = signedOut ? words.signed_out : words.stale.replace("{clock}", clock.format(new Date(since)));
  document.querySelector("main").classList.add("is-stale");
  at("table").dataset.ready = "1";
}

// The wall's screen stays on where the browser allows it.
async function stayAwake() {
  if (!document.hidden) await navigator.wakeLock?.request("screen").catch(() => {});
}

document.addEventListener("visibilitychange", stayAwake);
stayAwake();
await wall.look();
