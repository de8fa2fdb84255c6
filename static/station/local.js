// The station's own answers, when nobody could be asked: the same words as the server's, in the
// shape the stage shows.

import { isCrate } from "../shared/scan/offline.js";

const RETURNS = {
  h: { line: "held_line", next_step: "held_next", tone: "care", icon: "warning" },
  recalled: { line: "recalled_line", next_step: "recalled_next", tone: "care", icon: "warning" },
  x: { word: "retired", line: "taken_in", next_step: "retired_next", tone: "care", icon: "warning" },
  b: { line: "returned_again" },
};

const REFUSED = {
  paused: { word: "maybe_paused", next_step: "maybe_paused_next", tone: "soft", icon: "info" },
  not_clean: { word: "unfit", next_step: "unfit_next" },
  held: { word: "held", next_step: "held_next" },
  recalled: { word: "recalled", next_step: "recalled_next" },
  retired: { word: "retired", next_step: "retired_next" },
  unknown: { word: "unknown", next_step: "unknown_next", tone: "care" },
};

const DONE = {
  lend: { word: "lent", line: "lent_line", tone: "good", icon: "cup" },
  return: { word: "returned", line: "thanks", next_step: "basket", tone: "back", icon: "return" },
  stock: { word: "stocked", line: "stocked_line", tone: "good", icon: "check" },
};
const CRATE_COMES = { word: "crate_comes", next_step: "crate_comes_next", tone: "good", icon: "check" };
const CRATE_HERE = { word: "crate_here", next_step: "crate_here_next", tone: "calm", icon: "info" };
const WAITS = { word: "whose", line: "whose_line", next_step: "whose_next", tone: "wait", icon: "person" };

const MOST_NAMED = 3; // kinds in a crate; more are told as a number of pieces

// verdict: of meanOffline; letter: what the piece was before; inside: what is in it, of a crate;
// taken: the return kept beside it; recalled: it is to be set aside; kinds: their names by code.
export function answerOf({ record, scan, verdict, letter, kind, inside = [], taken, recalled = false }, words, kinds = {}) {
  const looks = looksOf(verdict, letter, taken, recalled);
  const told = Object.fromEntries(["word", "line", "next_step"].map((part) => [part, looks[part] ? words[looks[part]] : ""]));
  if (isCrate(letter)) told.line = contents(inside, words, kinds);
  return {
    ...told,
    tone: looks.tone ?? "bad",
    icon: looks.icon ?? "warning",
    id: scan.id,
    code: scan.code,
    kind,
    action: verdict.action,
    result: verdict.action ? "kept" : verdict.waits ? "waiting" : verdict.looks ? "looked" : "refused",
    recorded: [record, taken].filter(Boolean).map((one) => one.id),
  };
}

function looksOf(verdict, letter, taken, recalled) {
  if (verdict.waits) return WAITS;
  if (isCrate(letter)) return verdict.looks ? CRATE_HERE : CRATE_COMES;
  const held = recalled && letter === "h";
  if (verdict.no) return { ...REFUSED[held ? "recalled" : verdict.no], line: taken ? "taken_in" : "" };
  return { ...DONE[verdict.action], ...(verdict.action === "return" ? RETURNS[held ? "recalled" : letter] : {}) };
}

function contents(inside, words, kinds) {
  const all = inside.reduce((sum, [, count]) => sum + count, 0);
  if (!all) return words.crate_empty;
  if (inside.length > MOST_NAMED) return words.crate_all.replace("{n}", all);
  return inside.map(([kind, count]) => words.crate_of.replace("{kind}", kinds[kind] ?? kind ?? "").replace("{n}", count)).join(" · ");
}
