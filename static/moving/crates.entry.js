// Crates by scan: the chosen step is told for each crate; the list below follows.

import { openActs } from "../shared/scan/acts.js";
import { makeStage } from "../shared/scan/stage.js";
import { texts } from "../shared/texts.js";

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const words = texts();
const stage = makeStage({ icons: setup.icons });

const desk = await openActs({ setup, words, stage, path: "/moving/crates/beep", bodyOf, hintOf: () => words.hint });

function bodyOf(crate, { act }) {
  return { move: act, crate, site: setup.own ? null : at("place").value, to: at("goal").value || null };
}

desk.hint();
at("table").dataset.ready = "1";
