// What was refused: a line that stays above the page, and behind it the list in which each record
// stands until somebody has seen it.

import { groupCode } from "./codes.js";
import { block, icon, text } from "./results.js";

const at = (id) => document.getElementById(id);

// list() resolves to the records of the list, note(id) takes one off it. linesOf(record, words) →
// [{what, why}]: the pieces it was about, and why each was not taken. The page has `refused.line()` and
// `refused.sheet()` of templates/shared/refused.html. Returns {show(count)}.
export function makeRefused({ list, note, linesOf = linesTold, icons, words }) {
  const lineOf = ({ what, why }) => (what ? [text("strong", what), text("span", why)] : [text("span", why)]);

  let shown = []; // the records in sight: only those are seen

  async function draw() {
    shown = await list();
    at("refused-list").replaceChildren(...shown.toReversed().map(row));
    if (!shown.length) at("refused-sheet").close();
  }

  async function see(records) {
    for (const { id } of records) await note(id);
    await draw();
  }

  // What the browser's database does not do stays on the line.
  const said = (act) => () => act().catch(() => at("refused-sheet").close());

  function row(record) {
    const item = document.createElement("li");
    const lines = linesOf(record, words);
    const button = text("button", words.seen, "btn");
    button.type = "button";
    button.setAttribute("aria-label", `${words.seen}: ${lines[0].what || lines[0].why}`);
    button.addEventListener("click", said(() => see([record])));
    item.append(icon(icons, "warning"), block("row-words", lines.flatMap(lineOf)), button);
    return item;
  }

  at("refused").addEventListener("click", said(async () => {
    at("refused").blur();
    await draw();
    at("refused-sheet").showModal();
  }));
  at("refused-close").addEventListener("click", () => at("refused-sheet").close());
  at("refused-all").addEventListener("click", said(() => see(shown)));

  return {
    show(count) {
      at("refused").hidden = count === 0;
      at("refused").textContent = words.refused.replace("{n}", count);
      if (at("refused-sheet").open) said(draw)();
    },
  };
}

function linesTold({ body, error }, words) {
  const { lines, message, next_step: next } = error ?? {};
  if (lines) return lines.map(pieceTold);
  return [{ what: (body.codes ?? [body.code ?? body.crate]).filter(Boolean).map(shortCode).join(", "), why: join([message ?? words.refused_late, next]) }];
}

const pieceTold = ({ code, word, line, next_step: next }) => ({ what: code ? shortCode(code) : "", why: join([word, line, next]) });
const shortCode = (code) => (/^[0-9]{12}$/.test(code) ? groupCode(code) : code.slice(0, 30));
const join = (parts) => parts.filter(Boolean).join(" · ");
