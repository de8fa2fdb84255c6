// What this place is asked to set aside: a line above the till that stays until it is done, and the
// list in which each cup is ticked off, by a tap or by its scan. Known without a network too.

import { groupCode } from "../shared/scan/codes.js";
import { play } from "../shared/scan/sounds.js";
import { block, icon, text } from "../shared/scan/results.js";
import { asides } from "./aside_channel.js";

const EVERY = 30000; // ms between two questions
const KEPT = "aside"; // its name in the browser's database

const at = (id) => document.getElementById(id);

// code: of the place; asked: the same where the server must be told it, else null.
// onNotKept(error, code): the browser kept nothing, the tick was not taken.
export async function makeAside({ queue, code, asked, words, icons, onNotKept }) {
  const address = `/wash/aside${asked ? `?site=${encodeURIComponent(asked)}` : ""}`;
  const sheet = at("sheet-aside");
  let timer = 0;
  let lines = new Map(); // code → what the server asks for
  const ticked = new Set(); // told by this browser, the server's word not here yet
  let done = []; // ticked off since the list was opened: they stay in sight
  let told = 0; // how many were announced last

  const kept = await queue.db.get("kept", KEPT).catch(() => null);
  if (kept?.site === code) lines = byCode(kept.lines);
  for (const record of await queue.waiting().catch(() => [])) if (record.channel === asides.name) ticked.add(record.code);

  const open = () => [...lines.values()].filter((line) => !ticked.has(line.code));

  // -- what is asked --------------------------------------------------------------------------

  async function load() {
    clearTimeout(timer);
    timer = setTimeout(load, EVERY);
    if (document.hidden) return;
    const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" }).catch(() => null);
    if (answer?.ok) take(await answer.json().catch(() => null));
  }

  function take(answer) {
    if (!answer?.lines) return;
    lines = byCode(answer.lines);
    queue.db.put("kept", { site: code, lines: answer.lines }, KEPT).catch(() => {}); // on a full disk: known until the page ends
    draw();
  }

  // -- ticking off ----------------------------------------------------------------------------

  async function tick(cup) {
    const line = lines.get(cup);
    if (!line || ticked.has(cup)) return;
    ticked.add(cup);
    done = [...done.filter((one) => one.code !== cup), line];
    draw();
    try {
      await queue.put({ channel: asides.name, code: cup, recall: line.recall });
      play("good");
      queue.flush();
    } catch (error) {
      ticked.delete(cup);
      done = done.filter((one) => one.code !== cup);
      draw();
      sheet.close();
      onNotKept(error, cup);
    }
  }

  // -- what is shown --------------------------------------------------------------------------

  function draw() {
    const left = open();
    at("aside").hidden = left.length === 0;
    const title = left.length ? words.aside.replace("{n}", left.length) : words.aside_none;
    at("aside-count").textContent = title;
    at("aside-title").textContent = title;
    if (left.length > told && told === 0) play("bad");
    told = left.length;
    at("aside-list").replaceChildren(...left.map((line) => row(line)), ...done.map((line) => row(line, true)));
    at("aside-thanks").hidden = left.length > 0;
  }

  function row(line, isDone = false) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "aside-row";
    button.dataset.code = line.code;
    button.setAttribute("aria-pressed", String(isDone));
    button.disabled = isDone;
    button.append(
      icon(icons, isDone ? "check" : "warning"),
      block("row-words", [text("strong", groupCode(line.code)), text("span", line.kind_name)]),
      text("span", isDone ? words.aside_done : words.aside_tick, "aside-word"),
    );
    button.addEventListener("click", () => tick(line.code));
    item.append(button);
    return item;
  }

  function say(sentence) {
    at("aside-said").textContent = sentence;
  }

  at("aside").addEventListener("click", () => {
    done = [];
    say("");
    draw();
    sheet.showModal();
    sheet.scrollTop = 0; // the button in focus stands below a long list
    load();
  });

  draw();
  load();
  document.addEventListener("visibilitychange", load);

  return {
    load,

    // Whether a cup is asked for, ticked off by now or not.
    knows: (cup) => lines.has(cup),

    // What may be tapped beside the answer to such a cup.
    actionsFor: ({ code: cup }) => (lines.has(cup) && !ticked.has(cup) ? [{ words: words.aside_tick, icon: "check", run: () => tick(cup) }] : []),

    // true: the scan belonged to the open list.
    takeScan(read) {
      if (!sheet.open) return false;
      const cup = read.kind === "item" ? read.code : null;
      const isAsked = cup !== null && lines.has(cup);
      play(isAsked ? "good" : "care");
      say(isAsked ? words.aside_ticked.replace("{code}", groupCode(cup)) : words.aside_other);
      if (isAsked) tick(cup);
      return true;
    },

    // The server's word: what it still asks for counts, whatever was ticked off here.
    receipt(record, { result, answer }) {
      ticked.delete(record.code);
      if (result === "recorded") take(answer);
      else draw();
    },
  };
}

function byCode(lines) {
  return new Map(lines.map((line) => [line.code, line]));
}
