// What a page tells the server, kept in the browser until it has answered: what waits, what was
// refused and what was not kept is shown, on the stage or on the tray it was.

import { openRecords } from "./records.js";
import { makeRefused } from "./refused.js";
import { play } from "./sounds.js";
import { isOffline, makeUnsent } from "./unsent.js";

const SLOW = 500; // ms after which "checking" or "saved" is shown

const at = (id) => document.getElementById(id);
const isUnder = (path, { path: told }) => told === path || told.startsWith(`${path}/`);

// site: the place's code; zone: its time zone; path: where all is told, or what its addresses begin
// with. isOwn(record): whether this page told it, and not another of the place whose record was sent
// late. trayOf(): the page's tray view. onAnswer(record, body) for what was answered to this page,
// onRefused(record, error) beside what is shown. A page with the line of templates/shared/refused.html
// lists what was refused until it was seen. Goes no further where the browser keeps nothing.
export async function openTelling({ site, zone, words, stage, path, isOwn = (record) => isUnder(path, record), trayOf = () => null, onAnswer, onRefused = () => {} }) {
  const unanswered = new Set();
  const showUnsent = makeUnsent({ words, zone });
  const lists = at("refused") !== null;
  const list = lists && makeRefused({ list: () => records.refused(), note: (id) => records.note(id), icons: at("table").dataset.icons, words });

  function answered(record, body) {
    if (!isOwn(record)) return;
    unanswered.delete(record.id);
    onAnswer(record, body);
  }

  function refused(record, error) {
    unanswered.delete(record.id);
    const failed = { id: record.id, word: error.message ?? words.refused_late, next_step: error.next_step ?? "", tone: "bad", icon: "warning" };
    if (record.kind === "tray" && trayOf()?.showResult(failed)) play("bad");
    else stage.show({ ...failed, code: codeOf(record) });
    if (isOwn(record)) onRefused(record, error);
  }

  function notKept(record, error) {
    unanswered.delete(record.id);
    say(words.not_kept, error.why === "full" ? words.not_kept_full : words.not_kept_next, "bad", codeOf(record));
  }

  function stop(error) {
    notKept({}, error);
    at("table").dataset.ready = "1";
    return new Promise(() => {});
  }

  // tone "soft": what was read is no fault.
  function say(word, next = "", tone = "bad", code = "") {
    stage.show({ word, next_step: next, tone, icon: tone === "soft" ? "info" : "warning", code });
  }

  function pending({ id, kind, code }) {
    if (!unanswered.has(id)) return;
    const offline = isOffline();
    if (kind === "tray") return offline && trayOf().showSaved(id);
    return stage.show({ word: offline ? words.saved : words.sending, line: offline ? words.saved_line : "", tone: "calm", icon: "clock", code });
  }

  function showWaiting(waiting) {
    showUnsent(waiting);
    if (lists) list.show(waiting.refused);
  }

  const records = await openRecords({ site, lists, onAnswer: answered, onRefused: refused, onChange: showWaiting, onNotKept: notKept }).catch(stop);

  return {
    say,

    // Told to `path`, or to the address `to` below it. kind: "tray" for one of the tray view, under
    // the tray's own `id`. Returns the record's id.
    tell(body, { to = "", id = undefined, kind = "beep" } = {}) {
      const made = records.add(to ? `${path}/${to}` : path, body, { id, kind });
      unanswered.add(made);
      setTimeout(() => pending({ id: made, kind, code: codeOf({ body }) }), SLOW);
      return made;
    },

    // How many records of this page have no answer yet.
    get waits() {
      return unanswered.size;
    },
  };
}

// The piece a record was about, where it was one.
function codeOf({ body }) {
  if (body?.codes?.length === 1) return body.codes[0];
  return body?.code ?? "";
}
