// The hall's board by scan: the chosen act is told for each crate; the rooms below follow.

import { openActs } from "../shared/scan/acts.js";
import { makeStage } from "../shared/scan/stage.js";
import { texts } from "../shared/texts.js";

const SIGNED = "events-signed"; // who signs is kept as long as the tab is open

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const words = texts();
const stage = makeStage({ icons: setup.icons });

const desk = await openActs({ setup, words, stage, path: "/events/rooms/beep", chooser: ".choose-room", key: "event", bodyOf, hintOf });

function bodyOf(crate, { act, chosen }) {
  if (act === "hand" && !chosen) return desk.tell(words.choose_room, words.choose_room_next, "care");
  const signed = at("signed").value.trim();
  if (!signed) {
    at("signed").focus();
    return desk.tell(words.sign, words.sign_next, "care");
  }
  const seal = at("seal").value.trim() || null;
  at("seal").value = "";
  return { act, crate, event: act === "hand" ? chosen.event : null, signed, seal, site: setup.place || null };
}

function hintOf({ act, chosen }) {
  if (act !== "hand") return words[`hint_${act}`];
  return chosen ? words.hint_hand_to.replace("{room}", chosen.room) : words.hint_hand;
}

at("signed").value = sessionStorage.getItem(SIGNED) ?? "";
at("signed").addEventListener("input", () => sessionStorage.setItem(SIGNED, at("signed").value));
desk.hint();
at("table").dataset.ready = "1";
