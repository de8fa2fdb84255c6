// What a page tells the server, kept in the browser until it has answered; what waits is shown.

import { makeClock } from "./wall.js";
import { openRecords } from "./records.js";

const SLOW = 500; // ms after which "checking" or "saved" is shown

const at = (id) => document.getElementById(id);

// site: the place's code; zone: its time zone; onAnswer(record, body) for what was answered to
// `path`, onRefused(record, error) beside what is shown. Returns {tell(body, id) → id}.
export async function openTelling({ site, zone, words, stage, path, onAnswer, onRefused = () => {} }) {
  const clock = makeClock(document.documentElement.lang, zone);
  const unanswered = new Set();

  function answered(record, body) {
    if (record.path !== path) return; // of another page, sent late
    unanswered.delete(record.id);
    onAnswer(record, body);
  }

  function refused(record, error) {
    unanswered.delete(record.id);
    show(error.message ?? words.refused_late, error.next_step ?? "");
    if (record.path === path) onRefused(record, error);
  }

  function notKept(record, error) {
    unanswered.delete(record.id);
    show(words.not_kept, error.why === "full" ? words.not_kept_full : words.not_kept_next);
  }

  function stop(error) {
    notKept({}, error);
    at("table").dataset.ready = "1";
    return new Promise(() => {});
  }

  function show(word, next) {
    stage.show({ word, next_step: next, tone: "bad", icon: "warning" });
  }

  function pending() {
    const offline = !navigator.onLine || !at("unsent").hidden;
    stage.show({ word: offline ? words.saved : words.sending, line: offline ? words.saved_line : "", tone: "calm", icon: "clock" });
  }

  function showUnsent({ count, since, stuck, signedOut }) {
    at("unsent").hidden = count === 0 || !stuck;
    at("signed-out").hidden = !signedOut;
    if (count) at("unsent").textContent = words.unsent.replace("{count}", count).replace("{since}", clock(since));
  }

  const records = await openRecords({ site, onAnswer: answered, onRefused: refused, onChange: showUnsent, onNotKept: notKept }).catch(stop);

  return {
    tell(body, id = undefined) {
      const made = records.add(path, body, id ? { id } : {});
      unanswered.add(made);
      setTimeout(() => unanswered.has(made) && pending(), SLOW);
      return made;
    },
  };
}
