// The lines above the list: no network, what waits, what was refused, who must sign in again.

import { groupCode } from "../shared/scan/codes.js";
import { block, text } from "../shared/scan/results.js";
import { fill } from "./driver_parts.js";

const CALM = 400; // ms; what goes at once is not announced
const at = (id) => document.getElementById(id);

export function makeWaits({ words, clock, root }) {
  let queue = null;
  let line = null;
  let shown = { count: 0, since: null, others: [], refused: 0, state: "sent" };
  let timer = 0;

  function show(overview) {
    shown = overview;
    clearTimeout(timer);
    root.dataset.waiting = shown.count;
    if (shown.count && line?.isOnline && at("unsent").hidden && shown.state === "sent") timer = setTimeout(draw, CALM);
    else draw();
  }

  function draw() {
    const { count, since, others, refused, state } = shown;
    const online = line?.isOnline ?? true;
    root.dataset.online = online ? "1" : "0";
    at("offline").hidden = online;
    at("unsent").hidden = count === 0;
    if (count) at("unsent").textContent = fill(words.unsent, { count, since: clock(since) });
    at("signed-out").hidden = state !== "signed_out" && line?.outcome !== "signed_out";
    at("refused").hidden = refused === 0;
    at("refused-count").textContent = fill(words.refused_count, { count: refused });
    const foreign = others.reduce((sum, [, number]) => sum + number, 0);
    at("others").hidden = foreign === 0;
    at("others").textContent = fill(words.others, { count: foreign });
  }

  async function list() {
    const records = await queue.refused();
    at("refused-list").replaceChildren(...records.map(row));
    if (!records.length) at("sheet-refused").close();
  }

  function row(record) {
    const item = document.createElement("li");
    const what = [words[`what_${record.what ?? "photo"}`], record.code ? groupCode(record.code) : "", clock(record.at)].filter(Boolean).join(" · ");
    const why = [record.error?.message, record.error?.next_step].filter(Boolean).join(" ");
    const seen = text("button", words.seen, "btn");
    seen.type = "button";
    seen.setAttribute("aria-label", `${words.seen}: ${what}`);
    seen.addEventListener("click", async () => {
      await queue.note(record.id, null);
      await list();
    });
    item.append(block("row-words", [text("strong", what), text("span", why)]), seen);
    return item;
  }

  at("refused").addEventListener("click", async () => {
    await list();
    at("sheet-refused").showModal();
  });

  return {
    show,
    draw,
    begin(opened, connected) {
      queue = opened;
      line = connected;
      draw();
    },
  };
}
