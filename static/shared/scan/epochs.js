// Scans whose epoch ended without a contact. A tablet that slept and a page that loaded anew begin
// an epoch as a clock that was set does; but when the error measured before the scan is the error
// measured now, nobody has set the clock in between, and the scan's time is known after all.

import { askTime } from "../send.js";
import { isClockLost, JUMP, runningEpochs } from "./clock.js";

const SAME = 2; // seconds between two errors of a clock that was left alone

// What the server is told of each scan's clock: record → {clock_error, clock_lost}.
// Asks the server for its time if it takes that; rejects when no answer came.
export async function clocksOf(db, records) {
  const running = await runningEpochs();
  const lost = records.filter((record) => isClockLost(record, running));
  const turned = (await db.get("kept", "turned")) ?? 0; // the last scan before the clock went back
  const joinable = lost.filter((record) => isJoinable(record, turned));
  const now = joinable.length ? measured(await askTime()) : null;
  const joined = new Set(joinable.filter(({ error_before: error }) => Math.abs(error - now.error) < SAME + now.slack));
  return new Map(records.map((record) => [record, clockOf(record, lost.includes(record), joined.has(record))]));
}

function clockOf(record, isLost, isJoined) {
  if (isJoined) return { clock_error: record.error_before, clock_lost: false };
  return { clock_error: record.clock_error ?? null, clock_lost: isLost };
}

function isJoinable(record, turned) {
  const isAhead = Date.parse(record.at) > Date.now() + JUMP; // made later than now: the clock went back
  return typeof record.error_before === "number" && record.seq > turned && !isAhead;
}

// slack: how much the way there and back may hide of the truth.
function measured({ now, began, ended }) {
  const half = (ended - began) / 2;
  const ago = performance.now() - ended + half;
  return { error: (Date.now() - ago - Date.parse(now)) / 1000, slack: half / 1000 };
}
