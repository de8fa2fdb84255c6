// The office's desk by scan: what is chosen is told for each piece; the bookings below follow.

import { openActs } from "../shared/scan/acts.js";
import { makeStage } from "../shared/scan/stage.js";
import { texts } from "../shared/texts.js";

const at = (id) => document.getElementById(id);
const setup = at("table").dataset;
const words = texts();
const stage = makeStage({ icons: setup.icons });
let card = null; // the staff card that was shown; the next one shows a card of their own

const desk = await openActs({
  setup, words, stage, path: "/offices/desk/beep", chooser: ".choose-booking", key: "booking", bodyOf, hintOf, onPerson,
  onAct: () => (card = null),
});

function onPerson(text, { act }) {
  if (act !== "card") return false;
  card = text;
  stage.show({ word: words.card_read, next_step: words.card_read_next, tone: "calm", icon: "person" });
  return true;
}

function bodyOf(code, { act, chosen }) {
  if (act === "hand" && !chosen) return desk.tell(words.choose, words.choose_next, "care");
  if (act === "card" && !card) return desk.tell(words.no_card, words.no_card_next, "care");
  return { act, code, booking: act === "hand" ? chosen.booking : null, card: act === "card" ? card : null, site: setup.place || null };
}

function hintOf({ act, chosen }) {
  if (act === "card") return card ? words.hint_card_of : words.hint_card;
  if (act === "hand" && chosen) return words.hint_hand_to.replace("{booking}", chosen.title);
  return words[`hint_${act}`];
}

const asked = document.querySelector(`.choose-booking[data-booking="${CSS.escape(setup.chosen)}"]`);
if (asked) desk.choose(asked);
else desk.hint();
at("table").dataset.ready = "1";
