// What a station of the centre says while a scan waits, and of one that was refused or not kept.

import { play } from "../shared/scan/sounds.js";
import { isOffline } from "./unsent.js";

// `stays`: ms a word is seen; `unanswered`: the ids of what was sent and waits; `trayOf`: the tray view.
export function makeTelling({ stage, words, stays, unanswered, trayOf }) {
  function told(word, next, tone, code = "") {
    stage.show({ word, next_step: next, tone, icon: tone === "soft" ? "info" : "warning", code }, stays);
  }

  function pending(code) {
    const offline = isOffline();
    stage.show({ word: offline ? words.saved : words.sending, line: offline ? words.saved_line : "", tone: "calm", icon: "clock", code }, stays);
  }

  // True when the stage says it, false when its tray does.
  function refused(record, error) {
    unanswered.delete(record.id);
    const failed = { id: record.id, word: error.message ?? words.refused_late, next_step: error.next_step ?? "", tone: "bad", icon: "warning" };
    const onTray = record.kind === "tray" && trayOf().showResult(failed);
    if (onTray) play("bad");
    else stage.show({ ...failed, code: record.body.codes?.[0] ?? "" }, stays);
    return !onTray;
  }

  // The browser could not keep it: it was not taken, and that is said.
  function notKept(what, error = what) {
    unanswered.delete(what?.id);
    told(words.not_kept, error?.why === "full" ? words.not_kept_full : words.not_kept_next, "bad");
    return null;
  }

  return { told, pending, refused, notKept };
}
