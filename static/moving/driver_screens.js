// The screens beside the stop: which round, loading the van, all stops, the way home.

import { inVan, toLoad } from "./driver_round.js";

// No round, or several to choose from.
export function drawRounds({ rounds, known, parts, onChoose }) {
  const { words, heading, text, block, button, fill, clock } = parts;
  if (!rounds.length) {
    const [title, line] = known ? [words.no_rounds, words.no_rounds_next] : [words.not_known, words.not_known_next];
    return [block("drive-empty", [parts.mark("cup"), heading("h2", title), text("p", line)])];
  }
  const rows = rounds.map((round) => {
    const open = round.stops.filter(({ outcome }) => !outcome).length;
    const state = round.ended ? words.over : round.begun ? fill(words.open_stops, { count: open }) : fill(words.leaves, { time: clock(round.leaves_at) });
    const name = fill(words.round_of, { van: round.van, count: round.stops.length });
    return button(`${name} · ${state}`, () => onChoose(round), { name: "drive-choice", icon: "forward" });
  });
  return [heading("h2", words.which_round), block("drive-choices", rows)];
}

export function drawLoading({ round, parts, onBegin, onList }) {
  const { words, heading, text, block, button, list, row, nameOf, fill, clock, contents } = parts;
  const rows = toLoad(round);
  const loaded = rows.filter(({ crate }) => crate.loaded).length;
  const head = block("drive-stop", [
    text("p", fill(words.leaves, { time: clock(round.leaves_at) }), "drive-number"),
    heading("h2", words.load),
    text("p", rows.length ? fill(words.loaded_of, { loaded, count: rows.length }) : words.load_none, "drive-times"),
  ]);
  const lines = rows.map(({ stop, crate }) => row(crate.code, `${nameOf(stop.site)} · ${contents(crate.pieces)}`, crate.loaded));
  const ways = block("drive-ways", [
    button(words.begin, onBegin, { name: `btn-primary drive-done${loaded === rows.length ? " is-ready" : ""}`, icon: "forward" }),
    block("drive-ways-row", [button(words.to_list, onList)]),
  ]);
  return [head, ...(lines.length ? [list("", words.load, lines)] : []), ways];
}

export function drawList({ round, next, parts, onOpen, onBack }) {
  const { words, heading, text, block, button, titleOf, fill, clock } = parts;
  const rows = round.stops.map((stop, place) => {
    const item = document.createElement("li");
    const what = [];
    if (stop.leave || stop.crates.length) what.push(fill(words.leave_short, { count: Math.max(stop.leave, stop.crates.length) }));
    if (stop.pickup) what.push(words.pickup);
    if (stop.take) what.push(fill(words.take_short, { count: stop.take }));
    const state = stop.outcome ? (stop.outcome === "done" ? words.did : stop.pickup ? words.pickup_missing : words.did_not) : stop === next ? words.next : clock(stop.planned);
    const open = document.createElement("button");
    open.type = "button";
    open.className = `drive-line${stop.outcome ? " is-told" : ""}${stop === next ? " is-next" : ""}`;
    open.append(
      text("span", String(place + 1), "drive-place"),
      block("drive-line-words", [text("strong", titleOf(stop)), text("span", what.join(" · ") || words.look_in)]),
      text("span", state, `drive-state${stop.outcome === "nobody" ? " is-care" : ""}`),
    );
    open.addEventListener("click", () => onOpen(stop));
    item.append(open);
    return item;
  });
  const done = round.stops.filter(({ outcome }) => outcome).length;
  return [
    block("drive-stop", [heading("h2", words.all_stops), text("p", fill(words.done_of, { done, count: round.stops.length }), "drive-times")]),
    parts.list("drive-lines", words.all_stops, rows),
    block("drive-ways", [button(words.back_to_next, onBack, { name: "btn-primary drive-done", icon: "back" })]),
  ];
}

export function drawHome({ round, parts, onEnd, onList }) {
  const { words, heading, text, block, button, list, row, nameOf, fill } = parts;
  const rows = inVan(round).map(({ code, stop, taken, brought }) =>
    row(code, fill(stop.pickup ? words.pickup_from : taken ? words.taken_at : words.not_left_at, { place: nameOf(stop.site) }), brought),
  );
  const left = round.stops.filter(({ outcome }) => !outcome).length;
  const head = block("drive-stop", [
    text("p", fill(words.back_by, { depot: nameOf(round.depot) }), "drive-number"),
    heading("h2", round.ended ? words.ended : words.home),
    text("p", round.ended ? words.ended_line : rows.length ? words.home_line : words.home_empty, "drive-times"),
  ]);
  if (left && !round.ended) head.append(block("drive-note", [parts.mark("warning"), text("p", fill(words.left_open, { count: left }))]));
  const ways = [button(words.to_list, onList)];
  const end = round.ended ? [] : [button(words.end, onEnd, { name: "btn-primary drive-done is-ready", icon: "check" })];
  return [head, ...(rows.length ? [list("", words.home, rows)] : []), block("drive-ways", [...end, block("drive-ways-row", ways)])];
}
