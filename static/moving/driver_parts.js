// The pieces the driver's screens are made of.

import { groupCode } from "../shared/scan/codes.js";
import { block, icon, text } from "../shared/scan/results.js";

export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// setup: data of the page; words; kinds: names by code; clock(iso) → "10:20".
export function makeParts({ icons, words, kinds, clock }) {
  const english = document.documentElement.lang === "en";
  const nameOf = (place) => (english && place.name_en) || place.name;
  const mark = (name) => icon(icons, name);

  function button(label, act, { name = "", icon: shape = null } = {}) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `btn ${name}`.trim();
    if (shape) made.append(mark(shape));
    made.append(text("span", label));
    made.addEventListener("click", act);
    return made;
  }

  function list(name, label, rows) {
    const made = document.createElement("ul");
    made.className = `drive-list ${name}`;
    made.setAttribute("aria-label", label);
    made.append(...rows);
    return made;
  }

  // One crate or piece: its last four digits large, what is in it, and whether it was scanned.
  function row(code, line, ticked) {
    const made = document.createElement("li");
    made.className = ticked ? "drive-row is-ticked" : "drive-row";
    const tail = text("strong", code.slice(-4));
    const state = block("drive-tick", [mark(ticked ? "check" : "qr"), text("span", ticked ? words.ticked : words.unticked)]);
    made.append(block("drive-code", [tail, text("span", groupCode(code))]), text("p", line), state);
    return made;
  }

  const contents = (pieces) =>
    Object.entries(pieces)
      .map(([kind, count]) => fill(words.pieces, { kind: kinds[kind] ?? kind, count }))
      .join(", ") || words.no_contents;

  function section(title, aside, children) {
    const made = document.createElement("section");
    made.className = "drive-part";
    const head = block("drive-part-head", [text("h3", title)]);
    if (aside) head.append(text("p", aside));
    made.append(head, ...children);
    return made;
  }

  function heading(level, words_, name = "") {
    const made = text(level, words_, name);
    made.tabIndex = -1;
    return made;
  }

  // A map of the phone's own, where the place has a position.
  function mapLink({ latitude, longitude, ...place }) {
    if (latitude === null || longitude === null) return null;
    return map(`geo:${latitude},${longitude}?q=${latitude},${longitude}(${encodeURIComponent(nameOf(place))})`);
  }

  // The same for a door: by its address, where nothing else is known.
  function doorLink({ latitude, longitude, address }) {
    if (latitude !== null && longitude !== null) return map(`geo:${latitude},${longitude}?q=${latitude},${longitude}`);
    return address ? map(`geo:0,0?q=${encodeURIComponent(address)}`) : null;
  }

  function map(address) {
    const made = document.createElement("a");
    made.className = "btn drive-map";
    made.href = address;
    made.append(mark("pin"), text("span", words.map));
    return made;
  }

  // What a stop is called: its place, or where something is to be picked up.
  const titleOf = (stop) => (stop.pickup ? stop.pickup.door?.address || fill(words.pickup_from, { place: nameOf(stop.site) }) : nameOf(stop.site));

  return { words, nameOf, titleOf, doorLink, mark, button, list, row, contents, section, heading, mapLink, clock, block, text, fill };
}
