// The big answer: a colour, a word, an icon and what to do next, read aloud and heard.

import { groupCode } from "../shared/scan/codes.js";
import { play } from "../shared/scan/sounds.js";
import { icon } from "../shared/scan/results.js";

const STREAK = 6000; // ms between two beeps that count as one run

const at = (id) => document.getElementById(id);

export function makeStage({ icons, kinds, words, spoken }) {
  const stage = at("stage");
  let idleTimer = 0;
  let run = { action: null, count: 0, last: 0 };

  function paint({ word, tone, icon: name, line = "", next_step: next = "", cup = "" }) {
    stage.className = `stage tone-${tone}`;
    stage.querySelector(".stage-icon").replaceChildren(icon(icons, name));
    at("stage-word").textContent = word;
    at("stage-line").textContent = line;
    at("stage-cup").textContent = cup;
    at("stage-next").textContent = next;
    at("stage-actions").replaceChildren();
    at("stage-streak").hidden = true;
    runOut(0);
  }

  // The line that runs out while a clean cup waits.
  function runOut(ms) {
    const line = at("stage-time");
    for (const running of line.getAnimations()) running.cancel();
    line.parentElement.hidden = ms === 0;
    if (ms) line.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], { duration: ms, fill: "forwards" });
  }

  // The same answer twice in a row is still seen twice.
  function pulse() {
    stage.classList.remove("is-new");
    void stage.offsetWidth;
    stage.classList.add("is-new");
  }

  function count(action) {
    const now = Date.now();
    const goes_on = run.action === action && now - run.last < STREAK;
    run = { action, count: goes_on ? run.count + 1 : 1, last: now };
    if (run.count < 2) return;
    at("stage-streak").textContent = words.streak.replace("{n}", run.count);
    at("stage-streak").hidden = false;
  }

  function say(answer, cup) {
    spoken.textContent = "";
    const parts = [answer.word, answer.line, cup, answer.next_step].filter(Boolean);
    requestAnimationFrame(() => (spoken.textContent = parts.join(". ")));
  }

  // One answer of the server or of the page itself; actions: [{words, style, run}].
  function show(answer, actions = []) {
    const cup = [answer.code ? groupCode(answer.code) : "", kinds[answer.kind] ?? ""].filter(Boolean).join(" · ");
    const due = answer.due && answer.action === "lend" ? words.due.replace("{day}", answer.due) : "";
    paint({ ...answer, line: [answer.line, due].filter(Boolean).join(" · "), cup });
    if (answer.action && answer.result !== "refused") count(answer.action);
    at("stage-actions").replaceChildren(...actions.map(button));
    pulse();
    stage.scrollIntoView({ block: "nearest" });
    play(answer.tone);
    say(answer, cup);
    clearTimeout(idleTimer);
  }

  function button({ words: label, style = "", icon: name, run: act }) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = `btn btn-large ${style}`;
    if (name) element.append(icon(icons, name));
    const span = document.createElement("span");
    span.textContent = label;
    element.append(span);
    element.addEventListener("click", () => {
      element.blur();
      act();
    });
    return element;
  }

  function idle(person, stocking) {
    const tone = stocking ? "wait" : "idle";
    const word = stocking ? words.stocking : person ? words.idle_person : words.idle;
    const line = stocking ? words.stocking_line : person ? words.idle_person_line : words.idle_line;
    paint({ word, line, tone, icon: stocking ? "check" : person ? "cup" : "qr" });
  }

  function idleAfter(ms, act) {
    clearTimeout(idleTimer);
    idleTimer = setTimeout(act, ms);
  }

  // A word below the answer that stands there.
  function remark(words_) {
    at("stage-next").textContent = words_;
    pulse();
  }

  return { show, idle, idleAfter, runOut, remark };
}
