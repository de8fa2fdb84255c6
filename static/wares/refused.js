// What the server refused for good: listed until somebody has seen it.

import { groupCode } from "../shared/scan/codes.js";
import { block, icon, text } from "../shared/scan/results.js";

const at = (id) => document.getElementById(id);

export function makeRefused({ queue, icons, kinds, words }) {
  async function draw() {
    const records = await queue.refused();
    at("refused-list").replaceChildren(...records.map(row));
    if (!records.length) at("refused-sheet").close();
  }

  function row(record) {
    const item = document.createElement("li");
    const button = text("button", words.seen, "btn");
    button.type = "button";
    button.addEventListener("click", async () => {
      await queue.note(record.id, null);
      draw();
    });
    const { codes, kind, quantity } = record.content;
    const what = codes ? codes.map(groupCode).join(", ") : kind ? `${kinds[kind] ?? kind} ${quantity}` : words.take_back;
    item.append(icon(icons, "warning"), block("row-words", [text("strong", what), text("span", record.error?.message ?? words.refused_late)]), button);
    return item;
  }

  at("refused-close").addEventListener("click", () => at("refused-sheet").close());
  return {
    async open() {
      at("refused-sheet").showModal();
      await draw();
    },
  };
}
