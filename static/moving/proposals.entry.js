// The officer's morning by keyboard: numbers and crates as they are typed, rows found and walked.

import { loadPart } from "../shared/part.js";
import { texts } from "../shared/texts.js";

const words = texts();
const form = document.getElementById("morning");
const at = (id) => document.getElementById(id);
const MOST = 20000;

const rows = [...(form?.querySelectorAll("tbody tr") ?? [])];
const inputs = rows.map((row) => row.querySelector(".give-n"));
const numberOf = (input) => (/^[0-9]{1,5}$/.test(input.value.trim()) ? Number(input.value) : null);
const cratesOf = (pieces, size) => Math.ceil(pieces / size);
const grouped = new Intl.NumberFormat(document.documentElement.lang);

function draw(row) {
  const input = row.querySelector(".give-n");
  const number = numberOf(input);
  input.classList.toggle("is-wrong", number === null || number > MOST);
  row.classList.toggle("is-changed", number !== Number(row.dataset.stands));
  row.querySelector(".give-crates").textContent = words.crates.replace("{n}", number === null ? "?" : cratesOf(number, Number(row.dataset.size)));
}

function drawSums() {
  for (const sum of document.querySelectorAll(".sum-kind")) {
    const own = rows.filter((row) => row.dataset.kind === sum.dataset.kind);
    const numbers = own.map((row) => numberOf(row.querySelector(".give-n")) ?? 0);
    const total = numbers.reduce((all, one) => all + one, 0);
    const crates = numbers.reduce((all, one) => all + cratesOf(one, Number(sum.dataset.size)), 0);
    sum.querySelector("[data-sum]").textContent = grouped.format(total);
    sum.querySelector("[data-sum-crates]").textContent = grouped.format(crates);
    sum.classList.toggle("is-short", total > Number(sum.dataset.ready));
  }
}

function put(input, number) {
  input.value = Math.max(0, Math.min(MOST, number));
  draw(input.closest("tr"));
  drawSums();
}

// The next row that is shown, in either direction.
function walk(input, step) {
  let place = inputs.indexOf(input) + step;
  while (inputs[place] && rows[place].hidden) place += step;
  inputs[place]?.focus();
  inputs[place]?.select();
  return Boolean(inputs[place]);
}

// One crate more or less, from whole crate to whole crate.
function crate(input, step) {
  const size = Number(input.closest("tr").dataset.size);
  const number = numberOf(input) ?? 0;
  put(input, step > 0 ? (Math.floor(number / size) + 1) * size : (Math.ceil(number / size) - 1) * size);
}

function onKey(event) {
  const input = event.target;
  if (!input.classList.contains("give-n")) return;
  const acts = { ArrowUp: () => walk(input, -1), ArrowDown: () => walk(input, 1), PageUp: () => crate(input, 1), PageDown: () => crate(input, -1), Enter: () => accept(event, input) };
  if (!acts[event.key]) return;
  event.preventDefault();
  acts[event.key]();
}

// Enter decides this row; the page that comes back stands at the next one.
function accept(event, input) {
  const all = event.ctrlKey || event.metaKey;
  if (!all) sessionStorage.setItem("morning.next", String(inputs.indexOf(input) + 1));
  form.requestSubmit(all ? form.querySelector("[name=do][value=all]") : input.closest("tr").querySelector("[name=do]"));
}

function filter() {
  const text = at("find").value.trim().toLowerCase();
  const onlyOpen = at("only-open").checked;
  for (const row of rows) {
    const isOpen = !row.classList.contains("is-decided") || row.classList.contains("is-changed");
    row.hidden = !row.dataset.place.toLowerCase().includes(text) || (onlyOpen && !isOpen);
  }
}

if (form && inputs[0]) {
  form.addEventListener("keydown", onKey);
  form.addEventListener("input", ({ target }) => {
    if (!target.classList.contains("give-n")) return;
    draw(target.closest("tr"));
    drawSums();
  });
  form.addEventListener("focusin", ({ target }) => target.classList.contains("give-n") && target.select());
  at("find").addEventListener("input", filter);
  at("find").addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  at("only-open").addEventListener("change", filter);
  at("round-up").classList.remove("hidden");
  at("round-up").addEventListener("click", () => {
    for (const row of rows.filter((one) => !one.classList.contains("is-decided"))) {
      const input = row.querySelector(".give-n");
      const size = Number(row.dataset.size);
      put(input, cratesOf(numberOf(input) ?? 0, size) * size);
    }
  });
  rows.forEach(draw);
  drawSums();
  const next = sessionStorage.getItem("morning.next");
  sessionStorage.removeItem("morning.next");
  const wrong = form.querySelector("[aria-invalid]");
  if (wrong) wrong.focus();
  else if (next !== null) inputs[Number(next) % inputs.length]?.focus();
}

// The forecast's error takes its time: it comes after the page.
const errors = at("errors");
const told = await loadPart(errors.dataset.from);
if (told !== null) errors.innerHTML = told;
errors.dataset.ready = "1";
