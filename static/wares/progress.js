// How far the session is: what was noted beside what is expected, the quantities typed, what is left.

import { block, icon, text } from "../shared/scan/results.js";

const EVERY = 15000; // ms: what the other tablets note
const SOON = 500; // ms after an answer

const at = (id) => document.getElementById(id);

// onTakeBack(line), onChoose(left) when somebody taps what is not counted yet; onEnded() when
// another tablet ended the session. Returns {load, soon, latest}.
export function makeProgress({ session, icons, kinds, words, onTakeBack, onChoose, onEnded }) {
  let timer = 0;
  let latest = null;

  async function load() {
    clearTimeout(timer);
    timer = setTimeout(load, EVERY);
    if (document.hidden && latest) return;
    try {
      const answer = await fetch(`/wares/stocktaking/${session}/progress`, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) return;
      latest = await answer.json();
    } catch {
      return; // offline: what stood here stays
    }
    if (!latest.open) onEnded();
    show();
  }

  function show() {
    const sum = (name) => latest.tallies.reduce((all, one) => all + one[name], 0);
    at("noted").textContent = sum("noted");
    at("expected").textContent = sum("expected");
    at("unknown").textContent = latest.unknown;
    at("unknown-box").hidden = latest.unknown === 0;
    at("tallies").replaceChildren(...latest.tallies.map(tally));
    at("lines-title").hidden = latest.lines.length === 0;
    at("lines").replaceChildren(...latest.lines.toReversed().map(line));
    at("left-title").hidden = latest.not_counted.length === 0;
    at("left").replaceChildren(...latest.not_counted.map(left));
  }

  function tally(one) {
    const row = document.createElement("li");
    row.className = one.noted >= one.expected ? "tally is-full" : "tally";
    const bar = document.createElement("meter");
    Object.assign(bar, { min: 0, max: Math.max(1, one.expected), value: Math.min(one.noted, one.expected) });
    bar.setAttribute("aria-label", kinds[one.kind] ?? one.kind);
    row.append(
      text("span", kinds[one.kind] ?? one.kind),
      text("b", words.tally.replace("{noted}", one.noted).replace("{expected}", one.expected)),
      bar,
    );
    return row;
  }

  function line(one) {
    const row = document.createElement("li");
    const where = one.crate ? ` · ${words.in_crate.replace("{code}", one.crate)}` : "";
    const name = kinds[one.kind] ?? one.kind;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.append(icon(icons, "undo"), text("span", words.take_back));
    button.setAttribute("aria-label", `${words.take_back}: ${name} ${one.quantity}`);
    button.addEventListener("click", () => {
      row.remove();
      onTakeBack(one);
    });
    row.append(
      block("line-words", [text("strong", name), text("span", `${one.condition}${where} · ${one.at}`)]),
      text("b", words.pieces.replace("{n}", one.quantity)),
      button,
    );
    return row;
  }

  function left(one) {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    const name = kinds[one.kind] ?? one.kind;
    // Not how many: who counts is to count.
    button.append(text("span", `${name} · ${one.words}`));
    button.addEventListener("click", () => onChoose(one));
    row.append(button);
    return row;
  }

  return {
    load,
    soon() {
      clearTimeout(timer);
      timer = setTimeout(load, SOON);
    },
    get latest() {
      return latest;
    },
  };
}
