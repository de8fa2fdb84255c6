// A batch as it stands: how full, which stage, what is in it and what befell it.

import { groupCode } from "../shared/scan/codes.js";
import { text } from "../shared/scan/results.js";

const at = (id) => document.getElementById(id);

export function drawBatch(batch, { words, kinds, mode }) {
  const runs = batch.state === "running";
  at("batch-since").textContent = runs ? words.since.replace("{since}", batch.since).replace("{age}", batch.age) : words.ended.replace("{age}", batch.age);
  at("batch-total").textContent = batch.total;
  at("batch-of").textContent = batch.capacity ? words.capacity.replace("{capacity}", batch.capacity) : words.pieces;
  const ware = Object.entries({ ...batch.kinds, ...batch.counted }).map(([kind, n]) => `${kinds[kind] ?? kind} ${n}`);
  if (batch.crates) ware.push(words.crates.replace("{count}", batch.crates));
  at("batch-kinds").textContent = ware.join(" · ");
  at("batch-bar").hidden = batch.fill === null;
  at("batch-bar").dataset.fill = String(Math.min(20, Math.ceil((batch.fill ?? 0) / 5)));
  at("batch-head").classList.toggle("is-over", batch.over);
  warn(batch, words);
  for (const button of document.querySelectorAll("[data-stage]")) {
    const stage = batch.stages.find((one) => one.stage === button.dataset.stage);
    button.setAttribute("aria-pressed", String(Boolean(stage?.began)));
    button.querySelector("span").textContent = stage?.began ?? "";
    button.disabled = batch.state === "aborted" || Boolean(stage?.began);
  }
  for (const button of document.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  at("running").hidden = !runs;
  at("ending").hidden = !runs;
  at("over").hidden = batch.state !== "finished";
  at("open-reading").hidden = batch.state === "aborted";
  at("rest-hint").textContent = runs ? words[`hint_${mode}`] : batch.state === "aborted" ? words.hint_aborted : words.hint_over;
}

function warn(batch, words) {
  const over = batch.over && words.over.replace("{count}", batch.total - batch.capacity);
  const cold = batch.too_cold && words.cold.replace("{minimum}", batch.minimum);
  const lines = [over, cold, batch.awaits_result && words.awaits].filter(Boolean);
  at("batch-warning").hidden = lines.length === 0;
  at("batch-warning").textContent = lines.join(" ");
}

export function drawLists({ pieces, story }, { words, kinds }) {
  at("pieces-empty").hidden = pieces.length > 0;
  at("pieces").replaceChildren(
    ...pieces.map((piece) => row([text("b", groupCode(piece.code), "code"), text("span", piece.crate ? words.crate : (kinds[piece.kind] ?? piece.kind)), text("time", piece.at)])),
  );
  at("story").replaceChildren(...story.map((event) => row([text("time", event.at), text("b", event.words), text("span", event.by)])).reverse());
}

function row(cells) {
  const item = document.createElement("li");
  item.append(...cells);
  return item;
}
