// The set in hand, the sets that wait, the day's counts, what has waited longest, and alerts.

import { groupCode } from "../shared/scan/codes.js";
import { send } from "../shared/send.js";
import { block, icon, text } from "../shared/scan/results.js";

const EVERY = 30000; // ms
const at = (id) => document.getElementById(id);

export function makeBoard({ site, lane, icons, words, kinds, onTake, onLane }) {
  const address = `/wash/table?${new URLSearchParams({ lane, ...(site ? { site } : {}) })}`;
  let timer = 0;
  let answers = 0; // a board asked for before the last answer does not know it

  async function load() {
    clearTimeout(timer);
    timer = setTimeout(load, EVERY);
    if (document.hidden) return;
    const before = answers;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) return;
      const board = await answer.json();
      if (before === answers) onLane(board.lane);
      show(board);
    } catch {
      // Offline: what stood here stays.
    }
  }

  function show(board) {
    for (const [name, count] of Object.entries(board.today)) at(`today-${name}`).textContent = count;
    const { inspected, passed } = board.first_pass;
    at("today-first").textContent = inspected ? `${Math.round((100 * passed) / inspected)}%` : "–";
    at("sets").hidden = board.sets.length === 0;
    at("sets").replaceChildren(...board.sets.slice(0, 4).map(setChip));
    at("lines").replaceChildren(...board.lines.map(stateLine));
    at("oldest").replaceChildren(...board.oldest.map(oldRow));
    at("oldest-scroll").hidden = board.oldest.length === 0;
    at("rest-empty").hidden = board.oldest.length > 0;
    at("alerts").hidden = board.alerts.length === 0;
    at("alerts").replaceChildren(...board.alerts.slice(0, 2).map(alertRow));
  }

  function age(hours) {
    if (hours < 1) return words.hour;
    return hours < 48 ? words.hours.replace("{n}", hours) : words.days.replace("{n}", Math.floor(hours / 24));
  }

  function setChip(set) {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "set-chip";
    const told = words.set_chip.replace("{total}", set.total).replace("{washed}", set.washed).replace("{passed}", set.passed);
    button.append(icon(icons, "forward"), block("set-chip-words", [text("strong", told), text("span", words.set_since.replace("{since}", set.since))]));
    button.setAttribute("aria-label", `${words.take_up}: ${told}`);
    button.addEventListener("click", () => (button.blur(), onTake(set.id)));
    row.append(button);
    return row;
  }

  function stateLine(line) {
    const row = document.createElement("li");
    row.className = line.late ? "line is-late" : "line";
    const named = Object.entries(line.kinds).map(([kind, count]) => `${kinds[kind] ?? kind} ${count}`);
    row.append(
      text("span", words[`state_${line.state}`], "line-state"),
      text("b", words.count.replace("{n}", line.count)),
      text("span", named.join(" · "), "line-kinds"),
      text("span", words.oldest.replace("{age}", age(line.hours)), "line-age"),
    );
    return row;
  }

  function oldRow(item) {
    const row = document.createElement("li");
    row.className = item.late ? "old is-late" : "old";
    row.append(
      text("span", groupCode(item.code), "code"),
      text("span", kinds[item.kind] ?? item.kind),
      text("span", words[`state_${item.state}`]),
      text("span", item.since),
      text("b", item.late ? `${age(item.hours)} · ${words.late}` : age(item.hours)),
    );
    return row;
  }

  function alertRow(alert) {
    const button = text("button", words.seen, "btn");
    button.type = "button";
    button.addEventListener("click", async () => {
      button.disabled = true;
      await send("/wash/seen", { alert: alert.id }).catch(() => {});
      load();
    });
    return block("alert-row", [icon(icons, "warning"), text("p", `${alert.words} · ${alert.since}`), button]);
  }

  return {
    load,
    soon() {
      answers += 1;
      clearTimeout(timer);
      timer = setTimeout(load, 900);
    },
  };
}

// The set in hand, and which step the next piece takes.
export function drawLane(lane, { words, kinds }) {
  const set = lane.set;
  at("set").classList.toggle("is-empty", !set);
  at("set-title").textContent = set ? `${words.set} · ${words.set_since.replace("{since}", set.since)}` : words.new_set;
  at("set-kinds").textContent = set ? Object.entries(set.kinds).map(([kind, count]) => `${kinds[kind] ?? kind} ${count}`).join(" · ") : "";
  at("set-crate").hidden = !lane.crate;
  at("set-crate").textContent = lane.crate ? words.crate_chip.replace("{code}", groupCode(lane.crate)) : "";
  at("set-total").textContent = set?.total ?? 0;
  at("set-washed").textContent = set?.washed ?? 0;
  at("set-passed").textContent = set?.passed ?? 0;
  at("set-out").textContent = set ? set.rewash + set.retired : 0;
  for (const row of document.querySelectorAll("[data-step]")) row.classList.toggle("is-now", row.dataset.step === lane.step);
  for (const button of document.querySelectorAll(".pad[aria-pressed]")) {
    const chosen = lane.fault ? button.dataset.command === lane.fault : button.dataset.command === lane.step;
    button.setAttribute("aria-pressed", String(chosen));
  }
  at("rest-hint").textContent = words[`hint_${lane.step}`];
}
