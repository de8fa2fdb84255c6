// What has not been sent yet, what was refused for good, and what keeps the records from going:
// the lines above the till.

import { groupCode } from "../shared/scan/codes.js";
import { send } from "../shared/send.js";
import { block, icon, text } from "../shared/scan/results.js";

const CALM = 400; // ms; what goes at once is not announced

const at = (id) => document.getElementById(id);

const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// clock(iso) → what the wall clock showed.
export function makeWaits({ queue, line, snapshot, words, icons, clock, onDone }) {
  let timer = 0;
  let shown = { count: 0, since: null, others: [], refused: 0, state: "sent" };

  function show(overview) {
    shown = overview;
    clearTimeout(timer);
    const wasThere = !at("unsent").hidden;
    if (shown.count && line.isOnline && !wasThere && shown.state === "sent") timer = setTimeout(draw, CALM);
    else draw();
  }

  async function draw() {
    const { count, since, others, refused, state } = shown;
    at("till").dataset.waiting = count;
    at("till").dataset.online = line.isOnline ? "1" : "0";
    at("offline").hidden = line.isOnline;
    at("unsent").hidden = count === 0;
    if (count) tell(at("unsent"), fill(words.unsent, { count, since: clock(since) }));
    at("signed-out").hidden = state !== "signed_out" && line.outcome !== "signed_out";
    at("refused").hidden = refused === 0;
    at("refused-count").textContent = fill(words.refused_count, { count: refused });
    at("enrol").hidden = !(snapshot.known?.by && !snapshot.known.device && line.isOnline);
    const places = others.length ? ((await queue.db.get("kept", "places").catch(() => null)) ?? {}) : {};
    at("others").hidden = others.length === 0;
    at("others").replaceChildren(
      ...others.map(([code, number]) => text("span", fill(words.others, { place: nameOf(places[code], code), count: number }))),
    );
  }

  // The same words again are not read out again.
  function tell(element, sentence) {
    if (element.textContent !== sentence) element.textContent = sentence;
  }

  function nameOf(place, code) {
    return (document.documentElement.lang === "en" && place?.name_en) || place?.name || code;
  }

  // -- refused for good -------------------------------------------------------------------------

  async function list() {
    const records = await queue.refused();
    at("refused-list").replaceChildren(...records.map(row));
    if (!records.length) at("sheet-refused").close();
  }

  // What the browser's database does not do is told.
  const said = (act) => () => act().catch(() => (at("sheet-refused").close(), onDone(words.failed, "care")));

  function row(record) {
    const item = document.createElement("li");
    const what = [words[`action_${record.action}`] ?? words.action_scan, groupCode(record.code), clock(record.at)].join(" · ");
    const why = [record.error?.message, record.error?.next_step].filter(Boolean).join(" ");
    const button = text("button", words.seen, "btn");
    button.type = "button";
    button.setAttribute("aria-label", `${words.seen}: ${what}`);
    button.addEventListener("click", said(async () => {
      await queue.note(record.id, snapshot.known?.by ?? null);
      await list();
    }));
    item.append(icon(icons, "warning"), block("row-words", [text("strong", what), text("span", why)]), button);
    return item;
  }

  at("refused").addEventListener("click", said(async () => {
    await list();
    at("sheet-refused").showModal();
  }));

  at("enrol-go").addEventListener("click", async () => {
    at("enrol-go").disabled = true;
    const answer = await send("/station/enrol", { site: snapshot.known.site.code }).catch(() => null);
    at("enrol-go").disabled = false;
    if (!answer?.ok) return onDone(answer?.body.error?.message ?? words.failed, "care");
    await snapshot.take();
    draw();
    return onDone(words.enrolled, "good");
  });

  return { show, draw };
}
