// One stop: where, when, what to leave, what to take, and how it went.

import { undoButton } from "./driver_pickup.js";
import { notLeft } from "./driver_round.js";

// acts: {done, nobody, later, first, emptied, undo, list}; last: the take that can be taken back here.
export function drawStop({ round, stop, isNext, parts, acts, last }) {
  const { words, nameOf, block, text, heading, fill } = parts;
  const number = round.stops.indexOf(stop) + 1;
  const head = block("drive-stop", [
    text("p", fill(words.stop_of, { number, count: round.stops.length }), "drive-number"),
    heading("h2", nameOf(stop.site)),
    text("p", times(stop, parts), "drive-times"),
    ...notes(stop, parts),
  ]);
  const map = parts.mapLink(stop.site);
  if (map) head.append(map);
  return [head, toLeave(stop, parts), toTake(stop, parts, acts, last), ...ways({ stop, isNext, parts, acts })];
}

function times(stop, { words, clock, fill }) {
  const told = [fill(words.planned, { time: clock(stop.planned) })];
  if (stop.hours) told.push(fill(words.hours, { opens: stop.hours[0], closes: stop.hours[1] }));
  return told.join(" · ");
}

function notes(stop, { words, block, text, mark }) {
  const said = stop.asked.map(({ note }) => note).filter(Boolean).map((note) => ["info", note]);
  const told = stop.closed ? [["warning", words.closed], ...said] : said;
  return told.map(([shape, line]) => block("drive-note", [mark(shape), text("p", line)]));
}

function toLeave(stop, { words, section, list, row, contents, text, fill }) {
  const unpacked = stop.leave - stop.crates.length;
  const rows = stop.crates.map((crate) => row(crate.code, contents(crate.pieces), crate.delivered));
  const children = rows.length ? [list("", words.leave, rows)] : [];
  if (unpacked > 0) children.push(text("p", fill(words.leave_more, { count: unpacked }), "drive-quiet"));
  if (!children.length) children.push(text("p", words.leave_none, "drive-quiet"));
  const count = Math.max(stop.crates.length, stop.leave);
  return section(words.leave, count ? fill(words.crates, { count }) : "", children);
}

function toTake(stop, parts, { emptied, undo }, last) {
  const { words, section, list, row, text, fill, button } = parts;
  const isBox = stop.site.kind === "box" || stop.site.kind === "machine";
  const known = [];
  if (stop.take) known.push(fill(words.about_crates, { count: stop.take }));
  if (stop.lying) known.push(fill(words.about_pieces, { count: stop.lying }));
  const children = stop.taken.length ? [list("", words.take, stop.taken.map((code) => row(code, words.taken, true)))] : [];
  if (stop.emptied) children.push(text("p", words.was_emptied, "drive-good"));
  else if (!stop.taken.length) children.push(text("p", isBox ? words.take_bag : words.take_scan, "drive-quiet"));
  if (isBox && !stop.emptied && !stop.taken.length && !stop.outcome) children.push(button(words.emptied, emptied, { icon: "check", name: "drive-wide" }));
  if (last) children.push(undoButton(last, parts, undo));
  return section(words.take, known.join(" · ") || words.take_maybe, children);
}

function ways({ stop, isNext, parts, acts }) {
  const { words, button, block, text, fill, clock } = parts;
  if (stop.outcome) {
    const how = stop.outcome === "done" ? words.was_done : words.was_nobody;
    const other = stop.outcome === "done" ? button(words.nobody, acts.nobody) : button(words.done_after_all, acts.done);
    return [block("drive-ways", [text("p", fill(how, { time: clock(stop.told) }), "drive-good"), other, button(words.to_list, acts.list)])];
  }
  const left = notLeft(stop).length;
  const done = button(words.done, acts.done, { name: `btn-primary drive-done${left ? "" : " is-ready"}`, icon: "check" });
  const rest = [button(words.nobody, acts.nobody, { icon: "camera" })];
  if (!isNext) rest.push(button(words.first, acts.first, { icon: "forward" }));
  else rest.push(button(words.later, acts.later, { icon: "clock" }));
  return [block("drive-ways", [done, block("drive-ways-row", rest)])];
}
