// Packing for an event: the first beep is the crate, the next ones go into it, a seal closes it.

import { loadPart } from "../shared/part.js";
import { groupCode, readBeep } from "../shared/scan/codes.js";
import { makeStage } from "../shared/scan/stage.js";
import { openTelling } from "../shared/scan/telling.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";
import { makePad } from "./pad.js";

const PATH = "/events/pack";

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const words = texts();
const stage = makeStage({ icons: setup.icons });
const form = at("pack");
let crate = null;
let codes = [];
let told = 0; // crates told and answered well: the page is drawn anew when none waits

const records = await openTelling({ site: setup.hall, zone: setup.zone, words, stage, path: PATH, onAnswer: answered, onRefused: putBack });
makePad({ form, onChange() {} });
listenToWedge({ onScan: take });
makeViewer({ ...setup, words, onScan: take, onShow: () => {} });
const sent = new Map(); // by record: what stood in the form, put back when it is refused

function take(raw) {
  const read = readBeep(raw);
  if (read.kind === "wrong") return say(words.wrong_digit, words.wrong_digit_next);
  if (read.kind !== "item") return say(words.unreadable, words.unreadable_next);
  if (crate === null) return openCrate(read.code);
  if (read.code === crate) return null;
  if (codes.includes(read.code)) return say(words.piece_again, "", "calm", groupCode(read.code));
  codes.push(read.code);
  draw();
  return say(words.piece, "", "good", `${groupCode(read.code)} · ${words.pieces.replace("{n}", codes.length)}`);
}

function openCrate(code) {
  crate = code;
  draw();
  say(words.crate, words.crate_next, "good", groupCode(code));
}

function draw() {
  at("crate-code").textContent = crate ? groupCode(crate) : "–";
  at("scanned").textContent = codes.length;
  at("undo").disabled = codes.length === 0;
}

function say(word, next, tone = "bad", line = "") {
  const icon = { bad: "warning", care: "info", calm: "info", good: "check" }[tone];
  stage.show({ word, next_step: next, tone, icon, line });
}

function counted() {
  const fields = [...form.querySelectorAll("input.count-n")].filter((one) => Number(one.value) > 0);
  return Object.fromEntries(fields.map((one) => [one.name, Number(one.value)]));
}

function empty() {
  [crate, codes] = [null, []];
  for (const one of form.querySelectorAll("input.count-n")) one.value = "";
  at("seal").value = "";
  draw();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const what = counted();
  const seal = at("seal").value.trim();
  if (crate === null) return say(words.no_crate, "", "care");
  if (codes.length === 0 && Object.keys(what).length === 0) return say(words.nothing, words.nothing_next, "care");
  if (!seal) {
    at("seal").focus();
    return say(words.no_seal, words.no_seal_next, "care");
  }
  const body = { crate, seal, codes, counted: what, event: setup.event || null, to: setup.to || null, site: at("centre")?.value ?? null };
  sent.set(records.tell(body), body);
  return empty();
});

function answered(record, body) {
  stage.show(body);
  if (body.error) return putBack(record);
  sent.delete(record.id);
  told += 1;
  at("table").dataset.told = told;
  return sent.size === 0 && crate === null && refresh();
}

// What was refused stands in the form again, where nothing else was begun.
function putBack(record) {
  const body = sent.get(record.id);
  sent.delete(record.id);
  if (!body || crate !== null) return;
  [crate, codes] = [body.crate, body.codes];
  for (const [name, count] of Object.entries(body.counted)) form.elements[name].value = count;
  at("seal").value = body.seal;
  draw();
}

// The numbers packed so far, and the list of crates.
async function refresh() {
  const drawn = await loadPart(location.href);
  if (drawn === null || crate !== null) return;
  const page = new DOMParser().parseFromString(drawn, "text/html");
  document.querySelector(".work-side section").replaceWith(page.querySelector(".work-side section"));
  const fresh = [...page.querySelectorAll(".count-row")];
  [...form.querySelectorAll(".count-row")].forEach((row, n) => {
    for (const part of ["small", ".fill"]) {
      if (row.querySelector(part)) row.querySelector(part).replaceWith(fresh[n].querySelector(part));
    }
  });
}

form.addEventListener("click", (event) => {
  const fill = event.target.closest(".fill");
  if (fill) form.elements[fill.dataset.kind].value = fill.dataset.fill;
});
at("undo").addEventListener("click", () => {
  const code = codes.pop();
  draw();
  say(words.taken_out, "", "calm", groupCode(code));
});
at("reset").addEventListener("click", () => {
  empty();
  stage.show({ word: words.hint, tone: "idle", icon: "qr" }, { silent: true });
});
at("type").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("typed").value.trim();
  at("typed").value = "";
  if (text) take(text);
});
stage.show({ word: words.hint, tone: "idle", icon: "qr" }, { silent: true });
draw();
at("table").dataset.ready = "1";
