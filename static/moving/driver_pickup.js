// One pick-up: where it stands, how it looks, and what of it came along.

import { block, text } from "../shared/scan/results.js";

// acts: {done, picked, nobody, later, first, undo, list}; photo: address of the asker's picture or
// null; last: the take that can be taken back here, or null.
export function drawPickup({ round, stop, isNext, parts, acts, photo, last }) {
  const { words, heading, fill } = parts;
  const number = round.stops.indexOf(stop) + 1;
  const head = block("drive-stop", [
    text("p", `${fill(words.stop_of, { number, count: round.stops.length })} · ${words.pickup}`, "drive-number"),
    heading("h2", parts.titleOf(stop), "drive-address"),
    text("p", times(stop, parts), "drive-times"),
    ...notes(stop, parts),
  ]);
  const door = stop.pickup.door;
  if (photo && !isTaken(stop)) head.append(picture(photo, words));
  const map = door && parts.doorLink(door);
  if (map) head.append(map);
  const isGone = stop.pickup.over && !isTaken(stop);
  return [head, ...(isGone ? [] : [toTake(stop, parts, acts, last)]), ...ways({ stop, isNext, parts, acts })];
}

function times(stop, { words, clock, fill }) {
  const told = [fill(words.planned, { time: clock(stop.planned) })];
  const { window: span } = stop.pickup;
  if (span) told.push(fill(words.pickup_window, { from: clock(span[0]), to: clock(span[1]) }));
  return told.join(" · ");
}

function notes(stop, { words, mark, fill, nameOf, clock }) {
  const { pickup } = stop;
  const lines = [];
  if (pickup.over && !pickup.mine) lines.push(["info", pickup.taken ? fill(words.pickup_gone, { time: clock(pickup.taken) }) : words.pickup_over]);
  if (pickup.door?.note) lines.push(["info", pickup.door.note]);
  if (pickup.door && pickup.place === "elsewhere") lines.push(["pin", words.pickup_elsewhere]);
  if (pickup.door?.address && pickup.door.latitude === null) lines.push(["info", fill(words.pickup_unplaced, { place: nameOf(stop.site) })]);
  if (pickup.door && !pickup.door.address) lines.push(["warning", fill(words.pickup_no_address, { place: nameOf(stop.site) })]);
  if (pickup.tries && !pickup.over) lines.push(["info", fill(words.pickup_tries, { count: pickup.tries })]);
  return lines.map(([shape, line]) => block("drive-note", [mark(shape), text("p", line)]));
}

function picture(address, words) {
  const made = document.createElement("img");
  made.className = "drive-still";
  made.src = address;
  made.alt = words.pickup_photo;
  return made;
}

export const isTaken = ({ taken, pickup }) => Boolean(taken.length || pickup.picked || pickup.mine);

function toTake(stop, parts, { picked, undo }, last) {
  const { words, section, list, row, fill, button } = parts;
  const { pickup } = stop;
  const kinds = (pickup.door?.kinds ?? []).map(({ count, ...kind }) => fill(words.pieces, { kind: parts.nameOf(kind), count }));
  const children = stop.taken.length ? [list("", words.take, stop.taken.map((code) => row(code, words.taken, true)))] : [];
  if (!stop.taken.length && isTaken(stop)) children.push(text("p", words.pickup_unscanned, "drive-good"));
  if (!isTaken(stop) && !pickup.over) {
    children.push(text("p", words.pickup_scan, "drive-quiet"));
    if (!stop.outcome) children.push(button(words.pickup_no_code, picked, { icon: "check", name: "drive-wide" }));
  }
  if (last) children.push(undoButton(last, parts, undo));
  return section(words.take, kinds.join(", "), children);
}

// The driver's last take, where it was a mistake.
export function undoButton(last, { words, button, fill }, undo) {
  const label = last.code ? fill(words.undo_take, { code: last.code.slice(-4) }) : words.undo_picked;
  return button(label, () => undo(last), { icon: "undo", name: "drive-wide" });
}

function ways({ stop, isNext, parts, acts }) {
  const { words, button, fill, clock } = parts;
  if (stop.outcome) {
    const how = stop.outcome === "done" ? words.was_done : words.pickup_was_missing;
    const back = button(words.to_list, acts.list);
    const after = stop.outcome === "nobody" && !stop.pickup.over ? [button(words.pickup_no_code, acts.picked)] : [];
    return [block("drive-ways", [text("p", fill(how, { time: clock(stop.told) }), "drive-good"), ...after, back])];
  }
  const order = isNext ? button(words.later, acts.later, { icon: "clock" }) : button(words.first, acts.first, { icon: "forward" });
  if (isTaken(stop) || stop.pickup.over) {
    const label = isTaken(stop) ? words.pickup_done : words.pickup_next;
    const done = button(label, acts.done, { name: "btn-primary drive-done is-ready", icon: isTaken(stop) ? "check" : "forward" });
    return [block("drive-ways", [done])];
  }
  return [block("drive-ways", [block("drive-ways-row", [button(words.pickup_missing, acts.nobody, { icon: "camera" }), order])])];
}
