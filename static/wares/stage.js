// The answer to the last scan or number: a colour, a word, what to do next, read and heard.

import { groupCode } from "../shared/scan/codes.js";
import { icon } from "../shared/scan/results.js";
import { play } from "../shared/scan/sounds.js";

const at = (id) => document.getElementById(id);

export function makeStage({ icons, kinds }) {
  const stage = at("stage");

  function show({ word, tone, icon: name, line = "", next_step: next = "", code = "", kind = null }, { silent = false } = {}) {
    const cup = [code ? groupCode(code) : "", kinds[kind] ?? ""].filter(Boolean).join(" · ");
    stage.className = `stage tone-${tone}`;
    stage.querySelector(".stage-icon").replaceChildren(icon(icons, name));
    at("stage-word").textContent = word;
    at("stage-line").textContent = line;
    at("stage-cup").textContent = cup;
    at("stage-next").textContent = next;
    void stage.offsetWidth; // the same answer twice in a row is still seen twice
    stage.classList.add("is-new");
    if (silent) return;
    play(tone);
    at("spoken").textContent = "";
    requestAnimationFrame(() => (at("spoken").textContent = [word, line, cup, next].filter(Boolean).join(". ")));
  }

  return { show };
}
