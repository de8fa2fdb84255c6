// The list of the last ten scans with what became of each, and the undo of each.

import { groupCode } from "./codes.js";

const SHOWN = 10;
const HELD = 40; // to be merged with what the server lists

// entries, the newest first: {id, word, tone, icon, code, kind, at, recorded, voided, line}.
export function makeResults({ list, kinds, icons, words, clock, onUndo }) {
  let entries = [];

  function draw() {
    list.replaceChildren(...entries.slice(0, SHOWN).map(row));
    list.parentElement.classList.toggle("is-empty", entries.length === 0);
  }

  function row(entry) {
    const item = document.createElement("li");
    item.className = `row tone-${entry.tone}${entry.voided ? " is-voided" : ""}`;
    const name = kinds[entry.kind] ? ` · ${kinds[entry.kind]}` : "";
    item.append(
      icon(icons, entry.icon),
      block("row-words", [
        text("strong", entry.voided ? `${entry.word} · ${words.undone}` : entry.word),
        text("span", `${groupCode(entry.code ?? "")}${name}`),
      ]),
      text("time", clock(entry.at)),
    );
    if (entry.recorded?.length && !entry.voided) item.append(undoButton(entry));
    return item;
  }

  function undoButton(entry) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "row-undo";
    button.append(icon(icons, "undo"), text("span", words.undo));
    button.setAttribute("aria-label", `${words.undo}: ${entry.word} ${groupCode(entry.code)}`);
    button.addEventListener("click", () => onUndo(entry));
    return button;
  }

  function add(entry) {
    const known = entries.find((one) => one.id === entry.id);
    if (known) Object.assign(known, entry);
    else entries = [entry, ...entries].slice(0, HELD);
    draw();
  }

  // What the server lists: scans of other devices here join in, what was taken back is marked.
  function merge(scans) {
    const taken = new Map(scans.map((scan) => [scan.id, scan]));
    for (const entry of entries) {
      const told = (entry.recorded ?? []).map((id) => taken.get(id)).filter(Boolean);
      if (told.length) entry.voided = told.every((scan) => scan.voided);
    }
    const shown = new Set(entries.flatMap((entry) => [entry.id, ...(entry.recorded ?? [])]));
    const others = scans.filter((scan) => !shown.has(scan.id)).map((scan) => ({ ...scan, recorded: [scan.id] }));
    entries = [...entries, ...others].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, HELD);
    draw();
  }

  // An undo that was not granted.
  function restore(scans) {
    for (const entry of entries) if (entry.recorded?.some((id) => scans.includes(id))) entry.voided = false;
    draw();
  }

  const last = () => entries.find((entry) => entry.recorded?.length && !entry.voided);
  return { add, merge, draw, last, restore };
}

export function icon(address, name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${address}#${name}`);
  svg.append(use);
  return svg;
}

export function text(tag, words, name = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = words;
  return element;
}

export function block(name, children) {
  const element = document.createElement("div");
  element.className = name;
  element.append(...children);
  return element;
}
