// The number pad of the form, what the ledger has of the chosen kind, and a crate told by a gun.

import { readBeep } from "../shared/scan/codes.js";
import { listenToWedge } from "../shared/scan/wedge.js";
import { texts } from "../shared/texts.js";

const LONGEST = 7; // digits: a million

const form = document.getElementById("record");
if (form) start();

function start() {
  const words = texts();
  const field = form.elements.quantity;
  const held = form.dataset.held ? JSON.parse(form.dataset.held) : null; // who counts is to count
  document.getElementById("keys").hidden = false;

  function type(key) {
    const digits = field.value.replace(/[^0-9]/g, "");
    const next = key === "back" ? digits.slice(0, -1) : (digits + key).slice(0, LONGEST);
    field.value = next.replace(/^0+(?=[0-9])/, "");
  }

  function showHeld() {
    const kind = form.querySelector("[name=kind]:checked")?.dataset.id;
    const condition = (form.querySelector("[name=condition]:checked") ?? form.elements.condition)?.value;
    const inCrate = Boolean(form.elements.crate?.value.trim());
    const told = held && kind && condition && !inCrate;
    document.getElementById("held").textContent = told ? words.held.replace("{n}", held[`${kind} ${condition}`] ?? 0) : "";
  }

  document.getElementById("keys").addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key) type(key);
  });
  form.addEventListener("change", showHeld);
  form.elements.crate?.addEventListener("input", showHeld);
  if (form.elements.crate) {
    listenToWedge({
      onScan(text) {
        const read = readBeep(text);
        if (read.kind === "item") form.elements.crate.value = read.code;
        showHeld();
      },
    });
  }
  showHeld();
}
