// The count of an event: numbers are kept on this device until they are sent, pieces are scanned.

import { readBeep } from "../shared/scan/codes.js";
import { makeStage } from "../shared/scan/stage.js";
import { openTelling } from "../shared/scan/telling.js";
import { makeViewer } from "../shared/scan/viewer.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { askTime } from "../shared/send.js";
import { texts } from "../shared/texts.js";
import { makePad } from "./pad.js";

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const words = texts();
const form = at("count");
const PATH = `/events/${setup.event}/count/beep`;
const KEPT = `events-count-${setup.event}`;
const stage = at("stage") ? makeStage({ icons: setup.icons }) : { show() {} };
let broken = false;
let last = null;

const records = await openTelling({ site: setup.hall, zone: setup.zone, words, stage, path: PATH, onAnswer: answered });
makePad({ form, onChange: changed });
listenToWedge({ onScan: take });
makeViewer({ ...setup, words, onScan: take, onShow: () => {} });

// -- by scan ------------------------------------------------------------------------------------------

function take(raw) {
  const read = readBeep(raw);
  if (read.kind === "wrong") return tell(words.wrong_digit, words.wrong_digit_next);
  if (read.kind !== "item") return tell(words.unreadable, words.unreadable_next);
  const shot = `${read.code} ${broken}`;
  if (shot === last) return null; // a gun's second shot, or a camera that looks on
  last = shot;
  return records.tell({ code: read.code, broken, site: form.elements.site?.value ?? null });
}

function answered(record, body) {
  stage.show(body);
  if (body.error) last = null;
  const row = form.querySelector(`.scanned[data-kind="${CSS.escape(body.kind ?? "")}"]`);
  if (!row) return;
  row.querySelector(".found").textContent = body.found;
  row.querySelector(".broken").textContent = body.broken;
  row.classList.toggle("is-full", body.found + body.broken >= Number(row.dataset.sent));
}

function tell(word, next) {
  stage.show({ word, next_step: next, tone: "bad", icon: "warning" });
}

for (const button of form.querySelectorAll("[data-broken]")) {
  button.addEventListener("click", () => {
    broken = button.dataset.broken === "1";
    for (const one of form.querySelectorAll("[data-broken]")) one.setAttribute("aria-pressed", String(one === button));
    button.blur();
  });
}
at("type").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("typed").value.trim();
  at("typed").value = "";
  last = null;
  if (text) take(text);
});

// -- by number ----------------------------------------------------------------------------------------

function changed(field) {
  compare(field.closest(".count-row"));
  keep();
}

function compare(row) {
  const told = row?.querySelector(".count-diff");
  if (!told) return;
  const [found, out] = [...row.querySelectorAll("input.count-n")].map((one) => one.value);
  const left = Number(row.dataset.sent) - Number(found) - Number(out);
  told.textContent = found === "" ? "" : left > 0 ? words.short.replace("{n}", left) : left < 0 ? words.more.replace("{n}", -left) : words.same;
  told.dataset.off = found !== "" && left !== 0 ? "1" : "";
  row.classList.toggle("is-full", found !== "" && left === 0);
}

// What is typed stays on this device until it was sent, under the id it is to be sent with.
function keep() {
  const kept = { id: form.elements.id.value, fields: [...form.querySelectorAll("input.count-n, .count-what input, textarea")].map((one) => one.value) };
  localStorage.setItem(KEPT, JSON.stringify(kept));
}

function bringBack() {
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null");
  const fields = [...form.querySelectorAll("input.count-n, .count-what input, textarea")];
  if (kept?.fields.length !== fields.length || fields.some((one) => one.value)) return;
  form.elements.id.value = kept.id;
  fields.forEach((one, n) => (one.value = kept.fields[n]));
}

form.addEventListener("input", keep);
form.addEventListener("click", (event) => {
  const fill = event.target.closest(".fill");
  if (!fill) return;
  const field = form.elements[fill.dataset.field];
  field.value = fill.dataset.fill;
  fill.blur();
  changed(field);
});
at("more-foreign").addEventListener("click", () => {
  const rows = [...form.querySelectorAll(".foreign-rows .count-row")];
  const hidden = rows.find((one) => one.hidden);
  const row = hidden ?? rows.at(-1).cloneNode(true);
  if (!hidden) {
    for (const one of row.querySelectorAll("input")) one.value = "";
    rows.at(-1).after(row);
  }
  row.hidden = false;
  row.querySelector("input").focus();
});
let sending = false;
form.addEventListener("submit", async (event) => {
  if (sending) return;
  event.preventDefault();
  at("offline").hidden = true;
  try {
    await askTime(); // nothing typed is lost to a browser's own page of errors
  } catch {
    at("offline").hidden = false;
    at("offline").scrollIntoView({ block: "center" });
    return;
  }
  sending = true;
  localStorage.removeItem(KEPT);
  form.submit();
});

bringBack();
for (const row of form.querySelectorAll(".foreign-rows .count-row")) row.hidden &&= [...row.querySelectorAll("input")].every((one) => !one.value);
for (const row of form.querySelectorAll(".count-row[data-sent]")) compare(row);
stage.show({ word: words.hint, tone: "idle", icon: "qr" }, { silent: true });
at("table").dataset.ready = "1";
