// The answer above the list: a colour, a word, what it was about, what to do next, read and heard.

import { icon } from "./results.js";
import { play } from "./sounds.js";

const at = (id) => document.getElementById(id);

// show(answer, {silent}) with {word, tone, icon, line, next_step}; it stays until the next one.
export function makeStage({ icons }) {
  const stage = at("stage");
  const page = stage.closest("main");

  function paint({ word, tone, icon: name, line = "", next_step: next = "" }) {
    stage.className = `stage tone-${tone}`;
    page.dataset.tone = tone;
    stage.querySelector(".stage-icon").replaceChildren(icon(icons, name));
    at("stage-word").textContent = word;
    at("stage-line").textContent = line;
    at("stage-next").textContent = next;
    stage.hidden = false;
    void stage.offsetWidth; // the same answer twice in a row is still seen twice
    stage.classList.add("is-new");
  }

  function say(parts) {
    at("spoken").textContent = "";
    requestAnimationFrame(() => (at("spoken").textContent = parts.filter(Boolean).join(". ")));
  }

  return {
    show(answer, { silent = false } = {}) {
      paint(answer);
      if (silent) return;
      play(answer.tone);
      say([answer.word, answer.line, answer.next_step]);
    },
  };
}
