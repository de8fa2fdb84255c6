// What a code under the camera means where the driver stands.

import { readBeep } from "../shared/scan/codes.js";
import { inVan, notLeft, toLoad } from "./driver_round.js";

const POSTER = /\/p\/([0-9A-Za-z_-]{1,20})(?![0-9A-Za-z_-])/; // the sign at a place or box

// Of a raw reading: {code} | {place} | {no: word}. Typed four digits stand for the one code of
// `listed` that ends with them.
export function readScan(raw, listed) {
  const poster = POSTER.exec(raw);
  if (poster) return { place: poster[1].toUpperCase() };
  const digits = raw.replace(/[ -]/g, "");
  if (/^[0-9]{4}$/.test(digits)) {
    const fitting = [...new Set(listed)].filter((code) => code.endsWith(digits));
    return fitting.length === 1 ? { code: fitting[0] } : { no: fitting.length ? "several" : "none_ends" };
  }
  const read = readBeep(raw);
  if (read.kind === "item") return { code: read.code };
  return { no: read.kind === "wrong" ? "wrong_digit" : "unreadable" };
}

// The codes the driver may mean by four digits.
export function listedCodes({ screen, round, stop }) {
  if (screen === "load") return toLoad(round).map(({ crate }) => crate.code);
  if (screen === "home") return inVan(round).map(({ code }) => code);
  return stop ? [...stop.crates.map(({ code }) => code), ...stop.taken, ...(stop.pickup?.door?.codes ?? [])] : [];
}

// What it comes to: {act: "load" | "bring" | "deliver" | "take"}, or {no: word, stop?} for what is
// not recorded.
export function meanScan({ screen, round, stop }, code) {
  if (screen === "load") return loading(round, code);
  if (screen === "home") return inVan(round).some((one) => one.code === code && one.brought) ? { no: "again" } : { act: "bring" };
  if (screen !== "stop" || !stop) return { no: "open_stop" };
  const own = stop.crates.find((crate) => crate.code === code);
  if (own) return own.delivered ? { no: "left_already" } : { act: "deliver" };
  const other = round.stops.find((one) => one !== stop && notLeft(one).some((crate) => crate.code === code));
  if (other) return { no: "other_stop", stop: other };
  const asked = stop.pickup && round.stops.find((one) => one !== stop && !one.pickup?.over && one.pickup?.door?.codes.includes(code));
  if (asked) return { no: "other_pickup", stop: asked };
  return stop.taken.includes(code) ? { no: "again" } : { act: "take" };
}

function loading(round, code) {
  const row = toLoad(round).find(({ crate }) => crate.code === code);
  if (!row) return { no: "not_ours" };
  return row.crate.loaded ? { no: "loaded_already" } : { act: "load" };
}
