// What a list still wants, what to take next, and its crates, drawn as the server told it last.

import { groupCode } from "../shared/scan/codes.js";
import { block, text } from "../shared/scan/results.js";

const LOTS_OF = 2; // kinds whose next lots are shown

const at = (id) => document.getElementById(id);
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// onHand(code) when a crate is chosen by a tap, onCount(line) for a kind without codes.
export function makePacker({ words, names, state: first, onHand, onCount }) {
  let state = first;

  function show(next, hand) {
    state = { ...next, lines: next.lines.map(withOldLots) };
    draw(hand);
  }

  // An answer tells the lots of the kinds it was about only.
  function withOldLots(line) {
    if (line.lots !== null) return line;
    return { ...line, lots: state.lines.find(({ kind }) => kind === line.kind)?.lots ?? [] };
  }

  function draw(hand) {
    const sum = (part) => state.lines.reduce((total, line) => total + line[part], 0);
    at("sum-packed").textContent = `${sum("packed")} / ${sum("pieces")}`;
    at("sum-left").textContent = state.left;
    at("sum-crates").textContent = state.crates.length;
    const open = state.lines.filter(({ left, counted }) => left && !counted).slice(0, LOTS_OF);
    at("kinds").replaceChildren(...state.lines.map((line) => kindRow(line, open.indexOf(line))));
    at("no-kinds").hidden = state.lines.length > 0;
    at("crates").replaceChildren(...state.crates.map((crate) => crateRow(crate, hand)));
    at("no-crates").hidden = state.crates.length > 0;
    at("do-close").hidden = !state.may.includes("close");
    at("do-reopen-list").hidden = !state.may.includes("reopen");
    drawHand(hand);
  }

  function drawHand(hand) {
    const crate = find(hand);
    at("hand").textContent = hand ? fill(words.hand, { code: groupCode(hand), n: crate?.count ?? 0 }) : words.hand_none;
    at("hand").classList.toggle("is-none", !hand);
    at("do-seal").disabled = !crate || crate.sealed || !crate.count;
    at("do-reopen").hidden = !crate?.sealed || crate.loaded;
    at("do-dissolve").hidden = !crate || crate.loaded;
  }

  function kindRow(line, place) {
    const row = document.createElement("li");
    row.className = `pack-kind${line.left ? "" : " is-full"}${line.packed > line.pieces ? " is-over" : ""}`;
    const name = names[line.kind] ?? line.kind;
    const over = line.packed - line.pieces;
    const told = over > 0 ? fill(words.over, { n: over }) : line.left ? fill(words.left, { n: line.left }) : words.full;
    const bar = document.createElement("progress");
    bar.max = Math.max(1, line.pieces);
    bar.value = Math.min(line.packed, bar.max);
    bar.setAttribute("aria-label", name);
    row.append(
      block("pack-kind-head", [text("strong", name), text("b", fill(words.of, line)), text("span", told, "pack-kind-told")]),
      bar,
    );
    if (line.counted) row.append(countRow(line));
    else if (place >= 0) row.append(...lotRows(line, place === 0));
    return row;
  }

  function countRow(line) {
    const button = text("button", words.put_count, "btn pack-count");
    button.type = "button";
    button.addEventListener("click", () => (button.blur(), onCount(line)));
    return block("pack-kind-foot", [text("span", fill(words.loose, { n: line.loose })), button]);
  }

  function lotRows(line, withCodes) {
    if (!line.lots.length) return [text("p", words.none_ready, "pack-lot is-empty")];
    return line.lots.slice(0, 2).map((lot, number) => {
      const row = block("pack-lot", [text("span", fill(words.lot, { ...lot, n: lot.count })), text("span", usesOf(lot))]);
      if (withCodes && number === 0) row.append(text("span", lot.codes.map(groupCode).join("  "), "pack-codes"));
      return row;
    });
  }

  function usesOf({ least_uses: least, most_uses: most }) {
    if (!most) return words.unused;
    return fill(least === most ? words.used_same : words.uses, { least, most });
  }

  function crateRow(crate, hand) {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "pack-crate";
    const stage = crate.loaded ? words.loaded : crate.sealed ? words.sealed : words.open;
    button.append(text("span", groupCode(crate.code), "code"), text("span", `${fill(words.count, { n: crate.count })} · ${stage}`));
    button.setAttribute("aria-pressed", String(crate.code === hand));
    button.classList.toggle("is-sealed", crate.sealed);
    button.addEventListener("click", () => (button.blur(), onHand(crate.code)));
    row.append(button);
    return row;
  }

  const find = (code) => state.crates.find((crate) => crate.code === code) ?? null;
  return { show, draw, find, line: (kind) => state.lines.find((one) => one.kind === kind), get state() { return state; } };
}
