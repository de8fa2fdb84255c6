// The stop is over, one way or another; and the van leaves.

import { play } from "../shared/scan/sounds.js";
import { notLeft, notLoaded, oneLater } from "./driver_round.js";
import { hush, say } from "./driver_say.js";

const at = (id) => document.getElementById(id);

// here(): {round, stop} on the screen; go(screen): what is shown next; refuse(sentence).
export function makeOver({ words, parts, acts, here, go, refuse }) {
  const { fill, titleOf } = parts;

  // Asked in a dialog whose buttons say how: "all", another word, or "" for back.
  function ask(dialog, sentence, onHow) {
    at(`${dialog}-words`).textContent = sentence;
    at(dialog).returnValue = "";
    at(dialog).showModal();
    at(dialog).onclose = () => at(dialog).returnValue && onHow(at(dialog).returnValue);
  }

  function begin(round) {
    hush();
    const left = notLoaded(round).length;
    if (!left) return acts.begin(round);
    return ask("unloaded", fill(words.unloaded, { count: left }), (how) => acts.begin(round, { all: how === "all" }));
  }

  function done(round, stop) {
    const left = notLeft(stop).length;
    if (!left || stop.outcome) return finish(round, stop);
    return ask("unscanned", fill(words.unscanned, { count: left }), (how) => finish(round, stop, { all: how === "all" }));
  }

  async function finish(round, stop, how) {
    if (!(await acts.done(round, stop, how))) return;
    play("good");
    go(null);
    say(fill(words.said_done, { place: titleOf(stop) }), "good");
  }

  async function picked(round, stop) {
    if (!(await acts.picked(round, stop))) return;
    play("good");
    go(null);
    say(words.said_picked, "good");
  }

  async function nobody(told) {
    const { round, stop } = here();
    const how = round && stop ? await acts.nobody(round, stop, told) : null;
    if (!how) return;
    play("calm");
    go(null);
    const sentence = stop.pickup ? words.said_missing : fill(words.said_nobody, { place: titleOf(stop) });
    say(how === "kept" ? sentence : words.no_photo_kept, how === "kept" ? "calm" : "care");
  }

  async function later(round, stop) {
    if (oneLater(round, stop) === null) return refuse(words.last_one);
    if (!(await acts.later(round, stop))) return undefined;
    play("calm");
    go(null);
    return say(fill(words.said_later, { place: titleOf(stop) }), "calm");
  }

  async function undo(round, stop, last) {
    if (!(await acts.undo(round, stop, last))) return;
    play("calm");
    say(words.said_undo, "calm");
  }

  return { begin, done, picked, nobody, later, undo };
}
