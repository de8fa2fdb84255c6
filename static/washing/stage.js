// The answer over the whole ground: a colour, a word, a number, what to do next, read and heard.

import { groupCode } from "../shared/scan/codes.js";
import { play } from "../shared/scan/sounds.js";
import { icon } from "../shared/scan/results.js";

const SOUNDS = { wash: "back", retire: "care", fault: "wait" };

const at = (id) => document.getElementById(id);

// stays: ms until the ground is seen again and onIdle() is called, unless told otherwise.
export function makeStage({ icons, kinds, words, stays: usual, onIdle }) {
  const stage = at("stage");
  const page = stage.closest("main");
  let timer = 0;

  function paint({ word, tone, icon: name, line = "", next_step: next = "", cup = "", shown = null }) {
    stage.className = `stage tone-${tone}`;
    page.dataset.tone = tone;
    stage.querySelector(".stage-icon").replaceChildren(icon(icons, name));
    at("stage-word").textContent = word;
    at("stage-count").textContent = shown === null ? "" : words.count.replace("{n}", shown);
    at("stage-line").textContent = line;
    at("stage-cup").textContent = cup;
    at("stage-next").textContent = next;
    stage.hidden = false;
    at("rest").inert = true;
    // The same answer twice in a row is still seen twice.
    void stage.offsetWidth;
    stage.classList.add("is-new");
  }

  function say(parts) {
    at("spoken").textContent = "";
    requestAnimationFrame(() => (at("spoken").textContent = parts.filter(Boolean).join(". ")));
  }

  // stays: 0: until the next beep.
  function show(answer, { stays = usual, silent = false } = {}) {
    const cup = [answer.code ? groupCode(answer.code) : "", kinds[answer.kind] ?? ""].filter(Boolean).join(" · ");
    paint({ ...answer, cup });
    if (!silent) {
      play(SOUNDS[answer.tone] ?? answer.tone);
      say([answer.word, at("stage-count").textContent, answer.line, cup, answer.next_step]);
    }
    clearTimeout(timer);
    if (stays) timer = setTimeout(onIdle, stays);
  }

  function clear() {
    clearTimeout(timer);
    stage.hidden = true;
    at("rest").inert = false;
    delete page.dataset.tone;
  }

  return { show, clear };
}
